"""What was known before a day: the model's history, rolled forward with what the store received.

Every day rolled is kept under `history/` in the state folder, with a mark of the receipts it was
made from, so that the next list starts there; another receipt for such a day makes it anew.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

import polars as pl

from engine import outcome
from features.catalogue import fingerprint
from features.day_counts import counts_of
from features.history import History
from features.ledger import ledger_rows
from features.sight import prepared
from models.examples import Progress, start_of
from service.home import Home
from service.store import DECLARATION_SCHEMA, OUTCOME_SCHEMA, Store

_MARK = "made-from.json"

EVENT = list(outcome.KEY)
"""Key of an event in the ledger."""

_DAMAGED = (OSError, ValueError, KeyError, pl.exceptions.PolarsError, pl.exceptions.PanicException)

KEPT = 3
"""Rolled days kept on disk; older ones are made again if they are ever asked for."""


@dataclass(frozen=True)
class Known:
    """What was known before a day.

    Attributes
    ----------
    history : profiles as of the evening before.
    ledger : controls recorded before the day.
    note : why nothing is known of the past, where that is so.
    mark : names all of it: the same mark, the same past.
    """

    history: History
    ledger: pl.DataFrame
    note: str
    mark: str


def known_before(
    home: Home,
    store: Store,
    base: History,
    base_id: str,
    base_ledger: pl.DataFrame | None,
    day: date,
    *,
    keeps: bool = True,
    before: Known | None = None,
    progress: Progress | None = None,
) -> Known:
    """What was known before a day.

    Parameters
    ----------
    base, base_id, base_ledger : what a model brought along, and its name; no ledger: None.
    day : the day of the flights to be scored.
    keeps : whether days rolled may be kept in the state folder.
    before : what was known when last asked for this day; it stands if its mark does.
    progress : told after every day rolled.
    """
    ledger = ledger_with(store, empty_ledger() if base_ledger is None else base_ledger)
    ledger = ledger.filter(pl.col("recorded_at") < start_of(day))
    mark = past_mark(store, base, base_id, ledger, day)
    if before is not None and before.mark == mark:
        return before
    history = history_before(home, store, base, base_id, day, keeps=keeps, progress=progress)
    return Known(history, ledger, without_a_past(store, base, day), mark)


def past_mark(store: Store, base: History, base_id: str, ledger: pl.DataFrame, day: date) -> str:
    """A mark of all that a flight of a day is seen with.

    Parameters
    ----------
    ledger : controls known before the day; one recorded later changes nothing.
    """
    base_id, base = ("nothing", History.empty()) if _looks_ahead(base, day) else (base_id, base)
    content = io.BytesIO()
    ledger.write_ndjson(content)  # Arrow's own form holds whatever lay behind missing values
    told = [base_id, _marks(store, base, day), hashlib.sha256(content.getbuffer()).hexdigest()]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]


def empty_ledger() -> pl.DataFrame:
    """The ledger of those who know of no control."""
    items = pl.DataFrame(schema=DECLARATION_SCHEMA)
    return ledger_rows(pl.DataFrame(schema=OUTCOME_SCHEMA), *prepared(items))


def _marks(store: Store, base: History, day: date) -> dict[str, str]:
    """Marks of the days of the store that a history must be rolled over."""
    days = [d for d in store.days() if d < day and (base.as_of is None or d > base.as_of)]
    return {d.isoformat(): store.mark(d) for d in days}


def history_before(
    home: Home,
    store: Store,
    base: History,
    base_id: str,
    day: date,
    *,
    keeps: bool = True,
    progress: Progress | None = None,
) -> History:
    """Profiles as of the evening before a day.

    Parameters
    ----------
    base : the history that a model brought along.
    base_id : names it, so that two models are never mixed up.
    day : the day of the flights to be scored. If the base already includes it, the history is made
        from the store's days alone: nothing may look ahead.
    keeps : whether days rolled may be kept in the state folder.
    progress : told after every day rolled.
    """
    if _looks_ahead(base, day):
        base, base_id = History.empty(), "nothing"
    marks = _marks(store, base, day)
    days = [date.fromisoformat(d) for d in marks]
    folder = home.root / "history" / f"{fingerprint()}-{base_id}"
    history = _kept(folder, marks) or base
    if not keeps or history.as_of == (days[-1] if days else base.as_of):
        return _rolled(store, history, days, progress)
    with _one_at_a_time(folder):  # several processes need a new day at the same moment
        history = _kept(folder, marks) or base
        rolled = _rolled(store, history, days, progress)
        if rolled is not history:
            _keep(folder, rolled, marks)
        return rolled


def _rolled(store: Store, history: History, days: list[date], progress: Progress | None) -> History:
    """A history after the days that it does not include yet."""
    missing = [d for d in days if history.as_of is None or d > history.as_of]
    for count, day in enumerate(missing, start=1):
        history = history.after([counts_of(*prepared(part)) for part in store.parts(day)], day)
        if progress is not None:
            progress(count, len(missing))
    return history


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Let one process at a time roll; where the folder cannot be written to, all do."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        pen = (folder / ".rolling").open("w")
    except OSError:
        yield
        return
    with pen:
        fcntl.flock(pen, fcntl.LOCK_EX)
        yield


def without_a_past(store: Store, base: History, day: date) -> str:
    """Why a list knows nothing of the days before it, if that is so; else empty."""
    if not _looks_ahead(base, day) or any(known < day for known in store.days()):
        return ""
    return (
        f"The model in force learned from days up to {base.as_of}, so what it knows of the past "
        f"would look ahead of {day}, and the state holds no declarations before {day}: the list "
        "is made without any history. Bring earlier days in with `triage ingest`."
    )


class Received(Protocol):
    """Control results, and the declarations that they are about."""

    def outcomes(self) -> pl.DataFrame:
        """All outcome events, ordered by key."""

    def items_of(self, outcomes: pl.DataFrame) -> pl.DataFrame:
        """Items of exactly the consignments that `outcomes` name, as they stood on their day."""


def ledger_with(store: Received, base: pl.DataFrame) -> pl.DataFrame:
    """The model's ledger with the controls the store learned of, or knows better, since."""
    received = store.outcomes()
    told = [name for name in received.columns if name in base.columns]
    new = received.join(base, on=told, how="anti", nulls_equal=True)
    if new.is_empty():
        return base
    # A known event with other content: the consignment and its keys stay, the result is replaced.
    keys = [*EVENT, *(name for name in base.columns if name not in told)]
    corrected = base.select(keys).join(new, on=EVENT, how="inner").select(base.columns)
    ledger = pl.concat([base.join(corrected, on=EVENT, how="anti"), corrected])
    items = store.items_of(new := new.join(base, on=EVENT, how="anti"))
    if not items.is_empty():
        added = ledger_rows(new, *prepared(items)).select(base.columns)
        ledger = pl.concat([ledger, added])
    return ledger.sort("control_id", "recorded_at", "status")


def _looks_ahead(base: History, day: date) -> bool:
    return base.as_of is not None and base.as_of >= day


def _kept(folder: Path, marks: dict[str, str]) -> History | None:
    """The latest rolled day that was made from the same receipts."""
    for day in sorted(marks, reverse=True):
        try:
            made_from = json.loads((folder / day / _MARK).read_text())
        except (OSError, ValueError):
            continue
        if made_from == {d: mark for d, mark in marks.items() if d <= day}:
            try:
                return History.load(folder / day)
            except _DAMAGED:
                continue  # it is made anew from an earlier day
    return None


def _keep(folder: Path, history: History, marks: dict[str, str]) -> None:
    """Keep a rolled day, whole or not at all."""
    assert history.as_of is not None
    day = history.as_of.isoformat()
    folder.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=folder, prefix=".draft-"))
    try:
        history.save(draft)
        (draft / _MARK).write_text(json.dumps({d: m for d, m in marks.items() if d <= day}))
        if (folder / day).exists():
            shutil.rmtree(folder / day)
        os.replace(draft, folder / day)
    except OSError:
        return  # a second process kept the same day first: nothing is lost
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    for old in sorted(path for path in folder.iterdir() if not path.name.startswith("."))[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)


def short_id(text: str) -> str:
    """A short name for a long one, safe as the name of a folder."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]
