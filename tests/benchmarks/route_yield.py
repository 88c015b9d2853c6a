"""The list as a route on 200,000 parcels: yield against the sorted list, gap, and seconds."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

import numpy as np

from engine.caps import Limits
from engine.routing.route import Route, best_route
from engine.routing.stops import Stops
from engine.routing.task import MICRO, Task, in_order
from tests.benchmarks.figures import table, write

PARCELS, ULDS, BAGS = 200_000, 40, 5_000
SEEDS = (11, 12, 13, 14, 15)
BUDGETS = (240, 480, 1_440, 9_600)
CLUSTERINGS = (0.0, 0.4, 0.8, 1.5)
"""Standard deviation, in logits of the risk, between ULDs and again between bags; a forwarder or a
shipper fills bags, so 0 is the hardest case for a route and not a likely one."""


@dataclass(frozen=True)
class Figures:
    """One task: the route as usual, proven, and the sorted lists.

    Attributes
    ----------
    usual, proven : the route without and with a proof.
    usual_seconds, proven_seconds : processor seconds of each.
    sorted_eur : yield of the better of two sorted lists, by yield and by yield a minute.
    """

    usual: Route
    proven: Route
    usual_seconds: float
    proven_seconds: float
    sorted_eur: float


def flight(seed: int, clustering: float, minutes: int) -> Task:
    """A flight of invented yields: rare, heavy-tailed, more alike within a ULD and a bag."""
    random = np.random.default_rng([seed, round(clustering * 10)])
    uld_of_bag = np.sort(random.integers(0, ULDS, BAGS))
    bag = random.integers(0, BAGS, PARCELS)
    alike = random.normal(0, clustering, ULDS)[uld_of_bag] + random.normal(0, clustering, BAGS)
    risk = 1 / (1 + np.exp(5 - alike[bag] - random.normal(0, 1.2, PARCELS)))
    amount = random.lognormal(2.8, 1.0, PARCELS) + 30 * random.random(PARCELS)
    return Task(
        values=np.rint(risk * amount * MICRO).astype(np.int64),
        costs=np.where(random.random(PARCELS) < 0.12, 20_000, 10_000).astype(np.int64),
        stops=Stops(
            bag, uld_of_bag, np.full(BAGS, 8_000, np.int64), np.full(ULDS, 90_000, np.int64)
        ),
        limits=Limits(np.empty((0, PARCELS), np.int64), np.full(1, PARCELS + 1)),
        capacity=minutes * 1_000,
    )


def figures(task: Task) -> Figures:
    """Choose every way."""
    usual, usual_seconds = _timed(task, proves=False)
    proven, proven_seconds = _timed(task, proves=True)
    orders = (np.argsort(-task.values), np.argsort(-task.values / task.costs))
    sorted_eur = max(task.value(in_order(task, order)) for order in orders) / MICRO
    return Figures(usual, proven, usual_seconds, proven_seconds, sorted_eur)


def main() -> None:
    """Every clustering and budget over the seeds."""
    import scipy.optimize  # noqa: F401, its import is not part of the times

    rows = []
    for clustering in CLUSTERINGS:
        for minutes in BUDGETS:
            found = [figures(flight(seed, clustering, minutes)) for seed in SEEDS]
            rows.append([f"{clustering:g}", f"{minutes:,}", *_row(found)])
    head = ["clustering", "minutes", "sorted list, EUR", "route / sorted", "gap", "s",
            "proven", "s with a proof"]  # fmt: skip
    write(
        "The list as a route",
        "python -m tests.benchmarks.route_yield",
        f"{PARCELS:,} parcels in {ULDS} ULDs and {BAGS:,} bags, yields invented (seeds "
        f"{SEEDS[0]} to {SEEDS[-1]}); a ULD takes 90 minutes, a bag 8, a parcel 10 or 20. The "
        "sorted list is the better of two, by yield and by yield a minute, charged with the same "
        "set-up. Means over the seeds; the lowest ratio in brackets; gap: the most that the usual "
        "route may lack of the best, at worst; seconds of processor time, median and worst.\n\n"
        + table(head, rows),
    )


def _row(found: list[Figures]) -> list[str]:
    ratios = [one.usual.value_eur / one.sorted_eur for one in found]
    return [
        f"{statistics.mean(one.sorted_eur for one in found):,.0f}",
        f"{statistics.mean(ratios):.2f} ({min(ratios):.2f})",
        f"{max(one.usual.gap for one in found):.3%}",
        _seconds([one.usual_seconds for one in found]),
        f"{sum(one.proven.is_proven for one in found)} of {len(found)}",
        _seconds([one.proven_seconds for one in found]),
    ]


def _seconds(times: list[float]) -> str:
    return f"{statistics.median(times):.2f}, {max(times):.2f}"


def _timed(task: Task, *, proves: bool) -> tuple[Route, float]:
    start = time.process_time()
    route = best_route(task, proves=proves)
    return route, time.process_time() - start


if __name__ == "__main__":
    main()
