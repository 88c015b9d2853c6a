"""What the page reads: flights, lists, what was done with their rows, jobs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal

import polars as pl
import sqlalchemy as sa

from service.page.acts import trails_of
from service.page.results import control_id_of
from service.page.sheet import Bar, KeptList, Sheet, Trail, sheet_of, times_of
from service.storage.instants import instant_of
from service.storage.tables import jobs, lists, receipts, scorings

if TYPE_CHECKING:
    from service.storage.database import Database
    from service.store import Store

FlightState = Literal["receiving", "scored", "listed", "done"]

SHOWN_JOBS = 8
"""Manifests named on the page, the newest first (estimate: what fits beside the flights)."""

SHOWN_REJECTIONS = 20
"""Rejected rows named on the page; `GET /v1/manifests/{id}` names more."""

RUNNING = ("received", "reading", "storing", "scoring")
"""States of a job that is not over."""


@dataclass(frozen=True)
class FlightLine:
    """One flight of a day.

    Attributes
    ----------
    number : its number.
    item_count, consignment_count : what was received for it.
    state : receiving (rows came that no scoring has seen), scored, listed, or done (no row of the
        last list is open).
    is_degraded : rules ranked, for want of a model.
    last : its last list; None: there is none.
    bar : of that list.
    is_outdated : rows came after the last list was made.
    """

    number: str
    item_count: int
    consignment_count: int
    state: FlightState
    is_degraded: bool
    last: KeptList | None
    bar: Bar | None
    is_outdated: bool


@dataclass(frozen=True)
class _Scoring:
    """What of a scoring tells how far a flight is."""

    rows_mark: str
    is_degraded: bool


@dataclass(frozen=True)
class JobLine:
    """One manifest on its way, or one that has come.

    Attributes
    ----------
    id, state : as `GET /v1/manifests/{id}` tells them.
    done_count, total_count : rows.
    accepted_count, rejected_count : rows.
    report : flights and notes, or what went wrong.
    changed_at : when it last moved (UTC).
    """

    id: str
    state: str
    done_count: int
    total_count: int
    accepted_count: int
    rejected_count: int
    report: dict[str, Any]
    changed_at: datetime

    @property
    def is_running(self) -> bool:
        """Whether it is not over."""
        return self.state in RUNNING

    @property
    def flights(self) -> list[dict[str, Any]]:
        """The flights that the manifest names: `flight_number`, `flight_date`."""
        named = self.report.get("flights") or []
        return [one for one in named if isinstance(one, dict) and "flight_number" in one]

    @property
    def rejections(self) -> list[dict[str, Any]]:
        """The first rows that were refused: `row`, `column`, `message`."""
        return list(self.report.get("rejections") or [])[:SHOWN_REJECTIONS]

    @property
    def error(self) -> str:
        """What went wrong and the way out; empty where nothing did."""
        return f"{self.report.get('error', '')} {self.report.get('way_out', '')}".strip()


class Desk:
    """Reads for the page; safe to use from several threads.

    Parameters
    ----------
    database : lists, decisions, jobs.
    store : what was received.
    """

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store
        self._known: tuple[int, pl.DataFrame] | None = None

    def days(self) -> list[date]:
        """Days with declarations, in order."""
        return self._store.days()

    def flights(self, day: date) -> list[FlightLine]:
        """The flights of a day, by number."""
        scored = self._scorings(day)
        last = {kept.flight_number: kept for kept in self._last_lists(day)}
        return [
            self._line(one, day, last.get(one["flight_number"]), scored.get(one["flight_number"]))
            for one in self._store.flights(day).sort("flight_number").iter_rows(named=True)
        ]

    def flight(self, number: str, day: date) -> FlightLine | None:
        """One flight; None if nothing was received for it."""
        received = self._store.flights(day).filter(pl.col("flight_number") == number)
        if received.is_empty():
            return None
        scoring = self._scorings(day).get(number)
        return self._line(received.row(0, named=True), day, self.last_list(number, day), scoring)

    def _line(
        self, one: dict[str, Any], day: date, kept: KeptList | None, scoring: _Scoring | None
    ) -> FlightLine:
        number = str(one["flight_number"])
        mark = self._store.flight_mark(number, day) if scoring else ""
        is_seen = scoring is not None and scoring.rows_mark == mark
        counted = None if kept is None else self.sheet(kept).bar
        by_rules = scoring is not None and scoring.is_degraded
        return FlightLine(
            number=number,
            item_count=int(one["item_count"]),
            consignment_count=int(one["consignment_count"]),
            state=_state(is_seen=is_seen, counted=counted),
            is_degraded=bool(kept.about.get("is_degraded")) if kept else by_rules,
            last=kept,
            bar=counted,
            is_outdated=kept is not None and not is_seen,
        )

    def list_named(self, public_id: str) -> KeptList | None:
        """A list by its public name."""
        with self._database.reading() as connection:
            row = connection.execute(
                sa.select(lists).where(lists.c.public_id == public_id)
            ).one_or_none()
        return None if row is None else _kept(row)

    def last_list(self, number: str, day: date) -> KeptList | None:
        """The list of a flight that was issued last."""
        of_flight = (lists.c.flight_date == day.isoformat()) & (lists.c.flight_number == number)
        with self._database.reading() as connection:
            row = connection.execute(
                sa.select(lists).where(of_flight).order_by(lists.c.id.desc()).limit(1)
            ).one_or_none()
        return None if row is None else _kept(row)

    def sheet(self, kept: KeptList) -> Sheet:
        """A list with what became of its rows."""
        done = self.trails(kept.flight_number, kept.flight_date)
        return sheet_of(kept, done, self._results(kept.flight_number, kept.flight_date, done))

    def trails(self, number: str, day: date) -> dict[str, Trail]:
        """What was done with the consignments of a flight, by house waybill."""
        with self._database.reading() as connection:
            return trails_of(connection, number, day)

    def jobs(self) -> list[JobLine]:
        """The newest manifests that came by HTTP."""
        newest = sa.select(jobs).order_by(jobs.c.submitted_at_us.desc()).limit(SHOWN_JOBS)
        with self._database.reading() as connection:
            return [
                JobLine(
                    row.id,
                    row.state,
                    row.done_count,
                    row.total_count,
                    row.accepted_count,
                    row.rejected_count,
                    json.loads(row.report_json or "{}"),
                    instant_of(row.changed_at_us),
                )
                for row in connection.execute(newest)
            ]

    def outcomes_mark(self) -> int:
        """A number that changes when outcomes come; 0 where none has a receipt."""
        newest = sa.select(sa.func.max(receipts.c.id)).where(receipts.c.kind == "outcomes")
        with self._database.reading() as connection:
            return int(connection.execute(newest).scalar() or 0)

    def outcomes(self) -> pl.DataFrame:
        """All outcomes in force; read anew only when others have come."""
        mark, known = self.outcomes_mark(), self._known
        if known is None or known[0] != mark or mark == 0:
            known = (mark, self._store.outcomes())
            self._known = known
        return known[1]

    def _last_lists(self, day: date) -> list[KeptList]:
        newest = (
            sa.select(sa.func.max(lists.c.id))
            .where(lists.c.flight_date == day.isoformat())
            .group_by(lists.c.flight_number)
        )
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(lists).where(lists.c.id.in_(newest))).all()
        return [_kept(row) for row in rows]

    def _scorings(self, day: date) -> dict[str, _Scoring]:
        """The last scoring of each flight."""
        columns = (scorings.c.flight_number, scorings.c.rows_mark, scorings.c.is_degraded)
        of_day = scorings.c.flight_date == day.isoformat()
        query = sa.select(*columns).where(of_day).order_by(scorings.c.id)
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return {number: _Scoring(mark, bool(degraded)) for number, mark, degraded in rows}

    def _results(
        self, number: str, day: date, done: Mapping[str, Trail]
    ) -> dict[str, dict[str, Any]]:
        """The outcome in force of each consignment of a flight."""
        events = self.outcomes().filter(
            pl.col("flight_number") == number, pl.col("flight_date") == day
        )
        last = events.sort("control_id", "recorded_at", pl.col("status") == "final").unique(
            "control_id", keep="last", maintain_order=True
        )
        found = {}
        for outcome in last.sort("recorded_at").iter_rows(named=True):
            hawb = outcome["hawb"]
            trail = done.get(hawb, Trail())
            is_ours = outcome["control_id"] == control_id_of(number, day, hawb)
            if not (is_ours and trail.seen and not trail.records):
                found[hawb] = outcome
        return found


def _state(*, is_seen: bool, counted: Bar | None) -> FlightState:
    if counted is not None:
        return "done" if counted.is_done else "listed"
    return "scored" if is_seen else "receiving"


def _kept(row: sa.Row[Any]) -> KeptList:
    return KeptList(
        row.id,
        row.public_id,
        row.flight_number,
        date.fromisoformat(row.flight_date),
        json.loads(row.rows_json),
        json.loads(row.about_json),
        json.loads(row.evidence_json),
        times_of(json.loads(row.wish_json)),
        instant_of(row.issued_at_us),
    )
