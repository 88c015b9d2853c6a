"""The whole chain on one large flight, against LightGBM's prediction alone, in CPU time.

`python -m tests.benchmarks.chain [--parcels N] [--no-page]`. The chain runs from Parquet to the
list with reasons: features, all heads, selection, the sentences of the chosen; once from rows as
the state keeps them, once from the contract's form through the door (checks, pseudonyms). The
yardstick is `Booster.predict` of 300 trees with 63 leaves on the same consignments and features.
Both alternate in one process on one thread; compiling has happened before.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import polars as pl

from synthetic.generate import write_world
from synthetic.scenario import PRESETS
from tests.benchmarks.figures import table, write

PARCELS = 291_000
"""Parcels of the flight: some 450,000 goods items."""

ROUNDS = 3
CONTROLS = 50
TREES, LEAVES = 300, 63
TRIAGE = Path(sys.executable).with_name("triage")
ONE_THREAD = {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}


def main() -> None:
    """Train on a small past, then measure in a process of one thread."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--parcels", type=int, default=PARCELS)
    asked.add_argument("--no-page", action="store_true")
    told = asked.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = os.environ | ONE_THREAD | {"TRIAGE_HOME": str(folder / "home")}
        _state(folder, told.parcels, environment)
        measured = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.chain_once", str(folder)],
            env=environment, check=True, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        found = json.loads(measured.stdout.splitlines()[-1])
    body = _told(found)
    print(body)
    if not told.no_page:
        write("The whole chain", "python -m tests.benchmarks.chain", body)


def _state(folder: Path, parcels: int, environment: dict[str, str]) -> None:
    """A trained state, and a flight of its world on the day after."""
    past = replace(PRESETS["liege-2026"], flights_per_day=2, parcels_per_flight=20_000)
    write_world(past, days=10, seed=501, out=folder / "past")
    for arguments in (["ingest", folder / "past/declarations"],
                      ["outcomes", folder / "past/outcomes.parquet"], ["train"]):  # fmt: skip
        subprocess.run([TRIAGE, *arguments], env=environment, check=True, capture_output=True)
    last = max(path.name for path in (folder / "past/declarations").iterdir())
    day = date.fromisoformat(last.partition("=")[2]) + timedelta(days=1)
    write_world(
        replace(past, flights_per_day=1, parcels_per_flight=parcels),
        days=1, seed=501, out=folder / "flight",
    )  # fmt: skip
    rows = pl.read_parquet(folder / "flight/declarations/**/*.parquet", hive_partitioning=False)
    rows = rows.with_columns(
        flight_date=pl.lit(day),
        lodged_at=pl.col("lodged_at") + (pl.lit(day) - pl.col("flight_date")),
    )
    rows.write_parquet(folder / "flight.parquet", compression="lz4")


def alternated(ways: dict[str, Callable[[], Any]], rounds: int = ROUNDS) -> dict[str, list[float]]:
    """CPU seconds of several ways, round after round, each first called once unmeasured."""
    for way in ways.values():
        way()
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            before = time.process_time()
            way()
            seconds[name].append(time.process_time() - before)
    return seconds


def peak_mb() -> float:
    """Largest memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _told(found: dict[str, Any]) -> str:
    yardstick = found["seconds"]["predict"]
    rows = []
    for name, seconds in found["seconds"].items():
        ratio = median(a / b for a, b in zip(seconds, yardstick, strict=True))
        per_item = median(seconds) / found["items"] * 1e6
        rows.append([_NAMES[name], f"{median(seconds):.2f}", f"{per_item:.1f}", f"{ratio:.2f}"])
    steps = [[name, f"{seconds:.2f}"] for name, seconds in found["steps"].items()]
    return (
        f"One flight of {found['items']:,} goods items, {found['consignments']:,} consignments, "
        f"{found['features']} features, model `ensemble`, {CONTROLS} controls; CPU seconds of one "
        f"thread, median of {ROUNDS} alternated rounds; peak memory {found['peak_mb']:,.0f} MB.\n\n"
        + table(["what", "CPU s", "CPU µs an item", "ratio to predict"], rows)
        + "\n\nOf the chain from kept rows, one round:\n\n"
        + table(["step", "CPU s"], steps)
    )


_NAMES = {
    "predict": f"`Booster.predict`, {TREES} trees, {LEAVES} leaves",
    "kept": "chain from kept rows",
    "door": "chain from the contract's form, through the door",
}

if __name__ == "__main__":
    main()
