"""What the minutes of a list are spent on."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from engine.budget import Budget
from engine.declaration import FLIGHT
from engine.times import InspectionTimes


@dataclass(frozen=True)
class TimeAccount:
    """Expected officer minutes of a list, by step.

    Attributes
    ----------
    uld_count, bag_count, parcel_count
        Pallets or containers to break down, bags to open, parcels to take out.
    uld_minutes, bag_minutes, parcel_minutes
        What that takes.
    """

    uld_count: int
    bag_count: int
    parcel_count: int
    uld_minutes: float
    bag_minutes: float
    parcel_minutes: float

    @property
    def total_minutes(self) -> float:
        """All steps together."""
        return round(self.uld_minutes + self.bag_minutes + self.parcel_minutes, 3)

    def __str__(self) -> str:
        return (
            f"{self.parcel_minutes:g} for {_counted(self.parcel_count, 'parcel')}, "
            f"{self.bag_minutes:g} for {_counted(self.bag_count, 'bag')}, "
            f"{self.uld_minutes:g} for {_counted(self.uld_count, 'ULD')}"
        )


def time_account(chosen: pl.DataFrame, times: InspectionTimes) -> TimeAccount:
    """The account of chosen consignments with flight, `uld_id`, `bag_id` and `minutes`."""
    ulds = chosen.filter(pl.col("uld_id").is_not_null()).select(*FLIGHT, "uld_id").n_unique()
    bags = chosen.filter(pl.col("bag_id").is_not_null())
    bag_count = bags.select(*FLIGHT, "uld_id", "bag_id").n_unique()
    unit = Budget("minutes", 1)
    return TimeAccount(
        uld_count=ulds,
        bag_count=bag_count,
        parcel_count=chosen.height,
        uld_minutes=round(ulds * times.uld_breakdown_minutes, 3),
        bag_minutes=round(bag_count * times.bag_opening_minutes, 3),
        parcel_minutes=unit.in_unit(int(chosen.select(unit.cost()).to_series().sum())),
    )


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
