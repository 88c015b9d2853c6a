"""A first look at one consignment inside the scoring child: alone, and in a frame.

`python -m tests.benchmarks.single [--home FOLDER] [--posts N] [--no-page]`; a folder is a trained
state, else one is made of a demo world. The process works with one thread, as the child does.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from service.composition import open_database, open_door, open_home, open_store
from service.reception import receive
from service.scoring import in_force
from service.scoring_process.first_look import FirstLooks
from synthetic.generate import write_world
from synthetic.scenario import PRESETS
from tests.benchmarks.figures import table, write
from tests.benchmarks.servers import folder_of_its_own, made_state

Message = list[dict[str, Any]]

POSTS = 2_000
IN_FRAMES = 20
"""Consignments that are looked at in frames for comparison."""

ROUNDS = 3
"""Each consignment is looked at once; the best of so many such rounds is told beside the first, for
a machine that others use, too."""


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path)
    parser.add_argument("--posts", type=int, default=POSTS)
    parser.add_argument("--no-page", action="store_true")
    options = parser.parse_args()
    with folder_of_its_own() as folder:
        if options.home is None:
            state = made_state(folder)
            os.environ |= state.environment
        else:
            os.environ["TRIAGE_HOME"] = str(options.home)
        body = _measured(folder, options.posts)
    if options.no_page:
        print(body)
    else:
        write("One consignment alone", "python -m tests.benchmarks.single", body)


def _measured(folder: Path, count: int) -> str:
    home = open_home()
    store = open_store(home, open_database(home))
    model = in_force(home)
    looks = FirstLooks(home, store, lambda: model)
    messages = _messages(folder, store.days()[-1] + timedelta(days=1), count)
    begun = time.process_time()
    looks.look(messages[:1])
    ready = time.process_time() - begun
    if looks.look(messages[:IN_FRAMES]) != looks.look_together(messages[:IN_FRAMES]):
        raise SystemExit("A consignment alone is told something else than in a frame.")
    cold = _times(looks.look, messages)
    warm = np.min([_times(looks.look, messages) for _ in range(ROUNDS)], axis=0)
    frames = _times(looks.look_together, messages[:IN_FRAMES])
    rows = [
        _row("alone, texts seen for the first time", cold),
        _row(f"alone, best of {ROUNDS}", warm),
        _row("in a frame", frames),
    ]
    ratio = np.median(frames[:, 1]) / np.median(cold[:, 1])
    return (
        f"Risks and reasons of {len(messages):,} random consignments of one flight by model "
        f"{model.version}, within the scoring process, without HTTP. Making a day ready took "
        f"{ready:.1f} CPU s.\n\n"
        + table(["look", "p50 ms", "p99 ms", "CPU p50 ms", "CPU p99 ms"], rows)
        + f"\n\nCPU in a frame over alone (p50): {ratio:.0f}."
    )


def _messages(folder: Path, day: date, count: int) -> list[Message]:
    """Random consignments of a flight of a demo world, as they reach the scoring child."""
    scenario = replace(PRESETS["demo"], flights_per_day=1, parcels_per_flight=count + 200)
    write_world(scenario, days=1, seed=22, out=folder / "flight")
    raw = pl.read_parquet(folder / "flight/declarations/**/*.parquet", hive_partitioning=False)
    later = day - raw["flight_date"][0]
    raw = raw.with_columns(flight_date=day, lodged_at=pl.col("lodged_at") + later)
    raw.write_parquet(folder / "flight.parquet")
    accepted = receive(folder / "flight.parquet", open_door(open_home())).rows
    by_hawb: dict[str, Message] = {}
    for row in accepted.drop("row_number").to_dicts():
        micros = int(row["lodged_at"].timestamp() * 1_000_000)
        told = row | {"flight_date": row["flight_date"].isoformat(), "lodged_at": micros}
        by_hawb.setdefault(row["hawb"], []).append(told)
    messages = list(by_hawb.values())
    return [messages[at] for at in np.random.default_rng(5).permutation(len(messages))[:count]]


def _times(look: Callable[[Sequence[Message]], Any], messages: Sequence[Message]) -> Any:
    """Wall and CPU milliseconds of each message: array (messages, 2)."""
    times = np.zeros((len(messages), 2))
    for at, message in enumerate(messages):
        wall, cpu = time.perf_counter(), time.process_time()
        look([message])
        times[at] = (time.perf_counter() - wall, time.process_time() - cpu)
    return times * 1_000


def _row(name: str, times: Any) -> list[str]:
    wall, cpu = (np.percentile(times[:, at], [50, 99]) for at in (0, 1))
    return [name, *(f"{number:.2f}" for number in (*wall, *cpu))]


if __name__ == "__main__":
    main()
