"""Which version is in force, read from the registry in a millisecond.

Importing MLflow takes two to seven seconds, and a list for a flight must not wait for it. So the
one question that every list asks is answered from MLflow's database itself. The two tables read
here belong to the schema of MLflow 3.17.2, which the project pins; a test holds this answer
against MLflow's own.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

MODEL_NAME = "parcel-triage"
"""Name of the registered model, and of the experiment."""

CHAMPION = "champion"
"""Alias of the version in force."""

ARTEFACT = "artefact"
"""Name of our model folder inside the folder that MLflow keeps of a version."""

_QUERY = """
    SELECT v.version, v.run_id, v.source
    FROM registered_model_aliases AS a
    JOIN model_versions AS v ON v.name = a.name AND v.version = a.version
    WHERE a.name = ? AND a.alias = ?
"""


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
    """
    if not database.is_file():
        return None
    with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as store:
        try:
            row = store.execute(_QUERY, (MODEL_NAME, CHAMPION)).fetchone()
        except sqlite3.OperationalError as problem:
            if "no such table" in str(problem):  # another process is just creating it
                return None
            raise
    if row is None:
        return None
    version, run_id, source = row
    return Champion(int(version), run_id, artefact_path(artifacts, source))


def artefact_path(artifacts: Path, source: str) -> Path:
    """The model folder of a version, from the source its registration names (`models:/m-...`).

    Built from where the artifacts are now, not from where they were when the model was made: the
    state's folder may have been moved.
    """
    model_id = source.rsplit("/", 1)[-1]
    return artifacts / "models" / model_id / "artifacts" / "data" / ARTEFACT
