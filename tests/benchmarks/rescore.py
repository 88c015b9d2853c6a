"""An archive scored anew by two processes: items a second, memory by its length, and Ray beside it.

The archive repeats the flights of one invented day under the dates of the days after it, each with
waybills of its own: senders, goods and consignees come back as regular ones do. Rates are of the
wall clock, so this wants a machine of its own.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import polars as pl

from synthetic.generate import write_world
from synthetic.scenario import PRESETS
from tests.benchmarks.figures import table, write

ITEMS = 20_000_000
LEARNED_DAYS = 14
"""Days of the demo world that the model learned from; the archive comes after them."""

PARCELS = 60_000
"""Parcels of a flight."""

FLIGHTS = 12
"""Flights of a day: about a third of what Liège handles."""

YEAR_IN_THREE_HOURS = 120_000
"""Items a second for 1.3 billion in three hours."""

SAMPLED_SECONDS = 0.5
HEAD = ["rescoring", "items a second", "core-us an item", "peak memory (PSS), MB"]
TRIAGE = Path(sys.executable).with_name("triage")


@dataclass(frozen=True)
class Measured:
    """A rescoring: seconds of the wall clock, processor seconds, and memory in MB at the peak."""

    seconds: float
    processor_seconds: float
    megabytes: float


def main(items: int = ITEMS, *, with_ray: bool = True) -> None:
    """Train on the demo world, make the archive, and score it in several ways."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = os.environ | {"TRIAGE_HOME": str(folder / "home")}
        _train(environment, folder)
        parcels = min(PARCELS, max(items // (2 * FLIGHTS), 100))
        count = _archive(folder, items, parcels)
        _part(folder / "archive", folder / "quarter", 4)
        _part(folder / "archive", folder / "twentieth", 20)
        first = _rescored(environment, folder, "archive", "first")
        whole = _rescored(environment, folder, "archive", "whole")
        quarter = _rescored(environment, folder, "quarter", "quarter-out")
        rows = [
            _row("with the door", count, first),
            _row("rows behind the door kept from before", count, whole),
            _row("the same, a quarter of the days", _count(folder / "quarter"), quarter),
        ]
        lines = [
            f"{count:,} goods items in flights of {parcels:,} parcels, {FLIGHTS} a day, model "
            "`ensemble`, scores written, 2 processes.",
            table(
                ["rescoring", "items a second", "core-us an item", "peak memory (PSS), MB"], rows
            ),
            f"Items a second over {YEAR_IN_THREE_HOURS:,} (1.3 billion in three hours): "
            f"{count / whole.seconds / YEAR_IN_THREE_HOURS:.2f}. Peak memory, whole over quarter: "
            f"{whole.megabytes / quarter.megabytes:.2f}.",
        ]
        if with_ray:
            lines.append(_ray_beside_local(environment, folder))
        command = "python -m tests.benchmarks.rescore"
        write("Rescoring an archive", command if items == ITEMS else f"{command} --items {items}",
              "\n\n".join(lines))  # fmt: skip


def _train(environment: dict[str, str], folder: Path) -> None:
    write_world(PRESETS["demo"], days=LEARNED_DAYS, seed=21, out=folder / "past")
    _triage(environment, "ingest", str(folder / "past" / "declarations"))
    _triage(environment, "outcomes", str(folder / "past" / "outcomes.parquet"))
    _triage(environment, "train")


def _archive(folder: Path, items: int, parcels: int) -> int:
    """Write an archive of at least so many items; the count comes back."""
    scenario = replace(PRESETS["liege-2026"], flights_per_day=FLIGHTS, parcels_per_flight=parcels)
    write_world(scenario, days=1, seed=22, out=folder / "day")
    files = sorted((folder / "day" / "declarations").rglob("*.parquet"))
    flights = [pl.read_parquet(file, hive_partitioning=False) for file in files]
    count, day = 0, LEARNED_DAYS
    while count < items:
        for flight in flights:
            rows = flight.with_columns(
                pl.col("flight_date") + timedelta(days=day),
                pl.col("lodged_at") + timedelta(days=day),
                pl.col("hawb") + f"D{day}",
            )
            on, number = rows.select("flight_date", "flight_number").row(0)
            file = folder / "archive" / f"flight_date={on}" / f"{number}.parquet"
            file.parent.mkdir(parents=True, exist_ok=True)
            rows.write_parquet(file)
            count += rows.height
            if count >= items:
                break
        day += 1
    return count


def _part(archive: Path, out: Path, share: int) -> None:
    """The first files of an archive, at least those of one flight."""
    files = sorted(archive.rglob("*.parquet"))
    for file in files[: max(len(files) // share, 1)]:
        link = out / file.relative_to(archive)
        link.parent.mkdir(parents=True, exist_ok=True)
        os.link(file, link)


def _count(archive: Path) -> int:
    files = archive.rglob("*.parquet")
    return sum(pl.scan_parquet(f).select(pl.len()).collect().item() for f in files)


def _row(name: str, items: int, measured: Measured) -> list[str]:
    return [
        name,
        f"{items / measured.seconds:,.0f}",
        f"{measured.processor_seconds / items * 1e6:.1f}",
        f"{measured.megabytes:,.0f}",
    ]


def _ray_beside_local(environment: dict[str, str], folder: Path) -> str:
    """Wall clock of Ray over that of local processes, alternated."""
    walls: dict[str, list[float]] = {"local": [], "ray": []}
    for turn in range(2):
        for engine, seconds in walls.items():
            out = f"{engine}-{turn}"
            made = _rescored(environment, folder, "twentieth", out, "--engine", engine)
            seconds.append(made.seconds)
    local, ray = min(walls["local"]), min(walls["ray"])
    return (
        f"Ray on the same cores over local, wall clock of {_count(folder / 'twentieth'):,} items, "
        f"least of two each, start of Ray included: {ray:.0f} s / {local:.0f} s = "
        f"{ray / local:.2f}."
    )


def _rescored(
    environment: dict[str, str], folder: Path, archive: str, out: str, *more: str
) -> Measured:
    workers = () if "ray" in more else ("--workers", "2")
    before, used = time.perf_counter(), os.times()
    process = subprocess.Popen(
        [TRIAGE, "rescore", str(folder / archive), "--out", str(folder / out),
         "--canonical", str(folder / "canonical"), *workers, *more],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    peak = _Peak(process.pid)
    status = process.wait()
    megabytes = peak.end()
    if status:
        raise SystemExit(f"triage rescore ended with {status}")
    now = os.times()
    spent = now.children_user + now.children_system - used.children_user - used.children_system
    return Measured(time.perf_counter() - before, spent, megabytes)


class _Peak:
    """Looks again and again at the memory of a process and of all that it started."""

    def __init__(self, process_id: int) -> None:
        self._process_id, self._megabytes = process_id, 0.0
        self._has_ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def end(self) -> float:
        """Proportional set size at the peak, in MB."""
        self._has_ended.set()
        self._thread.join()
        return self._megabytes

    def _look(self) -> None:
        while not self._has_ended.wait(SAMPLED_SECONDS):
            family = _family(self._process_id)
            self._megabytes = max(self._megabytes, sum(map(_megabytes, family)))


def _family(process_id: int) -> list[int]:
    """A process and all that it started, and those in turn."""
    parents = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                told = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(folder.name)] = int(told[1])
    family = [process_id]
    for member in family:
        family += [child for child, parent in parents.items() if parent == member]
    return family


def _megabytes(process_id: int) -> float:
    try:
        lines = Path(f"/proc/{process_id}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def _triage(environment: dict[str, str], *arguments: str) -> None:
    subprocess.run([TRIAGE, *arguments], env=environment, check=True, capture_output=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=ITEMS)
    parser.add_argument("--without-ray", action="store_true")
    given = parser.parse_args()
    main(given.items, with_ray=not given.without_ray)
