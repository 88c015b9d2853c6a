"""The list as a route: the most expected yield for the officers' minutes.

Two levels of set-up (ULD, bag) make this a knapsack with opening costs. The linear relaxation is
solved by sorting (`engine.bundles`); its pieces, taken as long as they fit, make a list; what the
two leave open is closed exactly by a small integer programme (`engine.route_core`). The bound of
the relaxation says how far the list can be from the best there is.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from engine.bundles import Floats, Relaxation, pieces_of, relaxed
from engine.caps import Limits
from engine.stops import Ints, Mask, Stops

MICRO: Final = 1_000_000
"""Yield is counted in millionths of a euro, so that no sum depends on its order."""

MOST_EUR: Final = 10_000_000.0
"""What one consignment counts for at most (estimate; keeps sums within 64 bits)."""

PROOF: Final = 1e-6
"""A list within this share of the bound counts as the proven optimum."""

PRICE_STEPS: Final = 40
"""Steps towards the best prices of the caps (measured: the bound hardly moves after them)."""


@dataclass(frozen=True)
class Task:
    """What to choose from, and within what.

    Attributes
    ----------
    values
        Yield of each consignment in millionths of euro, not negative.
    costs
        What each takes of the budget by itself; positive.
    stops
        Where they lie; places that are open already cost nothing.
    limits
        How many more of each capped group.
    capacity
        The budget.
    """

    values: Ints
    costs: Ints
    stops: Stops
    limits: Limits
    capacity: int

    def cost(self, taken: Mask) -> int:
        """What a list takes of the budget, set-up included."""
        return int(self.costs[taken].sum()) + sum(self.stops.set_up(taken))

    def value(self, taken: Mask) -> int:
        """The yield of a list in millionths of euro."""
        return int(self.values[taken].sum())


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
    """

    bound: int
    of_budget: float
    of_groups: Ints


@dataclass(frozen=True)
class Route:
    """A list, and how good it surely is.

    Attributes
    ----------
    taken
        Which consignments are on it.
    value_eur
        Its yield.
    bound_eur
        No list within the budget and the caps has more.
    is_proven
        Whether the list is the best there is, to `PROOF`.
    """

    taken: Mask
    value_eur: float
    bound_eur: float
    is_proven: bool

    @property
    def gap(self) -> float:
        """Share of the bound that the list may lack: 0 is perfect."""
        return max(0.0, 1 - self.value_eur / self.bound_eur) if self.bound_eur > 0 else 0.0


def micro(yields_eur: Floats) -> Ints:
    """Euros as whole millionths; what is negative counts as nothing."""
    return np.rint(np.clip(yields_eur, 0.0, MOST_EUR) * MICRO).astype(np.int64)


def best_route(task: Task, *, proves: bool = False) -> Route:
    """The list with the most yield that the budget and the caps allow.

    Parameters
    ----------
    task
        What to choose from.
    proves
        Whether to search on until the optimum is proven, however long that takes.
    """
    from engine.route_core import closed

    task = _in_largest_units(task)
    prices, taken = _priced(task)
    bound = prices.bound
    if not is_proven(task.value(taken), bound):
        taken, bound = closed(task, prices, taken, proves=proves)
    value = task.value(taken)
    bound = max(bound, value)
    return Route(taken, value / MICRO, bound / MICRO, is_proven(value, bound))


def is_proven(value: int, bound: int) -> bool:
    """Whether no list can be better by more than a dust."""
    return bound - value <= max(1, int(PROOF * bound))


def _in_largest_units(task: Task) -> Task:
    """Counted in the largest unit that all costs are whole numbers of: the rest is of no use."""
    stops = task.stops
    every = np.concatenate([task.costs, stops.bag_costs, stops.uld_costs])
    unit = int(np.gcd.reduce(every)) or 1
    return replace(
        task,
        costs=task.costs // unit,
        stops=replace(
            stops, bag_costs=stops.bag_costs // unit, uld_costs=stops.uld_costs // unit
        ),
        capacity=task.capacity // unit,
    )


def filled(task: Task, values: Ints, taken: Mask) -> Mask:
    """Add the densest pieces, set-up included, until nothing of value fits.

    Parameters
    ----------
    values
        By which to judge; those of the task, or what the caps leave of them.
    taken
        What is on the list already.
    """
    taken = taken.copy()
    while True:
        room = task.capacity - task.cost(taken)
        stops, limits = task.stops.opened_by(taken), task.limits.after(taken)
        fits = task.costs + stops.reach() <= room
        rows = np.flatnonzero(~taken & (values > 0) & fits & limits.allowed())
        if not len(rows):
            return taken
        pieces = pieces_of(values[rows], task.costs[rows], stops.of_rows(rows), room)
        order = np.argsort(-pieces.densities, kind="stable")
        whole = int(np.searchsorted(np.cumsum(pieces.costs[order]), room, side="right"))
        place = np.empty(len(order), dtype=np.int64)
        place[order] = np.arange(len(order))
        places = place[pieces.piece_of]
        added = np.flatnonzero(places < whole)
        taken[limits.admitted(rows[added[np.argsort(places[added], kind="stable")]])] = True


def _priced(task: Task) -> tuple[Prices, Mask]:
    """The lowest bound found, and the best list found on the way.

    With caps their prices are searched: a group that is asked for too often gets dearer, one that
    has room cheaper (Polyak's step, with the best list as the aim). Any prices give a true bound.
    """
    nothing = np.zeros(len(task.values), dtype=np.bool_)
    prices = Prices(0, 0.0, np.zeros(len(task.limits.left), dtype=np.int64))
    best, taken = None, nothing
    for _ in range(PRICE_STEPS):
        worth = worth_at(task, prices.of_groups)
        solved = relaxed(worth, task.costs, task.stops, task.capacity)
        allowance = int((prices.of_groups * task.limits.left).sum())
        prices = replace(prices, bound=solved.bound + allowance, of_budget=solved.multiplier)
        if best is None or prices.bound < best.bound:
            best = prices
            found = filled(task, task.values, filled(task, worth, nothing))
            taken = max((taken, found), key=task.value)
        excess = _excess(task, solved, prices)
        if not excess.any() or is_proven(task.value(taken), best.bound):
            break
        step = (prices.bound - task.value(taken)) / float((excess**2).sum())
        dearer = prices.of_groups + np.rint(step * excess).astype(np.int64)
        prices = replace(prices, of_groups=np.maximum(dearer, 0))
    assert best is not None
    return best, taken


def worth_at(task: Task, prices_of_groups: Ints) -> Ints:
    """What of the values remains when the caps have their price."""
    return np.asarray(task.values - prices_of_groups[task.limits.groups].sum(axis=0))


def _excess(task: Task, solved: Relaxation, prices: Prices) -> Floats:
    """How many more of each group the relaxed list takes than it may; 0 if free with room."""
    groups = task.limits.groups
    counted = np.broadcast_to(solved.counted, groups.shape)
    used = np.bincount(groups.ravel(), weights=counted.ravel(), minlength=len(task.limits.left))
    excess = used - task.limits.left
    return np.where((excess < 0) & (prices.of_groups == 0), 0.0, excess)
