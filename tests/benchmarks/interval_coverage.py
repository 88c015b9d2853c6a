"""How often the intervals of `triage estimate` hold the truth: worlds made anew, seed by seed.

Every replay makes a `demo` world of its own seed, with its own traffic, controls and results,
takes the controlled parcels through the door, and estimates the share of irregular parcels and
the revenue that flows past, as of the last day, when late results are still out. The truth stands
in the world: the share of irregular parcels, and the duty and VAT lost on those that no control
found. The detection powers assumed are those of the world's officers, number for number, since
both come from the same report: what is measured is sampling chance and method, not those powers.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from multiprocessing import get_context

import numpy as np
import polars as pl

from engine.declaration import CONSIGNMENT
from engine.finding import FISCAL_FINDINGS, GOODS_FINDINGS
from engine.intake import take_in
from models.estimation import KINDS, Estimated, Estimation, Kind, estimate
from models.examples import start_of
from service.rates import ReferenceRates
from synthetic.controls import ControlRoom
from synthetic.generate import flights
from synthetic.scenario import PRESETS
from tests.benchmarks.figures import table, write

SEEDS = range(1001, 1201)
DAYS = 21
KEY = b"benchmark of the intervals"
FISCAL, GOODS = "|".join(FISCAL_FINDINGS), "|".join(GOODS_FINDINGS)

WORDS: dict[Kind, str] = {
    "any": "any irregularity", "fiscal": "fiscal findings", "goods": "findings of the goods",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Replay:
    """One world: what was estimated, and what was true, by kind."""

    counted_count: int
    rates: dict[Kind, tuple[Estimated, float]]
    money: dict[Kind, tuple[Estimated, float]]


def world(seed: int, days: int = DAYS) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Outcomes, truth, and the canonical items of the controlled parcels of a world."""
    room = ControlRoom(PRESETS["demo"], seed)
    results, truths, rows = [], [], []
    for flight in flights(PRESETS["demo"], days=days, seed=seed):
        controlled = room.control(flight)
        results.append(controlled)
        truths.append(flight.truth.select(*CONSIGNMENT, "finding_types", "revenue_lost_eur"))
        rows.append(flight.declarations.join(controlled, on="hawb", how="semi"))
    items = take_in(pl.concat(rows), rates=ReferenceRates(), key=KEY).rows
    return pl.concat(results), pl.concat(truths), items


def replay(seed: int) -> Replay:
    """Make a world and estimate what flows past it."""
    return judged(*world(seed))


def judged(outcomes: pl.DataFrame, truth: pl.DataFrame, items: pl.DataFrame) -> Replay:
    """Estimate as of the last day, and hold the estimate against the truth."""
    last = truth["flight_date"].max()
    assert isinstance(last, date)
    before = start_of(last + timedelta(days=1))
    flow = truth.group_by("flight_number", "flight_date").len("consignments")
    made = estimate(outcomes, flow, items, before=before)
    return _held_against(made, truth, outcomes, before)


def _held_against(
    made: Estimation, truth: pl.DataFrame, outcomes: pl.DataFrame, before: datetime
) -> Replay:
    """The estimate with the truth; what a final result found is stopped, whenever it came."""
    found = outcomes.filter(
        pl.col("finding_types").is_not_null(), pl.col("recorded_at") < before
    ).join(outcomes.filter(pl.col("finding_types").is_not_null(), status="final"),
           on="control_id", how="semi")  # fmt: skip
    types = pl.col("finding_types").fill_null("")
    rates: dict[Kind, tuple[Estimated, float]] = {}
    money: dict[Kind, tuple[Estimated, float]] = {}
    for kind, pattern in zip(KINDS, (".", FISCAL, GOODS), strict=True):
        guilty = truth.filter(types.str.contains(pattern))
        past = guilty.join(found.filter(types.str.contains(pattern)), on=CONSIGNMENT, how="anti")
        rates[kind] = made.kinds[kind].rate, guilty.height / truth.height
        money[kind] = (
            made.kinds[kind].flowing_past_eur,
            float(past["revenue_lost_eur"].to_numpy().sum()),
        )
    return Replay(made.counted_count, rates, money)


def _line(
    name: str, pairs: Sequence[tuple[Estimated, float]], scale: float, unit: str
) -> list[str]:
    low = np.array([e.interval.low for e, _ in pairs])
    high = np.array([e.interval.high for e, _ in pairs])
    value, true = np.array([e.value for e, _ in pairs]), np.array([t for _, t in pairs])
    below, above = (true < low).mean(), (true > high).mean()
    digits = ".1f" if scale == 100 else ",.0f"
    said = [
        f"{number * scale:{digits}} {unit}"
        for number in (true.mean(), value.mean(), np.median(value), (high - low).mean(),
                       np.median(high - low))
    ]  # fmt: skip
    return [name, f"{1 - below - above:.1%}", f"{below:.1%} / {above:.1%}", *said,
            f"{value.mean() / true.mean() - 1:+.1%}"]  # fmt: skip


def report(replays: Sequence[Replay], days: int = DAYS) -> str:
    """The table of the section."""
    head = ["", "intervals that hold the truth", "truth below / above", "truth, mean",
            "estimate, mean", "estimate, median", "mean width", "median width", "bias"]  # fmt: skip
    rows = [_line(f"share, {WORDS[k]}", [r.rates[k] for r in replays], 100, "%") for k in KINDS]
    rows += [
        _line(f"EUR a day past, {WORDS[k]}", [r.money[k] for r in replays], 1 / days, "EUR")
        for k in ("any", "fiscal")
    ]
    return table(head, rows)


def replayed(seeds: Sequence[int]) -> list[Replay]:
    """Replays of many seeds, a process a core."""
    os.environ["POLARS_MAX_THREADS"] = "1"  # read by the processes that are started
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        return list(pool.map(replay, seeds, chunksize=5))


def main(seeds: Sequence[int] = SEEDS) -> None:
    """Replay all seeds and write the section."""
    replays = replayed(seeds)
    counted = [r.counted_count for r in replays]
    body = (
        f"{len(replays)} worlds made anew (preset `demo`, {DAYS} days, seeds {seeds[0]} to "
        f"{seeds[-1]}), {min(counted)} to {max(counted)} random controls with a result, as of the "
        "last day. 200 replays know a coverage of 95 % to about 3 points either way.\n\n"
        f"{report(replays)}"
    )
    write("Intervals of what flows past", "python -m tests.benchmarks.interval_coverage", body)


if __name__ == "__main__":
    given = [int(seed) for seed in sys.argv[1:]]
    if len(given) == 2:
        print(report(replayed(range(given[0], given[1] + 1))))
    else:
        main()
