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

from engine.bundles import Floats
from engine.route import MICRO, Prices, Task, filled, is_proven, worth_at
from engine.stops import Ints, Mask

if TYPE_CHECKING:
    from scipy.sparse import csr_array

MOST_FREE: Final = 2_000
"""Open questions up to which a core is closed unasked."""

MOST_NODES: Final = 200
"""Branches that an unasked search may take; a count, since a time would depend on the machine."""

PROOF_NODES: Final = 1_000_000
"""Branches that a search for a proof may take."""


@dataclass(frozen=True)
class Losses:
    """Yield surely lost, in millionths of euro, if a matter is decided against the relaxation.

    Attributes
    ----------
    bound
        The bound that the losses are taken from.
    parcel_in, parcel_out, bag_in, bag_out, uld_in, uld_out
        For each parcel, bag, ULD: if it is forced onto the list, and off it.
    """

    bound: float
    parcel_in: Floats
    parcel_out: Floats
    bag_in: Floats
    bag_out: Floats
    uld_in: Floats
    uld_out: Floats


def losses_at(task: Task, prices: Prices) -> Losses:
    """The losses at these prices: what each decision costs, its bag's and ULD's best included."""
    stops, price = task.stops, prices.of_budget
    net = worth_at(task, prices.of_groups) - price * task.costs
    gain = np.maximum(net, 0.0)
    bag_net = np.bincount(stops.bag, gain, len(stops.bag_costs)) - price * stops.bag_costs
    bag_gain = np.maximum(bag_net, 0.0)
    uld_net = np.bincount(stops.uld_of_bag, bag_gain, len(stops.uld_costs))
    uld_net = uld_net - price * stops.uld_costs
    uld_gain = np.maximum(uld_net, 0.0)
    uld, bag = stops.uld, stops.bag
    beside = uld_net[stops.uld_of_bag] - bag_gain
    kept = beside[bag] + np.maximum(bag_net[bag] - gain, 0.0)
    allowance = float((prices.of_groups * task.limits.left).sum())
    return Losses(
        bound=price * task.capacity + allowance + float(uld_gain.sum()),
        parcel_in=uld_gain[uld] - (beside[bag] + bag_net[bag] + np.minimum(net, 0.0)),
        parcel_out=uld_gain[uld] - np.maximum(kept, 0.0),
        bag_in=uld_gain[stops.uld_of_bag] - (beside + bag_net),
        bag_out=uld_gain[stops.uld_of_bag] - np.maximum(beside, 0.0),
        uld_in=uld_gain - uld_net,
        uld_out=uld_gain,
    )


def closed(task: Task, prices: Prices, taken: Mask, *, proves: bool) -> tuple[Mask, int]:
    """A better list and a lower bound, if the core gives them.

    Parameters
    ----------
    prices
        Of the relaxation.
    taken
        The best list known.
    proves
        Whether the core is searched to the end, whatever its size.

    Returns
    -------
    The best list now known, and the bound in millionths of euro.
    """
    losses = losses_at(task, prices)
    core = _Core.of(task, losses, losses.bound - task.value(taken) + 1.0)
    if core.size > MOST_FREE and not proves:
        return taken, prices.bound
    found, bound = core.solve(PROOF_NODES if proves else MOST_NODES)
    if found is not None:
        found = filled(task, task.values, found)
        if task.value(found) > task.value(taken):
            taken = found
    # No list outside the core beats the best one known before.
    return taken, min(prices.bound, max(task.value(taken), bound))


@dataclass(frozen=True)
class _Core:
    """The open questions: free parcels, bags and ULDs; what is fixed is on or off the list."""

    task: Task
    fixed: Mask
    parcels: Ints
    bags: Ints
    ulds: Ints
    opened_bags: Mask
    opened_ulds: Mask

    @classmethod
    def of(cls, task: Task, losses: Losses, gap: float) -> _Core:
        def free(on: Floats, off: Floats) -> Ints:
            return np.flatnonzero((on <= gap) & (off <= gap))

        return cls(
            task,
            losses.parcel_out > gap,
            free(losses.parcel_in, losses.parcel_out),
            free(losses.bag_in, losses.bag_out),
            free(losses.uld_in, losses.uld_out),
            losses.bag_out > gap,
            losses.uld_out > gap,
        )

    @property
    def size(self) -> int:
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
        matrix = vstack([csr_array(costs[None, :].astype(np.float64)), order, caps[is_asked]])
        upper = np.concatenate([[room], np.zeros(len(inner), dtype=np.int64), left[is_asked]])
        return matrix, upper

    def _columns(self) -> tuple[Ints, Ints]:
        """For every bag and ULD its column; -1 where it is no open question."""
        bag_at = np.full(len(self.opened_bags), -1)
        bag_at[self.bags] = len(self.parcels) + np.arange(len(self.bags))
        uld_at = np.full(len(self.opened_ulds), -1)
        uld_at[self.ulds] = len(self.parcels) + len(self.bags) + np.arange(len(self.ulds))
        return bag_at, uld_at
