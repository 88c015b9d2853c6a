"""What the consignee of one consignment got in the last days: `features.acquaintance` alone."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from features import likeness
from features.acquaintance import LEAST_CENTS
from features.decayed import DecayedTable
from features.meeting import LARGEST_BLOCK
from features.single.lookup import mark_of, marks_of
from features.single.parcel import Consignment
from features.single.parties import summed
from features.single.texts import signs, small

_NAMES = tuple(f"name_{at}" for at in range(4))
_STREETS = tuple(f"street_{at}" for at in range(6))
_BITS = tuple(f"bits_{at}" for at in range(4))
_COLUMNS = (
    "place", "key_sender", *_NAMES, *_STREETS, *_BITS, "identifier", "written", "is_blank",
    "consignments", "value_cents",
)  # fmt: skip

_WRITTEN_CITY = " .-_?"
"""What is no part of a city's name, as in `features.likeness.people_of`."""


class Person(NamedTuple):
    """A consignee as it is compared, `features.likeness.people_of`.

    Attributes are those columns, bits as one tuple; `key_sender` may be None.
    """

    place: str
    key_sender: str | None
    names: frozenset[int]
    streets: frozenset[int]
    street: int
    bits: tuple[int, ...]
    written: int
    is_blank: bool
    identifier: int | None


class _Block:
    """Known rows by what they may be met at: a place and a token.

    Parameters
    ----------
    rows : `at` (position), `place`, `token`.
    """

    def __init__(self, rows: pl.DataFrame) -> None:
        rows = rows.unique()
        sizes = rows.group_by("place", "token").agg(size=pl.len())
        few = rows.join(
            sizes.filter(pl.col("size") <= LARGEST_BLOCK).drop("size"),
            on=["place", "token"], how="semi",
        )  # fmt: skip
        marks = marks_of([few["place"], few["token"]])
        order = np.argsort(marks, kind="stable")
        self._marks = np.ascontiguousarray(marks[order]).data
        self._rows = few["at"].to_numpy()[order].astype(np.int64).data
        self._tokens = few["token"].to_numpy()[order].data

    def met(self, place: str, token: int) -> Iterator[int]:
        """Positions of the rows that may have been met; their place is not compared yet."""
        mark = mark_of((place, token))
        at = bisect_left(self._marks, mark)
        while at < len(self._marks) and self._marks[at] == mark:
            if self._tokens[at] == token:
                yield self._rows[at]
            at += 1


class Met:
    """Consignees of the last days, as of a day.

    Parameters
    ----------
    profile : of `features.history.History.consignees`, as of a day before.
    day : the day.
    """

    def __init__(self, profile: DecayedTable, day: date) -> None:
        self._known = profile.at(day).select(_COLUMNS).rechunk()
        self._place = self._known["place"]
        rows = self._known.with_row_index("at")
        names = _tokens(rows, _NAMES)
        streets = rows.select("at", "place", token=_wrapped(_STREETS)).filter(
            pl.any_horizontal(rows[name] != 0 for name in _STREETS)
        )
        people = rows.filter(pl.col("identifier") != 0)
        self._by_name = _Block(_tamed(names, _tokens(rows, _STREETS)))
        self._by_street = _Block(_tamed(streets, _tokens(rows, _NAMES)))
        self._by_identifier = _Block(people.select("at", place=pl.lit(""), token="identifier"))

    def add(self, table: Consignment) -> None:
        """Add what the consignee got in the last days, from anybody and from the same sender."""
        for name in ("past", "past_sender"):
            for what in ("value_cents", "consignments", "forms"):
                table[f"{name}_{what}"] = 0
        if table["value_cents"] < LEAST_CENTS or self._known.is_empty():
            return
        person = _person(table)
        linked = [
            one for at in sorted(set(self._candidates(person)))
            if (one := self._linked(person, table["value_log"], at)) is not None
        ]  # fmt: skip
        _add_sums(table, "past", linked)
        _add_sums(table, "past_sender", [one for one in linked if one.is_same_sender])

    def _candidates(self, person: Person) -> Iterator[int]:
        for token in person.names:
            yield from self._here(self._by_name, person.place, token)
        if person.streets:
            yield from self._here(self._by_street, person.place, person.street)
        if person.identifier is not None:
            yield from self._by_identifier.met("", person.identifier)

    def _here(self, block: _Block, place: str, token: int) -> Iterator[int]:
        return (at for at in block.met(place, token) if self._place[at] == place)

    def _linked(self, person: Person, value_log: int, at: int) -> _Link | None:
        """A known row that counts as the same person."""
        row = self._known.row(at)
        other, consignments, cents = _known_person(row), row[-2], row[-1]
        is_same = person.key_sender is not None and person.key_sender == other.key_sender
        mean = round(math.log(cents / consignments) * 1000)
        told = _street_says(person, other) + _name_says(person, other)
        told += _identifier_says(person, other) + _sender_says(is_same, value_log - mean)
        sure = 1 / (1 + math.exp(told * (-1 / 1000)))
        if sure < likeness.LINKED:
            return None
        form = (other.written, other.bits, other.street)
        return _Link(is_same, round(cents), round(consignments * 100), form)


class _Link(NamedTuple):
    """A known row found again."""

    is_same_sender: bool
    value_cents: int
    hundredths: int
    form: tuple[Any, ...]


def _add_sums(table: Consignment, name: str, links: Sequence[_Link]) -> None:
    table[f"{name}_value_cents"] = sum(link.value_cents for link in links)
    table[f"{name}_consignments"] = sum(link.hundredths for link in links)
    table[f"{name}_forms"] = len({link.form for link in links})


def _tokens(rows: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    parts = [rows.select("at", "place", token=name) for name in names]
    return pl.concat(parts).filter(pl.col("token") != 0)


def _wrapped(names: Sequence[str]) -> pl.Series | pl.Expr:
    """The sum of hashes, as 64 bits hold it."""
    return pl.concat_list(list(names)).list.sum()


def _tamed(tokens: pl.DataFrame, seconds: pl.DataFrame) -> pl.DataFrame:
    """As `features.identity`: blocks that are too large are split by a second token."""
    sized = tokens.with_columns(size=pl.len().over("place", "token"))
    small_ones = sized.filter(pl.col("size") <= LARGEST_BLOCK).drop("size")
    large = sized.filter(pl.col("size") > LARGEST_BLOCK).drop("size")
    refined = large.join(seconds.select("at", second="token"), on="at", how="left").select(
        "at", "place", token=pl.col("token") ^ (pl.col("second").fill_null(0) * 31)
    )
    return pl.concat([small_ones, refined])


def _person(table: Consignment) -> Person:
    postcode, city = signs(table["importer_postcode"]), table["importer_city"]
    where = postcode or (None if city is None else small(city).strip(_WRITTEN_CITY)) or "?"
    written = table["importer_name_length"] * 4
    written += table["importer_name_has_code"] * 2 + table["importer_name_has_digit"]
    streets = table["importer_street_tokens"]
    return Person(
        f"{table['importer_country']}|{where}",
        table["key_sender"],
        frozenset(table["importer_name_tokens"]),
        frozenset(streets),
        summed(streets),
        tuple(table[f"importer_name_{bits}"] for bits in _BITS),
        written,
        table["importer_name_is_uuid"] or table["importer_name_is_placeholder"],
        table["importer_key"],
    )


def _known_person(row: tuple[Any, ...]) -> Person:
    place, sender = row[:2]
    names, streets, bits = row[2:6], row[6:12], row[12:16]
    identifier, written, is_blank = row[16:19]
    return Person(
        place, sender, frozenset(names) - {0}, frozenset(streets) - {0}, summed(list(streets)),
        bits, written, is_blank, identifier or None,
    )  # fmt: skip


def _street_says(one: Person, other: Person) -> int:
    fewer = min(len(one.streets), len(other.streets))
    shared = len(one.streets & other.streets)
    if fewer == 0:
        return likeness.NO_STREET
    if shared == fewer:
        return 0
    if 5 * shared >= 3 * fewer:
        return likeness.ALTERED_STREET
    return likeness.HALF_A_STREET if 2 * shared >= fewer else likeness.ANOTHER_STREET


def _dice(one: Person, other: Person) -> int:
    """Dice coefficient of the letter-pair filters, in thousandths."""
    shared = sum((a & b).bit_count() for a, b in zip(one.bits, other.bits, strict=True))
    total = sum(bits.bit_count() for bits in (*one.bits, *other.bits))
    return 2_000 * shared // max(total, 1)


def _name_says(one: Person, other: Person) -> int:
    if one.is_blank or other.is_blank:
        return 0
    sizes = (len(one.names), len(other.names))
    fewer, shared = min(sizes), len(one.names & other.names)
    dice = _dice(one, other)
    if shared == fewer and fewer > 0:
        return _within_says(fewer, max(sizes), dice)
    if dice >= 850:
        return likeness.NEARLY_SAME_LETTERS
    if shared >= 2:
        return likeness.SEVERAL_WORDS_SHARED
    if shared == 1:
        return likeness.ALMOST_ALIKE if dice >= 750 else likeness.ANOTHER_FIRST_NAME
    if dice >= 800:
        return likeness.LETTERS_ALIKE
    return likeness.LETTERS_SOMEWHAT_ALIKE if dice >= 650 else likeness.ANOTHER_NAME


def _within_says(fewer: int, more: int, dice: int) -> int:
    """All words of one name are among those of the other."""
    if fewer == more:
        return likeness.SAME_NAME if fewer >= 2 else likeness.SAME_SINGLE_WORD
    if fewer >= 2:
        return likeness.NAME_WITHIN_NAME
    return likeness.NEARLY_SAME_LETTERS if dice >= 850 else likeness.SURNAME_ALONE


def _identifier_says(one: Person, other: Person) -> int:
    if one.identifier is None or other.identifier is None:
        return 0
    is_same = one.identifier == other.identifier
    return likeness.SAME_IDENTIFIER if is_same else likeness.ANOTHER_IDENTIFIER


def _sender_says(is_same: bool, difference: int) -> int:
    if not is_same:
        return likeness.ANOTHER_SENDER
    low, high = likeness.SAME_SENDER_BOUNDS
    # The sender's share of a flight of one is all of it.
    rare = min(max(round(math.log(likeness.ONE_SENDER_SHARE / 1.0) * 1000), low), high)
    return rare + (likeness.LIKE_VALUES if abs(difference) <= likeness.VALUE_STEP else 0)
