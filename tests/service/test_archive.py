"""What was known before a day, on a small state; and what a training reads of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from features.history import History
from features.ledger import ledger_rows
from features.sight import prepared
from models.metrics import evaluate
from service.archive import history_before, ledger_with, without_a_past
from service.home import Home
from service.reception import outcomes_door
from service.store import Store
from service.training import TOLD
from tests.service.rows import DAY, canonical, outcomes, table

NEXT = date(2026, 3, 3)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "state")
    Store(home).add_declarations(canonical(table(3)))
    return home


def test_a_damaged_history_is_made_anew(home: Home) -> None:
    store = Store(home)
    history_before(home, store, History.empty(), "m", NEXT)
    kept = sorted((home.root / "history").rglob("*.*"))
    assert kept
    for path in kept:
        path.write_bytes(b"damaged")
        assert history_before(home, store, History.empty(), "m", NEXT).as_of == DAY
    assert not any(path.read_bytes() == b"damaged" for path in kept)


def test_a_history_that_would_look_ahead_and_has_no_other_days_says_so(home: Home) -> None:
    ahead = history_before(home, Store(home), History.empty(), "m", NEXT)
    assert "no declarations before 2026-03-02" in without_a_past(Store(home), ahead, DAY)
    assert without_a_past(Store(home), ahead, NEXT) == ""


def test_a_corrected_outcome_wins_over_the_one_the_model_learned(home: Home) -> None:
    store = Store(home)
    first = outcomes_door().judge(outcomes(1)).rows
    base = ledger_rows(first.drop("row_number"), *prepared(store.day(DAY)))
    again = outcomes(2, result_code="B1", finding_types="UNDERVALUATION")
    store.add_outcomes(outcomes_door().judge(again).rows)
    ledger = ledger_with(store, base)
    assert ledger.select("control_id", "result_code").rows() == [("C1", "B1"), ("C2", "B1")]
    assert ledger_with(store, ledger).equals(ledger)


def test_what_is_told_of_a_training_is_measured() -> None:
    count = 400
    index = pl.int_range(count, eager=True)
    risk = (index % 97) / 97
    scored = pl.DataFrame(
        {
            "flight_number": pl.Series(["XY1"] * count),
            "flight_date": [date(2026, 3, 1 + at % 4) for at in range(count)],
            "hawb": [f"H{at}" for at in range(count)],
            **{name: risk for name in ("risk", "risk_fiscal", "risk_goods", "expected_yield",
                                       "expected_revenue_eur", "harm_eur")},
            **{name: index % 5 == 0 for name in ("is_irregular", "is_fiscal_irregular",
                                                 "is_goods_irregular")},
            "revenue_eur": index.cast(pl.Float64),
            "is_random_control": index % 2 == 0,
            "weight": pl.Series([1.0] * count),
        }
    )  # fmt: skip
    known: set[str] = set()
    for population in ("flow", "controlled"):
        known |= set(evaluate(scored, population=population, key=b"k" * 32).values)  # type: ignore[arg-type]
    assert {name for name, _ in TOLD} <= known
