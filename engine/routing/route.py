"""The list as a route: the most expected yield for the officers' minutes.

Two levels of set-up (ULD, bag) make this a knapsack with opening costs. The linear relaxation is
solved by sorting (`engine.routing.bundles`); its pieces, taken as long as they fit, make a list;
what the two leave open is searched ULD by ULD and closed exactly by small integer programmes
(`engine.routing.search`). The bound says how far the list can be from the best there is.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.routing.prices import best_prices
from engine.routing.search import searched
from engine.routing.stops import Mask
from engine.routing.task import MICRO, Task, is_proven


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
        Whether the list is the best there is, to a millionth of its yield.
    """

    taken: Mask
    value_eur: float
    bound_eur: float
    is_proven: bool

    @property
    def gap(self) -> float:
        """Share of the bound that the list may lack: 0 is perfect."""
        return max(0.0, 1 - self.value_eur / self.bound_eur) if self.bound_eur > 0 else 0.0


def best_route(task: Task, *, proves: bool = False) -> Route:
    """The list with the most yield that the budget and the caps allow.

    Parameters
    ----------
    task
        What to choose from.
    proves
        Whether to search on until the optimum is proven.
    """
    task = task.in_largest_units()
    prices, taken = best_prices(task)
    bound = prices.bound
    if not is_proven(task.value(taken), bound):
        taken, bound = searched(task, prices, taken, proves=proves)
    value = task.value(taken)
    bound = max(bound, value)
    return Route(taken, value / MICRO, bound / MICRO, is_proven(value, bound))
