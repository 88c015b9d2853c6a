"""How often a fault is tried: all counts with TRIAGE_FAULTS=all (`make faults`), else a tenth."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

SEED = int(os.environ.get("TRIAGE_FAULTS_SEED", "1"))
"""What random moments and contents are drawn from; told with the figures."""


def is_all() -> bool:
    """Whether all counts are asked for."""
    return os.environ.get("TRIAGE_FAULTS") == "all"


def count(all_of_them: int, in_the_suite: int) -> int:
    """A count: of `make faults`, and of the ordinary suite."""
    return all_of_them if is_all() else in_the_suite


def drawn(name: str) -> random.Random:
    """Random numbers of one test; the same in every run of the same seed."""
    return random.Random(f"{SEED} {name}")


def figure(row: str, told: str) -> None:
    """Write a measured figure down for docs/reliability.md, where that is asked for.

    Parameters
    ----------
    row : of the table of faults, such as `R1`.
    told : what was done how often, and what came of it.
    """
    path = os.environ.get("TRIAGE_FAULTS_FIGURES")
    if path:
        with Path(path).open("a") as file:
            file.write(json.dumps({"row": row, "told": told}) + "\n")
