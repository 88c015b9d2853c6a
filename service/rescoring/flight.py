"""One flight scored: the same function on one machine and on many.

What it needs of its day is read once a process: the model, the profiles and the controls.
"""

from __future__ import annotations

import json
import math
import tempfile
from dataclasses import asdict
from datetime import date
from functools import lru_cache
from pathlib import Path

import polars as pl

from engine.budget import Budget
from engine.declaration import CONSIGNMENT
from engine.errors import StateError
from features.day_counts import counts_of
from features.history import History
from features.ledger import ledger_rows
from features.one_day import seen_on
from features.past_rates import Controls
from features.sight import prepared, sight
from models.artifact import load_promises
from models.examples import start_of
from models.promises import Promises
from models.scorer import Scorer
from service.inspection import Inspection, Wish, inspect, ranked, weighed
from service.list_file import write_table
from service.rescoring.archive_files import look_at, rows_of
from service.rescoring.places import Place
from service.rescoring.profiles import LEDGER, keep_counts, past_of, roll
from service.rescoring.tasks import (
    Count,
    Done,
    Evening,
    Flight,
    FlightDone,
    Job,
    LookAt,
    Roll,
    Score,
    Task,
)
from service.scoring import Scored

_ONLY_SCORES = Wish(Budget.controls(1))
"""Where no list is asked for, its defaults still say what a control takes and is worth."""


def perform(job: Job, task: Task) -> Done:
    """Do a task, whichever it is."""
    if isinstance(task, Score):
        return rescore_flight(job, task)
    if isinstance(task, Roll):
        return roll(job, task)
    if isinstance(task, LookAt):
        return look_at(job, task)
    count_flight(job, task)
    return None


def rescore_flight(job: Job, task: Score) -> FlightDone:
    """Score a flight, write its scores and its list, and note that it was done.

    Done before with all that its scores depend on unchanged, it is not done again.

    Raises
    ------
    StateError
        Rows would be lost or told twice.
    """
    flight = task.flight
    known = done_before(job, flight, task.mark)
    if known is not None and not task.counts:
        return known
    items = rows_of(flight)
    scored, consignment_count = _scored(job, task, items)
    if job.lists is None:
        scores, chosen = ranked(weighed(scored.consignments, _ONLY_SCORES), job.key), None
    else:
        made = inspect(items, job.lists.wish(), lambda _: scored, job.key)
        scores, chosen = made.scores, made
    _check_whole(flight, items, scores)
    done = FlightDone(
        flight.number,
        flight.on.isoformat(),
        task.mark,
        items.height,
        consignment_count,
        scores.height,
        math.fsum(scores["risk"]),
        math.fsum(scores["expected_revenue_eur"]),
        _written(job, flight, scores, chosen),
    )
    flight.done(job.work).write(json.dumps(asdict(done), indent=1).encode())
    return done


def count_flight(job: Job, task: Count) -> None:
    """Count what a flight adds to the profiles, without scoring it."""
    _count(job, task.flight, *prepared(rows_of(task.flight)))


def done_before(job: Job, flight: Flight, mark: str) -> FlightDone | None:
    """What was noted of a flight, if nothing that its scores depend on has changed since."""
    note = flight.done(job.work)
    if not note.exists():
        return None
    try:
        done = FlightDone.of(json.loads(note.read()))
    except (ValueError, TypeError):
        return None  # of another version of this program
    files = (job.out.at(name) for name in done.files)
    is_there = done.mark == mark and all(
        file.exists() and file.sha256() == done.files[file.below(job.out)] for file in files
    )
    return done if is_there else None


def _scored(job: Job, task: Score, items: pl.DataFrame) -> tuple[Scored, int]:
    """The flight with its risks, and how many consignments came in; counted on the way."""
    day = task.flight.on
    history, controls = _known(job, task.before, day, task.known)
    goods, consignments = prepared(items)
    if task.counts:
        _count(job, task.flight, goods, consignments)
    promises = _promises(job.model)
    flights = Scorer(promises).of_sight(sight(goods, consignments, history, controls, day))
    return Scored(flights, promises, job.model_version, is_degraded=False), consignments.height


def _count(job: Job, flight: Flight, goods: pl.DataFrame, consignments: pl.DataFrame) -> None:
    controls = _outcomes(job.outcomes, job.outcomes_mark).filter(
        (pl.col("flight_number") == flight.number) & (pl.col("flight_date") == flight.on)
    )
    ledger = {LEDGER: ledger_rows(controls, goods, consignments)}
    keep_counts(job, flight.on, flight.file_name, counts_of(goods, consignments) | ledger)


def _check_whole(flight: Flight, items: pl.DataFrame, scores: pl.DataFrame) -> None:
    wanted = items.select(CONSIGNMENT).n_unique()
    if not wanted == scores.height == scores.select(CONSIGNMENT).n_unique():
        raise StateError(
            f"Flight {flight.number} of {flight.on} has {wanted} consignments but "
            f"{scores.height} scores.",
            "This is a fault of the program; nothing was written. Please report it.",
        )


def _written(
    job: Job, flight: Flight, scores: pl.DataFrame, chosen: Inspection | None
) -> dict[str, str]:
    """Write scores and list; their names and hashes come back."""
    written = {}
    tables = {".parquet": scores}
    if chosen is not None and job.lists is not None:
        tables[f".list{job.lists.ending}"] = chosen.rows
    with tempfile.TemporaryDirectory(prefix="triage-") as folder:
        for ending, table in tables.items():
            draft, place = Path(folder) / f"table{ending}", flight.told(job.out, ending)
            write_table(table, draft)
            place.put(draft)
            written[place.below(job.out)] = Place(str(draft)).sha256()
    return written


@lru_cache(maxsize=1)
def _known(job: Job, before: Evening, day: date, known: str) -> tuple[History, Controls]:
    """What was known on the morning of a day; `known` names it."""
    past = past_of(job, before)
    ledger = past.ledger.filter(pl.col("recorded_at") < start_of(day))
    return seen_on(past.history, day), Controls.of(ledger, day)


@lru_cache(maxsize=1)
def _promises(model: Place) -> Promises:
    if model.is_local:
        return load_promises(model.path)
    with tempfile.TemporaryDirectory(prefix="triage-model-") as folder:
        for file in model.files():
            path = Path(folder, *file.below(model).split("/"))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.read())
        return load_promises(Path(folder))


@lru_cache(maxsize=1)
def _outcomes(file: Place, mark: str) -> pl.DataFrame:
    """The control results that the ledger is made of; `mark` names their content."""
    return file.frame()
