"""How sure it is that two consignees are one, from keyed hashes alone.

Each thing compared adds the logarithm of how much likelier it is for one person than for two who
live at the same place (record linkage after Fellegi and Sunter 1969). The hard case is the couple:
same street, same surname, another first name; a split order looks much the same and comes from one
sender at like values, which couples do not often do at the same time.

All weights are thousandths of natural logarithms and estimates; they were checked, not fitted, on
invented worlds (decision record 0015).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

Ints = npt.NDArray[np.int64]

LINKED = 0.5
"""Confidence from which on two count as one."""

SAME_NAME = 3_000
SAME_SINGLE_WORD = 1_000
NAME_WITHIN_NAME = 2_500
NEARLY_SAME_LETTERS = 2_500
SEVERAL_WORDS_SHARED = -1_000
SURNAME_ALONE = -500
ALMOST_ALIKE = -1_500
ANOTHER_FIRST_NAME = -3_500
LETTERS_ALIKE = 1_500
LETTERS_SOMEWHAT_ALIKE = -1_000
ANOTHER_NAME = -4_000
"""What the names say; no name, or a machine-made one, says nothing."""

ANOTHER_STREET = -6_000
NO_STREET = -1_000
ALTERED_STREET = -300
HALF_A_STREET = -2_000
"""Half of the words of the shorter street must be shared (that may be no more than the number, or
two words that many streets begin with); without a street less is sure."""

SAME_IDENTIFIER = 14_000
ANOTHER_IDENTIFIER = -2_000
"""The same identifier links whatever else is written; two identifiers may be of two kinds."""

ONE_SENDER_SHARE = 0.4
"""Share of the consignments that one person gets on one flight that come from one sender."""

SAME_SENDER_BOUNDS = (300, 2_500)
ANOTHER_SENDER = -500
LIKE_VALUES = 700
"""Values of one sender that differ by no more than a quarter: parts of one order are alike."""

VALUE_STEP = 250
"""A quarter, in thousandths of logarithms."""


def people_of(consignments: pl.DataFrame) -> pl.DataFrame:
    """What is compared of consignees, in the order of the rows.

    Parameters
    ----------
    consignments : prepared consignments (`features.sight.prepared`).

    Returns
    -------
    `place` (country and postcode, or city), `names` and `streets` (hashes of words),
    `bits_0` to `bits_3` (filter of the name's letter pairs), `written` (tells apart names that
    differ in what the door leaves out), `is_blank` (a name that says nothing), `identifier`.
    """
    postcode = _filled(pl.col("importer_postcode").str.to_uppercase().str.replace_all(r"[\W_]", ""))
    city = _filled(pl.col("importer_city").str.to_lowercase().str.strip_chars(" .-_?"))
    where = pl.coalesce(postcode, city)
    return consignments.select(
        place=pl.format("{}|{}", "importer_country", where.fill_null("?")),
        names="importer_name_tokens",
        streets="importer_street_tokens",
        **{f"bits_{word}": pl.col(f"importer_name_bits_{word}") for word in range(4)},
        written=pl.col("importer_name_length") * 4
        + pl.col("importer_name_has_code").cast(pl.Int64) * 2
        + pl.col("importer_name_has_digit").cast(pl.Int64),
        is_blank=pl.col("importer_name_is_uuid") | pl.col("importer_name_is_placeholder"),
        identifier="importer_key",
    )


def _filled(text: pl.Expr) -> pl.Expr:
    """Null where nothing but punctuation was written: `-` is no place to meet at."""
    return pl.when(text != "").then(text)


def confidence(
    left: pl.DataFrame, right: pl.DataFrame, pairs: pl.DataFrame, beside: pl.Series | None = None
) -> pl.Series:
    """Probability that the two of each pair are one person.

    Parameters
    ----------
    left, right : rows of `people_of`.
    pairs : `a` and `b`, positions in `left` and `right`; they share a place, or an identifier.
    beside : further evidence of each pair, in thousandths of natural logarithms.
    """
    a, b = left[pairs["a"].to_numpy()], right[pairs["b"].to_numpy()]
    both = pl.concat(
        [a, b.rename({name: f"{name}_b" for name in b.columns})], how="horizontal"
    ).with_columns(dice=pl.Series(_dice(a, b), dtype=pl.Int64))
    total = _street_says() + _name_says() + _identifier_says()
    told = both.select(total=total)["total"]
    if beside is not None:
        told = told + beside
    odds = (pl.col("told") * (-1 / 1000)).exp()
    return pl.DataFrame({"told": told}).select(sure=1 / (1 + odds))["sure"]


def _dice(a: pl.DataFrame, b: pl.DataFrame) -> Ints:
    """Dice coefficients of the letter-pair filters, in thousandths."""
    one, other = (side.select(f"bits_{word}" for word in range(4)).to_numpy() for side in (a, b))
    shared = np.bitwise_count(one & other).sum(axis=1, dtype=np.int64)
    total = np.bitwise_count(one).sum(axis=1, dtype=np.int64)
    total += np.bitwise_count(other).sum(axis=1, dtype=np.int64)
    return np.asarray(2_000 * shared // np.maximum(total, 1))


def _shared(name: str) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """Words in common, and the smaller and the larger number of words."""
    counts = (pl.col(name).list.len().cast(pl.Int64), pl.col(f"{name}_b").list.len().cast(pl.Int64))
    shared = pl.col(name).list.set_intersection(f"{name}_b").list.len().cast(pl.Int64)
    return shared, pl.min_horizontal(counts), pl.max_horizontal(counts)


def _street_says() -> pl.Expr:
    shared, fewer, _ = _shared("streets")
    return (
        pl.when(fewer == 0).then(NO_STREET).when(shared == fewer).then(0)
        .when(5 * shared >= 3 * fewer).then(ALTERED_STREET)
        .when(2 * shared >= fewer).then(HALF_A_STREET).otherwise(ANOTHER_STREET)
    )  # fmt: skip


def _name_says() -> pl.Expr:
    shared, fewer, more = _shared("names")
    dice = pl.col("dice")
    is_within = (shared == fewer) & (fewer > 0)
    return (
        pl.when(pl.col("is_blank") | pl.col("is_blank_b")).then(0)
        .when(is_within & (fewer == more) & (fewer >= 2)).then(SAME_NAME)
        .when(is_within & (fewer == more)).then(SAME_SINGLE_WORD)
        .when(is_within & (fewer >= 2)).then(NAME_WITHIN_NAME)
        .when(dice >= 850).then(NEARLY_SAME_LETTERS)
        .when(is_within).then(SURNAME_ALONE)
        .when(shared >= 2).then(SEVERAL_WORDS_SHARED)
        .when((shared == 1) & (dice >= 750)).then(ALMOST_ALIKE)
        .when(shared == 1).then(ANOTHER_FIRST_NAME)
        .when(dice >= 800).then(LETTERS_ALIKE)
        .when(dice >= 650).then(LETTERS_SOMEWHAT_ALIKE)
        .otherwise(ANOTHER_NAME)
    )  # fmt: skip


def _identifier_says() -> pl.Expr:
    is_same = pl.col("identifier") == pl.col("identifier_b")
    return (
        pl.when(is_same.is_null()).then(0)
        .when(is_same).then(SAME_IDENTIFIER).otherwise(ANOTHER_IDENTIFIER)
    )  # fmt: skip


def of_one_sender(
    same: pl.Expr, share: pl.Expr, value_log: pl.Expr, value_log_b: pl.Expr
) -> pl.Expr:
    """What the senders and values of two consignments say, in thousandths of logarithms.

    Parameters
    ----------
    same : whether the sender is the same.
    share : the sender's share of the flight: of a giant everybody buys.
    value_log, value_log_b : values, thousandths of logarithms.
    """
    low, high = SAME_SENDER_BOUNDS
    rare = ((ONE_SENDER_SHARE / share).log() * 1000).round().cast(pl.Int64).clip(low, high)
    alike = pl.when((value_log - value_log_b).abs() <= VALUE_STEP).then(LIKE_VALUES).otherwise(0)
    return pl.when(same.fill_null(False)).then(rare + alike).otherwise(ANOTHER_SENDER)
