"""A list as an officer works on it: its rows, what became of each, and the budget bar.

Random controls look like the others until their result is in: who knows that a parcel was drawn
by chance looks at it with other eyes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any, Literal

import polars as pl

from engine.account import time_account
from engine.declaration import CONSIGNMENT
from engine.times import DEFAULT_TIMES, InspectionTimes
from service.walk import in_walking_order

State = Literal["open", "skipped", "recorded"]

RANDOM = "random"

_ACCOUNT_SCHEMA: dict[str, Any] = {
    "flight_number": pl.String, "flight_date": pl.Date, "hawb": pl.String, "uld_id": pl.String,
    "bag_id": pl.String, "rank": pl.Int64, "minutes": pl.Float64, "expected_yield": pl.Float64,
}  # fmt: skip


@dataclass(frozen=True)
class KeptList:
    """A list as it was issued, read back.

    Attributes
    ----------
    id, public_id : its number, and its name in addresses.
    flight_number, flight_date : the flight.
    rows, about, evidence : as issued (`service.issued`).
    times : what the steps of an inspection take.
    issued_at : when (UTC).
    """

    id: int
    public_id: str
    flight_number: str
    flight_date: date
    rows: list[dict[str, Any]]
    about: dict[str, Any]
    evidence: list[dict[str, Any]]
    times: InspectionTimes
    issued_at: datetime

    @property
    def unit(self) -> str:
        """What the budget counts: `controls` or `minutes`."""
        return str(self.about["unit"])

    @property
    def budget(self) -> float:
        """How much of it there is."""
        return float(self.about["budget"])

    def row(self, hawb: str) -> dict[str, Any] | None:
        """The row of a consignment; None if it is not on the list."""
        return next((row for row in self.rows if row["hawb"] == hawb), None)


@dataclass(frozen=True)
class Decision:
    """What an officer did with a row.

    Attributes
    ----------
    id : its number; later ones have larger ones.
    hawb : the consignment.
    what : `skip` or `record`; an undo takes the one before away.
    reason : of a skip.
    control_id : of the outcome recorded.
    decided_by : key id, or pseudonym of a person.
    decided_at_us : microseconds since 1970 UTC; of a record also the outcome's `recorded_at`.
    """

    id: int
    hawb: str
    what: str
    reason: str
    control_id: str
    decided_by: str
    decided_at_us: int


@dataclass(frozen=True)
class Trail:
    """What was done with one consignment.

    Attributes
    ----------
    standing : decisions that were not undone, oldest first.
    seen : number of the latest event, undone or not; 0: nothing was done yet.
    """

    standing: tuple[Decision, ...] = ()
    seen: int = 0

    @property
    def last(self) -> Decision | None:
        """The decision in force."""
        return self.standing[-1] if self.standing else None

    @property
    def records(self) -> tuple[Decision, ...]:
        """The results that stand."""
        return tuple(one for one in self.standing if one.what == "record")


def trails(events: Iterable[tuple[Decision, int | None]]) -> dict[str, Trail]:
    """What stands for each consignment.

    Parameters
    ----------
    events : decisions in order of their number, with the number each one undoes, or None.
    """
    found: dict[str, Trail] = {}
    for one, undoes in events:
        standing = found.get(one.hawb, Trail()).standing
        kept = tuple(old for old in standing if old.id != undoes)
        added = () if one.what == "undo" else (one,)
        found[one.hawb] = Trail((*kept, *added), one.id)
    return found


@dataclass(frozen=True)
class Row:
    """A consignment on the list, as it stands.

    Attributes
    ----------
    told : the row as issued, without who selected it where that must not be seen yet.
    evidence : its pictures, links and goods.
    reasons : sentences that may be seen now.
    state : open, skipped or recorded.
    trail : what was done with it.
    outcome : the result in force, a row of `OutcomeRow`; None while it is open.
    is_random : a random control whose result is in, so that it may be said.
    """

    told: dict[str, Any]
    evidence: dict[str, Any]
    reasons: list[str]
    state: State
    trail: Trail
    outcome: Mapping[str, Any] | None
    is_random: bool

    @property
    def is_undoable(self) -> bool:
        """Whether there is a decision of the page that can be taken back."""
        return self.trail.last is not None


@dataclass(frozen=True)
class Bar:
    """The budget and where it goes, in the unit of the budget.

    Attributes
    ----------
    unit : `controls` or `minutes`.
    budget : how much there is.
    used : by what was recorded, opening ULDs and bags included.
    reserved : for rows that are open.
    minutes_used, minutes_reserved : the same in minutes, whatever the unit.
    set_up_minutes : of all these minutes, those for breaking down ULDs and opening bags.
    recorded_count, skipped_count, open_count : rows.
    """

    unit: str
    budget: float
    used: float
    reserved: float
    minutes_used: float
    minutes_reserved: float
    set_up_minutes: float
    recorded_count: int
    skipped_count: int
    open_count: int

    @property
    def left(self) -> float:
        """What is neither used nor reserved; below zero where more was used than there was."""
        return round(self.budget - self.used - self.reserved, 1)

    @property
    def is_done(self) -> bool:
        """Whether no row is open."""
        return self.open_count == 0


@dataclass(frozen=True)
class Place:
    """A ULD or a bag of the walk.

    Attributes
    ----------
    name : its identifier; None: loose, or in no bag.
    minutes : to break it down or open it.
    parcel_count : chosen parcels in it.
    inside : bags of a ULD, rows of a bag.
    """

    name: str | None
    minutes: float
    parcel_count: int
    inside: list[Any]


@dataclass(frozen=True)
class Sheet:
    """A list and all that was done with it."""

    kept: KeptList
    rows: list[Row]

    @property
    def bar(self) -> Bar:
        """The budget bar."""
        return bar(self)

    @property
    def hawbs(self) -> frozenset[str]:
        """House waybills on the list."""
        return frozenset(row.told["hawb"] for row in self.rows)

    def row(self, hawb: str) -> Row | None:
        """The row of a consignment."""
        return next((row for row in self.rows if row.told["hawb"] == hawb), None)

    def as_walk(self) -> list[Place]:
        """ULD by ULD and in them bag by bag, the ULD with the most yield first."""
        at = {row.told["hawb"]: row for row in self.rows}
        ordered = in_walking_order(_table(self.rows)).to_dicts()
        times = self.kept.times
        ulds = []
        for uld, in_uld in groupby(ordered, key=lambda row: row["uld_id"]):
            bags = [
                Place(bag, times.bag_opening_minutes if bag else 0.0, len(some), some)
                for bag, some in (
                    (bag, [at[row["hawb"]] for row in in_bag])
                    for bag, in_bag in groupby(in_uld, key=lambda row: row["bag_id"])
                )
            ]
            count = sum(bag.parcel_count for bag in bags)
            ulds.append(Place(uld, times.uld_breakdown_minutes if uld else 0.0, count, bags))
        return ulds


def sheet_of(
    kept: KeptList, done: Mapping[str, Trail], results: Mapping[str, Mapping[str, Any]]
) -> Sheet:
    """The list with what became of its rows.

    Parameters
    ----------
    kept : as issued.
    done : by house waybill, what officers did.
    results : by house waybill, the outcome in force of parcels that were there or had gone.
    """
    evidence = [*kept.evidence, *({} for _ in kept.rows)]
    rows = []
    for told, seen in zip(kept.rows, evidence, strict=False):
        trail, outcome = done.get(told["hawb"], Trail()), results.get(told["hawb"])
        is_skipped = trail.last is not None and trail.last.what == "skip"
        state: State = "recorded" if outcome else "skipped" if is_skipped else "open"
        is_random = told["selected_by"] == RANDOM
        rows.append(
            Row(
                told={name: value for name, value in told.items() if name not in _BLINDED},
                evidence=seen,
                reasons=_seen_reasons(told["reasons"], is_hidden=is_random and outcome is None),
                state=state,
                trail=trail,
                outcome=outcome,
                is_random=is_random and outcome is not None,
            )
        )
    return Sheet(kept, rows)


_BLINDED = frozenset({"selected_by", "selection_probability", "reasons"})


def _seen_reasons(reasons: Sequence[str], *, is_hidden: bool) -> list[str]:
    """The reasons; of a random control not yet opened without the first, which says that it is."""
    return list(reasons[1:] if is_hidden else reasons)


def bar(sheet: Sheet) -> Bar:
    """What was used, is reserved and is left; a ULD or bag counts once, with the first of it."""
    times = sheet.kept.times
    recorded = [row for row in sheet.rows if row.state == "recorded"]
    waiting = [row for row in sheet.rows if row.state == "open"]
    used = time_account(_table(recorded), times)
    both = time_account(_table([*recorded, *waiting]), times)
    minutes_used = used.uld_minutes + used.bag_minutes + sum(map(_spent, recorded))
    planned = both.parcel_minutes - used.parcel_minutes
    set_up = both.uld_minutes + both.bag_minutes
    minutes_reserved = planned + set_up - used.uld_minutes - used.bag_minutes
    in_minutes = sheet.kept.unit == "minutes"
    return Bar(
        unit=sheet.kept.unit,
        budget=sheet.kept.budget,
        used=round(minutes_used, 1) if in_minutes else len(recorded),
        reserved=round(minutes_reserved, 1) if in_minutes else len(waiting),
        minutes_used=round(minutes_used, 1),
        minutes_reserved=round(minutes_reserved, 1),
        set_up_minutes=round(set_up, 1),
        recorded_count=len(recorded),
        skipped_count=sum(row.state == "skipped" for row in sheet.rows),
        open_count=len(waiting),
    )


def _spent(row: Row) -> float:
    """Minutes on a parcel: as recorded, else as expected; a parcel that had gone took none."""
    outcome = row.outcome or {}
    if outcome.get("minutes") is not None:
        return float(outcome["minutes"])
    return float(row.told["minutes"]) if outcome.get("presented", True) else 0.0


def _table(rows: Sequence[Row]) -> pl.DataFrame:
    names = list(_ACCOUNT_SCHEMA)
    cells = [{name: row.told.get(name) for name in names} | _dated(row.told) for row in rows]
    return pl.DataFrame(cells, schema=_ACCOUNT_SCHEMA).sort(*CONSIGNMENT)


def _dated(told: Mapping[str, Any]) -> dict[str, date]:
    day = told["flight_date"]
    return {"flight_date": date.fromisoformat(day) if isinstance(day, str) else day}


def times_of(wish: Mapping[str, Any]) -> InspectionTimes:
    """The times of a wish as it was kept; the usual ones where it names none."""
    given = wish.get("times") or {}
    return InspectionTimes(**given) if given else DEFAULT_TIMES
