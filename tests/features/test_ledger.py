"""What past controls found: what was known, and shrunk where it was little."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from features.catalogue import compute
from features.history import History
from features.ledger import HALF_LIFE_DAYS, ledger_rows, overall, sums_by
from features.ledger import known_on as known
from features.past_rates import USUAL_STRENGTH
from features.sight import prepared
from tests.features.seeing import DAY, rows
from tests.worlds import Archive

BEFORE = DAY - timedelta(days=5)
MORNING = datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC)
LAMPS = {"exporter_id": "SH-1"}
TOYS = {"exporter_id": "SH-2", "exporter_name": "Ningbo Toys", "hs6": "950300",
        "goods_description": "plush bear"}  # fmt: skip


@pytest.fixture(scope="module")
def past() -> pl.DataFrame:
    """Two senders' consignments of some days ago."""
    return rows(
        *[LAMPS | {"flight_date": str(BEFORE)}] * 10, *[TOYS | {"flight_date": str(BEFORE)}] * 10
    )


@pytest.fixture
def controls(archive: Archive, past: pl.DataFrame) -> Any:
    """Make a ledger of controls from what differs."""

    def made(*changes: dict[str, Any]) -> pl.DataFrame:
        plain = {
            "control_id": "C", "hawb": "H00000", "flight_number": "XY123", "flight_date": BEFORE,
            "selected_by": "random", "selection_probability": 0.1, "control_type": "physical",
            "controlled_at": datetime(BEFORE.year, BEFORE.month, BEFORE.day, 12, tzinfo=UTC),
            "recorded_at": MORNING - timedelta(seconds=1), "presented": True,
            "result_code": "B1", "finding_types": "UNDERVALUATION", "status": "final",
        }  # fmt: skip
        events = [{"control_id": f"C{at}"} | change for at, change in enumerate(changes)]
        schema = archive.outcomes.schema
        outcomes = pl.DataFrame([plain | event for event in events], schema=schema)
        return ledger_rows(outcomes, *prepared(past))

    return made


def sender_rate(ledger: pl.DataFrame, asked: dict[str, Any], day: date = DAY) -> float:
    items = rows(asked | {"flight_date": str(day)})
    return float(compute(items, History.empty(), ledger)["sender_rate"].item())


def test_a_finding_counts_from_the_day_after_it_was_recorded(controls: Any) -> None:
    nothing = sender_rate(controls().clear(), LAMPS)
    assert sender_rate(controls({}), LAMPS) > nothing
    assert sender_rate(controls({"recorded_at": MORNING}), LAMPS) == nothing
    assert sender_rate(controls({"recorded_at": MORNING + timedelta(hours=9)}), LAMPS) == nothing


def test_a_parcel_that_had_gone_is_no_label(controls: Any) -> None:
    assert known(controls({"presented": False}), DAY).is_empty()


def test_the_final_result_replaces_the_provisional_one(controls: Any) -> None:
    both = controls(
        {"control_id": "C", "result_code": "A2", "finding_types": None, "status": "provisional",
         "recorded_at": MORNING - timedelta(days=3)},
        {"control_id": "C"},
    )  # fmt: skip
    early = known(both, DAY - timedelta(days=1))
    assert early["is_irregular"].to_list() == [False]
    late = known(both, DAY)
    assert late["is_irregular"].to_list() == [True]


def test_its_own_days_controls_do_not_count(controls: Any) -> None:
    same_day = controls({"recorded_at": MORNING - timedelta(days=9)})
    assert known(same_day, BEFORE).is_empty()
    assert known(same_day, BEFORE + timedelta(days=1)).height == 1


def test_a_control_fades_by_half_in_its_half_life(controls: Any) -> None:
    ledger = controls({})
    fresh = sums_by(known(ledger, DAY), "key_sender")["controls"].item()
    later = DAY + timedelta(days=int(HALF_LIFE_DAYS))
    assert sums_by(known(ledger, later), "key_sender")["controls"].item() == pytest.approx(
        fresh / 2, abs=0.001
    )


def test_a_documentary_control_says_less_than_a_physical_one(controls: Any) -> None:
    clean = {"result_code": "A1", "finding_types": None}
    weights = known(controls(clean, clean | {"control_type": "documentary", "hawb": "H00001"}), DAY)
    assert weights["w"][1] < 0.5 * weights["w"][0]


def test_rates_shrink_to_the_parent_and_grow_with_evidence(controls: Any) -> None:
    """By hand for one find: nobody else was controlled, so its parents say the overall rate."""
    found = [{"hawb": f"H{at:05d}"} for at in range(6)]
    few, many = controls(*found[:1]), controls(*found)
    base = overall(known(few, DAY))["irregular"]
    assert base < sender_rate(few, LAMPS) < sender_rate(many, LAMPS) < 1
    n = sums_by(known(few, DAY), "key_sender")["controls"].item()
    shrunk = (n + USUAL_STRENGTH * base) / (n + USUAL_STRENGTH)
    assert sender_rate(few, LAMPS) == pytest.approx(shrunk)


def test_others_are_judged_by_the_overall_rate(controls: Any) -> None:
    ledger = controls(*[{"hawb": f"H{at:05d}"} for at in range(6)])
    elsewhere = TOYS | {"declarant_eori": "BE0999999999"}
    base = overall(known(ledger, DAY))["irregular"]
    assert sender_rate(ledger, elsewhere) == pytest.approx(base)


def test_events_of_unknown_consignments_are_left_out(controls: Any) -> None:
    assert controls({"hawb": "elsewhere"}).is_empty()
