"""Consignees of this flight known again from the last days, under whatever name they had then.

Who may not split on one flight splits over days (domain report 3.1, T2). What was written of each
consignee in the last week is kept as the door left it: keyed hashes and letter-pair filters, with
the sender and the sums. A flight is compared with it as with itself (`features.identity`): only
those are compared who meet (`features.meeting`).
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from features.codes import Codes, coded, combined
from features.compiled import kernel
from features.decayed import DecayedTable
from features.likeness import LEAST_SAID, rarity, said_of
from features.meeting import Points, blocks_between, met_between, points_of
from features.people import (
    NOBODY,
    READ,
    People,
    people_of,
    senders_of,
    stretches_of,
    words_in,
    words_of,
)

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

LEAST_CENTS = 2_000
"""Consignments of less are not followed: an order above EUR 150 would be in eight parts or more.
That leaves about a quarter of the flow (domain report 3.2: the median is EUR 8)."""

ALIVE_DAYS = 1.4
"""Half-life of the count that decides what is kept: one sighting is forgotten after eight days."""

SUM_DAYS = 14.0
"""Half-life of what is summed: within the week nearly all of it."""

_NAMES, _STREETS = 4, 6
"""Words kept of a name and of a street."""

_NAME_WORDS = tuple(f"name_{at}" for at in range(_NAMES))
_STREET_WORDS = tuple(f"street_{at}" for at in range(_STREETS))
_BITS = tuple(f"bits_{word}" for word in range(4))

KEYS: dict[str, pl.DataType] = (
    {"place": pl.String(), "key_sender": pl.String()}
    | {name: pl.UInt64() for name in (*_NAME_WORDS, *_STREET_WORDS, *_BITS, "identifier")}
    | {"written": pl.Int64(), "is_blank": pl.Boolean()}
)
"""How a consignee was written, and by which sender; no word is 0."""


def empty_profile() -> DecayedTable:
    """Nobody was seen."""
    sums = {"alive": ALIVE_DAYS, "consignments": SUM_DAYS, "value_cents": SUM_DAYS}
    return DecayedTable.empty(KEYS, sums)


def advanced_profile(table: DecayedTable, consignments: pl.DataFrame, day: date) -> DecayedTable:
    """The profile after one more day of prepared consignments."""
    return table.advanced(sightings(consignments), day)


def sightings(consignments: pl.DataFrame) -> pl.DataFrame:
    """How often consignees were written so, and for how much; those of flights may be added up."""
    followed = consignments.filter(pl.col("value_cents") >= LEAST_CENTS)
    rows = people_of(followed).hstack(followed.select("key_sender", "value_cents"))
    flat = rows.with_columns(
        pl.col("key_sender").fill_null(""),
        pl.col("identifier").fill_null(0),
        *(pl.col("names").list.get(at, null_on_oob=True).fill_null(0).alias(f"name_{at}")
          for at in range(_NAMES)),
        *(pl.col("streets").list.get(at, null_on_oob=True).fill_null(0).alias(f"street_{at}")
          for at in range(_STREETS)),
    )  # fmt: skip
    return flat.group_by(list(KEYS)).agg(
        alive=pl.len(), consignments=pl.len(), value_cents=pl.col("value_cents").sum()
    )


def with_acquaintances(table: pl.DataFrame, profile: DecayedTable, day: date) -> pl.DataFrame:
    """Add what the consignee of each consignment got in the last days.

    Parameters
    ----------
    table : one row a consignment, with `consignee_group` and `consignee_form`.
    profile : as of a day before.
    day : the day of the flights.

    Returns
    -------
    The rows with `past_value_cents`, `past_consignments` and `past_forms` (ways of writing) of the
    group's consignee in the last days, and `past_sender_...`, those of the same sender alone; 0 for
    none, and for consignments that are not followed.
    """
    flight = coded(table["flight_index"])
    if flight.count > 1:
        # How crowded a place is decides who meets there: each flight is seen as if alone.
        flights = table.partition_by("flight_index", maintain_order=True)
        return pl.concat([with_acquaintances(one, profile, day) for one in flights])
    group = combined(flight, coded(table["consignee_group"]))
    of_sender = combined(group, coded(table["key_sender"]))
    followed = np.flatnonzero((table["value_cents"] >= LEAST_CENTS).to_numpy())
    units = table.select(*READ, *_BESIDE)[followed]
    rows = people_of(units).hstack(units.select(_BESIDE))
    known = _met(rows, profile.at(day))
    a, b, is_same_sender = _links(rows, known)
    a = followed[a]
    sums = _summed(group, a, b, known, "past") | _summed(
        of_sender, a[is_same_sender], b[is_same_sender], known, "past_sender"
    )
    return table.with_columns(**sums)


_BESIDE = ("flight_index", "key_sender", "value_log")


def _met(rows: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Those known who live at the places of a flight, or have an identifier that it shows.

    They are all who can be met, and all who crowd these places.
    """
    identifiers = rows["identifier"].drop_nulls().unique()
    is_shown = pl.col("identifier").is_in(identifiers.implode())
    is_there = pl.col("place").is_in(rows["place"].unique().implode())
    return known.filter(is_there | is_shown if len(identifiers) else is_there)


def _links(rows: pl.DataFrame, known: pl.DataFrame) -> tuple[Ints, Ints, Bools]:
    """Consignments and rows known that are of one consignee, and whether the sender is the same."""
    if rows.is_empty() or known.is_empty():
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.bool_)
    place = coded(pl.concat([rows["place"], known["place"]])).of
    senders, sender = senders_of(pl.concat([rows["key_sender"], known["key_sender"]]))
    flight, count = coded(rows["flight_index"]), rows.height
    rare = rarity(flight, Codes(senders.of[:count], senders.first))
    mean = (pl.col("value_cents") / pl.col("consignments")).log() * 1000
    people = stretches_of(
        rows, words_of(rows["names"]), words_of(rows["streets"]), place[:count], sender[:count],
        rows["value_log"], rare,
    )  # fmt: skip
    others = stretches_of(
        known, words_in(known.select(_NAME_WORDS)), words_in(known.select(_STREET_WORDS)),
        place[count:], sender[count:], known.select(mean.round().cast(pl.Int64)).to_series(),
    )  # fmt: skip
    blocks, known_blocks = blocks_between(_points(people), _points(others))
    one, other = _linked(people.starts, people.told, blocks, others.starts, others.told,
                         known_blocks)  # fmt: skip
    sender_of, sender_then = sender[one], sender[count + other]
    return one, other, (sender_of == sender_then) & (sender_of != NOBODY)


def _points(people: People) -> Points:
    """An identifier is the same everywhere."""
    count = len(people.starts) - 1
    return points_of(people, np.arange(count), np.zeros(count, np.int64))


@kernel
def _linked(
    starts: Any, told: Any, blocks: Any, known_starts: Any, known: Any, known_blocks: Any
) -> Any:
    """Positions of those who meet and are sure enough to be one."""
    seen = np.full(len(known_starts) - 1, -1, np.int64)
    met = np.empty(len(known_starts) - 1, np.int64)
    links = np.empty((1024, 2), np.int64)
    count = 0
    for row in range(len(starts) - 1):
        for at in range(met_between(row, blocks, known_blocks, seen, met)):
            other = met[at]
            if said_of(told, starts[row], known, known_starts[other]) < LEAST_SAID:
                continue
            if count == len(links):
                links = np.concatenate((links, np.empty_like(links)))
            links[count, 0], links[count, 1] = row, other
            count += 1
    return links[:count, 0].copy(), links[:count, 1].copy()


def _summed(keys: Codes, a: Ints, b: Ints, known: pl.DataFrame, name: str) -> dict[str, pl.Series]:
    """Sums over the known rows that are linked with any row of a key, told to every row of it.

    They are of integers, so that they are the same in any order.
    """
    # A known row counts once a key, however many of its consignments are linked with it.
    met = np.unique(keys.of[a] * known.height + b)
    key, row = met // known.height, met % known.height
    seen = known[row]
    signs = (*_BITS, *_STREET_WORDS)
    written = [coded(seen[name].reinterpret(signed=True)) for name in signs]
    forms = combined(coded(seen["written"]), *written)
    distinct = np.unique(key * forms.count + forms.of) // forms.count
    amounts = seen.select(
        pl.col("value_cents").round().cast(pl.Int64),
        consignments=(pl.col("consignments") * 100).round().cast(pl.Int64),
    )
    told = {
        "value_cents": _added(key, amounts["value_cents"].to_numpy(), keys.count),
        "consignments": _added(key, amounts["consignments"].to_numpy(), keys.count),
        "forms": np.bincount(distinct, minlength=keys.count),
    }
    return {f"{name}_{of}": pl.Series(sums[keys.of]) for of, sums in told.items()}


def _added(keys: Ints, values: Ints, count: int) -> Ints:
    sums = np.zeros(count, np.int64)
    np.add.at(sums, keys, values)
    return sums
