"""What the analyst's view is drawn from: sums over controls, lists and scorings."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any

import polars as pl
import sqlalchemy as sa

from engine.declaration import CONSIGNMENT
from engine.errors import TriageError
from service.drift_file import ToldDrift, told_drift
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

SHOWN_COLUMNS = 10


@dataclass(frozen=True)
class Analysis:
    """Everything the view shows; frames of `models.monitoring`.

    Attributes
    ----------
    rates : by `week` and `selected_by`.
    totals : by `selected_by`, over all weeks shown.
    themes : by `theme`, over issued lists.
    promises : `chosen` and `random` to what was told and what was found.
    drift : what moved; None: no flight was scored yet.
    drift_of_risks : by `week` and `column`, from each week to the next.
    drift_of_columns : of the rest the most moved, the last week against those before.
    versions : registered versions, the newest first.
    note : why versions are not shown; empty where they are.
    """

    rates: pl.DataFrame
    totals: pl.DataFrame
    themes: pl.DataFrame
    promises: dict[str, pl.DataFrame]
    drift: ToldDrift | None
    drift_of_risks: pl.DataFrame
    drift_of_columns: pl.DataFrame
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
        drift = told_drift(self._home.root)  # written anew by whoever scores, at any time
        return replace(
            made,
            drift=drift,
            drift_of_risks=_weeks(drift),
            drift_of_columns=_most_moved(drift),
            versions=versions,
            note=note,
        )

    def _mark(self) -> tuple[Any, ...]:
        newest = (sa.func.max(lists.c.id), sa.func.max(scorings.c.id))
        with self._database.reading() as connection:
            return (
                self._desk.outcomes_mark(),
                *(connection.execute(sa.select(one)).scalar() for one in newest),
            )

    def _made(self) -> Analysis:
        # Loaded when first looked at: the other pages need none of it.
        from models.monitoring import by_theme, hit_rates, judged

        controls = judged(self._desk.outcomes())
        if not controls.is_empty():
            since = controls.select(pl.col("week").max()).item() - timedelta(weeks=WEEKS - 1)
            controls = controls.filter(pl.col("week") >= since)
        listed = self._listed()
        return Analysis(
            rates=hit_rates(controls, ["week", "selected_by"]),
            totals=hit_rates(controls, ["selected_by"]),
            themes=by_theme(controls, listed).sort("control_count", "theme", descending=True),
            promises=_promises(controls, listed),
            drift=None,
            drift_of_risks=_weeks(None),
            drift_of_columns=_most_moved(None),
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

    def _versions(self) -> tuple[list[RegisteredVersion], str]:
        from models.registered import registered_versions

        try:
            return registered_versions(self._home.mlflow_database), ""
        except TriageError as problem:
            return [], f"{problem.message} {problem.way_out}"


def _weeks(drift: ToldDrift | None) -> pl.DataFrame:
    rows = [] if drift is None else [(one.week, one.column, one.index) for one in drift.weeks]
    schema = {"week": pl.Date, "column": pl.String, "index": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _most_moved(drift: ToldDrift | None) -> pl.DataFrame:
    rows = (
        [] if drift is None else [(o.column, o.index) for o in drift.columns if o.kind != "score"]
    )
    schema = {"column": pl.String, "index": pl.Float64}
    return pl.DataFrame(rows[:SHOWN_COLUMNS], schema=schema, orient="row")


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
