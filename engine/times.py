"""How long the steps of an inspection take, in officer minutes."""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import isfinite
from typing import Final

import polars as pl

from engine.errors import SettingError

LONGEST_MINUTES: Final = 10_000.0
"""No step takes longer: a week without sleep; more is a slip of the pen (estimate)."""


@dataclass(frozen=True)
class InspectionTimes:
    """Officer minutes of the steps of an inspection; all estimates, no public time study exists.

    The bounds in brackets are the range that the domain report gives (4.2).

    Attributes
    ----------
    single_parcel_minutes
        Open, verify and repack an ordinary parcel (6 to 15).
    disordered_parcel_minutes
        The same where everything must be sorted out (15 to 40).
    disordered_line_count, disordered_package_count
        From so many goods items, or so many packages, on a parcel counts as disordered.
    uld_breakdown_minutes
        Break down a pallet or container (60 to 120), once for all its chosen parcels.
    bag_opening_minutes
        Find and open a bag (6 to 10), once for all its chosen parcels.
    is_xray_first
        Whether a parcel goes through the x-ray and is opened only if the picture leaves a doubt.
    xray_minutes
        X-ray one parcel (0.5 to 1).
    xray_settled_share
        Share of parcels that the picture settles: the middle of some 60 % of the doubts about
        mass and shape and some 10 % of those about value. One share for all parcels, since minutes
        that knew the risk would let the risk decide how many controls are random.

    Raises
    ------
    SettingError
        A time is negative, not finite or longer than `LONGEST_MINUTES`, opening a parcel takes
        no time, or the share is none.
    """

    single_parcel_minutes: float = 10.0
    disordered_parcel_minutes: float = 20.0
    disordered_line_count: int = 4
    disordered_package_count: int = 3
    uld_breakdown_minutes: float = 90.0
    bag_opening_minutes: float = 8.0
    is_xray_first: bool = False
    xray_minutes: float = 1.0
    xray_settled_share: float = 0.35

    @classmethod
    def in_proportion(
        cls, *, parcel: float, uld: float, bag: float, is_xray_first: bool = False
    ) -> InspectionTimes:
        """Times of one's own, a disordered parcel in proportion to an ordinary one.

        Parameters
        ----------
        parcel, uld, bag
            Minutes of an ordinary parcel, a ULD and a bag.
        is_xray_first
            Whether every parcel goes through the x-ray first.
        """
        usual = cls()
        ratio = usual.disordered_parcel_minutes / usual.single_parcel_minutes
        return cls(
            single_parcel_minutes=parcel,
            disordered_parcel_minutes=ratio * parcel,
            uld_breakdown_minutes=uld,
            bag_opening_minutes=bag,
            is_xray_first=is_xray_first,
        )

    def __post_init__(self) -> None:
        for name in (field.name for field in fields(self) if field.name.endswith("_minutes")):
            given = getattr(self, name)
            step = name.removesuffix("_minutes").replace("_", " ")
            if not (isfinite(given) and 0 <= given <= LONGEST_MINUTES):
                raise SettingError(
                    f"The minutes of the step {step!r} are {given}.",
                    f"Give 0 to {LONGEST_MINUTES:g} minutes.",
                )
            if name.endswith("parcel_minutes") and given <= 0:
                raise SettingError(
                    f"The minutes of the step {step!r} are {given}.", "Give more than 0 minutes."
                )
        if not 0 <= self.xray_settled_share <= 1:
            raise SettingError(
                f"The share that the x-ray settles is {self.xray_settled_share}.", "Give 0 to 1."
            )

    def of_parcel(self, opening_minutes: float) -> float:
        """Expected minutes of a parcel that takes so many once it is opened."""
        if not self.is_xray_first:
            return opening_minutes
        return self.xray_minutes + (1 - self.xray_settled_share) * opening_minutes


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
        .then(pl.lit(float(times.of_parcel(times.disordered_parcel_minutes))))
        .otherwise(pl.lit(float(times.of_parcel(times.single_parcel_minutes))))
        .alias("minutes")
    )
