"""Goods items generated and written a second: `python -m tests.benchmarks.generate_speed`.

Prints, as medians of three runs of the whole `write_world` (parties, flights, controls, truth,
Parquet), the items a second on the clock and the processor seconds a million items, which
neighbours on the machine shake less. With all processors free the clock reaches at most
processors x 1,000,000 / processor seconds a million; the last column prints how many processors
the run got. Below stands where the time of one flight goes.
"""

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import Final, TypeVar

import polars as pl

from synthetic.controls import ControlRoom
from synthetic.declaring import arrival, declare, headers, settle_procedure
from synthetic.flight import Flight
from synthetic.generate import write_world
from synthetic.mistakes import make_mistakes
from synthetic.planning import falsify
from synthetic.preparation import prepare
from synthetic.scenario import PRESETS, Scenario
from synthetic.traffic import draw_items, draw_parcels
from synthetic.truth import lost_on, truths
from synthetic.world import World, build_world
from tests.benchmarks.figures import table, write

RUNS: Final = 3
WORLDS: Final = (
    (PRESETS["demo"], 21),
    (PRESETS["liege-2026"], 10),
    (replace(PRESETS["liege-2026"], name="60,000 a flight", parcels_per_flight=60_000), 4),
)

T = TypeVar("T")


def timed(work: Callable[[], T], spent: dict[str, float], name: str) -> T:
    """Do the work and note its processor seconds, over all threads."""
    start = time.process_time()
    done = work()
    spent[name] = time.process_time() - start
    return done


def whole(scenario: Scenario, days: int) -> list[str]:
    """Print the rate of a world from nothing to files; return it as cells of a table."""
    clock, busy, items = [], [], 0
    for seed in range(RUNS):
        with tempfile.TemporaryDirectory() as folder:
            start, used = time.perf_counter(), time.process_time()
            write_world(scenario, days=days, seed=seed, out=Path(folder))
            clock.append(time.perf_counter() - start)
            busy.append(time.process_time() - used)
            files = Path(folder) / "declarations/*/*.parquet"
            items = pl.scan_parquet(files).select(pl.len()).collect().item()
    print(
        f"{scenario.name:16} {days:3} days {items:9,} items {median(clock):6.2f} s "
        f"({min(clock):.2f} to {max(clock):.2f}) {items / median(clock):8,.0f} items/s, "
        f"{median(busy) / items * 1e6:5.1f} s of processor a million, "
        f"{sum(busy) / sum(clock):.1f} processors"
    )
    return [
        f"{scenario.name}, {days} days",
        f"{items:,}",
        f"{median(clock):.1f} ({min(clock):.1f} to {max(clock):.1f})",
        f"{items / median(clock):,.0f}",
        f"{median(busy) / items * 1e6:.1f}",
    ]


def steps(world: World, room: ControlRoom, day: int, folder: Path) -> tuple[dict[str, float], int]:
    """Make one flight step by step; return the seconds of each step, and the goods items."""
    spent: dict[str, float] = {}
    rng, which = world.rng(1, day, 0), arrival(world, day, 0)
    parcels = timed(lambda: draw_parcels(world, rng, day), spent, "parcels")
    items = timed(lambda: draw_items(world, rng, parcels, day), spent, "items")
    items = timed(partial(make_mistakes, world, items, rng), spent, "mistakes")
    items = timed(partial(falsify, world, items, rng, parcels, day), spent, "typologies")
    items = timed(partial(settle_procedure, world, items, which.on), spent, "procedure")
    items = timed(partial(prepare, world, items, rng, parcels), spent, "preparation")[0]
    header = timed(lambda: headers(world, rng, parcels, which), spent, "waybills")
    rows = timed(partial(declare, world, items, header, parcels, which), spent, "texts")
    losses = timed(partial(lost_on, world, [(items, which)]), spent, "losses")[0]
    told = timed(partial(truths, world, items, losses, header.hawb, which), spent, "truth")
    flight = Flight(which.number, which.on, rows, *told)
    timed(lambda: room.control(flight), spent, "controls")
    write = partial(rows.write_parquet, folder / "x.parquet", compression="lz4", statistics=False)
    timed(write, spent, "parquet")
    return spent, len(rows)


def split(scenario: Scenario) -> None:
    """Print the processor milliseconds of each step of a flight, medians of three flights."""
    build: dict[str, float] = {}
    world = timed(lambda: build_world(scenario, days=RUNS + 1, seed=0), build, "world")
    room = ControlRoom(scenario, 0)
    with tempfile.TemporaryDirectory() as folder:
        runs = [steps(world, room, day, Path(folder)) for day in range(RUNS + 1)][1:]  # 1: warm-up
    middle = {name: median(spent[name] for spent, _ in runs) for name in runs[0][0]}
    told = ", ".join(f"{name} {1e3 * seconds:.0f}" for name, seconds in middle.items())
    print(f"  world {1e3 * build['world']:.0f} ms; a flight of {runs[0][1]:,} items: {told} ms")


def main() -> None:
    """Measure the demo and flights up to those of a large freighter; write the section."""
    rows = []
    for scenario, days in WORLDS:
        rows.append(whole(scenario, days))
        split(scenario)
    head = ["world", "goods items", "seconds, median (lowest to highest)", "items a second",
            "processor seconds a million items"]  # fmt: skip
    body = (
        "From nothing to Parquet files of declarations, truth and outcomes; "
        f"{RUNS} seeds.\n\n{table(head, rows)}"
    )
    write("Generating a world", "python -m tests.benchmarks.generate_speed", body)


if __name__ == "__main__":
    main()
