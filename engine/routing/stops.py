"""Where the consignments of a list lie, and what it takes to reach them.

An officer breaks down a pallet or container (ULD), finds and opens a bag in it, and takes out
parcels. The first two are set-up: paid once, however many parcels are taken. A parcel without
`uld_id` stands loose, without `bag_id` it lies in no bag: such a place costs nothing to open.
"""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.budget import thousandths
from engine.declaration import FLIGHT
from engine.times import InspectionTimes

Ints = NDArray[np.int64]
"""Whole numbers: rows, counts, thousandths of minutes, millionths of euro."""

Mask = NDArray[np.bool_]
"""One yes or no a consignment."""


@dataclass(frozen=True)
class Stops:
    """The places of a frame of consignments, and the set-up each place costs.

    Attributes
    ----------
    bag
        For each consignment the index of its bag; two ULDs with one bag id are two bags.
    uld_of_bag
        For each bag the index of its ULD; two flights with one ULD id are two ULDs.
    bag_costs, uld_costs
        What opening each takes of the budget, in its own units; 0 where there is nothing to open
        or where it is open already.
    """

    bag: Ints
    uld_of_bag: Ints
    bag_costs: Ints
    uld_costs: Ints

    @classmethod
    def of(cls, consignments: pl.DataFrame, times: InspectionTimes | None) -> "Stops":
        """The stops of consignments with flight, `uld_id` and `bag_id`.

        Without times no place costs anything: a budget of controls counts parcels alone.
        """
        ulds = consignments.select(*FLIGHT, "uld_id").unique(maintain_order=True)
        bags = consignments.select(*FLIGHT, "uld_id", "bag_id").unique(maintain_order=True)
        uld_cost = thousandths(times.uld_breakdown_minutes) if times else 0
        bag_cost = thousandths(times.bag_opening_minutes) if times else 0
        return cls(
            _places(consignments, bags),
            _places(bags, ulds),
            np.where(bags["bag_id"].is_null().to_numpy(), 0, bag_cost).astype(np.int64),
            np.where(ulds["uld_id"].is_null().to_numpy(), 0, uld_cost).astype(np.int64),
        )

    @property
    def uld(self) -> Ints:
        """For each consignment the index of its ULD."""
        return self.uld_of_bag[self.bag]

    def of_rows(self, rows: Ints | Mask) -> "Stops":
        """The same places for some of the consignments."""
        return replace(self, bag=self.bag[rows])

    def set_up(self, rows: Ints | Mask) -> tuple[int, int]:
        """What opening the bags and what breaking down the ULDs of these consignments takes."""
        bags = np.unique(self.bag[rows])
        ulds = np.unique(self.uld_of_bag[bags])
        return int(self.bag_costs[bags].sum()), int(self.uld_costs[ulds].sum())

    def opened_by(self, rows: Ints | Mask) -> "Stops":
        """The same places, where those of these consignments have been paid for."""
        bag_costs, uld_costs = self.bag_costs.copy(), self.uld_costs.copy()
        bags = np.unique(self.bag[rows])
        bag_costs[bags] = 0
        uld_costs[self.uld_of_bag[bags]] = 0
        return replace(self, bag_costs=bag_costs, uld_costs=uld_costs)

    def reach(self) -> Ints:
        """For each consignment what reaching it takes, were it the only one."""
        return self.bag_costs[self.bag] + self.uld_costs[self.uld]


def _places(rows: pl.DataFrame, places: pl.DataFrame) -> Ints:
    """For each row the index of its place."""
    keys = places.columns
    found = rows.select(keys).join(
        places.with_row_index("_place"), on=keys, how="left", nulls_equal=True,
        maintain_order="left",
    )  # fmt: skip
    return found["_place"].to_numpy().astype(np.int64)
