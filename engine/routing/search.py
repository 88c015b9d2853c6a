"""The search over what the relaxation leaves open.

The relaxation breaks down a part of a ULD, which nobody can do; with few ULDs within the budget
that flatters the bound by several per cent. So the search asks of that ULD: broken down, or not?
Each answer is a task of its own with a relaxation of its own, and the one with the highest bound
is asked on. A task whose ULDs are all settled is closed by an integer programme.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from heapq import heappop, heappush
from typing import Final

import numpy as np

from engine.routing.core import core_of
from engine.routing.losses import losses_at
from engine.routing.prices import Prices, priced
from engine.routing.stops import Ints, Mask
from engine.routing.task import Task, filled, is_proven

MOST_TASKS: Final = 60
"""Tasks that an unasked search may settle; a count, since a time would depend on the machine."""

MOST_FREE: Final = ((1e-3, 60), (4e-3, 600), (1.0, 3_000))
"""Open questions up to which a core is closed unasked, by the gap: the surer the list is already,
the less trouble is taken (measured; the aim is a gap below half a per cent within a second)."""

MOST_NODES: Final = 50
"""Branches that an unasked integer programme may take."""

NARROW_CORE: Final = 100
"""Doubtful parcels of the core that is closed first."""

NARROW_NODES: Final = 20
"""Branches that the integer programme of that core may take."""

PROOF_TASKS: Final = 20_000
"""Tasks that a search for a proof may settle."""

PROOF_NODES: Final = 1_000_000
"""Branches that an integer programme may take for a proof."""


@dataclass(frozen=True)
class _Effort:
    tasks: int
    free: tuple[tuple[float, float], ...]
    nodes: int

    def most_free(self, gap: float) -> float:
        """Open questions up to which a core is closed at that gap."""
        return next((most for least, most in self.free if gap <= least), 0.0)


_UNASKED = _Effort(MOST_TASKS, MOST_FREE, MOST_NODES)
_FOR_A_PROOF = _Effort(PROOF_TASKS, ((1.0, float("inf")),), PROOF_NODES)


def searched(task: Task, prices: Prices, taken: Mask, *, proves: bool) -> tuple[Mask, int]:
    """A better list and a lower bound.

    Parameters
    ----------
    prices
        Of the relaxation.
    taken
        The best list known.
    proves
        Whether to search on until the list is proven.

    Returns
    -------
    The best list now known, and the bound in millionths of euro.
    """
    losses = losses_at(task, prices)
    possible = np.flatnonzero(losses.parcel_in <= losses.gap_to(task.value(taken)))
    search = _Search(task.of_rows(possible), taken[possible], _FOR_A_PROOF if proves else _UNASKED)
    bound = search.run(prices)
    best = np.zeros(len(taken), dtype=np.bool_)
    best[possible] = search.taken
    return max((taken, best), key=task.value), min(prices.bound, bound)


class _Search:
    """Best bound first; `taken` is the best list so far."""

    def __init__(self, task: Task, taken: Mask, effort: _Effort) -> None:
        self.task, self.taken, self.effort = task, taken, effort
        self.value = task.value(taken)
        self.open: list[tuple[int, int, Prices, Task]] = []
        self.count = 0

    def run(self, prices: Prices) -> int:
        """Search; the bound on every list comes back."""
        settled = 0
        self._add(self.task, prices.of_groups)
        while self.open and self.count < self.effort.tasks:
            bound = -self.open[0][0]
            if is_proven(self.value, max(bound, settled)):
                break
            _, _, prices, task = heappop(self.open)
            if prices.split_uld >= 0:
                self._add(_without(task, prices.split_uld), prices.of_groups)
                self._add(_with(task, prices.split_uld), prices.of_groups)
            else:
                settled = max(settled, self._closed(task, prices))
        return max([settled, self.value, *(-bound for bound, *_ in self.open)])

    def _add(self, task: Task, prices_of_groups: Ints) -> None:
        prices, _ = priced(task, prices_of_groups)
        if task.capacity < 0 or prices.bound <= self.value:
            return
        self.count += 1
        nothing = np.zeros(len(task.values), dtype=np.bool_)
        self._better(filled(task, task.values, nothing))
        heappush(self.open, (-prices.bound, self.count, prices, task))

    def _better(self, found: Mask | None) -> None:
        """Keep a list if it is better, with what still fits added."""
        if found is None:
            return
        found = filled(self.task, self.task.values, found)
        if self.task.value(found) > self.value:
            self.taken, self.value = found, self.task.value(found)

    def _closed(self, task: Task, prices: Prices) -> int:
        """Close a task whose ULDs are settled; the bound on its lists comes back.

        A small core of the most doubtful parcels comes first: the better list it finds leaves less
        open in the whole core.
        """
        losses = losses_at(task, prices)
        narrow = losses.gap_of(NARROW_CORE)
        is_worth_it = self.effort.most_free(1 - self.value / prices.bound) >= NARROW_CORE
        if is_worth_it and narrow < losses.gap_to(self.value):
            found, _ = core_of(task, losses, narrow).solve(NARROW_NODES)
            self._better(found)
        core = core_of(task, losses, losses.gap_to(self.value))
        if core.size > self.effort.most_free(1 - self.value / prices.bound):
            return prices.bound
        found, bound = core.solve(self.effort.nodes)
        self._better(found)
        return min(prices.bound, max(bound, self.value))


def _without(task: Task, uld: int) -> Task:
    """The task where nothing of that ULD is taken."""
    return replace(task, values=np.where(task.stops.uld == uld, 0, task.values))


def _with(task: Task, uld: int) -> Task:
    """The task where that ULD is broken down, whatever is taken of it."""
    uld_costs = task.stops.uld_costs.copy()
    uld_costs[uld] = 0
    return replace(
        task,
        stops=replace(task.stops, uld_costs=uld_costs),
        capacity=task.capacity - int(task.stops.uld_costs[uld]),
    )
