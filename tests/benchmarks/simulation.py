"""Policies against shippers who learn: how long a season takes, and what each policy finds.

`python -m tests.benchmarks.simulation [speed|quality|bound] [--folder DIR] [--no-page]`. `speed` is
one command: 26 weeks of five flights of 5,000 parcels, six policies, one seed. `quality` puts
policies side by side on seeds that nothing was tuned on, with shippers who do not react and with
shippers who react fully. `bound` asks what better knowledge of the flow is worth at all: the greedy
policy, told the results of 250 parcels drawn at random on every flight, ten times its budget and
free of charge. What is in the folder already is not played again.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from models.simulation.season import World
from service.commands import simulate as command
from service.simulation.plan import Plan
from service.simulation.run import simulate
from synthetic.scenario import PRESETS
from tests.benchmarks.figures import table, write

SEEDS = (11, 12, 13, 14, 15)
WEEKS, LAST_WEEKS, FLIGHTS, CONTROLS = 26, 8, 5, 25
STILL_WEEKS = 13
"""Weeks without reaction: nothing changes but the law, so half a season says the same."""

AGAINST = ("greedy", "mixed-10")
FREE = 250
"""Results told for nothing, a flight: ten times the budget."""

BOUND_SEEDS = (11,)
TRIAGE = Path(sys.executable).with_name("triage")


@dataclass
class Onlooking:
    """A world in which the service is told the results of parcels that it did not ask for.

    Shippers are shown what the service chose, and no more.
    """

    world: Any

    def fly(self, day: int, index: int) -> Any:
        return self.world.fly(day, index)

    def examine(self, flight: Any, chosen: pl.DataFrame) -> pl.DataFrame:
        others = flight.truth.select("hawb").join(chosen, on="hawb", how="anti")
        drawn = others.sample(min(FREE, others.height), seed=flight.on.toordinal()).with_columns(
            selected_by=pl.lit("random"), selection_probability=pl.lit(FREE / others.height)
        )
        free = self.world.examine(flight, drawn).with_columns(pl.col("control_id") + "-free")
        return pl.concat([self.world.examine(flight, chosen), free])

    def watch(self, flight: Any, outcomes: pl.DataFrame) -> None:
        is_free = pl.col("control_id").str.ends_with("-free")
        self.world.watch(flight, outcomes.filter(~is_free))

    def end_day(self, day: int) -> None:
        self.world.end_day(day)

    def behaviour(self, day: int) -> pl.DataFrame:
        found: pl.DataFrame = self.world.behaviour(day)
        return found


@dataclass(frozen=True)
class OnlookingWorlds(command.Invented):
    """Makes them."""

    def new(self, seed: int) -> tuple[World, Callable[[Any], pl.DataFrame]]:
        world, legacy = super().new(seed)
        return Onlooking(world), legacy

    def save(self, world: Any, folder: Path) -> None:
        super().save(world.world, folder)

    def load(self, folder: Path, seed: int) -> World:
        return Onlooking(super().load(folder, seed))


def played(
    folder: Path, policies: tuple[str, ...], seeds: tuple[int, ...], intensity: float, weeks: int,
    *, worlds: type[command.Invented] = command.Invented,
) -> pl.DataFrame:  # fmt: skip
    """The weekly table of a simulation of the preset `season`."""
    made_of = PRESETS["season"]
    plan = Plan(
        scenario="season", world=command._described(made_of), starts_on=made_of.start_date,
        weeks=weeks, flights_per_week=FLIGHTS, controls=CONTROLS, minutes=None,
        intensity=intensity, seeds=seeds, policies=policies, kind="ensemble", retrain_days=14,
    )  # fmt: skip

    def said(what: str, done: int, total: int) -> None:
        print(f"{time.strftime('%H:%M:%S')} {folder.name}: {what}, {done} of {total} weeks",
              file=sys.stderr, flush=True)  # fmt: skip

    made = worlds(plan.world, plan.days, intensity)
    return simulate(plan, made, folder, workers=None, progress=said)["weekly"]


def sums(weekly: pl.DataFrame, *, last: int | None = None) -> pl.DataFrame:
    """Hits, EUR recovered and share of the irregular consignments stopped, by policy and seed."""
    if last is not None:
        weekly = weekly.filter(pl.col("week") > pl.col("week").max() - last)
    return weekly.group_by("policy", "seed").agg(
        hits=pl.col("hit_count").sum(),
        eur=pl.col("recovered_cents").sum() / 100,
        stopped_share=pl.col("hit_count").sum() / pl.col("irregular_count").sum(),
    )


def ratios(found: pl.DataFrame, policy: str, figure: str) -> list[float]:
    """A policy's figure over greedy's, seed by seed."""
    greedy = found.filter(policy="greedy").select("seed", base=figure)
    both = found.filter(policy=policy).join(greedy, on="seed").sort("seed")
    return [a / b for a, b in both.select(figure, "base").rows()]


def spread(values: list[float]) -> str:
    if len(values) == 1:
        return f"{values[0]:.2f}"
    return f"**{statistics.median(values):.2f}** ({min(values):.2f} to {max(values):.2f})"


def line(name: str, found: pl.DataFrame, policy: str, reference: pl.DataFrame) -> list[str]:
    mean = found.filter(policy=policy).select(pl.col("hits", "eur", "stopped_share").mean()).row(0)
    both = pl.concat([reference.filter(policy="greedy"), found.filter(policy=policy)])
    if policy == "greedy" and found is not reference:
        both = pl.concat([reference.filter(policy="greedy"),
                          found.with_columns(policy=pl.lit(name))])  # fmt: skip
        policy = name
    shares = [spread(ratios(both.unique(["policy", "seed"]), policy, figure))
              for figure in ("hits", "eur")]  # fmt: skip
    return [name, f"{mean[0]:.0f}", *shares[:1], f"{mean[1]:,.0f}", *shares[1:],
            f"{100 * mean[2]:.1f} %"]  # fmt: skip


HEAD = ["policy", "hits", "times greedy's", "EUR recovered", "times greedy's",
        "of the irregular found"]  # fmt: skip


def learned(folder: Path) -> pl.DataFrame:
    """Weeks against shippers who learn; the first seed's are of the season, if it is there."""
    season = folder / "season" / "weekly.parquet"
    if not season.exists():
        return played(folder / "learning", AGAINST, SEEDS, 1.0, WEEKS)
    first = pl.read_parquet(season).filter(pl.col("policy").is_in(AGAINST))
    return pl.concat([first, played(folder / "learning", AGAINST, SEEDS[1:], 1.0, WEEKS)])


def quality(folder: Path) -> str:
    """Ratios to greedy, with shippers who stay and with shippers who learn."""
    still = sums(played(folder / "still", AGAINST, SEEDS, 0.0, STILL_WEEKS))
    learning = learned(folder)
    end = sums(learning, last=LAST_WEEKS)
    start = sums(learning.filter(pl.col("week") <= LAST_WEEKS))
    parts = [
        f"Five seeds (11 to 15), {CONTROLS} controls on each flight of 5,000 parcels. Figures are "
        "means over the seeds, ratios their median, lowest to highest."
    ]
    for title, found in (
        (f"Nobody reacts, all {STILL_WEEKS} weeks", still),
        (f"Shippers learn (intensity 1), first {LAST_WEEKS} weeks", start),
        (f"Shippers learn (intensity 1), last {LAST_WEEKS} of {WEEKS} weeks", end),
    ):
        names = [name for name in AGAINST if name in set(found["policy"])]
        rows = [line(name, found, name, found) for name in names]
        parts.append(f"**{title}**\n\n{table(HEAD, rows)}")
    return "\n\n".join(parts)


def bound(folder: Path) -> str:
    """What free knowledge of the flow is worth to the greedy policy."""
    free = sums(played(folder / "bound", ("greedy",), BOUND_SEEDS, 1.0, WEEKS,
                       worlds=OnlookingWorlds), last=LAST_WEEKS)  # fmt: skip
    end = sums(learned(folder), last=LAST_WEEKS).filter(pl.col("seed").is_in(BOUND_SEEDS))
    rows = [line("greedy", end, "greedy", end),
            line(f"greedy, told {FREE} random results a flight", free, "greedy", end)]  # fmt: skip
    seeds = " and ".join(map(str, BOUND_SEEDS))
    return f"Intensity 1, last {LAST_WEEKS} of {WEEKS} weeks, seed {seeds}.\n\n{table(HEAD, rows)}"


def speed(folder: Path) -> str:
    """One season of six policies by the command."""
    environment = os.environ | {"TRIAGE_HOME": str(folder / "home")}
    begun = time.monotonic()
    arguments = ["--out", str(folder / "season"), "--seed", "11"]
    subprocess.run([str(TRIAGE), "simulate", *arguments], env=environment, check=True)
    minutes = (time.monotonic() - begun) / 60
    weekly = pl.read_parquet(folder / "season" / "weekly.parquet")
    parcels = int(weekly["consignment_count"].sum())
    found = sums(weekly).sort("hits").select("policy", "hits", "eur")
    rows = [[name, f"{hits:.0f}", f"{eur:,.0f}"] for name, hits, eur in found.rows()]
    return (
        f"`triage simulate --seed 11`: {WEEKS} weeks of {FLIGHTS} flights, six policies, "
        f"{parcels / 1e6:.1f} million parcels listed, the report included: **{minutes:.1f} "
        f"minutes** (asked: 20).\n\n{table(['policy', 'hits', 'EUR recovered'], rows)}"
    )


PARTS: dict[str, tuple[str, Callable[[Path], str]]] = {
    "speed": ("Simulation: a season of six policies", speed),
    "quality": ("Simulation: policies against shippers who learn", quality),
    "bound": ("Simulation: what knowing the flow is worth", bound),
}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=[])
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--no-page", action="store_true")
    asked = parser.parse_args(arguments or [])
    with tempfile.TemporaryDirectory(prefix="triage-simulation-") as fresh:
        folder = asked.folder or Path(fresh)
        folder.mkdir(parents=True, exist_ok=True)
        for name in asked.parts or PARTS:
            title, measure = PARTS[name]
            body = measure(folder)
            if asked.no_page:
                print(f"{title}\n\n{body}")
            else:
                write(title, f"python -m tests.benchmarks.simulation {name}", body)


if __name__ == "__main__":
    main(sys.argv[1:])
