"""What the relaxation leaves open of a route, closed by a small integer programme.

For every place and parcel the relaxation tells what yield is surely lost if it is forced onto the
list, or off it. Where that is more than the gap between the bound and the best list known, the
matter is decided in every better list (reduced-cost fixing). What remains, the core, is mostly a
few dozen parcels; HiGHS solves it, and a core that has nothing better proves the list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from engine.routing.bundles import Floats
from engine.routing.losses import Losses
from engine.routing.quiet import quiet_stdout
from engine.routing.stops import Ints, Mask
from engine.routing.task import MICRO, Task

if TYPE_CHECKING:
    from scipy.sparse import csr_array


_GAP: Final = 1e-7
"""Relative gap at which the integer programme stops; below that of a proof."""

_IMPOSSIBLE: Final = 2
"""What `scipy.optimize.milp` answers where nothing is possible."""

_NO_BOUND: Final = 2**62


@dataclass(frozen=True)
class Core:
    """What is decided of a list, and the open questions.

    Attributes
    ----------
    task
        The whole.
    fixed
        Consignments surely on the list.
    parcels, bags, ulds
        Indices of what is open.
    opened_bags, opened_ulds
        Which bags and ULDs are surely opened.
    """

    task: Task
    fixed: Mask
    parcels: Ints
    bags: Ints
    ulds: Ints
    opened_bags: Mask
    opened_ulds: Mask

    @property
    def size(self) -> int:
        """How many questions are open."""
        return len(self.parcels) + len(self.bags) + len(self.ulds)

    def solve(self, node_limit: int) -> tuple[Mask | None, int]:
        """The best list in the core, if there is one, and a bound on all of them.

        Parameters
        ----------
        node_limit
            Branches that the integer programme may take; a time would depend on the machine.
        """
        room = self.task.capacity - self._fixed_cost()
        if room < 0 or not self._within_limits(self.fixed):
            return None, 0  # what is on every better list cannot be together: there is none
        offset = self.task.value(self.fixed)
        if not self.size:
            return self.fixed, offset
        chosen, bound = self._programme(room, node_limit)
        if bound is None:
            return None, 0
        if chosen is None:
            return None, bound + offset
        found = self.fixed.copy()
        found[self.parcels[chosen]] = True
        # The solver allows dust; a list does not.
        is_sound = self.task.cost(found) <= self.task.capacity and self._within_limits(found)
        return (found if is_sound else None), bound + offset

    def _programme(self, room: int, node_limit: int) -> tuple[Mask | None, int | None]:
        """The integer programme over the open questions: which parcels, and a bound; no bound
        where nothing is possible.
        """
        from scipy.optimize import Bounds, LinearConstraint, milp

        matrix, upper = self._rows(room, self.task.limits.after(self.fixed).left)
        yields = np.zeros(self.size)
        yields[: len(self.parcels)] = -self.task.values[self.parcels] / MICRO
        with quiet_stdout():
            answer = milp(
                yields,
                integrality=np.ones(self.size),
                bounds=Bounds(0, 1),
                constraints=LinearConstraint(matrix, -np.inf, upper),
                options={"node_limit": node_limit, "mip_rel_gap": _GAP},
            )
        if answer.status == _IMPOSSIBLE:
            return None, None
        dual = answer.mip_dual_bound
        bound = int(np.ceil(-dual * MICRO)) + 1 if dual is not None else int(_NO_BOUND)
        return (None if answer.x is None else answer.x[: len(self.parcels)] > 0.5), bound

    def _fixed_cost(self) -> int:
        stops = self.task.stops
        places = stops.bag_costs[self.opened_bags].sum() + stops.uld_costs[self.opened_ulds].sum()
        return int(self.task.costs[self.fixed].sum() + places)

    def _within_limits(self, found: Mask) -> bool:
        rows = np.flatnonzero(found)
        return len(self.task.limits.admitted(rows)) == len(rows)

    def _rows(self, room: int, left: Ints) -> tuple[csr_array, Floats]:
        """The budget, parcels only from opened bags, bags only from opened ULDs, the caps."""
        from scipy.sparse import csr_array, vstack

        stops = self.task.stops
        costs = np.concatenate(
            [self.task.costs[self.parcels], stops.bag_costs[self.bags], stops.uld_costs[self.ulds]]
        )
        inner, outer = self._orders()
        pairs, ones = np.arange(len(inner)), np.ones(len(inner))
        at = (np.concatenate([pairs, pairs]), np.concatenate([inner, outer]))
        orders = csr_array((np.concatenate([ones, -ones]), at), shape=(len(inner), self.size))
        groups = self.task.limits.groups[:, self.parcels]
        columns = np.broadcast_to(np.arange(len(self.parcels)), groups.shape)
        caps = csr_array(
            (np.ones(groups.size), (groups.ravel(), columns.ravel())), shape=(len(left), self.size)
        )
        is_asked = np.flatnonzero(caps.sum(axis=1) > left)
        # In shares of the budget: HiGHS allows every row the same dust.
        budget = csr_array(costs[None, :] / max(room, 1))
        upper = [np.array([min(room, 1.0)]), np.zeros(len(inner)), left[is_asked].astype(float)]
        return vstack([budget, orders, caps[is_asked]]), np.concatenate(upper)

    def _orders(self) -> tuple[Ints, Ints]:
        """Pairs of columns of which the first needs the second: a parcel its bag, a bag its ULD."""
        stops = self.task.stops
        bag_at, uld_at = self._columns()
        own_bag = bag_at[stops.bag[self.parcels]]
        own_uld = uld_at[stops.uld[self.parcels]]
        inner = np.concatenate([np.arange(len(self.parcels)), bag_at[self.bags]])
        outer = np.concatenate(
            [np.where(own_bag >= 0, own_bag, own_uld), uld_at[stops.uld_of_bag[self.bags]]]
        )
        return inner[outer >= 0], outer[outer >= 0]

    def _columns(self) -> tuple[Ints, Ints]:
        """For every bag and ULD its column; -1 where it is no open question."""
        bag_at = np.full(len(self.opened_bags), -1)
        bag_at[self.bags] = len(self.parcels) + np.arange(len(self.bags))
        uld_at = np.full(len(self.opened_ulds), -1)
        uld_at[self.ulds] = len(self.parcels) + len(self.bags) + np.arange(len(self.ulds))
        return bag_at, uld_at


def core_of(task: Task, losses: Losses, gap: float) -> Core:
    """What may differ in a list if no single decision of it loses more than the gap."""

    def free(on: Floats, off: Floats) -> Ints:
        return np.flatnonzero((on <= gap) & (off <= gap))

    return Core(
        task,
        losses.parcel_out > gap,
        free(losses.parcel_in, losses.parcel_out),
        free(losses.bag_in, losses.bag_out),
        free(losses.uld_in, losses.uld_out),
        losses.bag_out > gap,
        losses.uld_out > gap,
    )
