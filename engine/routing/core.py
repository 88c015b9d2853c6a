"""What the relaxation leaves open of a route, closed by a small integer programme.

For every place and parcel the relaxation tells what yield is surely lost if it is forced onto the
list, or off it. Where that is more than the gap between the bound and the best list known, the
matter is decided in every better list (reduced-cost fixing). What remains, the core, is mostly a
few dozen parcels; HiGHS solves it, and a core that has nothing better proves the list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.routing.bundles import Floats
from engine.routing.losses import Losses
from engine.routing.stops import Ints, Mask
from engine.routing.task import MICRO, Task

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@dataclass(frozen=True)
class Core:
    """The open questions: free parcels, bags and ULDs; what is fixed is on or off the list."""

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
        """The best list in the core, if there is one, and a bound on all of them."""
        from scipy.optimize import Bounds, LinearConstraint, milp

        task, offset = self.task, self.task.value(self.fixed)
        room = task.capacity - self._fixed_cost()
        limits = task.limits.after(self.fixed)
        if room < 0 or not self.size:
            return (self.fixed if room >= 0 else None), (offset if room >= 0 else 0)
        matrix, upper = self._rows(room, limits.left)
        yields = np.zeros(self.size)
        yields[: len(self.parcels)] = -task.values[self.parcels] / MICRO
        answer = milp(
            yields,
            integrality=np.ones(self.size),
            bounds=Bounds(0, 1),
            constraints=LinearConstraint(matrix, -np.inf, upper),
            options={"node_limit": node_limit, "mip_rel_gap": 1e-7},
        )
        if answer.status == 2:  # nothing in the core is possible
            return None, 0
        dual = answer.mip_dual_bound
        bound = offset + int(np.ceil(-dual * MICRO)) + 1 if dual is not None else 2**62
        if answer.x is None:
            return None, bound
        found = self.fixed.copy()
        found[self.parcels[answer.x[: len(self.parcels)] > 0.5]] = True
        is_sound = task.cost(found) <= task.capacity and self._within_limits(found)
        return (found if is_sound else None), bound

    def _fixed_cost(self) -> int:
        stops = self.task.stops
        places = stops.bag_costs[self.opened_bags].sum() + stops.uld_costs[self.opened_ulds].sum()
        return int(self.task.costs[self.fixed].sum() + places)

    def _within_limits(self, found: Mask) -> bool:
        rows = np.flatnonzero(found)
        return len(self.task.limits.admitted(rows)) == len(rows)

    def _rows(self, room: int, left: Ints) -> tuple[csr_array, Ints]:
        """The budget, parcels only from opened bags, bags only from opened ULDs, the caps."""
        from scipy.sparse import csr_array, vstack

        task, stops = self.task, self.task.stops
        bag_at, uld_at = self._columns()
        costs = np.concatenate(
            [task.costs[self.parcels], stops.bag_costs[self.bags], stops.uld_costs[self.ulds]]
        )
        inner = np.concatenate([np.arange(len(self.parcels)), bag_at[self.bags]])
        own_bag = bag_at[stops.bag[self.parcels]]
        own_uld = uld_at[stops.uld[self.parcels]]
        outer = np.concatenate(
            [np.where(own_bag >= 0, own_bag, own_uld), uld_at[stops.uld_of_bag[self.bags]]]
        )
        is_bound = outer >= 0
        inner, outer = inner[is_bound], outer[is_bound]
        pairs = np.arange(len(inner))
        shape = (len(inner), self.size)
        order = csr_array(
            (
                np.concatenate([np.ones(len(inner)), -np.ones(len(inner))]),
                (np.concatenate([pairs, pairs]), np.concatenate([inner, outer])),
            ),
            shape=shape,
        )
        groups = task.limits.groups[:, self.parcels]
        columns = np.broadcast_to(np.arange(len(self.parcels)), groups.shape)
        caps = csr_array(
            (np.ones(groups.size), (groups.ravel(), columns.ravel())), shape=(len(left), self.size)
        )
        is_asked = np.flatnonzero(caps.sum(axis=1) > left)
        # In shares of the budget: HiGHS allows every row the same dust.
        shares = csr_array(costs[None, :] / max(room, 1))
        matrix = vstack([shares, order, caps[is_asked]])
        upper = np.concatenate(
            [[room / max(room, 1)], np.zeros(len(inner), dtype=np.int64), left[is_asked]]
        )
        return matrix, upper

    def _columns(self) -> tuple[Ints, Ints]:
        """For every bag and ULD its column; -1 where it is no open question."""
        bag_at = np.full(len(self.opened_bags), -1)
        bag_at[self.bags] = len(self.parcels) + np.arange(len(self.bags))
        uld_at = np.full(len(self.opened_ulds), -1)
        uld_at[self.ulds] = len(self.parcels) + len(self.bags) + np.arange(len(self.ulds))
        return bag_at, uld_at


def core_of(task: Task, losses: Losses, known: int) -> Core:
    """The core of a task: what may differ in a list with more yield than the best one known."""
    gap = losses.bound - known + 1.0

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
