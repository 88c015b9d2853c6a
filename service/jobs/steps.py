"""The steps of a job, each in a process of its own: `python -m service.jobs.steps STEP JOB`.

A step writes what it made into the job's folder, whole or not at all, and one that finds its own
work done does nothing: whenever the machine stops, the next run goes on where this one was. The
process gives its memory back when it ends, and one that is ended by a file takes nothing with it.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from engine.declaration import FLIGHT
from engine.errors import InputError, StateError, TriageError
from service.composition import open_database, open_door, open_home, open_store
from service.home import Home
from service.jobs.limits import limit_this_process, look_at
from service.jobs.register import UPLOAD, Manifests
from service.on_disk import sync
from service.reception import Account, Reception, receive, rejections_told
from service.settings import read_settings

ROWS, READ, STORED, SCORED = "rows.parquet", "read.json", "stored.json", "scored.json"
"""What the steps leave: accepted rows, and what is to be reported of each step."""

MOST_REJECTIONS = 1_000
"""Rejected rows named in the report; the counts say how many there were."""

MOST_FLIGHTS = 200
"""Flights of one file that are scored at once; others are when their list is asked for."""

REFUSED = 3
"""Exit status of a step that says in words why it cannot be done."""


def read(home: Home, folder: Path) -> None:
    """Judge the rows of the upload; accepted ones are written canonical, without names.

    Raises
    ------
    InputError
        The file cannot be used as a whole.
    """
    upload = folder / UPLOAD
    look_at(upload)
    try:
        reception = receive(upload, open_door(home))
    except InputError as problem:
        raise InputError(_unnamed(problem.message, upload), problem.way_out) from problem
    _write(folder / ROWS, reception.rows.drop("row_number").write_parquet)
    told = _report(reception, upload)
    _write_json(folder / READ, told)
    upload.unlink()


def store(home: Home, folder: Path, source: str) -> None:
    """Take the accepted rows into the state."""
    rows = pl.read_parquet(folder / ROWS)
    receipt = open_store(home, open_database(home)).add_declarations(rows, source=source)
    _write_json(folder / STORED, asdict(receipt))


def score(home: Home, folder: Path, tell: Callable[[int, int], None]) -> None:
    """Score every flight that the rows name, over everything received for it.

    Parameters
    ----------
    tell : told how many flights are done, and of how many.
    """
    from service.flights import Flights
    from service.scoring_process.watch import ModelWatch

    database = open_database(home)
    watch = ModelWatch(home, lambda state: None)
    watch.look()
    flights = Flights(home, database, open_store(home, database), lambda: watch.model)
    flights.clear_up()
    named = pl.scan_parquet(folder / ROWS).select(FLIGHT).unique().sort(FLIGHT).collect()
    told = []
    for at, (number, day) in enumerate(named.iter_rows()):
        tell(at, min(named.height, MOST_FLIGHTS))
        if at < MOST_FLIGHTS:
            made = flights.scored_flight(number, day)
            told.append({"flight_number": number, "flight_date": made.flight_date,
                         "item_count": made.item_count, "is_degraded": bool(made.is_degraded),
                         "consignment_count": made.consignment_count, "note": made.note,
                         "model_version": made.model_version})  # fmt: skip
    _write_json(folder / SCORED, {"flights": told, "flight_count": named.height})


def _report(reception: Reception, upload: Path) -> dict[str, Any]:
    account = Account()
    if reception.rows.height:
        account.add_remarks(reception.rows)
    return {
        "received_count": reception.received_count,
        "rejected_count": reception.rejected_count,
        "accepted_count": reception.received_count - reception.rejected_count,
        "rejections": rejections_told(reception.rejections.head(MOST_REJECTIONS)),
        "rejection_count": reception.rejections.height,
        "unknown_columns": list(reception.unknown_columns),
        "notes": [_unnamed(note, upload) for note in reception.notes],
        "remarks": [
            {"remark": remark, "column": column, "meaning": meaning, "row_count": count}
            for (remark, column, meaning), count in account.remarks.items()
        ],
    }


def _unnamed(text: str, upload: Path) -> str:
    """A sentence about a file without its place on this machine."""
    return text.replace(f"{upload}: ", "").replace(str(upload), "The manifest")


def _write(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file that is there whole, and on the disk, or not at all."""
    draft = path.with_name(f".draft-{path.name}")
    write(draft)
    sync(draft)
    os.replace(draft, path)
    sync(path.parent)


def _write_json(path: Path, told: Mapping[str, Any]) -> None:
    _write(path, lambda draft: draft.write_bytes(orjson.dumps(told)))


def _do(step: str, job_id: str) -> None:
    home = open_home()
    folder = home.root / "uploads" / job_id
    if step == "read":
        home.pseudonym_key()  # drawn, if it must be, before memory is short
        limit_this_process(read_settings().reader_memory_bytes)
        read(home, folder)
        return
    manifests = Manifests(home, open_database(home))
    job = manifests.job(job_id)
    assert job is not None
    if step == "store":
        store(home, folder, job.source)
    else:
        score(home, folder, lambda done, total: manifests.change(
            job_id, done_count=done, total_count=total))  # fmt: skip


def _tied_to_the_runner() -> None:
    """End when the runner ends: it holds the other end of standard input."""

    def wait() -> None:
        while os.read(0, 1):  # not `sys.stdin`: its lock would be held when Python ends
            pass
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def main() -> int:
    """Do the step that the command line names."""
    step, job_id = sys.argv[1:]
    _tied_to_the_runner()
    try:
        _do(step, job_id)
    except TriageError as problem:
        return _refused(problem)
    except OSError as problem:  # a full disk, above all: it may have room again
        why = problem.strerror or type(problem).__name__
        told = StateError(f"The state folder cannot be used: {why}.", "Make room on its disk.")
        return _refused(told)
    return 0


def _refused(problem: TriageError) -> int:
    """Tell the runner in words why the step ended."""
    kind = "input" if isinstance(problem, InputError) else "state"
    told = {"kind": kind, "message": problem.message, "way_out": problem.way_out}
    print(json.dumps(told), flush=True)
    return REFUSED


if __name__ == "__main__":
    sys.exit(main())
