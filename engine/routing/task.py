"""What a route is chosen from, and the lists that sorting alone can make of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from engine.caps import Limits
from engine.routing.bundles import Floats, pieces_of
from engine.routing.stops import Ints, Mask, Stops

MICRO: Final = 1_000_000
"""Yield is counted in millionths of a euro, so that no sum depends on its order."""

MOST_EUR: Final = 10_000_000.0
"""What one consignment counts for at most (estimate; keeps sums within 64 bits)."""

AT_ONCE: Final = 4_096
"""Consignments looked up together (estimate: more than most lists hold)."""

PROOF: Final = 1e-6
"""A list within this share of the bound counts as the proven optimum."""


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

    def worth(self, prices_of_groups: Ints) -> Ints:
        """What of the values remains when a place in a capped group has its price."""
        return np.asarray(self.values - prices_of_groups[self.limits.groups].sum(axis=0))

    def of_rows(self, rows: Ints) -> Task:
        """The same task with some of the consignments."""
        return replace(
            self,
            values=self.values[rows],
            costs=self.costs[rows],
            stops=self.stops.of_rows(rows),
            limits=self.limits.of_rows(rows),
        )

    def after(self, taken: Mask) -> Task:
        """What can still be chosen: the budget left, the places opened, the limits left."""
        return replace(
            self,
            stops=self.stops.opened_by(taken),
            limits=self.limits.after(taken),
            capacity=self.capacity - self.cost(taken),
        )

    def in_largest_units(self) -> Task:
        """Counted in the largest unit of which all costs are multiples; a rest is of no use."""
        stops = self.stops
        unit = int(np.gcd.reduce(np.concatenate([self.costs, stops.bag_costs, stops.uld_costs])))
        unit = max(unit, 1)
        places = replace(
            stops, bag_costs=stops.bag_costs // unit, uld_costs=stops.uld_costs // unit
        )
        return replace(self, costs=self.costs // unit, stops=places, capacity=self.capacity // unit)


def micro(yields_eur: Floats) -> Ints:
    """Euros as whole millionths; what is negative counts as nothing."""
    return np.rint(np.clip(yields_eur, 0.0, MOST_EUR) * MICRO).astype(np.int64)


def is_proven(value: int, bound: int) -> bool:
    """Whether no list can be better by more than dust; both in millionths of euro."""
    return bound - value <= max(1, int(PROOF * bound))


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


def in_order(task: Task, rows: Ints) -> Mask:
    """Take consignments in the given order as long as they fit, skipping those that do not."""
    taken = np.zeros(len(task.values), dtype=np.bool_)
    kept, room, stops = [], task.capacity, task.stops
    uld_of_bag = stops.uld_of_bag.tolist()
    bag_costs, uld_costs = stops.bag_costs.tolist(), stops.uld_costs.tolist()
    left, least = task.limits.left.tolist(), int(task.costs.min(initial=room + 1))
    for row, cost, bag, groups in _told(task, rows):
        if room < least:
            break
        uld = uld_of_bag[bag]
        cost += bag_costs[bag] + uld_costs[uld]
        if cost > room or any(left[group] < 1 for group in groups):
            continue
        kept.append(row)
        room -= cost
        bag_costs[bag] = uld_costs[uld] = 0
        for group in groups:
            left[group] -= 1
    taken[kept] = True
    return taken


def _told(task: Task, rows: Ints) -> Iterator[tuple[int, int, int, list[int]]]:
    """Row, cost, bag and limited groups of consignments, looked up a few at a time: a list is
    mostly full long before its flight ends.
    """
    for at in range(0, len(rows), AT_ONCE):
        some = rows[at : at + AT_ONCE]
        groups = task.limits.groups[:, some].T.tolist()
        costs, bags = task.costs[some].tolist(), task.stops.bag[some].tolist()
        yield from zip(some.tolist(), costs, bags, groups, strict=True)
