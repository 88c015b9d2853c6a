"""What the analyst's view is drawn from: sums over controls, lists and scorings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any

import polars as pl
import sqlalchemy as sa

from engine.declaration import CONSIGNMENT
from engine.errors import TriageError
from service.page.desk import Desk
from service.storage.tables import lists, scorings

if TYPE_CHECKING:
    from models.registered import RegisteredVersion
    from service.home import Home
    from service.storage.database import Database

WEEKS = 10
"""Weeks that are looked back (estimate: a quarter of a year, less holidays)."""

MOST_LISTS = 400
"""Lists read, the newest ones; some 30 MB of JSON."""

MOST_ROWS = 2_000
"""Consignments of one flight that enter the measurement of drift, evenly spaced."""

MOST_FLIGHTS = 12
"""Flights of a week that enter it, the newest ones: 24,000 rows leave noise of 0.001."""

SHOWN_FEATURES = 10

HEADS = ("risk", "risk_fiscal", "risk_goods")


@dataclass(frozen=True)
class Analysis:
    """Everything the view shows; frames of `models.monitoring`.

    Attributes
    ----------
    rates : by `week` and `selected_by`.
    totals : by `selected_by`, over all weeks shown.
    themes : by `theme`, over issued lists.
    promises : `chosen` and `random` to what was told and what was found.
    drift_of_risks, drift_of_features : by `week` and `column`; of features the largest alone, of
        the last week.
    versions : registered versions, the newest first.
    note : why versions are not shown; empty where they are.
    """

    rates: pl.DataFrame
    totals: pl.DataFrame
    themes: pl.DataFrame
    promises: dict[str, pl.DataFrame]
    drift_of_risks: pl.DataFrame
    drift_of_features: pl.DataFrame
    versions: list[RegisteredVersion] = field(default_factory=list)
    note: str = ""


class Analyses:
    """Makes the analysis, anew only when something has come.

    Parameters
    ----------
    home, database, desk : the state.
    """

    def __init__(self, home: Home, database: Database, desk: Desk) -> None:
        self._home = home
        self._database = database
        self._desk = desk
        self._lock = Lock()
        self._known: tuple[Any, Analysis] | None = None

    def now(self) -> Analysis:
        """The analysis of what is known now."""
        with self._lock:  # one at a time: it reads much
            mark = self._mark()
            if self._known is None or self._known[0] != mark:
                self._known = (mark, self._made())
            made = self._known[1]
        versions, note = self._versions()
        return Analysis(**{**vars(made), "versions": versions, "note": note})

    def _mark(self) -> tuple[Any, ...]:
        newest = (sa.func.max(lists.c.id), sa.func.max(scorings.c.id))
        with self._database.reading() as connection:
            return (
                self._desk.outcomes_mark(),
                *(connection.execute(sa.select(one)).scalar() for one in newest),
            )

    def _made(self) -> Analysis:
        # Loaded when first looked at: the other pages need none of it.
        from features.catalogue import FEATURES
        from models.monitoring import by_theme, drift, hit_rates, judged

        controls = judged(self._desk.outcomes())
        if not controls.is_empty():
            since = controls.select(pl.col("week").max()).item() - timedelta(weeks=WEEKS - 1)
            controls = controls.filter(pl.col("week") >= since)
        listed = self._listed()
        weeks = {week: pl.concat(parts) for week, parts in self._samples().items()}
        # What the history tells moves as the history grows; what the flow declares should not.
        declared = [one.name for one in FEATURES if one.scope != "history"]
        of_features = drift(dict(list(weeks.items())[-2:]), declared)
        return Analysis(
            rates=hit_rates(controls, ["week", "selected_by"]),
            totals=hit_rates(controls, ["selected_by"]),
            themes=by_theme(controls, listed).sort("control_count", "theme", descending=True),
            promises=_promises(controls, listed),
            drift_of_risks=drift(weeks, HEADS),
            drift_of_features=of_features.sort("index", "column", descending=True)[:SHOWN_FEATURES],
        )

    def _listed(self) -> pl.DataFrame:
        """Consignments on the newest lists; of one on several lists the last."""
        newest = sa.select(lists.c.rows_json).order_by(lists.c.id.desc()).limit(MOST_LISTS)
        with self._database.reading() as connection:
            rows = [row for (text,) in connection.execute(newest) for row in json.loads(text)]
        schema: dict[str, Any] = {
            "flight_number": pl.String, "flight_date": pl.String, "hawb": pl.String,
            "risk": pl.Float64, "selected_by": pl.String, "selection_probability": pl.Float64,
            "reasons": pl.List(pl.String),
        }  # fmt: skip
        told = pl.DataFrame([{name: row[name] for name in schema} for row in rows], schema=schema)
        told = told.with_columns(pl.col("flight_date").str.to_date())
        return told.unique(CONSIGNMENT, keep="first", maintain_order=True)

    def _samples(self) -> dict[date, list[pl.DataFrame]]:
        """Some rows of the scored flights, week by week."""
        found: dict[date, list[pl.DataFrame]] = {}
        for week, folder in self._scored_folders():
            parts = found.setdefault(week, [])
            if len(parts) < MOST_FLIGHTS:
                sample = _sample(self._home, folder)
                if sample is not None:
                    parts.append(sample)
        return {week: found[week] for week in sorted(found) if found[week]}

    def _scored_folders(self) -> Iterator[tuple[date, str]]:
        """Week and folder of the last scoring of each flight, the newest first."""
        flight = (scorings.c.flight_date, scorings.c.flight_number)
        last = sa.select(sa.func.max(scorings.c.id)).group_by(*flight)
        query = (
            sa.select(scorings.c.flight_date, scorings.c.folder)
            .where(scorings.c.id.in_(last))
            .order_by(scorings.c.flight_date.desc(), scorings.c.id.desc())
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        first = None
        for text, folder in rows:
            day = date.fromisoformat(text)
            week = day - timedelta(days=day.weekday())
            first = first or week
            if week > first - timedelta(weeks=WEEKS):
                yield week, folder

    def _versions(self) -> tuple[list[RegisteredVersion], str]:
        from models.registered import registered_versions

        try:
            return registered_versions(self._home.mlflow_database), ""
        except TriageError as problem:
            return [], f"{problem.message} {problem.way_out}"


def _sample(home: Home, folder: str) -> pl.DataFrame | None:
    """Evenly spaced rows of a scoring with risks and features; None: it was cleared away."""
    try:
        risks = pl.scan_parquet(home.root / folder / "risks.parquet").select(HEADS)
        features = pl.scan_parquet(home.root / folder / "features.parquet")
        count = risks.select(pl.len()).collect().item()
        step = max(1, count // MOST_ROWS)
        parts = [part.gather_every(step).collect() for part in (risks, features)]
    except (pl.exceptions.PolarsError, OSError):
        return None
    features_alone = parts[1].drop(*CONSIGNMENT, *HEADS, strict=False)
    return pl.concat([parts[0], features_alone.cast(pl.Float64)], how="horizontal")


def _promises(controls: pl.DataFrame, listed: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """What lists told and controls found, of chosen and of random ones apart."""
    from models.monitoring import promises_kept

    told = listed.select(*CONSIGNMENT, "risk", by="selected_by", chance="selection_probability")
    both = controls.join(told, on=CONSIGNMENT).with_columns(
        # A random control stands for as many as it was drawn from.
        weight=pl.when(pl.col("by") == "random").then(1 / pl.col("chance")).fill_null(1.0)
    )
    both = both.with_columns(pl.col("weight").fill_null(1.0))
    is_random = pl.col("by") == "random"
    return {
        "chosen": promises_kept(both.filter(~is_random)),
        "random": promises_kept(both.filter(is_random)),
    }
