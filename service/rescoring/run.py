"""One rescoring from end to end: look at the archive, plan, score, and prove that nothing is lost.

Whatever was done by an earlier call, killed or not, is kept if nothing it depends on has changed.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from engine.errors import InputError, StateError
from features.catalogue import fingerprint
from models.artifact import program_fingerprint
from models.champion import Champion, champion_of, version_of
from service.bringing_in import record
from service.console import Step
from service.home import Home
from service.rescoring.archive_files import (
    door_mark,
    files_of,
    messages_of,
    numbered,
    rejections_of,
)
from service.rescoring.controls import Ledgers, ledgers_of
from service.rescoring.course import Course
from service.rescoring.engines import Engine
from service.rescoring.flight import done_before
from service.rescoring.places import Place, clear_drafts
from service.rescoring.plan import Day, Start, days_of, flights_of, marked
from service.rescoring.profiles import LEDGER, NAMES
from service.rescoring.proof import Proof, prove
from service.rescoring.tasks import (
    BASE,
    Evening,
    FileSeen,
    FlightDone,
    Job,
    Lists,
    LookAt,
    Task,
)
from service.scoring import loaded
from service.sealing import check_model
from service.store import Store

Say = Callable[[str], None]
"""Told what the user should know, in sentences."""


@dataclass(frozen=True)
class Rescoring:
    """What the user asks of a rescoring.

    Attributes
    ----------
    archive, out : declarations, and where scores go.
    canonical : where rows are kept behind the door; None: below `out`.
    version : of the model; None: the champion.
    outcomes : files of control results; none: those of the state.
    lists : what is asked of the lists; None: scores alone.
    """

    archive: Place
    out: Place
    canonical: Place | None = None
    version: int | None = None
    outcomes: Sequence[Path] = ()
    lists: Lists | None = None


@dataclass(frozen=True)
class _Model:
    """The model that scores, where its files are, and what it knew."""

    folder: Path
    name: str
    mark: str
    ledger: pl.DataFrame
    until: date | None


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
    _check_apart(folder, asked.out)
    model = _model(home, asked.version)
    outcomes = _outcomes(home, store, asked.outcomes)
    with _alone(asked.out.at(".work")):
        job = _job(home, asked, folder, model, outcomes)
        settings = marked(model.mark, job.lists, job.door, fingerprint(), program_fingerprint())
        _check_same(job, model, settings)
        looks = numbered(folder, files) + messages_of(job, _state_of(folder, home, store))
        engine = engine_for(job)
        try:
            seen = _looked_at(engine, looks, progress)
            flights = flights_of(seen)
            ledgers = ledgers_of(outcomes, model.ledger, model.until, flights)
            start = Start(model.until, model.mark, ledgers.late)
            days = days_of(flights, start, outcomes)
            _lay_out(job, model, ledgers, days)
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


def _check_apart(folder: Place, out: Place) -> None:
    """Refuse an output inside the archive: its scores would be read as declarations."""
    inside = (
        out.path.resolve().is_relative_to(folder.path.resolve())
        if folder.is_local and out.is_local
        else out.at("").url.startswith(folder.at("").url)
    )
    if inside:
        raise InputError(
            f"The output {out.url} lies in the archive {folder.url}.", "Give a folder beside it."
        )


def _model(home: Home, version: int | None) -> _Model:
    champion = _registered(home, version)
    mark = check_model(home, champion.artefact)
    force = loaded(champion)
    assert force.artifact is not None
    return _Model(
        champion.artefact, force.version, mark, force.artifact.ledger, force.history.as_of
    )


def _registered(home: Home, version: int | None) -> Champion:
    if version is None:
        champion = champion_of(home.mlflow_database, home.mlruns)
        told = "No model is in force yet."
    else:
        champion = version_of(home.mlflow_database, home.mlruns, version)
        told = f"There is no version {version} of the model."
    if champion is None:
        raise StateError(told, "Make one with `triage train`; `triage compare` shows them all.")
    return champion


def _outcomes(home: Home, store: Store, paths: Sequence[Path]) -> pl.DataFrame:
    """Control results of files, or of the state."""
    if not paths:
        return store.outcomes()
    import tempfile

    with tempfile.TemporaryDirectory(prefix="triage-outcomes-") as folder:
        aside = Store(Home(Path(folder), home.pseudonym_key()))
        account = record(aside, paths)
        if account.errors:
            raise account.errors[0]
        if not account.accepted_count:
            raise InputError(
                "The files hold no acceptable outcome row.", "See why with `triage outcomes`."
            )
        return aside.outcomes()


@contextmanager
def _alone(work: Place) -> Iterator[None]:
    """Hold the output: one rescoring at a time. The system takes it back from the dead."""
    if not work.is_local:
        yield  # object storage has no lock; the how-to says so
        return
    work.path.mkdir(parents=True, exist_ok=True)
    with (work.path / "lock").open("w") as pen:
        try:
            fcntl.flock(pen, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as problem:
            raise StateError(
                f"Another rescoring is writing to {work.path.parent}.",
                "Wait for it, or give another --out.",
            ) from problem
        clear_drafts(Place(str(work.path.parent)))
        yield


def _job(home: Home, asked: Rescoring, folder: Place, model: _Model, outcomes: pl.DataFrame) -> Job:
    key = home.pseudonym_key()
    _check_key(home, folder)
    return Job(
        folder,
        asked.out,
        asked.canonical or asked.out.at(".work", "canonical"),
        asked.out.at(".work", "model"),
        model.name,
        door_mark(key),
        marked(outcomes.write_ndjson(), model.mark),
        key,
        asked.lists,
    )


def _check_key(home: Home, folder: Place) -> None:
    """Refuse the rows of a state that were pseudonymised with another key."""
    mark = Place(str(folder.path.parent)).at(home.key_mark.name) if folder.is_local else None
    if mark is not None and mark.exists() and mark.read() != home.key_mark.read_bytes():
        raise StateError(
            f"The consignees in {folder.url} were pseudonymised with another key than those that "
            "the model learned from.",
            "Give the key of that time in TRIAGE_PSEUDONYM_KEY, or use that state's TRIAGE_HOME.",
        )


def _check_same(job: Job, model: _Model, settings: str) -> None:
    """Refuse an output that another model or other wishes have filled."""
    note = job.work.at("settings.json")
    told = {"settings": settings, "model": model.name}
    if note.exists():
        before = json.loads(note.read())
        if before["settings"] != settings:
            raise StateError(
                f"{job.out.url} holds scores of model {before['model']} that were made with "
                "another model, key, budget or program.",
                "Give another --out, or empty this one. `--canonical DIR` lets both share the "
                "rows that were taken in.",
            )
        return
    if job.out.at("rescore.json").exists():
        raise StateError(
            f"{job.out.url} holds a rescoring whose notes are gone.", "Give another --out."
        )
    note.write(json.dumps(told).encode())


def _state_of(folder: Place, home: Home, store: Store) -> Store:
    """The store of the state that an archive belongs to; an empty one if it is of none."""
    if not folder.is_local or folder.path.resolve() == home.declarations.resolve():
        return store if folder.is_local else Store(Home(Path("/nonexistent")))
    return Store(Home(folder.path.parent))


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


def _lay_out(job: Job, model: _Model, ledgers: Ledgers, days: Sequence[Day]) -> None:
    """Put what the workers need where they find it."""
    for file in sorted(model.folder.rglob("*")):
        way = file.relative_to(model.folder).parts
        if file.is_file() and way[0] != "history" and way[0] != "ledger.parquet":
            job.model.at(*way).put(file)
    job.outcomes.keep(ledgers.added)
    job.profiles(Evening()).at(LEDGER, "0.parquet").keep(ledgers.nothing)
    if any(day.before.name == BASE for day in days):
        base = job.profiles(Evening(BASE))
        for name in NAMES:
            if name != LEDGER:
                base.at(name, "0.parquet").put(model.folder / "history" / f"{name}.parquet")
        base.at(LEDGER, "0.parquet").keep(ledgers.base)


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
        task: Task | None = None
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
