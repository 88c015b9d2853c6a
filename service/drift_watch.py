"""Works out what moved, whenever a flight was scored: the last week against the weeks before.

Each scoring keeps a small summary of its flight (`models.flow`); those of a period add up, so that
no row is read again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import sqlalchemy as sa

from engine.declaration import CONSIGNMENT
from engine.errors import InputError
from models.drift import Drift, drift_between
from models.drift_words import movement_groups
from models.flow import Flow, flow_of, flows_added
from models.monitoring import judged
from models.random_controls import Draws, draws_of
from models.scorer import ScoredFlights
from service.drift_file import ToldColumn, ToldControls, ToldDrift, ToldMovement, ToldWeek
from service.home import Home
from service.storage.database import Database
from service.storage.tables import lists, scorings
from service.store import Store

NOW_DAYS = 7
"""The last days that are held against those before: whole weeks, for weekdays differ."""

BEFORE_DAYS = 28
"""Days before them: four weeks, so that they are known better than the week."""

WEEKS = 10
"""Weeks that are told one against another (estimate: a quarter of a year, less holidays)."""

MOST_ROWS = 2_000
"""Consignments of a flight whose features are counted, evenly spaced (estimate: the flights of a
week leave noise of 0.001 in an index)."""

FLOW = "flow.json"
"""Summary of a flight, beside its risks; scorings of earlier versions have none."""

HEADS = ("risk", "risk_fiscal", "risk_goods")

Span = tuple[date, date]


def flow_text(flights: ScoredFlights) -> str:
    """The summary that is kept with a scoring."""
    every = max(1, flights.features.height // MOST_ROWS)
    sample = flights.features.gather_every(every)
    flow = flow_of(flights.seen, risks=flights.risks, features=sample)
    return json.dumps(flow.as_json()) + "\n"


class DriftWatch:
    """Tells what moved in the flow of one state folder.

    Parameters
    ----------
    home, database, store : the state.
    """

    def __init__(self, home: Home, database: Database, store: Store) -> None:
        self._home = home
        self._database = database
        self._store = store
        self._days: dict[date, tuple[tuple[str, ...], Flow]] = {}

    def renew(self) -> ToldDrift | None:
        """Work out what moved, and put it into the state folder; None: no flight was scored."""
        folders = self._folders()
        if not folders:
            return None
        self._days = {day: self._day(day, tuple(names)) for day, names in folders.items()}
        last = max(folders)
        now = (last - timedelta(days=NOW_DAYS - 1), last)
        before = (now[0] - timedelta(days=BEFORE_DAYS), now[0] - timedelta(days=1))
        drift = drift_between(
            self._flow(before), self._flow(now), self._draws(before), self._draws(now)
        )
        told = _told(drift, before, now, tuple(self._weeks(last)))
        told.save(self._home.root)
        return told

    def _folders(self) -> dict[date, list[str]]:
        """Folders of the last scoring of each flight of the last weeks, by day."""
        flight = (scorings.c.flight_date, scorings.c.flight_number)
        newest = sa.select(sa.func.max(scorings.c.flight_date))
        last = sa.select(sa.func.max(scorings.c.id)).group_by(*flight)
        with self._database.reading() as connection:
            text = connection.execute(newest).scalar()
            if text is None:
                return {}
            first = date.fromisoformat(text) - timedelta(weeks=WEEKS)
            query = (
                sa.select(scorings.c.flight_date, scorings.c.folder)
                .where(scorings.c.id.in_(last), scorings.c.flight_date > first.isoformat())
                .order_by(*flight)
            )
            rows = connection.execute(query).all()
        found: dict[date, list[str]] = {}
        for on, folder in rows:
            found.setdefault(date.fromisoformat(on), []).append(folder)
        return found

    def _day(self, day: date, folders: tuple[str, ...]) -> tuple[tuple[str, ...], Flow]:
        """The flow of a day; read again only when a flight of it was scored again."""
        known = self._days.get(day)
        if known is not None and known[0] == folders:
            return known
        return folders, flows_added(_kept_flow(self._home.root / name) for name in folders)

    def _flow(self, span: Span) -> Flow:
        return flows_added(
            flow for day, (_, flow) in sorted(self._days.items()) if span[0] <= day <= span[1]
        )

    def _weeks(self, last: date) -> Iterable[ToldWeek]:
        monday = last - timedelta(days=last.weekday())
        weeks = [monday - timedelta(weeks=at) for at in reversed(range(WEEKS))]
        flows = [self._flow((week, week + timedelta(days=6))) for week in weeks]
        for at in range(1, len(weeks)):
            drift = drift_between(_scores_alone(flows[at - 1]), _scores_alone(flows[at]))
            for head in HEADS:
                index = drift.index_of(head)
                if index is not None:
                    yield ToldWeek(weeks[at], head, index)

    def _draws(self, span: Span) -> Draws:
        """Random controls of the flights of some days, with what lists promised of them."""
        controls = judged(self._store.outcomes()).filter(
            pl.col("selected_by") == "random", pl.col("flight_date").is_between(*span)
        )
        told = self._risks_told(span)
        return draws_of(controls.join(told, on=CONSIGNMENT, how="left", maintain_order="left"))

    def _risks_told(self, span: Span) -> pl.DataFrame:
        """Risks on the lists of some days; of a consignment on several lists the last."""
        first, last = (day.isoformat() for day in span)
        query = (
            sa.select(lists.c.rows_json)
            .where(lists.c.flight_date >= first, lists.c.flight_date <= last)
            .order_by(lists.c.id.desc())
        )
        with self._database.reading() as connection:
            rows = [row for (text,) in connection.execute(query) for row in json.loads(text)]
        names = ("flight_number", "flight_date", "hawb", "risk")
        schema = {"flight_number": pl.String, "flight_date": pl.String, "hawb": pl.String,
                  "risk": pl.Float64}  # fmt: skip
        told = pl.DataFrame([{name: row[name] for name in names} for row in rows], schema=schema)
        told = told.with_columns(pl.col("flight_date").str.to_date())
        return told.unique(CONSIGNMENT, keep="first", maintain_order=True)


def _kept_flow(folder: Path) -> Flow:
    """What a scoring tells of its flight; the empty flow where it was cleared away."""
    try:
        return Flow.from_json(json.loads((folder / FLOW).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return _older_flow(folder)
    except (OSError, ValueError, InputError):
        return Flow()


def _older_flow(folder: Path) -> Flow:
    """The flow of a scoring that has no summary: broker, sender's country, risks and features."""
    try:
        risks, features = (pl.read_parquet(folder / f"{name}.parquet")
                           for name in ("risks", "features"))  # fmt: skip
    except (OSError, pl.exceptions.PolarsError):
        return Flow()
    every = max(1, features.height // MOST_ROWS)
    return flow_of(risks, risks=risks, features=features.gather_every(every))


def _scores_alone(flow: Flow) -> Flow:
    spreads = {name: one for name, one in flow.spreads.items() if name in HEADS}
    return Flow(flow.flight_count, flow.consignment_count, spreads)


def _told(drift: Drift, before: Span, now: Span, weeks: tuple[ToldWeek, ...]) -> ToldDrift:
    share, promise = drift.share_test, drift.promise_test
    shown = [one for group in movement_groups(drift.movements) for one in group]
    return ToldDrift(
        before,
        now,
        tuple(ToldColumn(one.column, one.kind, round(one.excess, 6)) for one in drift.stabilities),
        tuple(ToldMovement(one.column, one.value, one.before, one.now) for one in shown),
        tuple(one.column for one in drift.changed_scores),
        ToldControls(
            share.before.count, share.before.found_count, share.now.count, share.now.found_count,
            share.p_value, drift.is_more_or_less_found, promise.count, promise.promised,
            promise.found_count, promise.p_value, drift.is_promise_broken,
        ),
        weeks,
        drift.alert,
    )  # fmt: skip
