"""Training from an archive of many rows and few labels: time and peak memory.

`python -m tests.benchmarks.training [--items N] [--no-page]`. The archive repeats the flights of
one invented day under later dates, each with waybills and consignees of its own; nothing of it is
kept on the disk. The labelled few are the controls of that day, repeated with it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from engine.acceptance import accept
from engine.intake import EuroOnly, take_in
from engine.outcome import CODE_COLUMNS, LOWER_COLUMNS, REQUIRED, OutcomeRow
from models.training import learn, prepare
from synthetic.generate import write_world
from synthetic.scenario import PRESETS
from tests.benchmarks.chain import peak_mb
from tests.benchmarks.figures import table, write

ITEMS = 50_000_000
PARCELS = 60_000
"""Parcels of a flight."""

FLIGHTS = 20
"""Flights of a day."""

BASE = 4
"""Flights that are invented; the others repeat them."""

KEY = bytes(range(32))
_TOKENS = ("importer_name_tokens", "importer_street_tokens")


class Repeated:
    """An archive of one day's flights again and again.

    Parameters
    ----------
    base : canonical items of one day, by flight.
    items : how many goods items there are to be, about.
    """

    def __init__(self, base: list[pl.DataFrame], items: int) -> None:
        self._base = base
        self._first = base[0]["flight_date"][0]
        a_day = FLIGHTS * sum(part.height for part in base) / len(base)
        self._days = max(4, round(items / a_day))

    def days(self) -> list[date]:
        """Days in order."""
        return [self._first + timedelta(days=at) for at in range(self._days)]

    def parts(self, day: date) -> Iterator[pl.DataFrame]:
        """The flights of a day."""
        for at in range(FLIGHTS):
            yield self._flight(day, at)

    def outcomes(self, base: pl.DataFrame) -> pl.DataFrame:
        """The controls of the first flights of every day."""
        parts = []
        numbers = [part["flight_number"][0] for part in self._base]
        for day in self.days():
            later = timedelta(days=(day - self._first).days)
            name = pl.col("flight_number").replace_strict(
                numbers, [f"PT{at:03}" for at in range(len(numbers))]
            )
            parts.append(
                base.with_columns(
                    pl.col("flight_date", "controlled_at", "recorded_at") + later,
                    flight_number=name,
                    hawb=pl.format("{}-{}-{}", "hawb", pl.lit(str(day)), name),
                    control_id=pl.format("{}-{}", "control_id", pl.lit(str(day))),
                )
            )
        return pl.concat(parts)

    def _flight(self, day: date, at: int) -> pl.DataFrame:
        mark = (day.toordinal() * FLIGHTS + at) * 0x9E3779B97F4A7C15 % 2**64
        other = pl.element() ^ pl.lit(mark, dtype=pl.UInt64)
        number = f"PT{at:03}"
        rows = self._base[at % len(self._base)].with_columns(
            flight_number=pl.lit(number),
            flight_date=pl.lit(day),
            lodged_at=pl.col("lodged_at") + (day - self._first),
            hawb=pl.format("{}-{}-{}", "hawb", pl.lit(str(day)), pl.lit(number)),
            **{name: pl.col(name).list.eval(other).list.sort() for name in _TOKENS},
        )
        return rows.sort("flight_number", "flight_date", "hawb", "goods_item_number")


def main() -> None:
    """Measure in a process of its own, so that the memory is that of training alone."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--items", type=int, default=ITEMS)
    asked.add_argument("--no-page", action="store_true")
    told = asked.parse_args()
    measured = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.training_once", str(told.items)],
        check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    found = json.loads(measured.stdout.splitlines()[-1])
    body = (
        f"Flights of {PARCELS:,} parcels, {FLIGHTS} a day, model `ensemble`, one process.\n\n"
        + table(
            ["goods items", "days", "controls learned from", "walk, minutes", "fits, minutes",
             "peak memory, MB"],
            [[f"{found['items']:,}", f"{found['days']}", f"{found['controls']:,}",
              f"{found['walk'] / 60:.1f}", f"{found['fits'] / 60:.1f}",
              f"{found['peak_mb']:,.0f}"]],
        )
    )  # fmt: skip
    print(body)
    if not told.no_page:
        write("Training from a long archive", "python -m tests.benchmarks.training", body)


def once(items: int) -> None:
    """Train, and print what was found as one line of JSON."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        scenario = replace(PRESETS["liege-2026"], flights_per_day=BASE, parcels_per_flight=PARCELS)
        write_world(scenario, days=1, seed=601, out=folder)
        raw = pl.read_parquet(folder / "declarations/**/*.parquet", hive_partitioning=False)
        told = pl.read_parquet(folder / "outcomes.parquet")
    rows = take_in(raw, rates=EuroOnly(), key=KEY).rows.drop("row_number")
    results = accept(told, OutcomeRow, what="outcomes", required=REQUIRED, capitals=CODE_COLUMNS,
                     small=LOWER_COLUMNS).rows.drop("row_number")  # fmt: skip
    archive = Repeated(rows.partition_by("flight_number", maintain_order=True), items)
    before = time.perf_counter()
    lesson = prepare(
        archive, archive.outcomes(results),
        progress=lambda done, total: print(f"{done} of {total} days, {peak_mb():,.0f} MB",
                                           file=sys.stderr),
    )  # fmt: skip
    walked = time.perf_counter()
    trained = learn(lesson, kind="ensemble", key=KEY)
    found = {
        "items": lesson.seen.item_count,
        "days": len(lesson.seen.days),
        "controls": trained.tags["controls_learned_from"],
        "walk": walked - before,
        "fits": time.perf_counter() - walked,
        "peak_mb": peak_mb(),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
