"""A fitted model with its calibration: ordered parts, later days, few examples."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from engine.finding import FINDING_TYPES, GOODS_FINDINGS
from engine.harm import RISK_COLUMNS, risk_column
from models.calibration import Calibrator
from models.chance import Chance
from models.expert import Expert
from models.kinds import KINDS
from models.logistic import Logistic
from models.promises import FEWEST_TO_CALIBRATE, Promises
from models.promises import fitted as fitted_promises
from models.risk_model import Examples, RiskModel
from models.values import Values


def test_a_part_is_never_told_above_the_whole(examples: Examples) -> None:
    loud = {"any": Calibrator(-3.0), "goods": Calibrator(3.0), "fiscal": Calibrator(3.0)}
    told = Promises(Expert(), loud).of(examples.features)
    assert (told["risk"] >= told["risk_fiscal"]).all()
    assert (told["risk"] >= told["risk_goods"]).all()
    assert told.columns == [
        "risk", "risk_fiscal", "risk_goods", "expected_revenue_eur", *RISK_COLUMNS
    ]  # fmt: skip


def test_risks_of_types_are_probabilities_that_follow_their_side(examples: Examples) -> None:
    quiet = Promises(Expert(), {"goods": Calibrator(-5.0)}).of(examples.features)
    plain = Promises(Expert()).of(examples.features)
    for kind in FINDING_TYPES:
        column = risk_column(kind)
        assert quiet[column].is_between(0, 1).all()
        if kind in GOODS_FINDINGS:
            assert (quiet[column] <= plain[column]).all()
            assert quiet[column].sum() < plain[column].sum()
        else:
            assert quiet[column].equals(plain[column])


def test_calibration_keeps_the_order(examples: Examples) -> None:
    promises = fitted_promises(Logistic, examples)
    raw = promises.model.predict(examples.features)["any"].to_numpy()
    told = promises.of(examples.features)["risk"].to_numpy()
    assert (np.diff(told[np.argsort(raw)]) >= 0).all()
    assert set(promises.calibrators) == {"any", "fiscal", "goods"}


def test_few_examples_are_not_calibrated(examples: Examples) -> None:
    few = examples.where(pl.int_range(len(examples), eager=True) < FEWEST_TO_CALIBRATE - 1)
    promises = fitted_promises(Chance, few)
    assert promises.calibrators == {}
    assert promises.revenue_scale == 1.0


def test_examples_of_one_day_are_not_calibrated(examples: Examples) -> None:
    on = pl.lit(examples.labels["flight_date"][0])
    one_day = Examples(
        examples.features.with_columns(flight_date=on), examples.labels.with_columns(flight_date=on)
    )
    assert fitted_promises(Chance, one_day).calibrators == {}


def test_revenue_is_scaled_towards_what_was_paid(examples: Examples) -> None:
    tenfold = examples.labels.with_columns(pl.col("recovered_eur") * 10 + 1)
    plain = fitted_promises(Expert, examples).revenue_scale
    more = fitted_promises(Expert, Examples(examples.features, tenfold)).revenue_scale
    assert plain < more < 10 * plain
    money = Promises(Expert(), revenue_scale=3.0).of(examples.features)["expected_revenue_eur"]
    base = Promises(Expert()).of(examples.features)["expected_revenue_eur"]
    assert money.to_list() == pytest.approx((base * 3).to_list())


@pytest.mark.parametrize("kind", [known.kind for known in KINDS])
def test_a_row_of_numbers_is_told_what_its_row_of_a_frame_is(
    kind: str, fitted: dict[str, RiskModel], examples: Examples
) -> None:
    promises = Promises(fitted[kind], {"any": Calibrator(-0.5, 0.9)}, 2.0)
    features = examples.features.head(70)
    whole, why = promises.of(features), promises.contributions(features)
    for at in (0, 33, 69):
        row = Values.of(features).columns[:, at]
        assert promises.of_row(row) == whole.row(at, named=True)
        assert (promises.contributions_of_row(row) == why[at]).all()
