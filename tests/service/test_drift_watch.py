"""Drift as the service watches it: from what scorings left behind, without reading a row again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import sqlalchemy as sa

from models.flow import Flow, flow_of
from models.scorer import ScoredFlights
from service.composition import open_database, open_home, open_store
from service.drift_file import told_drift
from service.drift_watch import FLOW, DriftWatch, flow_text
from service.storage.database import Database
from service.storage.tables import scorings
from tests.models.flows import flights, planted

LAST = date(2026, 10, 4)


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setenv("TRIAGE_HOME", str(tmp_path))
    made = open_database(open_home())
    yield made
    made.close()


def watch(database: Database) -> DriftWatch:
    home = open_home()
    return DriftWatch(home, database, open_store(home))


def scored(database: Database, table: pl.DataFrame, root: Path, *, mark: str = "a") -> None:
    """Scorings of flights, one a day, as `service.flights` leaves them."""
    for part in table.partition_by("flight_date"):
        day = part["flight_date"][0].isoformat()
        folder = f"scorings/{day}-{mark}"
        (root / folder).mkdir(parents=True)
        risks = part.with_columns(risk=pl.col("value_cents") / 20_000)
        text = flow_text(ScoredFlights(risks, part, part))
        (root / folder / FLOW).write_text(text)
        row: dict[str, Any] = {name: mark for name in (
            "rows_mark", "past_mark", "model_version", "feature_fingerprint", "risks_sha256",
        )}  # fmt: skip
        row |= {"flight_date": day, "flight_number": "XY1", "is_degraded": 0, "note": "",
                "past_note": "", "item_count": 1, "consignment_count": part.height,
                "folder": folder, "made_at_us": 0}  # fmt: skip
        with database.writing() as connection:
            connection.execute(sa.insert(scorings).values(**row))


def days(table: pl.DataFrame, first: date) -> pl.DataFrame:
    ahead = (first - table["flight_date"].min()).days  # type: ignore[operator]
    return table.with_columns(pl.col("flight_date") + timedelta(days=ahead))


def test_what_moved_in_the_last_week_is_told(database: Database, tmp_path: Path) -> None:
    start = LAST - timedelta(days=34)
    scored(database, days(flights(1, 28), start), tmp_path)
    week = days(flights(2, 7, values=planted({"145": 0.2})), LAST - timedelta(days=6))
    scored(database, week, tmp_path)
    told = watch(database).renew()
    assert told is not None
    assert told == told_drift(tmp_path)
    assert told.now == (LAST - timedelta(days=6), LAST)
    assert told.before == (start, LAST - timedelta(days=7))
    assert told.movements[0].value == "140-150"
    assert "EUR 140 to 150" in told.alert
    assert {one.week for one in told.weeks} == {start + timedelta(weeks=at) for at in range(1, 5)}
    assert "risk" in {one.column for one in told.columns}


def test_a_flight_that_was_scored_again_counts_once(database: Database, tmp_path: Path) -> None:
    scored(database, days(flights(1, 28), LAST - timedelta(days=34)), tmp_path)
    scored(database, days(flights(2, 7), LAST - timedelta(days=6)), tmp_path)
    watching = watch(database)
    quiet = watching.renew()
    assert quiet is not None
    assert quiet.alert == ""
    again = days(flights(2, 7, values=planted({"145": 0.2})), LAST - timedelta(days=6))
    scored(database, again, tmp_path, mark="b")
    told = watching.renew()
    assert told is not None
    assert told.alert != ""
    assert told == watch(database).renew()


def test_what_was_cleared_away_is_left_out(database: Database, tmp_path: Path) -> None:
    scored(database, days(flights(1, 3), LAST - timedelta(days=2)), tmp_path)
    for path in tmp_path.glob(f"scorings/*/{FLOW}"):
        path.unlink()
    told = watch(database).renew()
    assert told is not None
    assert told.columns == ()
    assert told.alert == ""


def test_scorings_of_earlier_versions_tell_what_they_can(
    database: Database, tmp_path: Path
) -> None:
    for count, seed, first in (
        (28, 1, LAST - timedelta(days=34)),
        (7, 2, LAST - timedelta(days=6)),
    ):
        table = days(flights(seed, count), first).with_columns(risk=pl.lit(0.1))
        scored(database, table, tmp_path)
        for part in table.partition_by("flight_date"):
            folder = tmp_path / f"scorings/{part['flight_date'][0]}-a"
            (folder / FLOW).unlink()
            for name in ("risks", "features"):
                part.write_parquet(folder / f"{name}.parquet")
    told = watch(database).renew()
    assert told is not None
    assert {"broker", "risk"} <= {one.column for one in told.columns}


def test_without_any_scoring_there_is_nothing_to_tell(database: Database, tmp_path: Path) -> None:
    assert watch(database).renew() is None
    assert told_drift(tmp_path) is None


def test_the_summary_kept_is_that_of_the_flight() -> None:
    table = flights(1, 1).with_columns(risk=pl.lit(0.1))
    kept = Flow.from_json(json.loads(flow_text(ScoredFlights(table, table, table))))
    assert kept == flow_of(table, risks=table, features=table)
