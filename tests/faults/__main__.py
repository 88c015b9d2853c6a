"""Try all faults in all counts, and write the figures into docs/reliability.md (`make faults`).

`python -m tests.faults R1 R15` tries these rows alone; the figures of the others stay.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.faults.counts import SEED

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"

ROWS: dict[str, tuple[str, str]] = {
    "R1": ("The service is killed (SIGKILL) under load", "test_killed_service.py"),
    "R2": ("The job runner and its step are killed inside a manifest", "test_killed_jobs.py"),
    "R3": ("PostgreSQL's backends killed, the server stopped at once", "test_postgres_gone.py"),
    "R5": ("The disk is full, files may not grow", "test_full_disk.py"),
    "R6": ("The registry of models is away or damaged", "test_models.py -k registry"),
    "R7": ("A model is damaged", "test_models.py -k damaged"),
    "R8": ("The same declarations many times at once", "test_repeats.py -k same"),
    "R9": ("Late and out of order", "test_order.py"),
    "R10": ("The clock jumps", "test_repeats.py -k clock"),
    "R11": ("Poison in cells, bodies and files; cut and slow lines", "test_poison.py"),
    "R13": ("Load, a short version", "test_repeats.py -k load"),
    "R14": ("Promotions while scoring, officers at one parcel", "test_models.py -k replaced+meet"),
    "R15": ("The audit log is tampered with", "test_audit_tampered.py"),
    "R16": ("Every route, every role, foreign objects", "test_matrix.py"),
    "R17": ("A backup is brought back", "test_backup.py -k brought"),
    "R19": ("A state of the release before", "test_backup.py -k release+seal"),
    "R20": ("A seeded simulation with faults of the storage", "test_simulation.py"),
}
"""Row of the table of faults: the fault in words, and where it is tried."""

MOST_TOLD = 4
"""Sentences of one row; more of a kind are counted."""


def main(wanted: Sequence[str]) -> int:
    """Try the rows, or all; 0 where nothing fell short."""
    rows = list(wanted) or list(ROWS)
    failed = [row for row in rows if not tried(row)]
    print(f"Fell short: {', '.join(failed) or 'none'}.")
    return 1 if failed else 0


def tried(row: str) -> bool:
    """Try one row, and write down what came of it."""
    _, where = ROWS[row]
    name, _, words = where.partition(" -k ")
    chosen = ["-k", words.replace("+", " or ")] if words else []
    with tempfile.TemporaryDirectory() as folder:
        figures = Path(folder) / "figures.jsonl"
        done = subprocess.run(
            [sys.executable, "-m", "pytest", str(ROOT / "tests" / "faults" / name), *chosen,
             "-q", "-p", "no:cacheprovider"],
            cwd=ROOT, check=False,
            env=os.environ | {"TRIAGE_FAULTS": "all", "TRIAGE_FAULTS_FIGURES": str(figures)},
        )  # fmt: skip
        lines = figures.read_text().splitlines() if figures.exists() else []
    told = [one["told"] for one in map(json.loads, lines) if one["row"] == row]
    write(row, summed(told) if done.returncode == 0 else "FELL SHORT: " + summed(told))
    return done.returncode == 0


def summed(told: Sequence[str]) -> str:
    """The sentences of a row; of many of one kind the first and the last."""
    if len(told) > MOST_TOLD:
        return f"{len(told)} such: {told[0]} ... {told[-1]}"
    return "; ".join(told)


def write(row: str, told: str) -> None:
    """Put the figures of one row into the page, with the commit that they were measured at."""
    page = PAGE.read_text()
    before, _, rest = page.partition(BEGIN)
    table, _, after = rest.partition(END)
    known = dict(re.findall(r"^\| (R\d+) (\|.*)$", table, flags=re.MULTILINE))
    known[row] = f"| {ROWS[row][0]} | {told} | {commit()}, seed {SEED} |"
    lines = [f"| {name} {known[name]}" for name in ROWS if name in known]
    head = "| row | fault | what was done and what came of it | commit |\n|---|---|---|---|"
    PAGE.write_text("\n".join([before + BEGIN, head, *lines, END + after]))


def commit() -> str:
    """The commit that is measured."""
    asked = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(asked, cwd=ROOT, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
