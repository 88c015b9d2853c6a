"""Do the words fit the code? Learned from what others declare.

A description fits its code when its words stand with that code more often than chance (lifts), and
when no other code is likelier for them (odds, gap). Both are worked out once for each description
and code (`features.text_codes`), not for each goods item.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from features.code_odds import odds_of
from features.history import History
from features.item_keys import ItemKeys
from features.text_codes import LEVELS, evidence

TOLD: tuple[str, ...] = (
    *(f"text_{level}_lift" for level in LEVELS), *(f"text_{level}_odds" for level in LEVELS),
    "text_hs4_best_word", "text_known_share", "text_gap", "text_heading", "text_hs6",
    "text_certainty",
)  # fmt: skip
"""Columns of `agreement`."""

_OF_WORDS = ("text_hs4_best_word", "text_known_share")
"""Told wherever there is a word; the others only where one says something."""

_NUMBERS = (
    *(f"text_{level}_lift" for level in LEVELS), *_OF_WORDS,
    *(f"text_{level}_odds" for level in LEVELS), "text_gap", "text_certainty",
)  # fmt: skip
"""Columns of the numbers of `code_odds.odds_of`."""


def agreement(keys: ItemKeys, history: History, day: date) -> pl.DataFrame:
    """How well each item's words fit its code.

    Parameters
    ----------
    keys : of the prepared items of one day's flights.
    history : as of a day before.
    day : the day of the flights.

    Returns
    -------
    In the order of the items; null where no word is known:
    `text_hs6_lift`, `text_hs4_lift`, `text_hs2_lift` : mean over words of
        ln P(code | word) / P(code).
    `text_hs6_odds`, `text_hs4_odds`, `text_hs2_odds` : ln odds that the words' code is the
        declared one, at six, four and two digits.
    `text_hs4_best_word` : lift of the best word.
    `text_known_share` : share of words that others used.
    `text_gap` : ln of how much likelier another heading is; 0 where none is.
    `text_heading`, `text_hs6`, `text_certainty` : the likeliest heading and code, and the
        probability of that code.
    """
    found = evidence(keys, history, day)
    numbers, likeliest, has = odds_of(found, keys.spelled, keys.flight.count)
    table = pl.DataFrame(numbers, schema=_NUMBERS).with_columns(
        text_heading=pl.Series(likeliest[:, 0]).cast(pl.String).str.zfill(4),
        text_hs6=pl.Series(likeliest[:, 1]).cast(pl.Int32),
    )
    has_words, says = (pl.Series(column) for column in has.T)
    table = table.select(
        pl.when(has_words if name in _OF_WORDS else says).then(pl.col(name)).alias(name)
        for name in TOLD
    )
    return table.select(pl.all().gather(pl.Series(found.pair.of)))
