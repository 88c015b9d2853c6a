"""One rescoring from end to end: look at the archive, plan, score, and prove that nothing is lost.

Whatever was done by an earlier call, killed or not, is kept if nothing it depends on has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from engine.errors import InputError, StateError
from service.console import Step
from service.home import Home
from service.rescoring.archive_files import files_of, messages_of, numbered, rejections_of
from service.rescoring.controls import ledgers_of
from service.rescoring.course import Course
from service.rescoring.engines import Engine
from service.rescoring.flight import done_before
from service.rescoring.opening import (
    Rescoring,
    alone,
    check_apart,
    check_same,
    job_of,
    lay_out,
    model_of,
    outcomes_of,
    settings_of,
    state_of,
)
from service.rescoring.plan import Day, Start, days_of, flights_of
from service.rescoring.proof import Proof, prove
from service.rescoring.tasks import FileSeen, FlightDone, Job, LookAt
from service.store import Store

Say = Callable[[str], None]
"""Told what the user should know, in sentences."""


def rescore(
    home: Home,
    store: Store,
    asked: Rescoring,
    engine_for: Callable[[Job], Engine],
    *,
    progress: Step,
    say: Say,
) -> Proof:
    """Score an archive.

    Parameters
    ----------
    engine_for : makes what carries the tasks out.
    progress : told what is being done.
    say : told what the user should know on the way.

    Raises
    ------
    InputError
        The archive cannot be used, or a file of it.
    StateError
        There is no usable model, the output is of another rescoring, or another call is at work.
    """
    if asked.lists is not None:
        asked.lists.wish()
    folder, files = files_of(asked.archive)
    check_apart(folder, asked.out)
    model = model_of(home, asked.version)
    outcomes = outcomes_of(home, store, asked.outcomes)
    with alone(asked.out.at(".work")):
        job = job_of(home, asked, folder, model, outcomes)
        settings = settings_of(job, model)
        check_same(job, settings)
        looks = numbered(folder, files) + messages_of(job, state_of(folder, home, store))
        engine = engine_for(job)
        try:
            seen = _looked_at(engine, looks, progress)
            flights = flights_of(seen)
            ledgers = ledgers_of(outcomes, model.ledger, model.until, flights)
            start = Start(model.until, model.mark, ledgers.late)
            days = days_of(flights, start, outcomes)
            lay_out(job, model, ledgers, days)
            done = _kept(job, days, settings, say)
            course = Course(job, days, done, settings)
            _run(engine, course, len(flights), progress)
        finally:
            engine.close()
        rejections = rejections_of(job, seen)
        if rejections is not None:
            asked.out.at("rejected.parquet").keep(rejections)
        proof = prove(job, engine.name, settings, seen, flights, course.done)
        _clear(job)
    return proof


def _looked_at(engine: Engine, looks: Sequence[LookAt], progress: Step) -> list[FileSeen]:
    """What the files of the archive hold.

    Raises
    ------
    InputError
        One of them cannot be used.
    """
    waiting = list(reversed(looks))
    seen: list[FileSeen] = []
    while waiting or len(seen) < len(looks):
        while waiting and engine.free:
            engine.submit(waiting.pop())
        _, done = engine.next_done()
        assert isinstance(done, FileSeen)
        seen.append(done)
        progress("Looking at the archive", len(seen), len(looks))
    bad = sorted((one for one in seen if one.error), key=lambda one: one.name)
    if bad:
        more = f" (and {len(bad) - 1} more files)" if len(bad) > 1 else ""
        raise InputError(
            f"{bad[0].name} cannot be used: {bad[0].error}{more}",
            "Correct it or take it out of the archive; nothing was scored.",
        )
    return sorted(seen, key=lambda one: one.name)


def _kept(
    job: Job, days: Sequence[Day], settings: str, say: Say
) -> dict[tuple[date, str], FlightDone]:
    """Flights that an earlier call has scored."""
    kept, changed = {}, []
    for day in days:
        for flight in day.flights:
            done = done_before(job, flight, day.mark(flight, settings))
            if done is not None:
                kept[flight.key] = done
            elif flight.done(job.work).exists():
                changed.append(flight)
    if kept:
        say(f"{len(kept):,} flights were scored before; they are kept.")
    if changed:
        first = changed[0]
        say(
            f"{len(changed):,} flights are scored anew, from {first.number} of {first.on} on: "
            "declarations, control results or scores have changed since."
        )
    return kept


def _run(engine: Engine, course: Course, flight_count: int, progress: Step) -> None:
    running = 0
    while not course.is_done:
        while engine.free and (task := course.next()) is not None:
            engine.submit(task)
            running += 1
        progress("Scoring flights", len(course.done), flight_count)
        if not running:
            raise StateError("The rescoring stands still.", "Please report this.")
        finished, done = engine.next_done()
        running -= 1
        course.finished(finished, done)
    progress("Scoring flights", len(course.done), flight_count)


def _clear(job: Job) -> None:
    """Take away what no later call needs."""
    for name in ("profiles", "counts", "messages", "model", "outcomes.parquet"):
        job.work.at(name).remove()
