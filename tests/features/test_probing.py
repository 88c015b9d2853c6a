"""Small varied batches, then volume in the variant that passed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from features.catalogue import compute
from features.history import History
from features.ledger import ledger_rows
from features.sight import prepared
from tests.features.seeing import DAY, no_ledger, rows
from tests.worlds import Archive

CODES = ("850440", "950300", "640411", "910212", "420222", "330499")
SENDER = {"exporter_id": "SH-1", "intrinsic_value": "9"}


def tried(day: date) -> pl.DataFrame:
    """One or two parcels of each of six codes."""
    return rows(
        *({**SENDER, "hs6": hs6, "flight_date": str(day)} for hs6 in CODES for _ in range(2))
    )


def came(count: int, **changes: Any) -> pl.DataFrame:
    """Many parcels of the second code today."""
    return rows(*[SENDER | {"hs6": CODES[1]} | changes] * count)


def after(*days: pl.DataFrame) -> History:
    history = History.empty()
    for items in days:
        history = history.advanced(*prepared(items), items["flight_date"][0])
    return history


@pytest.fixture(scope="module")
def tests() -> History:
    """A sender that tried six variants three days ago."""
    return after(tried(DAY - timedelta(days=3)))


def test_volume_in_a_tried_variant_is_seen(archive: Archive, tests: History) -> None:
    items = came(40)
    features = compute(items, tests, no_ledger(items, archive.outcomes))
    assert features["is_tested_volume"].unique().to_list() == [1.0]
    assert features["sender_tests"].unique().to_list() == [6.0]
    assert features["variant_surge"].min() > 2
    assert features["sender_variety_drop"].min() > 2


@pytest.mark.parametrize(
    "changes",
    [{"hs6": "610910"}, {"intrinsic_value": "140"}, {"declarant_eori": "BE0999999999"},
     {"exporter_id": "SH-2"}],
    ids=["another code", "another value", "another broker", "another sender"],
)  # fmt: skip
def test_volume_in_anything_else_is_not(
    archive: Archive, tests: History, changes: dict[str, Any]
) -> None:
    items = came(40, **changes)
    features = compute(items, tests, no_ledger(items, archive.outcomes))
    assert features["is_tested_volume"].unique().to_list() == [0.0]
    assert features["variant_surge"].null_count() == 40


def test_a_few_more_are_no_volume(archive: Archive, tests: History) -> None:
    items = came(3)
    features = compute(items, tests, no_ledger(items, archive.outcomes))
    assert features["is_tested_volume"].unique().to_list() == [0.0]


def test_what_always_came_in_numbers_was_not_tried(archive: Archive) -> None:
    days = [came(40, flight_date=str(DAY - timedelta(days=back))) for back in (3, 2, 1)]
    items = came(40)
    features = compute(items, after(*days), no_ledger(items, archive.outcomes))
    assert features["is_tested_volume"].unique().to_list() == [0.0]
    assert features["sender_tests"].unique().to_list() == [0.0]


@pytest.mark.parametrize(("result", "share"), [("A1", 1.0), ("B1", 0.0)])
def test_a_variant_that_passed_a_control_is_told(
    archive: Archive, tests: History, result: str, share: float
) -> None:
    before = DAY - timedelta(days=3)
    noon = datetime(before.year, before.month, before.day, 12, tzinfo=UTC)
    control = {
        "control_id": "C1", "hawb": "H00002", "flight_number": "XY123", "flight_date": before,
        "selected_by": "rule", "selection_probability": None, "control_type": "physical",
        "controlled_at": noon, "recorded_at": noon + timedelta(hours=1), "presented": True,
        "result_code": result, "finding_types": None, "status": "final",
    }  # fmt: skip
    outcomes = pl.DataFrame([control], schema=archive.outcomes.schema)
    ledger = ledger_rows(outcomes, *prepared(tried(before)))
    features = compute(came(10), tests, ledger)
    assert features["sender_passed_share"].unique().to_list() == [share]
