"""Random controls of two periods: whether more is irregular, and whether risks kept their word.

Only controls drawn at random speak of the flow; each stands for the inverse of its probability.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

FEWEST = 30
"""Controls of a period below which nothing is tested: with 30 in each, even a share that goes from
one in twenty to one in five is seen less than half the time (estimate)."""

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Draws:
    """The random controls of a period with a result; what two periods are compared by adds up.

    Parameters
    ----------
    weights : of each, the inverse of its probability; ascending.
    found_weights : of those in which something was found; ascending.
    promised : risks told of those that had one, before they were controlled; ascending.
    kept_count : in how many of these something was found.
    """

    weights: tuple[float, ...] = ()
    found_weights: tuple[float, ...] = ()
    promised: tuple[float, ...] = ()
    kept_count: int = 0

    def __add__(self, other: Draws) -> Draws:
        return Draws(
            tuple(sorted(self.weights + other.weights)),
            tuple(sorted(self.found_weights + other.found_weights)),
            tuple(sorted(self.promised + other.promised)),
            self.kept_count + other.kept_count,
        )

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.weights)

    @property
    def found_count(self) -> int:
        """In how many something was found."""
        return len(self.found_weights)

    @property
    def share(self) -> float:
        """Share of the flow that such controls find irregular, weighted; nan of none."""
        total = math.fsum(self.weights)
        return math.fsum(self.found_weights) / total if total else math.nan

    @property
    def effective_count(self) -> float:
        """As many equally likely draws would say as much (Kish)."""
        squares = math.fsum(one * one for one in self.weights)
        return math.fsum(self.weights) ** 2 / squares if squares else 0.0

    def as_json(self) -> dict[str, Any]:
        """The draws as they are kept."""
        return {
            "weights": list(self.weights),
            "found_weights": list(self.found_weights),
            "promised": list(self.promised),
            "kept_count": self.kept_count,
        }

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Draws:
        """The draws that `as_json` told."""
        names = ("weights", "found_weights", "promised")
        weights, found, promised = (tuple(map(float, told[name])) for name in names)
        return cls(weights, found, promised, int(told["kept_count"]))


def draws_of(controls: pl.DataFrame) -> Draws:
    """Random controls with a result.

    Parameters
    ----------
    controls : one row a random control of a parcel that was there: `is_irregular`, and, if they
        are known, `selection_probability` (null, absent or zero: it counts as one parcel) and
        `risk`, what was promised of it (null or absent: nothing was).
    """
    if controls.is_empty():
        return Draws()
    null = pl.lit(None, dtype=pl.Float64)
    has = controls.columns
    chance = pl.col("selection_probability") if "selection_probability" in has else null
    told = controls.select(
        is_found=pl.col("is_irregular").cast(pl.Boolean),
        weight=pl.when(chance > 0).then(1 / chance).otherwise(1.0),
        risk=pl.col("risk").cast(pl.Float64) if "risk" in has else null,
    )
    weights = told["weight"].sort().to_list()
    found = told.filter("is_found")["weight"].sort().to_list()
    promised = told.filter(pl.col("risk").is_not_null())
    return Draws(
        tuple(weights),
        tuple(found),
        tuple(promised["risk"].sort().to_list()),
        int(promised["is_found"].sum()),
    )


@dataclass(frozen=True, slots=True)
class ShareTest:
    """Whether random controls find more or less than before.

    Parameters
    ----------
    before, now : the controls.
    p_value : of Fisher's exact test, two-sided; None where there are too few.
    """

    before: Draws
    now: Draws
    p_value: float | None


@dataclass(frozen=True, slots=True)
class PromiseTest:
    """Whether what was promised of random controls came true.

    Parameters
    ----------
    count : controls with a risk told before.
    promised : findings to be expected, the sum of the risks.
    found_count : findings there were.
    p_value : exact, two-sided (Poisson-binomial); None where there are too few.
    """

    count: int
    promised: float
    found_count: int
    p_value: float | None


def share_test(before: Draws, now: Draws) -> ShareTest:
    """Fisher's exact test of the share found, before against now.

    Where probabilities differ, counts are those of as many equally likely draws as would say as
    much, rounded down (`Draws.effective_count`); with equal ones the test is exact.
    """
    if min(before.count, now.count) < FEWEST:
        return ShareTest(before, now, None)
    from scipy.stats import fisher_exact  # half a second that scoring need not wait

    table = [_even(one) for one in (before, now)]
    return ShareTest(before, now, float(fisher_exact(table).pvalue))


def promise_test(now: Draws) -> PromiseTest:
    """How likely it is to find so many, or so few, if every risk told were true."""
    risks, found = now.promised, now.kept_count
    p_value = None
    if len(risks) >= FEWEST:
        chances = poisson_binomial(risks)
        tails = math.fsum(chances[: found + 1]), math.fsum(chances[found:])
        p_value = min(1.0, 2 * min(tails))
    return PromiseTest(len(risks), math.fsum(risks), found, p_value)


def poisson_binomial(risks: Sequence[float]) -> Numbers:
    """Probabilities of 0, 1, ... events, each of its own probability and independent; exact."""
    chances = np.zeros(len(risks) + 1)
    chances[0] = 1.0
    for at, risk in enumerate(risks):
        chances[1 : at + 2] = chances[1 : at + 2] * (1 - risk) + chances[: at + 1] * risk
        chances[0] *= 1 - risk
    return chances


def _even(draws: Draws) -> list[int]:
    """Found and not found, of as many equally likely draws as would say as much."""
    if len(set(draws.weights)) == 1:
        return [draws.found_count, draws.count - draws.found_count]
    whole = math.floor(draws.effective_count + 1e-9)
    found = round(draws.share * whole)
    return [found, whole - found]
