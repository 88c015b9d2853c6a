"""How sure it is that two consignees are one, from keyed hashes alone.

Each thing compared adds the logarithm of how much likelier it is for one person than for two who
live at the same place (record linkage after Fellegi and Sunter 1969). The hard case is the couple:
same street, same surname, another first name; a split order looks much the same and comes from one
sender at like values, which couples do not often do at the same time.

All weights are thousandths of natural logarithms and estimates; they were checked, not fitted, on
invented worlds (decision record 0015).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import polars as pl

from features.codes import Codes, combined
from features.compiled import kernel
from features.people import (
    BITS,
    BITS_WORDS,
    IDENTIFIER,
    IS_BLANK,
    NAMES,
    NOBODY,
    RARITY,
    SENDER,
    STREETS,
    VALUE_LOG,
    WORDS,
)

LINKED = 0.5
"""Confidence from which on two count as one."""

LEAST_SAID = math.ceil(1000 * math.log(LINKED / (1 - LINKED)))
"""Sum of all that is said from which on they do, in thousandths of logarithms."""

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
"""What the names say, `SAME_NAME` most; no name, or a machine-made one, says nothing."""

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


def confidence(told: pl.Expr) -> pl.Expr:
    """Probability that two are one person, of the sum of all that is said (`said_of`)."""
    odds = (told * (-1 / 1000)).exp()
    return 1 / (1 + odds)


def rarity(flight: Codes, sender: Codes) -> pl.Series:
    """What it says that two consignments of a flight come from one sender.

    Parameters
    ----------
    flight, sender : of each consignment.

    Returns
    -------
    For each consignment, thousandths of logarithms; little for a giant of whom everybody buys.
    """
    low, high = SAME_SENDER_BOUNDS
    counts = {"sender": combined(flight, sender).counted(), "flight": flight.counted()}
    share = pl.col("sender") / pl.col("flight")
    rare = ((ONE_SENDER_SHARE / share).log() * 1000).round().cast(pl.Int64).clip(low, high)
    return pl.DataFrame(counts).select(rare=rare)["rare"]


@kernel
def said_of(told: Any, a: int, others: Any, b: int) -> Any:
    """All that is said of two who share a place, or an identifier.

    Parameters
    ----------
    told, others : stretches of `features.people.People`; the first are of the flight.
    a, b : where the stretches of the two begin.

    Returns
    -------
    Thousandths of logarithms; `confidence` makes a probability of it. Where nothing that a name can
    say would link them, it is not asked.
    """
    said = _sender_says(told, a, others, b) + _street_says(told, a, others, b)
    one, other = told[a + IDENTIFIER], others[b + IDENTIFIER]
    if one != 0 and other != 0:
        said += SAME_IDENTIFIER if one == other else ANOTHER_IDENTIFIER
    is_blank = told[a + IS_BLANK] or others[b + IS_BLANK]
    if is_blank or said + SAME_NAME < LEAST_SAID:
        return said
    return said + _name_says(told, a, others, b)


@kernel
def _sender_says(told: Any, a: int, others: Any, b: int) -> Any:
    if told[a + SENDER] == NOBODY or told[a + SENDER] != others[b + SENDER]:
        return ANOTHER_SENDER
    is_alike = abs(told[a + VALUE_LOG] - others[b + VALUE_LOG]) <= VALUE_STEP
    return told[a + RARITY] + (LIKE_VALUES if is_alike else 0)


@kernel
def _shared(words: Any, a: int, count: int, others: Any, b: int, other_count: int) -> int:
    """Words in common of two ordered lists."""
    end, other_end = a + count, b + other_count
    shared = 0
    while a < end and b < other_end:
        # Sums instead of branches: which word comes first cannot be guessed.
        one, other = words[a], others[b]
        shared += one == other
        a += one <= other
        b += other <= one
    return shared


@kernel
def _street_says(told: Any, a: int, others: Any, b: int) -> int:
    one, two = told[a + STREETS], others[b + STREETS]
    fewer = min(one, two)
    if fewer == 0:
        return NO_STREET
    start, other_start = a + WORDS + told[a + NAMES], b + WORDS + others[b + NAMES]
    shared = _shared(told, start, one, others, other_start, two)
    if shared == fewer:
        return 0
    if 5 * shared >= 3 * fewer:
        return ALTERED_STREET
    return HALF_A_STREET if 2 * shared >= fewer else ANOTHER_STREET


@kernel
def _name_says(told: Any, a: int, others: Any, b: int) -> int:
    one, two = told[a + NAMES], others[b + NAMES]
    shared = _shared(told, a + WORDS, one, others, b + WORDS, two)
    fewer = min(one, two)
    is_within = shared == fewer and fewer > 0
    if is_within and one == two:
        return SAME_NAME if fewer >= 2 else SAME_SINGLE_WORD
    if is_within and fewer >= 2:
        return NAME_WITHIN_NAME
    dice = _dice(told, a + BITS, others, b + BITS)
    if dice >= 850:
        return NEARLY_SAME_LETTERS
    return SURNAME_ALONE if is_within else _differing_names_say(shared, dice)


@kernel
def _differing_names_say(shared: int, dice: int) -> int:
    if shared >= 2:
        return SEVERAL_WORDS_SHARED
    if shared == 1:
        return ALMOST_ALIKE if dice >= 750 else ANOTHER_FIRST_NAME
    if dice >= 800:
        return LETTERS_ALIKE
    return LETTERS_SOMEWHAT_ALIKE if dice >= 650 else ANOTHER_NAME


@kernel
def _dice(told: Any, a: int, others: Any, b: int) -> int:
    """Dice coefficient of two letter-pair filters, in thousandths."""
    shared = total = 0
    for word in range(BITS_WORDS):
        one, other = told[a + word], others[b + word]
        shared += _bits_set(one & other)
        total += _bits_set(one) + _bits_set(other)
    return 2_000 * shared // max(total, 1)


_EVERY_SECOND = np.uint64(0x5555555555555555)
_EVERY_PAIR = np.uint64(0x3333333333333333)
_EVERY_FOUR = np.uint64(0x0F0F0F0F0F0F0F0F)
_EVERY_BYTE = np.uint64(0x0101010101010101)


@kernel
def _bits_set(word: Any) -> Any:
    """How many bits are set (Warren, Hacker's Delight, 5-1; one instruction once compiled)."""
    bits = np.uint64(word)
    bits -= (bits >> np.uint64(1)) & _EVERY_SECOND
    bits = (bits & _EVERY_PAIR) + ((bits >> np.uint64(2)) & _EVERY_PAIR)
    bits = (bits + (bits >> np.uint64(4))) & _EVERY_FOUR
    return np.int64((bits * _EVERY_BYTE) >> np.uint64(56))
