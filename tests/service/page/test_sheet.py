"""The sheet of a list: what is hidden until a result is in, and where the minutes go."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.times import DEFAULT_TIMES
from service.page.sheet import Decision, KeptList, Sheet, Trail, sheet_of, trails

DAY = date(2026, 11, 2)


def row(at: int, **changes: Any) -> dict[str, Any]:
    told = {
        "rank": at, "hawb": f"H{at}", "flight_number": "XY1", "flight_date": DAY.isoformat(),
        "uld_id": "U1", "bag_id": f"B{at}", "minutes": 10.0, "expected_yield": 100.0 - at,
        "selected_by": "model", "selection_probability": 1.0, "reasons": [f"sign {at}"],
    }  # fmt: skip
    return told | changes


def listed(rows: list[dict[str, Any]], unit: str = "minutes", budget: float = 200.0) -> KeptList:
    about = {"unit": unit, "budget": budget}
    at = datetime(2026, 11, 2, tzinfo=UTC)
    return KeptList(1, "p", "XY1", DAY, rows, about, [], DEFAULT_TIMES, at)


def clean(**changes: Any) -> dict[str, Any]:
    return {"presented": True, "minutes": None, "finding_types": None} | changes


SKIPPED = Trail((Decision(1, "H2", "skip", "gone", "", "a", 0),), 1)
DRAWN = row(3, selected_by="random", selection_probability=0.001,
            reasons=["drawn at random: 1 of 1000", "sign 3"])  # fmt: skip


def test_a_random_control_looks_like_the_others_until_its_result_is_in() -> None:
    kept = listed([row(1), DRAWN])
    before = sheet_of(kept, {}, {}).rows
    assert [one.is_random for one in before] == [False, False]
    assert [one.reasons for one in before] == [["sign 1"], ["sign 3"]]
    assert all("selected_by" not in one.told for one in before)
    assert all("selection_probability" not in one.told for one in before)
    after = sheet_of(kept, {}, {"H3": clean()}).rows[1]
    assert after.is_random
    assert after.reasons[0].startswith("drawn at random")


def test_set_up_counts_once_and_is_used_with_the_first_parcel_of_its_place() -> None:
    kept = listed([row(1), row(2), row(3, bag_id="B1")])
    bar = sheet_of(kept, {}, {}).bar
    assert (bar.used, bar.reserved, bar.left) == (0, 90 + 16 + 30, 64)
    bar = sheet_of(kept, {}, {"H1": clean()}).bar
    assert (bar.used, bar.reserved, bar.left) == (90 + 8 + 10, 8 + 20, 64)
    assert bar.set_up_minutes == 106


def test_minutes_that_were_entered_count_instead_of_those_expected() -> None:
    kept = listed([row(1), row(2)])
    assert sheet_of(kept, {}, {"H1": clean(minutes=31.5)}).bar.used == 90 + 8 + 31.5
    assert sheet_of(kept, {}, {"H1": clean(presented=False)}).bar.used == 98


def test_a_skipped_row_gives_its_minutes_back() -> None:
    kept = listed([row(1), row(2)])
    bar = sheet_of(kept, {"H2": SKIPPED}, {}).bar
    assert (bar.reserved, bar.left, bar.skipped_count) == (108, 92, 1)


def test_a_budget_of_controls_counts_controls() -> None:
    bar = sheet_of(listed([row(1), row(2)], "controls", 2), {}, {"H1": clean()}).bar
    assert (bar.used, bar.reserved, bar.left, bar.is_done) == (1, 1, 0, False)


@given(st.lists(st.sampled_from(["open", "skipped", "clean", "gone"]), max_size=12))
def test_the_parts_of_the_bar_never_lose_a_row_or_a_minute(states: list[str]) -> None:
    rows = [row(at, uld_id=f"U{at % 3}", bag_id=f"B{at % 4}") for at in range(len(states))]
    done = {f"H{at}": SKIPPED for at, state in enumerate(states) if state == "skipped"}
    results = {
        f"H{at}": clean(presented=state == "clean")
        for at, state in enumerate(states)
        if state in ("clean", "gone")
    }
    bar = sheet_of(listed(rows), done, results).bar
    assert bar.recorded_count + bar.skipped_count + bar.open_count == len(rows)
    assert round(bar.used + bar.reserved + bar.left, 6) == bar.budget
    assert bar.used >= 0
    assert bar.reserved >= 0
    gone = 10 * states.count("gone")
    parcels = 10 * (bar.recorded_count + bar.open_count) - gone
    assert bar.minutes_used + bar.minutes_reserved == parcels + bar.set_up_minutes


def test_the_walk_holds_every_row_once() -> None:
    rows = [row(at, uld_id=[None, "U1", "U2"][at % 3], bag_id=[None, "B1"][at % 2])
            for at in range(1, 9)]  # fmt: skip
    sheet: Sheet = sheet_of(listed(rows), {}, {})
    walked = [one.told["hawb"] for uld in sheet.as_walk() for bag in uld.inside
              for one in bag.inside]  # fmt: skip
    assert sorted(walked) == sorted(sheet.hawbs)
    loose = next(uld for uld in sheet.as_walk() if uld.name is None)
    assert loose.minutes == 0


def test_an_undo_takes_away_what_it_names_and_nothing_else() -> None:
    events = [
        (Decision(1, "H1", "record", "", "c", "a", 0), None),
        (Decision(2, "H2", "skip", "gone", "", "a", 0), None),
        (Decision(3, "H1", "undo", "", "c", "a", 0), 1),
    ]
    found = trails(events)
    assert (found["H1"].last, found["H1"].seen) == (None, 3)
    assert found["H2"].last is not None
