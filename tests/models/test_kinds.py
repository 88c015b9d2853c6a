"""What every kind of model promises, walking over the tuple of kinds."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import average_precision_score

import models
from engine.errors import SettingError
from features.catalogue import NAMES
from models.calibration import log_odds
from models.examples import Seen
from models.kinds import DEFAULT_KIND, KINDS, model_class
from models.risk_model import HEADS, LABELS, Examples, RiskModel
from tests.models.learning import unfitted
from tests.worlds import Archive

NAMES_OF_KINDS = [known.kind for known in KINDS]
LEARNED = ("logistic", "gradient_boosting", "ensemble")


@pytest.fixture(scope="module")
def later(archive: Archive, walked: Seen) -> pl.DataFrame:
    """All consignments of the days after the examples."""
    return walked.features.filter(pl.col("flight_date") > archive.days()[8])


def test_every_model_of_the_room_is_registered() -> None:
    found = set()
    for module in pkgutil.iter_modules(models.__path__):
        for _, known in inspect.getmembers(importlib.import_module(f"models.{module.name}")):
            if inspect.isclass(known) and isinstance(getattr(known, "kind", None), str):
                found.add(known)
    assert found == set(KINDS)
    assert len(set(NAMES_OF_KINDS)) == len(KINDS)


def test_a_kind_is_found_by_its_name() -> None:
    assert [model_class(kind) for kind in NAMES_OF_KINDS] == list(KINDS)
    assert model_class(DEFAULT_KIND).kind == DEFAULT_KIND


def test_an_unknown_kind_is_refused_with_all_names() -> None:
    with pytest.raises(SettingError, match="oracle") as refused:
        model_class("oracle")
    assert all(kind in str(refused.value) for kind in NAMES_OF_KINDS)


@pytest.mark.parametrize("kind", NAMES_OF_KINDS)
def test_the_same_examples_give_the_same_model(
    kind: str, examples: Examples, fitted: dict[str, RiskModel], later: pl.DataFrame
) -> None:
    again = unfitted(kind).fit(examples)
    assert again.predict(later).equals(fitted[kind].predict(later))


@pytest.mark.parametrize("kind", NAMES_OF_KINDS)
def test_a_saved_model_gives_the_same_answers(
    kind: str, fitted: dict[str, RiskModel], later: pl.DataFrame, tmp_path: Path
) -> None:
    fitted[kind].save(tmp_path)
    loaded = model_class(kind).load(tmp_path)
    assert loaded.predict(later).equals(fitted[kind].predict(later))
    assert (loaded.contributions(later) == fitted[kind].contributions(later)).all()
    assert {path.suffix for path in tmp_path.iterdir()} <= {".txt", ".json", ".parquet"}


@pytest.mark.parametrize("kind", NAMES_OF_KINDS)
def test_answers_are_probabilities_and_money(
    kind: str, fitted: dict[str, RiskModel], later: pl.DataFrame
) -> None:
    answers = fitted[kind].predict(later)
    assert answers.height == later.height
    assert set(answers.columns) == {*HEADS, "revenue"}
    for head in HEADS:
        assert answers[head].is_between(0, 1).all()
    assert answers["revenue"].is_finite().all()
    assert (answers["revenue"] >= 0).all()


@pytest.mark.parametrize("kind", NAMES_OF_KINDS)
def test_an_answer_does_not_depend_on_the_other_rows(
    kind: str, fitted: dict[str, RiskModel], later: pl.DataFrame
) -> None:
    whole = fitted[kind].predict(later.head(15))
    alone = pl.concat(fitted[kind].predict(row) for row in later.head(15).iter_slices(1))
    assert alone.equals(whole)


@pytest.mark.parametrize("kind", NAMES_OF_KINDS)
def test_contributions_sum_up_to_the_log_odds(
    kind: str, fitted: dict[str, RiskModel], later: pl.DataFrame
) -> None:
    contributions = fitted[kind].contributions(later)
    assert contributions.shape == (later.height, len(NAMES))
    rest = log_odds(fitted[kind].predict(later)["any"].to_numpy()) - contributions.sum(axis=1)
    assert np.ptp(rest) < 1e-6


@pytest.mark.parametrize("kind", NAMES_OF_KINDS)
@pytest.mark.parametrize("guilty", [False, True])
def test_labels_of_one_class_are_borne(
    kind: str, guilty: bool, examples: Examples, later: pl.DataFrame
) -> None:
    labels = {name: pl.lit(guilty) for name in LABELS.values()}
    one_sided = Examples(examples.features, examples.labels.with_columns(**labels))
    answers = unfitted(kind).fit(one_sided).predict(later)
    assert answers["any"].is_between(0, 1).all()
    if kind not in ("rules", "expert", "informed"):
        assert (answers["any"].mean() > 0.5) == guilty


@pytest.mark.parametrize("kind", NAMES_OF_KINDS)
def test_a_dozen_examples_and_empty_features_are_borne(
    kind: str, examples: Examples, later: pl.DataFrame, tmp_path: Path
) -> None:
    few = examples.where(pl.int_range(len(examples), eager=True) < 12)
    model = unfitted(kind).fit(few)
    model.save(tmp_path)
    blank = later.with_columns(pl.lit(None, pl.Float64).alias(name) for name in NAMES)
    answers = model_class(kind).load(tmp_path).predict(blank)
    assert answers["any"].is_between(0, 1).all()


@pytest.mark.parametrize("kind", NAMES_OF_KINDS)
def test_no_row_gives_no_answer(
    kind: str, fitted: dict[str, RiskModel], later: pl.DataFrame
) -> None:
    assert fitted[kind].predict(later.clear()).height == 0
    assert fitted[kind].contributions(later.clear()).shape == (0, len(NAMES))


@pytest.mark.parametrize("kind", [*LEARNED, "expert"])
def test_a_model_beats_chance(
    kind: str, archive: Archive, fitted: dict[str, RiskModel], later: pl.DataFrame
) -> None:
    """Average precision on the truth of later days, against the share of the irregular."""
    truth = later.join(archive.truth, on=["flight_number", "flight_date", "hawb"], how="left",
                       maintain_order="left")["is_irregular"].to_numpy()  # fmt: skip
    reached = average_precision_score(truth, fitted[kind].predict(later)["any"].to_numpy())
    assert reached > 1.3 * truth.mean()
