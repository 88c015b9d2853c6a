"""The checking budget of a flight: a number of controls, or officer minutes.

Minutes are counted in whole thousandths, so that a list never depends on the order in which
its minutes are added up.
"""

from dataclasses import dataclass
from math import floor, isfinite
from typing import Final, Literal

import polars as pl

from engine.errors import SettingError

_THOUSANDTHS: Final = 1_000
_DUST: Final = 1e-6
"""In thousandths of a minute: what float arithmetic may add to a sum that fits exactly."""

_ENDLESS: Final = 1e12
"""In thousandths of a minute: 1,900 years; longer inspections are cut here, to stay in 64 bits."""


@dataclass(frozen=True)
class InspectionTimes:
    """Officer minutes of the steps of an inspection; all estimates, no public time study exists.

    `parcel_minutes` reads the first four; the minutes of a list are the parcels' own. The set-up
    times below them are data that nothing reads yet: neither a budget nor a list is charged with
    breaking down a pallet or with finding a bag, so a budget of minutes buys fewer parcels on the
    floor than on the list. Leave that time out of the budget you give.

    Attributes
    ----------
    single_parcel_minutes
        Open, verify and repack an ordinary parcel (6 to 15).
    disordered_parcel_minutes
        The same where everything must be sorted out (15 to 40).
    disordered_line_count, disordered_package_count
        From so many goods items, or so many packages, on a parcel counts as disordered.
    uld_breakdown_minutes
        Break down a pallet or container (60 to 120), to be shared by its chosen parcels.
    bag_opening_minutes
        Find and open a bag (6 to 10), to be shared by its chosen parcels.
    """

    single_parcel_minutes: float = 10.0
    disordered_parcel_minutes: float = 20.0
    disordered_line_count: int = 4
    disordered_package_count: int = 3
    uld_breakdown_minutes: float = 90.0
    bag_opening_minutes: float = 8.0


DEFAULT_TIMES: Final = InspectionTimes()


def parcel_minutes(times: InspectionTimes = DEFAULT_TIMES) -> pl.Expr:
    """Expected officer minutes of each consignment, without its share of set-up time.

    For frames with `line_count` and `package_count` (`engine.consignment`); a missing count is
    taken as one.
    """
    is_disordered = (pl.col("line_count").fill_null(1) >= times.disordered_line_count) | (
        pl.col("package_count").fill_null(1) >= times.disordered_package_count
    )
    return (
        pl.when(is_disordered)
        .then(pl.lit(float(times.disordered_parcel_minutes)))
        .otherwise(pl.lit(float(times.single_parcel_minutes)))
        .alias("minutes")
    )


@dataclass(frozen=True)
class Budget:
    """How much checking a flight gets; made with `Budget.controls` or `Budget.minutes`.

    Attributes
    ----------
    unit
        What is counted.
    capacity
        How much of it there is: controls, or thousandths of officer minutes.
    """

    unit: Literal["controls", "minutes"]
    capacity: int

    @classmethod
    def controls(cls, count: int) -> "Budget":
        """A number of consignments to open.

        Raises
        ------
        SettingError
            The number is below one.
        """
        if count < 1:
            raise SettingError(f"A budget of {count} controls chooses nothing.", "Give 1 or more.")
        return cls("controls", int(count))

    @classmethod
    def minutes(cls, minutes: float) -> "Budget":
        """Officer minutes to spend.

        Raises
        ------
        SettingError
            The minutes are no finite number of at least a thousandth.
        """
        if not (isfinite(minutes) and minutes * _THOUSANDTHS + _DUST >= 1):
            raise SettingError(
                f"A budget of {minutes} minutes chooses nothing.", "Give more than 0 minutes."
            )
        return cls("minutes", floor(minutes * _THOUSANDTHS + _DUST))

    @property
    def amount(self) -> float:
        """The budget in its own unit: controls or minutes."""
        return self.in_unit(self.capacity)

    def in_unit(self, cost: int) -> float:
        """A cost as counted here, in controls or minutes."""
        return cost if self.unit == "controls" else cost / _THOUSANDTHS

    def cost(self) -> pl.Expr:
        """What each consignment takes of the capacity, from its column `minutes`; never less."""
        if self.unit == "controls":
            return pl.lit(1, dtype=pl.Int64).alias("cost")
        thousandths = (pl.col("minutes") * _THOUSANDTHS - _DUST).ceil()
        return thousandths.clip(1, _ENDLESS).cast(pl.Int64).alias("cost")

    def __str__(self) -> str:
        return f"{self.amount:g} {self.unit}"
