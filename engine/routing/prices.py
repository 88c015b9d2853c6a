"""What the relaxation says of a task: its bound, and what the budget and the caps are worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.routing.bundles import Floats, Relaxation, relaxed
from engine.routing.stops import Ints, Mask
from engine.routing.task import Task, filled, is_proven

PRICE_STEPS: Final = 40
"""Steps towards the best prices of the caps (measured: the bound hardly moves after them)."""


@dataclass(frozen=True)
class Prices:
    """What the relaxation says a place on the list is worth.

    Attributes
    ----------
    bound
        No list has more yield (millionths of euro).
    of_budget
        Yield that one more unit of budget would bring.
    of_groups
        Yield that one more consignment of each capped group would bring; whole millionths.
    split_uld
        The ULD that the relaxed list breaks down in part; -1 if there is none.
    """

    bound: int
    of_budget: float
    of_groups: Ints
    split_uld: int


def priced(task: Task, of_groups: Ints) -> tuple[Prices, Relaxation]:
    """The bound and the multiplier at given prices of the caps; any prices give a true bound."""
    solved = relaxed(task.worth(of_groups), task.costs, task.stops, task.capacity)
    allowance = int((of_groups * task.limits.left).sum())
    prices = Prices(solved.bound + allowance, solved.multiplier, of_groups, solved.split_uld)
    return prices, solved


def best_prices(task: Task) -> tuple[Prices, Mask]:
    """The lowest bound found, and the best list found on the way.

    With caps their prices are searched: a group that is asked for too often gets dearer, one that
    has room cheaper (subgradients with Polyak's step, the best list as the aim).
    """
    nothing = np.zeros(len(task.values), dtype=np.bool_)
    prices, solved = priced(task, np.zeros(len(task.limits.left), dtype=np.int64))
    best, taken = prices, filled(task, task.values, nothing)
    for _ in range(PRICE_STEPS):
        excess = _excess(task, solved, prices)
        if not excess.any() or is_proven(task.value(taken), best.bound):
            break
        step = (prices.bound - task.value(taken)) / float((excess**2).sum())
        dearer = prices.of_groups + np.rint(step * excess).astype(np.int64)
        prices, solved = priced(task, np.maximum(dearer, 0))
        if prices.bound < best.bound:
            best = prices
            found = filled(task, task.worth(prices.of_groups), nothing)
            taken = max((taken, filled(task, task.values, found)), key=task.value)
    return best, taken


def _excess(task: Task, solved: Relaxation, prices: Prices) -> Floats:
    """How many more of each group the relaxed list takes than it may; 0 if free with room."""
    groups = task.limits.groups
    counted = np.broadcast_to(solved.counted, groups.shape)
    used = np.bincount(groups.ravel(), weights=counted.ravel(), minlength=len(task.limits.left))
    excess = used - task.limits.left
    return np.where((excess < 0) & (prices.of_groups == 0), 0.0, excess)
