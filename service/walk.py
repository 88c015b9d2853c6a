"""The list in the order an officer walks: ULD by ULD, bag by bag."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import polars as pl

from engine.account import time_account
from engine.declaration import FLIGHT
from engine.times import InspectionTimes

_ULD = (*FLIGHT, "uld_id")
_BAG = (*_ULD, "bag_id")


@dataclass(frozen=True)
class Head:
    """What is opened before the parcels below it.

    Attributes
    ----------
    name : such as `ULD PMC1234` or `bag B12`; the loose parcels of a flight and the parcels that
        lie in no bag have heads of their own.
    minutes : to break it down or to open it; 0 where there is nothing to open.
    about : what is taken out of it.
    """

    name: str
    minutes: float
    about: str


def in_walking_order(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of a list, the ULD with the most yield first, within it the bags, then by rank.

    `rank` stays as it is. Loose parcels of a flight count as one place.
    """
    # In whole cents: sums of floats would depend on their order.
    cents = (pl.col("expected_yield") * 100).round().cast(pl.Int64)
    ranked = rows.with_columns(_uld=cents.sum().over(_ULD), _bag=cents.sum().over(_BAG))
    by = ["_uld", *_ULD, "_bag", "bag_id", "rank"]
    down = [name in {"_uld", "_bag"} for name in by]
    return ranked.sort(by, descending=down, nulls_last=True).drop("_uld", "_bag")


def walk(rows: pl.DataFrame, times: InspectionTimes) -> Iterator[Head | dict[str, Any]]:
    """Heads of ULDs and bags, each before its parcels; rows in walking order come in."""
    for uld, in_uld in groupby(rows.iter_rows(named=True), key=lambda row: _place(row, _ULD)):
        parcels = list(in_uld)
        yield _uld_head(parcels, times, rows)
        for bag, in_bag in groupby(parcels, key=lambda row: _place(row, _BAG)):
            taken = list(in_bag)
            if bag[-1] is not None:
                count = _counted(len(taken), "parcel")
                yield Head(f"bag {bag[-1]}", times.bag_opening_minutes, count)
            elif uld[-1] is not None:
                yield Head("in no bag", 0.0, _counted(len(taken), "parcel"))
            yield from taken


def _uld_head(parcels: list[dict[str, Any]], times: InspectionTimes, rows: pl.DataFrame) -> Head:
    account = time_account(rows.clear().vstack(pl.DataFrame(parcels, schema=rows.schema)), times)
    euros = sum(round(row["expected_yield"] * 100) for row in parcels) / 100
    bags = f"{_counted(account.bag_count, 'bag')}, " if account.bag_count else ""
    about = f"{bags}{_counted(len(parcels), 'parcel')}, EUR {euros:,.2f} of yield"
    uld, number = parcels[0]["uld_id"], parcels[0]["flight_number"]
    if uld is None:
        return Head(f"loose on {number}", 0.0, about)
    return Head(f"ULD {uld} of {number}", account.uld_minutes, about)


def _place(row: dict[str, Any], columns: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(row[name] for name in columns)


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
