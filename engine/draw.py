"""How many controls are drawn at random: from the budget and the parcels, never from a risk."""

from __future__ import annotations

from math import floor
from typing import Final

import numpy as np

from engine.budget import Budget
from engine.routing.stops import Ints, Stops

RANDOM_SHARE: Final = 0.10
"""Share of every budget drawn at random (usual in simulations of customs selection, 90/10)."""

MINIMUM_CONTROLS_FOR_A_DRAW: Final = 5
"""From so many controls on, at least one is random if any are wanted (estimate)."""

MINIMUM_WORST_CASES_FOR_A_DRAW: Final = 3
"""The same of minutes: from the minutes on that three controls take at worst (estimate)."""


def draw_count(costs: Ints, stops: Stops, budget: Budget, share: float, set_aside: int) -> int:
    """How many consignments to draw.

    Parameters
    ----------
    costs, stops
        What each consignment takes by itself, and where it lies.
    budget
        The whole of it; the share is of this.
    share
        Share of the budget to draw at random, 0 to 1.
    set_aside
        What mandatory controls take of the budget, set-up included.
    """
    room = budget.capacity - set_aside
    if budget.unit == "controls":
        controls = min(budget.capacity, len(costs))
        is_due = share > 0 and controls >= MINIMUM_CONTROLS_FOR_A_DRAW
        return min(max(floor(share * controls + 0.5), int(is_due)), room, len(costs))
    worst = worst_cases(costs, stops)
    share_of_all = floor(share * len(costs) + 0.5)
    if int(costs.sum() + stops.bag_costs.sum() + stops.uld_costs.sum()) <= room:
        return share_of_all
    is_due = share > 0 and _fitting(worst, budget.capacity) >= MINIMUM_WORST_CASES_FOR_A_DRAW
    wanted = min(_fitting(worst, share * budget.capacity), share_of_all)
    return min(max(wanted, int(is_due)), _fitting(worst, room))


def worst_cases(costs: Ints, stops: Stops) -> Ints:
    """What one, two, three ... consignments take at most, whichever they are.

    The largest parcels, each in a bag and a ULD of its own as long as there are so many.
    """
    return np.asarray(_most(costs, len(costs)) + _most(stops.bag_costs, len(costs))
                      + _most(stops.uld_costs, len(costs)))  # fmt: skip


def _most(costs: Ints, count: int) -> Ints:
    """Sums of the largest one, two, three ... up to a count."""
    largest = np.sort(costs)[::-1][:count]
    return np.cumsum(np.pad(largest, (0, count - len(largest))))


def _fitting(worst: Ints, room: float) -> int:
    return int(np.searchsorted(worst, room, side="right"))
