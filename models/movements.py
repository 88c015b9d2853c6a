"""How far the columns of a flow moved between two periods, and which of their values.

Flights differ from one another without anything having changed, so chance is taken from the spread
between flights, not from the number of consignments.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from scipy.special import stdtr

from models.flow import Bin, Flow, Numbers, Spread
from models.flow_traits import SCORES, TRAITS, UNTOLD

STABLE = 0.10
CHANGED = 0.25
"""Below the first an index tells of no drift, above the second of a change that must be looked at
(the usual limits; Siddiqi, Credit Risk Scorecards, 2006)."""

FEWEST_FLIGHTS = 3
"""Flights of a period below which nothing is said: their spread would be a guess (estimate)."""

FEWEST_CONSIGNMENTS = 500
"""Consignments of a period below which nothing is said of a column (estimate: a band that holds a
hundredth of them then has five)."""

FEWEST_EXPECTED = 10
"""Consignments of a value that the smaller period should have by its share in both together; values
with fewer count as one (the rule of thumb for tests of counts asks for five; twice that, for they
come in bursts: estimate)."""

FALSE_ALARMS = 0.05
"""Chance of any alert at most, where nothing changed: half of it for movements together, a quarter
for each of the two tests on random controls."""

FROM_RATIO = 1.25
"""A share that grew or shrank by less than this factor is no movement worth a sentence, however
sure it is (estimate)."""

Kind: TypeAlias = Literal["trait", "score", "feature"]

_SMALLEST_COUNT = 0.5
"""Put into an empty bin, whose logarithm would be infinite otherwise."""

_TRAITS = frozenset(one.name for one in TRAITS)
_SCORES = frozenset(one.name for one in SCORES)


@dataclass(frozen=True, slots=True)
class Stability:
    """How far a column moved.

    Parameters
    ----------
    column : trait, risk or feature.
    kind : which of the three.
    index : population stability index, the sum over its values of
        (now - before) * ln(now / before).
    by_chance : what the index would be on average, had nothing changed but the flights.
    """

    column: str
    kind: Kind
    index: float
    by_chance: float

    @property
    def excess(self) -> float:
        """The index beyond what chance gives; what `STABLE` and `CHANGED` are held against."""
        return max(0.0, self.index - self.by_chance)


@dataclass(frozen=True, slots=True)
class Movement:
    """A value whose share of the flow changed, beyond chance and by enough to matter.

    Parameters
    ----------
    column, value : of a trait (`models.flow_traits`).
    before, now : its shares.
    p_value : after Holm's correction for all values that were looked at.
    weight : its part in the index of its column: the change of the share by its logarithm.
    """

    column: str
    value: str
    before: float
    now: float
    p_value: float
    weight: float


def moved(before: Flow, now: Flow) -> tuple[tuple[Stability, ...], tuple[Movement, ...]]:
    """How far each column moved, and the values that moved beyond chance.

    Parameters
    ----------
    before, now : columns that one of them lacks, or has too little of, are left out.

    Returns
    -------
    Stabilities, the most moved first; movements of traits, the weightiest first.
    """
    stabilities: list[Stability] = []
    tested: list[Movement] = []
    for column in sorted(before.spreads.keys() & now.spreads.keys()):
        pair = before.spreads[column], now.spreads[column]
        if not all(_is_enough(one) for one in pair):
            continue
        table = _Table.of(*pair)
        kind: Kind = "trait" if column in _TRAITS else "score" if column in _SCORES else "feature"
        stabilities.append(Stability(column, kind, table.index, table.by_chance))
        if kind == "trait":
            tested += table.movements(column)
    stabilities.sort(key=lambda one: (-one.excess, one.column))
    return tuple(stabilities), _beyond_chance(tested)


@dataclass(frozen=True)
class _Table:
    """Two periods side by side; an element a value, rare values together as the last.

    Attributes
    ----------
    values : names of all but the rare ones.
    before, now : shares.
    variance : of the difference of the shares by chance alone.
    freedom : degrees of freedom of that variance.
    sizes : consignments of the two periods.
    """

    values: list[str]
    before: Numbers
    now: Numbers
    variance: Numbers
    freedom: int
    sizes: tuple[int, int]

    @classmethod
    def of(cls, before: Spread, now: Spread) -> _Table:
        both = before + now
        least = FEWEST_EXPECTED * both.count / min(before.count, now.count)
        values = [name for name, one in both.bins.items() if one.count >= least]
        rare = [name for name in both.bins if name not in set(values)]
        counts = [_counts(one, values, rare) for one in (before, now)]
        # A variance in proportion to the size of a flight, the same in both periods: an estimate
        # from few flights each would leave all but the largest changes in doubt.
        freedom = before.flight_count + now.flight_count - 2
        sums = _scatter(before, values, rare) + _scatter(now, values, rare)
        scale = sum((one.flight_count - 1) * one.count / one.flight_count for one in (before, now))
        pooled = (counts[0] + counts[1]) / both.count
        # Never less than independent consignments would have.
        each = np.maximum(sums / scale, pooled * (1 - pooled))
        variance = each * (1 / before.count + 1 / now.count)
        first, second = (one / of.count for one, of in zip(counts, (before, now), strict=True))
        return cls(values, first, second, variance, freedom, (before.count, now.count))

    @property
    def index(self) -> float:
        """Population stability index."""
        return float(self._parts.sum())

    @property
    def by_chance(self) -> float:
        """What the index is on average if nothing changed: the variances by their shares."""
        middle = (self.before + self.now) / 2
        held = middle > 0
        return float((self.variance[held] / middle[held]).sum())

    @property
    def _parts(self) -> Numbers:
        first, second = (
            np.maximum(shares, _SMALLEST_COUNT / size)
            for shares, size in zip((self.before, self.now), self.sizes, strict=True)
        )
        is_held = (self.before + self.now) > 0
        return np.where(is_held, (self.now - self.before) * np.log(second / first), 0.0)

    def movements(self, column: str) -> list[Movement]:
        """Every value with what a test says of its share, before any correction."""
        count = len(self.values)
        with np.errstate(divide="ignore", invalid="ignore"):
            t = np.nan_to_num((self.now - self.before) / np.sqrt(self.variance))[:count]
        p_values = 2 * stdtr(self.freedom, -np.abs(t))
        rows = zip(self.values, self.before, self.now, p_values, self._parts, strict=False)
        return [
            Movement(column, value, float(before), float(now), float(p), float(weight))
            for value, before, now, p, weight in rows
            if value != UNTOLD
        ]


def _is_enough(spread: Spread) -> bool:
    return spread.flight_count >= FEWEST_FLIGHTS and spread.count >= FEWEST_CONSIGNMENTS


def _bins(spread: Spread, values: list[str], rare: list[str]) -> list[Bin]:
    together = sum((spread.bins.get(name, Bin()) for name in rare), start=Bin())
    return [*(spread.bins.get(name, Bin()) for name in values), together]


def _counts(spread: Spread, values: list[str], rare: list[str]) -> Numbers:
    return np.array([one.count for one in _bins(spread, values, rare)], dtype=np.float64)


def _scatter(spread: Spread, values: list[str], rare: list[str]) -> Numbers:
    """Squared deviations of the flights' counts from the share of the period, by value.

    Of rare values together the deviations are added as if they were independent.
    """
    names = [*values, *rare]
    held = [spread.bins.get(name, Bin()) for name in names]
    count, squares, products = (
        np.array([getattr(one, name) for one in held], dtype=np.float64)
        for name in ("count", "squares", "products")
    )
    share = count / spread.count
    deviations = np.maximum(squares - 2 * share * products + share**2 * spread.squares, 0.0)
    return np.append(deviations[: len(values)], deviations[len(values) :].sum())


def _beyond_chance(tested: list[Movement]) -> tuple[Movement, ...]:
    """Those that remain after Holm's correction and moved by enough, the weightiest first."""
    ordered = sorted(tested, key=lambda one: (one.p_value, one.column, one.value))
    found, corrected = [], 0.0
    for at, one in enumerate(ordered):
        corrected = max(corrected, min(1.0, (len(ordered) - at) * one.p_value))
        if corrected > FALSE_ALARMS / 2:
            break
        low, high = sorted((one.before, one.now))
        if high >= FROM_RATIO * low:
            found.append(
                Movement(one.column, one.value, one.before, one.now, corrected, one.weight)
            )
    return tuple(sorted(found, key=lambda one: (-one.weight, one.column, one.value)))
