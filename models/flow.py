"""What a flow looked like: a small summary of flights that adds up and names no consignee.

Two periods are compared by it (`models.drift`) without reading their rows again. Consignments of
one flight come alike: a shipper sends a hundred of them, a broker lodges a pallet. So beside each
count stand the sums from which the spread between flights follows; all of them are whole numbers,
and summaries of flights add up to the summary of the period, to the bit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from engine.declaration import FLIGHT
from engine.errors import InputError
from features.catalogue import FEATURES
from models.flow_traits import SCORES, TRAITS, UNTOLD, Trait

VERSION = 1
"""Of the JSON form."""

STEPS = 2
"""Bins of a feature to each doubling (estimate: finer ones are mostly noise between flights)."""

_SMALLEST, _LARGEST = -20, 40
"""Powers of two between which numbers are told apart: a millionth to a million millions."""

COUNTED: tuple[str, ...] = tuple(one.name for one in FEATURES if one.scope != "history")
"""Features that are counted. What the history tells moves as the history grows; what the flow
declares should not."""

Numbers = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Bin:
    """Consignments with one value of a column.

    Parameters
    ----------
    count : consignments.
    squares : sum over flights of the square of the flight's count.
    products : sum over flights of the flight's count by all consignments of the flight.
    """

    count: int = 0
    squares: int = 0
    products: int = 0

    def __add__(self, other: Bin) -> Bin:
        return Bin(
            self.count + other.count,
            self.squares + other.squares,
            self.products + other.products,
        )


@dataclass(frozen=True, slots=True)
class Spread:
    """How the consignments of some flights spread over the values of a column.

    Parameters
    ----------
    flight_count, count : flights and consignments that the column was looked at on.
    squares : sum over flights of the square of their consignments.
    bins : by value, in the order of their names; `UNTOLD` is the value of what is missing.
    """

    flight_count: int
    count: int
    squares: int
    bins: Mapping[str, Bin]

    def __add__(self, other: Spread) -> Spread:
        names = sorted(self.bins.keys() | other.bins.keys())
        return Spread(
            self.flight_count + other.flight_count,
            self.count + other.count,
            self.squares + other.squares,
            {name: self.bins.get(name, Bin()) + other.bins.get(name, Bin()) for name in names},
        )

    def as_json(self) -> dict[str, Any]:
        """The spread as it is kept."""
        bins = {name: [one.count, one.squares, one.products] for name, one in self.bins.items()}
        return {
            "flight_count": self.flight_count,
            "count": self.count,
            "squares": self.squares,
            "bins": bins,
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Spread:
        """The spread that `as_json` told."""
        bins = {name: Bin(*(int(number) for number in one)) for name, one in told["bins"].items()}
        return cls(int(told["flight_count"]), int(told["count"]), int(told["squares"]), bins)


@dataclass(frozen=True, slots=True)
class Flow:
    """What a flow looked like.

    Parameters
    ----------
    flight_count, consignment_count : how much it was.
    spreads : by column, in the order of their names: traits and risks (`models.flow_traits`), and
        features.
    """

    flight_count: int = 0
    consignment_count: int = 0
    spreads: Mapping[str, Spread] = field(default_factory=dict)

    def __add__(self, other: Flow) -> Flow:
        names = sorted(self.spreads.keys() | other.spreads.keys())
        none = Spread(0, 0, 0, {})
        return Flow(
            self.flight_count + other.flight_count,
            self.consignment_count + other.consignment_count,
            {
                name: self.spreads.get(name, none) + other.spreads.get(name, none)
                for name in names
            },
        )  # fmt: skip

    def beside(self, other: Flow) -> Flow:
        """The same flights, with what another summary of them tells of other columns.

        Parameters
        ----------
        other : of the same flights or a sample of them; its columns count where both have one.
        """
        both = {**self.spreads, **other.spreads}
        return replace(self, spreads={name: both[name] for name in sorted(both)})

    def as_json(self) -> dict[str, Any]:
        """The flow as it is kept: names and whole numbers."""
        return {
            "version": VERSION,
            "flight_count": self.flight_count,
            "consignment_count": self.consignment_count,
            "spreads": {name: one.as_json() for name, one in self.spreads.items()},
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Flow:
        """The flow that `as_json` told.

        Raises
        ------
        InputError
            It is no such thing, or of another version.
        """
        try:
            if told["version"] != VERSION:
                raise ValueError(f"it is of version {told['version']}, not {VERSION}")
            spreads = {name: Spread.from_json(one) for name, one in told["spreads"].items()}
            return cls(int(told["flight_count"]), int(told["consignment_count"]), spreads)
        except (KeyError, TypeError, ValueError, AttributeError) as problem:
            raise InputError(
                f"The summary of a flow cannot be read: {problem}.",
                "Train again, or do without it: drift is then not told.",
            ) from problem


def flows_added(flows: Iterable[Flow]) -> Flow:
    """The flow of several together; the empty one of none."""
    return sum(flows, start=Flow())


def flow_of(
    consignments: pl.DataFrame,
    *,
    risks: pl.DataFrame | None = None,
    features: pl.DataFrame | None = None,
) -> Flow:
    """What some whole flights looked like.

    Parameters
    ----------
    consignments : one row a consignment with its key and what traits are read from: the sight of
        the flights (`features.sight.sight`), its `prepared` consignments, or a roll-up. Traits
        whose columns are absent are left out.
    risks : key and `risk`, `risk_fiscal`, `risk_goods`, or some of them; all rows or a sample.
    features : key and columns of the catalogue; all rows or a sample.

    Returns
    -------
    The flow; the empty one of no consignment.
    """
    if consignments.is_empty():
        return Flow()
    table = _by_flight(consignments)
    spreads = {one.name: _trait_spread(table, one) for one in TRAITS if one.is_told_by(table)}
    if risks is not None and not risks.is_empty():
        table = _by_flight(risks)
        spreads |= {one.name: _trait_spread(table, one) for one in SCORES if one.is_told_by(table)}
    if features is not None and not features.is_empty():
        spreads |= _feature_spreads(features)
    spreads = {name: spreads[name] for name in sorted(spreads) if spreads[name].flight_count}
    return Flow(consignments.select(FLIGHT).n_unique(), consignments.height, spreads)


def bin_of(values: Numbers) -> Whole:
    """Bins of numbers, ascending with them: zero is 0, others are told apart by `STEPS` a doubling.

    Parameters
    ----------
    values : finite or infinite; no nan.
    """
    size = np.clip(np.abs(values), 2.0**_SMALLEST, 2.0**_LARGEST)
    mantissa, power = np.frexp(size)
    step = np.floor((mantissa - 0.5) * 2 * STEPS).astype(np.int64)
    octave = power.astype(np.int64) - _SMALLEST
    return np.asarray(np.sign(values).astype(np.int64) * (octave * STEPS + step), dtype=np.int64)


_MISSING = (_LARGEST - _SMALLEST + 2) * STEPS
"""Place of what is missing, above all bins; their negatives end above minus that."""


def _by_flight(table: pl.DataFrame) -> pl.DataFrame:
    return table.with_columns(_flight=pl.struct(FLIGHT).rank("dense").cast(pl.Int64) - 1)


def _trait_spread(table: pl.DataFrame, trait: Trait) -> Spread:
    """Flights on which nobody declares the trait are left out: they tell nothing of it."""
    counted = table.group_by("_flight", value=trait.value.fill_null(UNTOLD)).agg(
        n=pl.len().cast(pl.Int64)
    )
    is_told = (pl.col("value") != UNTOLD).any().over("_flight")
    counted = counted.filter(is_told).with_columns(size=pl.col("n").sum().over("_flight"))
    n, size = pl.col("n"), pl.col("size")
    sums = counted.group_by("value").agg(
        count=n.sum(), squares=(n * n).sum(), products=(n * size).sum()
    )
    bins = {value: Bin(*rest) for value, *rest in sums.sort("value").iter_rows()}
    flights = counted.group_by("_flight").agg(size.first())["size"]
    return Spread(len(flights), int(flights.sum()), int((flights * flights).sum()), bins)


def _feature_spreads(features: pl.DataFrame) -> dict[str, Spread]:
    flight = _by_flight(features)["_flight"].to_numpy()
    sizes = np.bincount(flight)
    return {
        name: _feature_spread(_numbers(features[name]), flight, sizes)
        for name in COUNTED
        if name in features.columns
    }


def _numbers(values: pl.Series) -> Numbers:
    return values.cast(pl.Float64).fill_null(float("nan")).to_numpy()


def _feature_spread(values: Numbers, flight: Whole, sizes: Whole) -> Spread:
    is_missing = np.isnan(values)
    at = np.where(is_missing, _MISSING, bin_of(np.where(is_missing, 0.0, values))) + _MISSING
    width = 2 * _MISSING + 1
    counts = np.bincount(flight * width + at, minlength=len(sizes) * width)
    by_flight = counts.reshape(len(sizes), width)
    told = by_flight[:, :-1].any(axis=1)  # a flight of which nothing is known tells nothing
    by_flight, sizes = by_flight[told], sizes[told]
    sums = zip(
        by_flight.sum(axis=0).tolist(),
        (by_flight * by_flight).sum(axis=0).tolist(),
        (sizes @ by_flight).tolist(),
        strict=True,
    )
    bins = {_named(at): Bin(*three) for at, three in enumerate(sums) if three[0]}
    return Spread(
        len(sizes),
        int(sizes.sum()),
        int((sizes * sizes).sum()),
        {name: bins[name] for name in sorted(bins)},
    )


def _named(at: int) -> str:
    return UNTOLD if at == 2 * _MISSING else str(at - _MISSING)
