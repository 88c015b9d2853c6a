"""`triage manifest` on 100,000 goods items with a trained model: seconds and memory."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import polars as pl

from synthetic.generate import write_world
from synthetic.scenario import PRESETS
from tests.benchmarks.figures import table, write

ITEMS = 100_000
RUNS = 5
TRIAGE = Path(sys.executable).with_name("triage")


def main() -> None:
    """Train on the demo world, then list one large flight again and again."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = os.environ | {"TRIAGE_HOME": str(folder / "home")}
        write_world(PRESETS["demo"], days=14, seed=21, out=folder / "past")
        _triage(environment, "ingest", str(folder / "past" / "declarations"))
        _triage(environment, "outcomes", str(folder / "past" / "outcomes.parquet"))
        _triage(environment, "train")
        rows = []
        for form, path in _manifests(folder).items():
            seconds, megabytes = zip(
                *(_listed(environment, path) for _ in range(RUNS)), strict=True
            )
            rows.append([form, f"{statistics.median(seconds):.1f} ({min(seconds):.1f} to "
                         f"{max(seconds):.1f})", f"{max(megabytes):,.0f}"])  # fmt: skip
    body = (
        f"One flight of {ITEMS:,} goods items, model `ensemble`, 50 controls, reasons, list "
        f"written; whole process, {RUNS} runs.\n\n"
        + table(["manifest", "seconds, median (lowest to highest)", "peak memory, MB"], rows)
    )
    write("A manifest of 100,000 items", "python -m tests.benchmarks.manifest_speed", body)


def _manifests(folder: Path) -> dict[str, Path]:
    scenario = replace(PRESETS["liege-2026"], flights_per_day=1, parcels_per_flight=70_000)
    write_world(scenario, days=1, seed=22, out=folder / "flight")
    rows = pl.read_parquet(folder / "flight/declarations/**/*.parquet", hive_partitioning=False)
    rows = rows.head(ITEMS)
    rows.write_parquet(folder / "flight.parquet")
    rows.write_csv(folder / "flight.csv")
    return {"Parquet": folder / "flight.parquet", "CSV": folder / "flight.csv"}


def _listed(environment: dict[str, str], path: Path) -> tuple[float, float]:
    """Seconds and peak megabytes of one list."""
    before = time.perf_counter()
    process = subprocess.Popen(
        [TRIAGE, "manifest", str(path), "--budget-controls", "50", "--no-store",
         "--out", str(path.with_suffix(".list.csv"))],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"triage manifest ended with {status}")
    return time.perf_counter() - before, usage.ru_maxrss / 1024


def _triage(environment: dict[str, str], *arguments: str) -> None:
    subprocess.run([TRIAGE, *arguments], env=environment, check=True, capture_output=True)


if __name__ == "__main__":
    main()
