"""How a model does at work: sums that can be counted by hand, and indices with known values."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from features.catalogue import FEATURES
from models.monitoring import (
    by_theme,
    hit_rates,
    judged,
    promises_kept,
    theme_of,
)

AT = datetime(2026, 11, 4, 12, tzinfo=UTC)


def events(*rows: dict[str, Any]) -> pl.DataFrame:
    plain = {
        "flight_number": "XY1", "flight_date": date(2026, 11, 4), "selected_by": "model",
        "selection_probability": 1.0, "control_type": "physical", "recorded_at": AT,
        "presented": True, "result_code": "A1", "finding_types": None,
        "revenue_recovered_eur": None, "status": "final",
    }  # fmt: skip
    told = [plain | {"control_id": f"C{at}", "hawb": f"H{at}"} | row
            for at, row in enumerate(rows)]  # fmt: skip
    return pl.DataFrame(told, schema_overrides={"finding_types": pl.String})


HIT = {"result_code": "B1", "finding_types": "SPLITTING", "revenue_recovered_eur": 12.34}


def test_a_week_is_counted_as_by_hand() -> None:
    controls = judged(events(HIT, {}, {"selected_by": "random"}, HIT | {"presented": False}))
    found = hit_rates(controls, ["week", "selected_by"])
    assert found["week"].to_list() == [date(2026, 11, 2)] * 2
    assert found["selected_by"].to_list() == ["model", "random"]
    assert found["control_count"].to_list() == [2, 1]
    assert found["hit_rate"].to_list() == [0.5, 0.0]
    assert found["recovered_eur"].to_list() == [12.34, 0.0]
    assert found["recovered_eur_per_control"].to_list() == [6.17, 0.0]
    assert (found["low"] <= found["hit_rate"]).all()
    assert (found["high"] >= found["hit_rate"]).all()


def test_a_final_result_counts_instead_of_the_provisional_one() -> None:
    first = HIT | {"control_id": "C", "hawb": "H", "status": "provisional"}
    last = {"control_id": "C", "hawb": "H", "recorded_at": AT.replace(day=9)}
    assert judged(events(first, last))["is_irregular"].to_list() == [False]


def test_without_any_control_there_is_nothing_to_say() -> None:
    nothing = judged(events({})).head(0)
    assert hit_rates(nothing, ["selected_by"]).is_empty()
    assert promises_kept(pl.DataFrame(schema={"risk": pl.Float64})).is_empty()


@given(st.permutations(range(6)))
def test_sums_do_not_depend_on_the_order_of_the_events(order: list[int]) -> None:
    rows = events(*[HIT | {"revenue_recovered_eur": 0.1 * at} for at in range(6)])
    assert hit_rates(judged(rows[order]), ["week"]).equals(hit_rates(judged(rows), ["week"]))


def test_every_sentence_is_known_by_its_theme() -> None:
    told = [one for one in FEATURES if one.sentence]
    # Sentences that differ in what is filled in alone may stand for one another; most do not.
    right = [theme_of(filled(one.sentence)) == one.theme for one in told]
    assert sum(right) >= 0.95 * len(told)
    assert theme_of("drawn at random: 1 of the 4000 consignments of the flight") == "other"


def filled(sentence: str) -> str:
    import re

    return re.sub(r"\{[^}]*\}", "12", sentence)


def test_a_control_counts_once_with_each_theme_of_its_reasons() -> None:
    key = {"flight_number": "XY1", "flight_date": date(2026, 11, 4)}
    mass = "EUR 1.50 for 'x'; weighs nothing known"
    value = "declared EUR 122.68: EUR 27.32 under the EUR 150 line"
    rows = [key | {"hawb": "H0", "reasons": [value, value, "drawn at random"]},
            key | {"hawb": "H1", "reasons": [mass]},
            key | {"hawb": "not controlled", "reasons": [value]}]  # fmt: skip
    found = by_theme(judged(events(HIT, {})), pl.DataFrame(rows))
    assert found.filter(theme="value").select("control_count", "hit_count").row(0) == (1, 1)
    assert "other" not in found["theme"]


def test_a_promise_that_is_kept_lies_on_the_line() -> None:
    rng = np.random.default_rng(7)
    risk = rng.uniform(0, 1, 4000)
    rows = pl.DataFrame({"risk": risk, "is_irregular": rng.uniform(0, 1, 4000) < risk})
    kept = promises_kept(rows.with_columns(weight=pl.lit(1.0)))
    assert kept.height == 5
    assert kept["count"].sum() == 4000
    assert (kept["mean_risk"] - kept["observed_share"]).abs().max() < 0.05  # type: ignore[operator]
    inside = (kept["low"] <= kept["mean_risk"]) & (kept["mean_risk"] <= kept["high"])
    assert inside.sum() >= 4


def test_a_weight_counts_as_so_many() -> None:
    rows = pl.DataFrame({"risk": [0.1, 0.1], "is_irregular": [True, False], "weight": [1.0, 3.0]})
    assert promises_kept(rows)["observed_share"].to_list() == [0.25]
