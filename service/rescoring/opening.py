"""What a rescoring starts with: a model, a job for the workers, and the output for itself alone."""

from __future__ import annotations

import fcntl
import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from engine.errors import InputError, StateError
from features.catalogue import fingerprint
from models.artifact import load_promises, program_fingerprint
from models.champion import Champion, champion_of, version_of
from service.bringing_in import record
from service.home import Home
from service.rescoring.archive_files import door_mark
from service.rescoring.controls import Ledgers
from service.rescoring.places import Place, clear_drafts
from service.rescoring.plan import Day, marked
from service.rescoring.profiles import LEDGER, NAMES
from service.rescoring.proof import NAME
from service.rescoring.tasks import BASE, Evening, Job, Lists
from service.sealing import check_model
from service.store import Store


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
class Model:
    """The model that scores, where its files are, and what it knew."""

    folder: Path
    name: str
    mark: str
    ledger: pl.DataFrame
    until: date | None


def check_apart(folder: Place, out: Place) -> None:
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


def model_of(home: Home, version: int | None) -> Model:
    """The model that scores, after a look at its seal; its profiles are not read here.

    Raises
    ------
    StateError
        There is none, or it cannot be used.
    """
    champion = _registered(home, version)
    folder = champion.artefact
    mark = check_model(home, folder)
    kind = load_promises(folder).model.kind
    until = json.loads((folder / "history" / "history.json").read_text())["as_of"]
    return Model(
        folder,
        f"{champion.version} ({kind})",
        mark,
        pl.read_parquet(folder / "ledger.parquet"),
        date.fromisoformat(until) if until else None,
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


def outcomes_of(home: Home, store: Store, paths: Sequence[Path]) -> pl.DataFrame:
    """Control results of files, or of the state."""
    if not paths:
        return store.outcomes()
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
def alone(work: Place) -> Iterator[None]:
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


def job_of(
    home: Home, asked: Rescoring, folder: Place, model: Model, outcomes: pl.DataFrame
) -> Job:
    """What all tasks share.

    Raises
    ------
    StateError
        The archive's consignees were pseudonymised with another key.
    """
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


def settings_of(job: Job, model: Model) -> str:
    """Names all that scores depend on beside what was known and declared."""
    return marked(model.mark, job.lists, job.door, fingerprint(), program_fingerprint())


def check_same(job: Job, settings: str) -> None:
    """Refuse an output that another model or other wishes have filled."""
    note = job.work.at("settings.json")
    told = {"settings": settings, "model": job.model_version}
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
    if job.out.at(NAME).exists():
        raise StateError(
            f"{job.out.url} holds a rescoring whose notes are gone.", "Give another --out."
        )
    note.write(json.dumps(told).encode())


def state_of(folder: Place, home: Home, store: Store) -> Store:
    """The store of the state that an archive belongs to; an empty one if it is of none."""
    if not folder.is_local or folder.path.resolve() == home.declarations.resolve():
        return store if folder.is_local else Store(Home(Path("/nonexistent")))
    return Store(Home(folder.path.parent))


def lay_out(job: Job, model: Model, ledgers: Ledgers, days: Sequence[Day]) -> None:
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
