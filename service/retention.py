"""Retention: what is older than it may be kept is let go, in files and in the database.

Consignees of parcels that nobody chose go first (`service.storage.erasure` says what of them);
those on a list as issued, with a decision, or with a result of a control are kept as long as the
rest. Then everything goes: declarations, results, lists, scores, receipts. The audit log stays; it
names no one. Saved models are left alone: of past consignees they hold fading sums under keyed
hashes, and they go when the model is deleted.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import polars as pl
import sqlalchemy as sa

from engine.declaration import CONSIGNMENT
from service.home import Home
from service.on_disk import sha256_of
from service.receipts import ORDER, collected, files, made, scan, write, writing
from service.row_schemas import DECLARATION_SCHEMA, OUTCOME_SCHEMA
from service.storage import past
from service.storage.audit import record
from service.storage.database import Database
from service.storage.erasure import Eraser
from service.storage.filed import settle
from service.storage.instants import microseconds
from service.storage.tables import erased_days
from service.store import Store

ACTOR = "retention"


@dataclass
class LetGo:
    """What went.

    Attributes
    ----------
    consignee_count : consignments whose consignee was taken out.
    day_count, declaration_count, outcome_count : days let go, rows of them, results of controls.
    receipt_count : receipts without any row left.
    folder_count : folders of scorings, uploads and histories.
    """

    consignee_count: int = 0
    day_count: int = 0
    declaration_count: int = 0
    outcome_count: int = 0
    receipt_count: int = 0
    folder_count: int = 0


def let_go(
    home: Home, database: Database, *, today: date, consignees_days: int, days: int
) -> LetGo:
    """Let go of what is older than it may be kept. Broken off, it goes on where it was.

    Parameters
    ----------
    home, database : the state.
    today : the day it is done as of.
    consignees_days : how long consignees of parcels are kept that nobody chose; from the day of
        arrival on.
    days : how long everything else is kept.
    """
    store, gone = Store(home, database), LetGo()
    last, last_consignees = (today - timedelta(days=n) for n in (days, consignees_days))
    with writing(home.root):
        settle(database)
        for day in sorted({*store.days(), *past.days_kept(database)}):
            if day < last:
                _let_day_go(home, database, day, gone)
        _let_outcomes_go(home, database, last, gone)
        controlled = store.outcomes()
        for day in store.days():
            if last <= day < last_consignees:
                _erase(home, database, store, day, controlled, gone)
        gone.receipt_count += past.delete_receipts(database, microseconds(_start_of(last)))
    for folder in _old_folders(home, _start_of(last_consignees)):
        shutil.rmtree(folder, ignore_errors=True)
        gone.folder_count += 1
    _tell(database, "retention.done", today.isoformat(), asdict(gone))
    database.tidy()
    return gone


def _let_day_go(home: Home, database: Database, day: date, gone: LetGo) -> None:
    folder = home.declarations / f"flight_date={day.isoformat()}"
    count = past.delete_day(database, day)
    for path in files(folder):
        count += collected(scan([path], {}).select(pl.len()), [path]).item()
        past.delete_file_receipt(database, str(path.relative_to(home.root)))
        path.unlink()
    shutil.rmtree(folder, ignore_errors=True)
    gone.day_count += 1
    gone.declaration_count += count
    _tell(database, "day.let_go", day.isoformat(), {"declarations": count})


def _let_outcomes_go(home: Home, database: Database, before: date, gone: LetGo) -> None:
    count = past.delete_outcomes(database, before)
    for path in files(home.outcomes):
        rows = collected(scan([path], OUTCOME_SCHEMA), [path]).drop(ORDER)
        rest = rows.filter(pl.col("flight_date") >= before)
        count += rows.height - rest.height
        if rest.is_empty():
            past.delete_file_receipt(database, str(path.relative_to(home.root)))
            path.unlink()
        elif rest.height < rows.height:
            write(rest, path)
            _tell(database, "file.shortened", path.name, {"file_sha256": sha256_of(path)})
    gone.outcome_count += count


def _erase(
    home: Home, database: Database, store: Store, day: date, controlled: pl.DataFrame, gone: LetGo
) -> None:
    """Take the consignees out of a day, unless nothing came since that was done."""
    mark = store.mark(day)
    if _erased_at(database, day) == mark:
        return
    kept = pl.concat([past.selected_of(database, day), controlled.select(CONSIGNMENT)])
    eraser, folder = Eraser(), home.declarations / f"flight_date={day.isoformat()}"
    if folder.is_dir():
        made(folder)
    parts = [past.erase_consignees(database, day, eraser, kept)]
    hashes = {}
    for path in files(folder):
        whole = collected(scan([path], DECLARATION_SCHEMA), [path]).drop(ORDER)
        rows, goes = eraser.erased(whole, kept)
        if goes.any():
            write(rows, path)
            hashes[path.name] = sha256_of(path)
            parts.append(rows.filter(goes).select(CONSIGNMENT))
    count = pl.concat(parts).n_unique()
    with database.writing() as connection:
        connection.execute(sa.delete(erased_days).where(_is(day)))
        now = datetime.now(UTC)
        told = {"flight_date": day.isoformat(), "mark": mark, "erased_at_us": microseconds(now)}
        connection.execute(sa.insert(erased_days), told)
        detail = {"consignments": count, "files": hashes}
        record(connection, actor=ACTOR, action="consignees.let_go", subject=day.isoformat(),
               detail=detail, at=now)  # fmt: skip
    gone.consignee_count += count


def _erased_at(database: Database, day: date) -> str | None:
    with database.reading() as connection:
        return connection.execute(sa.select(erased_days.c.mark).where(_is(day))).scalar()


def _is(day: date) -> sa.ColumnElement[bool]:
    return erased_days.c.flight_date == day.isoformat()


def _tell(database: Database, action: str, subject: str, detail: dict[str, object]) -> None:
    with database.writing() as connection:
        now = datetime.now(UTC)
        record(connection, actor=ACTOR, action=action, subject=subject, detail=detail, at=now)


def _old_folders(home: Home, before: datetime) -> Iterator[Path]:
    """Folders of scorings, uploads and rolled histories that nobody wrote to since an instant.

    What is asked for again is made anew; lists as issued lie in the database.
    """
    for parent in (home.root / name for name in ("scorings", "uploads", "history")):
        for folder in parent.iterdir() if parent.is_dir() else ():
            if folder.is_dir() and folder.stat().st_mtime < before.timestamp():
                yield folder


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
