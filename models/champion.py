"""Which version is in force, read from the registry in a millisecond.

Importing MLflow takes two to seven seconds, and a list for a flight must not wait for it. So the
one question that every list asks is answered from MLflow's database itself. The two tables read
here belong to the schema of MLflow 3.17.2, which the project pins; a test holds this answer
against MLflow's own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from engine.errors import StateError

MODEL_NAME = "parcel-triage"
"""Name of the registered model, and of the experiment."""

CHAMPION = "champion"
"""Alias of the version in force."""

ARTEFACT = "artefact"
"""Name of our model folder inside the folder that MLflow keeps of a version."""

PATIENCE_SECONDS = 20.0
"""How long to wait for a process that is writing; registering a version takes a second."""

_QUERY = """
    SELECT v.version, v.run_id, v.source
    FROM registered_model_aliases AS a
    JOIN model_versions AS v ON v.name = a.name AND v.version = a.version
    WHERE a.name = ? AND a.alias = ?
"""


_VERSION_QUERY = "SELECT version, run_id, source FROM model_versions WHERE name = ? AND version = ?"


@dataclass(frozen=True, slots=True)
class Champion:
    """The version in force.

    Parameters
    ----------
    version : its number in the registry.
    run_id : the training that made it.
    artefact : its model folder.
    """

    version: int
    run_id: str
    artefact: Path


def champion_of(database: Path, artifacts: Path) -> Champion | None:
    """The version in force, or None if nothing was trained yet.

    Parameters
    ----------
    database : MLflow's SQLite file; it may not exist yet.
    artifacts : the folder where MLflow keeps what runs leave behind.

    Raises
    ------
    StateError
        The file cannot be read.
    """
    if not database.is_file():
        return None
    with opened(database) as store:
        tables = store.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        if ("registered_model_aliases",) not in tables:  # another process is just creating it
            return None
        row = store.execute(_QUERY, (MODEL_NAME, CHAMPION)).fetchone()
    if row is None:
        return None
    version, run_id, source = row
    return Champion(int(version), run_id, artefact_path(artifacts, source))


def version_of(database: Path, artifacts: Path, version: int) -> Champion | None:
    """A registered version by its number, in force or not; None if there is none of it.

    Parameters
    ----------
    database, artifacts : as in `champion_of`.

    Raises
    ------
    StateError
        The file cannot be read.
    """
    if not database.is_file():
        return None
    with opened(database) as store:
        row = store.execute(_VERSION_QUERY, (MODEL_NAME, version)).fetchone()
    return None if row is None else Champion(int(row[0]), row[1], artefact_path(artifacts, row[2]))


@contextmanager
def opened(database: Path) -> Iterator[sqlite3.Connection]:
    """The store's file, for reading.

    Raises
    ------
    StateError
        It is not a database, it is damaged, or it cannot be read.
    """
    try:
        uri = f"{database.resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=PATIENCE_SECONDS)) as store:
            yield store
    except sqlite3.DatabaseError as problem:
        raise StateError(
            f"The store of runs {database} cannot be opened: {problem}.",
            "Restore the file from a copy, or move it away and train anew.",
        ) from problem


def artefact_path(artifacts: Path, source: str) -> Path:
    """The model folder of a version, from the source its registration names (`models:/m-...`).

    Built from where the artifacts are now, not from where they were when the model was made: the
    state's folder may have been moved.
    """
    model_id = source.rsplit("/", 1)[-1]
    return artifacts / "models" / model_id / "artifacts" / "data" / ARTEFACT
