"""What officers do with rows leaves the store right, whatever is done and undone in which order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import InputError
from engine.outcome import latest_known
from service.page.acts import Act, Overtaken, checked_reason, record, skip, undo
from service.page.desk import Desk
from service.page.results import Found
from service.page.sheet import KeptList, Row
from service.parts import Parts
from service.reception import outcomes_door
from service.storage.audit import verify
from service.storage.tables import audit

NOW = datetime(2026, 11, 2, 10, tzinfo=UTC)
LATER = datetime(2027, 1, 1, tzinfo=UTC)

CLEAN = Found()
VALUE = Found(("UNDERVALUATION",), revenue_recovered_eur=40.0, minutes=12.0)
COPY = Found(("IPR_INFRINGEMENT",))
COPY_FINAL = Found(("IPR_INFRINGEMENT",), status="final")
GONE = Found(is_presented=False)


class Hand:
    """An officer at one row, who always sees it as it stands."""

    def __init__(self, parts: Parts, desk: Desk, kept: KeptList, at: int = 0) -> None:
        self.parts, self.desk, self.kept = parts, desk, kept
        # The world's own controls have results already.
        free = [row for row in desk.sheet(kept).rows if row.outcome is None or row.trail.seen]
        told = kept.row(free[at % len(free)].told["hawb"])
        assert told is not None
        self.told = told
        self.now = NOW

    def act(self, **changes: object) -> Act:
        self.now += timedelta(minutes=1)
        seen = self.row().trail.seen
        return replace(Act(self.kept, self.told, "ab12", self.now, seen), **changes)  # type: ignore[arg-type]

    def row(self) -> Row:
        row = self.desk.sheet(self.kept).row(self.told["hawb"])
        assert row is not None
        return row

    def record(self, found: Found, **changes: object) -> None:
        act = self.act(**changes)
        with self.parts.database.writing() as connection:
            record(connection, act, found)

    def skip(self) -> None:
        act = self.act()
        with self.parts.database.writing() as connection:
            skip(connection, act, "no time left")

    def undo(self) -> None:
        act = self.act()
        with self.parts.database.writing() as connection:
            undo(connection, act)

    def label(self) -> dict[str, object] | None:
        """What the models would learn of this parcel; None: nothing."""
        known = latest_known(self.parts.store.outcomes(), before=LATER)
        rows = known.filter(
            pl.col("hawb") == self.told["hawb"], pl.col("flight_date") == self.kept.flight_date,
            pl.col("control_id").str.starts_with("page-"),
        )  # fmt: skip
        return rows.row(0, named=True) if rows.height else None


@pytest.fixture
def hand(parts: Parts, desk: Desk, kept: KeptList) -> Hand:
    return Hand(parts, desk, kept)


@pytest.mark.parametrize(
    ("found", "code", "status", "types"),
    [
        (CLEAN, "A1", "final", None),
        (Found(control_type="documentary"), "A2", "final", None),
        (VALUE, "B1", "final", "UNDERVALUATION"),
        (Found(("FALSE_GIFT",), is_minor=True), "A5", "final", "FALSE_GIFT"),
        (COPY, "B1", "provisional", "IPR_INFRINGEMENT"),
        (Found(control_type="sampling"), "A1", "provisional", None),
    ],
)
def test_a_result_becomes_an_outcome_that_the_door_would_take(
    hand: Hand, found: Found, code: str, status: str, types: str | None
) -> None:
    hand.record(found)
    label = hand.label()
    assert label is not None
    assert (label["result_code"], label["status"], label["finding_types"]) == (code, status, types)
    assert label["selected_by"] == hand.told["selected_by"]
    assert label["selection_probability"] == hand.told["selection_probability"]
    as_text = pl.DataFrame([label]).with_row_index("row_number", 1)
    judged = outcomes_door().judge(as_text.select(pl.all().cast(pl.String)))
    assert judged.rejections.is_empty()


def test_a_parcel_that_had_gone_is_no_label_and_is_done(hand: Hand) -> None:
    hand.record(GONE)
    assert hand.label() is None
    assert hand.row().state == "recorded"


def test_an_undone_result_leaves_no_label_and_the_row_open(hand: Hand) -> None:
    hand.record(VALUE)
    hand.undo()
    assert hand.label() is None
    assert hand.row().state == "open"
    hand.record(CLEAN)
    label = hand.label()
    assert label is not None
    assert label["result_code"] == "A1"


def test_an_undone_final_result_lets_the_provisional_one_stand_again(hand: Hand) -> None:
    hand.record(COPY)
    hand.record(Found(status="final"))
    assert (hand.label() or {})["result_code"] == "A1"
    hand.undo()
    label = hand.label()
    assert label is not None
    assert (label["status"], label["finding_types"]) == ("provisional", "IPR_INFRINGEMENT")
    hand.undo()
    assert hand.label() is None


def test_an_undone_skip_opens_the_row(hand: Hand) -> None:
    hand.skip()
    assert hand.row().state == "skipped"
    hand.undo()
    assert hand.row().state == "open"


def test_a_second_tap_or_a_second_officer_records_nothing(hand: Hand) -> None:
    hand.record(VALUE)
    for stale in (0, 99):
        with pytest.raises(Overtaken):
            hand.record(CLEAN, seen=stale)
    assert (hand.label() or {})["result_code"] == "B1"


def test_a_clock_that_was_set_back_does_not_bring_an_old_result_back(hand: Hand) -> None:
    hand.record(COPY)
    hand.record(COPY_FINAL, at=NOW - timedelta(days=2))
    assert (hand.label() or {})["status"] == "final"


def test_nothing_that_was_not_done_can_be_undone(hand: Hand) -> None:
    with pytest.raises(Overtaken, match="Nothing was done"):
        hand.undo()


@pytest.mark.parametrize("reason", ["", "   ", "\n", "x" * 201])
def test_a_skip_needs_a_reason_that_fits(reason: str) -> None:
    with pytest.raises(InputError):
        checked_reason(reason)


@pytest.mark.parametrize(
    "wrong",
    [{"finding_types": ("SMUGGLING",)}, {"found_hs6": "12345"}, {"found_hs6": "１２３４５６"},
     {"minutes": 0.0}, {"minutes": float("nan")}, {"revenue_recovered_eur": -1.0},
     {"found_value_eur": float("inf")}, {"status": "done"}, {"control_type": "smell"}],
)  # fmt: skip
def test_a_result_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Found(**wrong)  # type: ignore[arg-type]


def test_every_act_is_in_the_audit_log_without_what_was_written_as_a_reason(hand: Hand) -> None:
    hand.skip()
    hand.undo()
    with hand.parts.database.reading() as connection:
        assert verify(connection).is_whole
        lines = connection.execute(sa.select(audit).order_by(audit.c.id)).all()
    assert [line.action for line in lines[-2:]] == ["row.skip", "row.undo"]
    assert lines[-1].subject == hand.told["hawb"]
    assert not any("no time left" in line.detail_json for line in lines)


ACTS = ("skip", "clean", "provisional", "final", "undo")


@given(st.lists(st.sampled_from(ACTS), max_size=7), st.integers(0, 11))
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_after_any_acts_the_label_is_that_of_the_last_result_that_stands(
    parts: Parts, desk: Desk, kept: KeptList, acts: list[str], at: int
) -> None:
    hand = Hand(parts, desk, kept, at)
    while hand.row().trail.last:  # of an example before
        hand.undo()
    results = {"clean": CLEAN, "provisional": COPY, "final": COPY_FINAL}
    standing: list[str] = []
    for what in acts:
        if what == "undo":
            if standing:
                standing.pop()
                hand.undo()
        elif what == "skip":
            standing.append(what)
            hand.skip()
        else:
            standing.append(what)
            hand.record(results[what])
    last = next((one for one in reversed(standing) if one != "skip"), None)
    label = hand.label()
    if last is None:
        assert label is None
    else:
        assert label is not None
        expected = results[last]
        told = (expected.result_code, expected.settled_status)
        assert (label["result_code"], label["status"]) == told
