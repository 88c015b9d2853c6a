"""A saved model: a folder of text, Parquet and JSON, never a pickle.

Beside the model it holds the history as of its last day and the ledger of controls, so that it can
score the next day without the archive it learned from. Loading refuses another feature catalogue,
and other rules or another expert: they answer from the program, not from the folder.
"""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from engine.errors import StateError
from features.catalogue import NAMES, fingerprint
from features.history import History
from models import expert, findings, rules, signs
from models.calibration import Calibrator
from models.findings import Findings
from models.kinds import model_class
from models.promises import Promises
from models.scorer import Scorer

_DESCRIPTION = "model.json"


def program_fingerprint() -> str:
    """Fingerprint of the code that answers beside the saved numbers: the expert and the rules."""
    digest = hashlib.sha256()
    for module in (expert, findings, rules, signs):
        digest.update(inspect.getsource(module).encode())
    return digest.hexdigest()[:16]


@dataclass(frozen=True)
class Artifact:
    """What is needed to score.

    Attributes
    ----------
    promises : the fitted, calibrated model.
    history, ledger : what was known after the last day of training.
    about : how it was made: kind, days, rows, fingerprints.
    """

    promises: Promises
    history: History
    ledger: pl.DataFrame
    about: dict[str, Any]

    @property
    def kind(self) -> str:
        """Kind of the model."""
        return self.promises.model.kind

    @property
    def last_day(self) -> date | None:
        """Last day that its history includes."""
        return self.history.as_of

    def scorer(self) -> Scorer:
        """The scorer of this model."""
        return Scorer(self.promises)

    def save(self, folder: Path) -> None:
        """Write everything into an empty folder."""
        save_promises(self.promises, self.about, folder)
        self.history.save(folder / "history")
        self.ledger.write_parquet(folder / "ledger.parquet")


def save_promises(promises: Promises, about: dict[str, Any], folder: Path) -> None:
    """Write a model without what it knew of the past; `load_promises` reads it.

    Parameters
    ----------
    promises : fitted.
    about : how it was made.
    folder : empty, or not there yet.
    """
    (folder / "trees").mkdir(parents=True, exist_ok=True)
    promises.model.save(folder / "trees")
    promises.findings.save(folder)
    told = {
        "kind": promises.model.kind,
        "feature_fingerprint": fingerprint(),
        "program_fingerprint": program_fingerprint(),
        "feature_names": list(NAMES),
        "calibrators": {h: asdict(c) for h, c in promises.calibrators.items()},
        "revenue_scale": promises.revenue_scale,
        "about": about,
    }
    (folder / _DESCRIPTION).write_text(json.dumps(told, indent=1) + "\n")


def load_artifact(folder: Path) -> Artifact:
    """Read a saved model.

    Raises
    ------
    StateError
        The folder is not a saved model, or it was learned with another feature catalogue, other
        rules or another expert.
    """
    with _understood(folder) as told:
        return Artifact(
            _promises(folder, told),
            History.load(folder / "history"),
            pl.read_parquet(folder / "ledger.parquet"),
            told["about"],
        )


def load_promises(folder: Path) -> Promises:
    """Read a saved model without what it knew of the past.

    Raises
    ------
    StateError
        As `load_artifact`.
    """
    with _understood(folder) as told:
        return _promises(folder, told)


@contextmanager
def _understood(folder: Path) -> Iterator[dict[str, Any]]:
    """The description of a saved model that this program can read; what fails is told in words."""
    try:
        told = json.loads((folder / _DESCRIPTION).read_text())
        _refuse_other(folder, "feature catalogue", told["feature_fingerprint"], fingerprint())
        _refuse_other(folder, "expert and rules", told["program_fingerprint"],
                      program_fingerprint())  # fmt: skip
        yield told
    except (OSError, ValueError, TypeError, KeyError, pl.exceptions.PolarsError) as problem:
        raise StateError(f"The folder {folder} is not a saved model: {problem}.",
                         "Train again with `triage train`.") from problem  # fmt: skip


def _refuse_other(folder: Path, what: str, learned_with: str, here: str) -> None:
    if learned_with != here:
        raise StateError(
            f"The model in {folder} was learned with {what} {learned_with}, this program has "
            f"{here}: its numbers would mean something else.",
            "Train again with `triage train`.",
        )


def _promises(folder: Path, told: dict[str, Any]) -> Promises:
    return Promises(
        model_class(told["kind"]).load(folder / "trees"),
        {head: Calibrator(**line) for head, line in told["calibrators"].items()},
        told["revenue_scale"],
        Findings.load(folder),
    )
