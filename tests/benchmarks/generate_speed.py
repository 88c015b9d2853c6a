"""Goods items generated and written a second: `python -m tests.benchmarks.generate_speed`.

Prints the median of three runs of a large flight and of the demo, with the split of the time.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from synthetic.controls import ControlRoom
from synthetic.generate import flights, fly, write_world
from synthetic.scenario import PRESETS, Scenario
from synthetic.world import build_world

RUNS = 3
LARGE = replace(PRESETS["liege-2026"], flights_per_day=2, parcels_per_flight=150_000)


def timed(work: Callable[[], object]) -> float:
    """Seconds of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def processed(work: Callable[[], object]) -> float:
    """Processor seconds of one call, over all threads: less shaken by neighbours."""
    start = time.process_time()
    work()
    return time.process_time() - start


def whole(scenario: Scenario, days: int, items: int) -> None:
    """Print the rate of a world from nothing to files."""
    seconds, busy = [], []
    for run in range(RUNS):
        with tempfile.TemporaryDirectory() as folder:
            write = partial(write_world, scenario, days=days, seed=run, out=Path(folder))
            busy.append(processed(lambda write=write: seconds.append(timed(write))))
    median = statistics.median(seconds)
    print(
        f"{scenario.name:12} {days:3} days  {items:9,} items  {median:6.2f} s "
        f"({statistics.median(busy):.2f} s of processor)  {items / median:10,.0f} items/s "
        f"(median of {RUNS}; {min(seconds):.2f} to {max(seconds):.2f} s)"
    )


def split(scenario: Scenario) -> int:
    """Print where the time of one flight goes; return its goods items."""
    world = build_world(scenario, days=1, seed=0)
    flight = fly(world, 0, 0)
    room = ControlRoom(scenario, 0)
    with tempfile.TemporaryDirectory() as folder:
        steps = {
            "world": timed(lambda: build_world(scenario, days=1, seed=0)),
            "flight": timed(lambda: fly(world, 0, 0)),
            "controls": timed(lambda: room.control(flight)),
            "write": timed(
                lambda: flight.declarations.write_parquet(
                    Path(folder) / "flight.parquet", compression="lz4", statistics=False
                )
            ),
        }
    print("  " + "  ".join(f"{name} {second:.3f} s" for name, second in steps.items()))
    return len(flight.declarations)


def main() -> None:
    """Measure a demo of 40 days and two flights as large as a full freighter."""
    for scenario, days in ((PRESETS["demo"], 40), (LARGE, 1)):
        split(scenario)
        items = sum(len(f.declarations) for f in flights(scenario, days=days, seed=0))
        whole(scenario, days, items)


if __name__ == "__main__":
    main()
