"""How consignees were written: as a table, and as stretches of numbers that loops can read."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from features.codes import Codes, coded, combined
from features.compiled import kernel

Ints = npt.NDArray[np.int64]

NOBODY = -1
"""Code of a sender that is not known: never the same as another."""

SENDER, VALUE_LOG, RARITY = 0, 1, 2
"""Where a stretch tells what is known beside: code of the sender (or `NOBODY`), thousandths of the
value's logarithm, and what it says that two come from this sender (`features.likeness.rarity`)."""

WRITTEN_FROM = 3
"""From here on it tells how the consignee was written, and where."""

PLACE, MARKS, IS_BLANK, IDENTIFIER, BITS, NAMES, STREETS, WORDS = 3, 4, 5, 6, 7, 11, 12, 13
"""Code of the place; marks of what the door leaves out; whether the name says nothing; keyed hash
of the identifier, 0 for none; filter of the name's letter pairs; number of words of the name and of
the street; then their keyed hashes, those of the name first."""

BITS_WORDS = NAMES - BITS


class People(NamedTuple):
    """Consignees, each a stretch of numbers, so that two are compared within a few cache lines.

    Attributes
    ----------
    starts : where the stretch of each row begins in `told`; one more at the end.
    told : see `SENDER` and the other positions in a stretch.
    """

    starts: Ints
    told: Ints


READ: tuple[str, ...] = (
    "importer_country", "importer_postcode", "importer_city", "importer_name_tokens",
    "importer_street_tokens", *(f"importer_name_bits_{word}" for word in range(BITS_WORDS)),
    "importer_name_length", "importer_name_has_code", "importer_name_has_digit",
    "importer_name_is_uuid", "importer_name_is_placeholder", "importer_key",
)  # fmt: skip
"""Columns of consignments that `people_of` reads."""


class Words(NamedTuple):
    """Words of every row.

    Attributes
    ----------
    starts : where the words of each row begin in `hashes`; one more at the end.
    hashes : keyed hashes, those of one row after those of the row before.
    """

    starts: Ints
    hashes: Ints


def people_of(consignments: pl.DataFrame) -> pl.DataFrame:
    """How consignees were written, in the order of the rows.

    Parameters
    ----------
    consignments : prepared consignments (`features.sight.prepared`).

    Returns
    -------
    `place` (country and postcode, or city), `names` and `streets` (hashes of words),
    `bits_0` to `bits_3` (filter of the name's letter pairs), `written` (tells apart names that
    differ in what the door leaves out), `is_blank` (a name that says nothing), `identifier`.
    """
    return consignments.select(
        place=_places(consignments),
        names="importer_name_tokens",
        streets="importer_street_tokens",
        **{f"bits_{word}": pl.col(f"importer_name_bits_{word}") for word in range(BITS_WORDS)},
        written=pl.col("importer_name_length") * 4
        + pl.col("importer_name_has_code").cast(pl.Int64) * 2
        + pl.col("importer_name_has_digit").cast(pl.Int64),
        is_blank=pl.col("importer_name_is_uuid") | pl.col("importer_name_is_placeholder"),
        identifier="importer_key",
    )


def _places(consignments: pl.DataFrame) -> pl.Series:
    """Country and postcode, or city; worked out once for all who live there."""
    columns = ("importer_country", "importer_postcode", "importer_city")
    homes = combined(*(coded(consignments[name]) for name in columns))
    postcode = _filled(pl.col("importer_postcode").str.to_uppercase().str.replace_all(r"[\W_]", ""))
    city = _filled(pl.col("importer_city").str.to_lowercase().str.strip_chars(" .-_?"))
    where = pl.coalesce(postcode, city).fill_null("?")
    texts = consignments.select(columns)[homes.first].select(
        place=pl.format("{}|{}", "importer_country", where)
    )
    return texts["place"].gather(homes.of)


def _filled(text: pl.Expr) -> pl.Expr:
    """Null where nothing but punctuation was written: `-` is no place to meet at."""
    return pl.when(text != "").then(text)


def stretches_of(
    rows: pl.DataFrame,
    names: Words,
    streets: Words,
    place: Ints,
    sender: Ints,
    value_log: pl.Series,
    rarity: pl.Series | None = None,
) -> People:
    """Consignees as stretches of numbers.

    Parameters
    ----------
    rows : columns of `people_of` but place and words.
    names, streets, place, sender, value_log, rarity : see `SENDER` and `PLACE`; without the last
        they can only be those that others are compared with.
    """
    unknown = np.zeros(rows.height, np.int64)
    fixed = [sender, _whole(value_log), unknown if rarity is None else _whole(rarity), place]
    fixed += [_whole(rows[name]) for name in ("written", "is_blank")]
    fixed += [_bits(rows[name].fill_null(0)) for name in ("identifier", *_BITS)]
    return People(*_stretches(np.column_stack(fixed), *names, *streets))


_BITS = tuple(f"bits_{word}" for word in range(BITS_WORDS))


def _whole(values: pl.Series) -> Ints:
    return values.cast(pl.Int64).to_numpy()


def _bits(values: pl.Series) -> Ints:
    return values.to_numpy().view(np.int64)


def words_of(lists: pl.Series) -> Words:
    """Words of a column of lists, none of which is missing."""
    counts = lists.list.len().cast(pl.Int64).to_numpy()
    hashes = lists.explode(empty_as_null=False).reinterpret(signed=True).to_numpy()
    return Words(_starts(counts), hashes)


def words_in(columns: pl.DataFrame) -> Words:
    """Words of columns of single words; 0 is none."""
    table = np.column_stack([_bits(columns[name]) for name in columns.columns])
    is_word = table != 0
    return Words(_starts(is_word.sum(axis=1)), table[is_word])


def _starts(counts: Ints) -> Ints:
    """Where each row's part begins, and where the last one ends."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts, dtype=np.int64)])


@kernel
def _stretches(fixed: Any, name_at: Any, names: Any, street_at: Any, streets: Any) -> Any:
    rows = len(fixed)
    starts = np.zeros(rows + 1, np.int64)
    for row in range(rows):
        words = name_at[row + 1] - name_at[row] + street_at[row + 1] - street_at[row]
        starts[row + 1] = starts[row] + WORDS + words
    told = np.empty(starts[-1], np.int64)
    for row in range(rows):
        to = starts[row]
        for at in range(NAMES):
            told[to + at] = fixed[row, at]
        told[to + NAMES] = name_at[row + 1] - name_at[row]
        told[to + STREETS] = street_at[row + 1] - street_at[row]
        _enter(told, to + WORDS, names[name_at[row] : name_at[row + 1]])
        street = to + WORDS + told[to + NAMES]
        _enter(told, street, streets[street_at[row] : street_at[row + 1]])
    return starts, told


@kernel
def _enter(told: Any, start: int, words: Any) -> None:
    """Enter words in order; they come nearly so."""
    for word in range(len(words)):
        at = start + word
        while at > start and told[at - 1] > words[word]:
            told[at] = told[at - 1]
            at -= 1
        told[at] = words[word]


def senders_of(keys: pl.Series) -> tuple[Codes, Ints]:
    """Codes of senders, and for each row its sender's place in the order of keys.

    The second is `NOBODY` for those that are not known.
    """
    senders = coded(keys)
    distinct = keys.gather(senders.first)
    rank = distinct.rank("dense").cast(pl.Int64).fill_null(0).to_numpy() - 1
    return senders, np.asarray(rank[senders.of])
