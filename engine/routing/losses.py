"""Reduced costs of a route: what is surely lost by deciding against the relaxation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.routing.bundles import Floats
from engine.routing.prices import Prices
from engine.routing.task import Task


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

    def gap_to(self, value: int) -> float:
        """What a list may lose against the bound and still be better than one of this value."""
        return self.bound - value + 1.0

    def gap_of(self, count: int) -> float:
        """The gap below which only so many parcels, about, are an open question."""
        doubtful = np.maximum(self.parcel_in, self.parcel_out)
        if len(doubtful) <= count:
            return float("inf")
        return float(np.partition(doubtful, count)[count])


def losses_at(task: Task, prices: Prices) -> Losses:
    """The losses at these prices: what each decision costs, its bag's and ULD's best included."""
    stops, price = task.stops, prices.of_budget
    net = task.worth(prices.of_groups) - price * task.costs
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
