"""The checking budget of a flight: a number of controls, or officer minutes.

Minutes are counted in whole thousandths, so that a list never depends on the order in which
its minutes are added up.
"""

from dataclasses import dataclass
from math import ceil, floor, isfinite
from typing import Final, Literal

import polars as pl

from engine.errors import SettingError

_THOUSANDTHS: Final = 1_000
_DUST: Final = 1e-6
"""In thousandths of a minute: what float arithmetic may add to a sum that fits exactly."""

_ENDLESS: Final = 1e12
"""In thousandths of a minute: 1,900 years; longer inspections are cut here, to stay in 64 bits."""


def thousandths(minutes: float) -> int:
    """Whole thousandths of so many minutes, never less."""
    return ceil(minutes * _THOUSANDTHS - _DUST)


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
        if not isfinite(minutes):
            raise SettingError(
                f"A budget of {minutes} minutes is no budget.", "Give a number of minutes."
            )
        if minutes * _THOUSANDTHS + _DUST < 1:
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
        """What each consignment takes of the capacity, from its column `minutes`; never less.

        Without its share of set-up, which `engine.stops` knows.
        """
        if self.unit == "controls":
            return pl.lit(1, dtype=pl.Int64).alias("cost")
        counted = (pl.col("minutes") * _THOUSANDTHS - _DUST).ceil()
        return counted.clip(1, _ENDLESS).cast(pl.Int64).alias("cost")

    def __str__(self) -> str:
        return f"{self.amount:g} {self.unit}"
