"""How foreign goods and words are to their sender: what it usually sends.

Who hides goods under a false label takes the label of something harmless, mostly of something it
does not deal in (domain report 3.1, T3: the shipper's other goods). Compared is how often the
sender declares a heading, or uses a word, with how often everybody does; a sender hardly known
tells nothing. Counts are whole 1024ths, so that sums are exact in any order.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from features.codes import Codes, coded, combined
from features.decayed import DecayedTable
from features.item_keys import ItemKeys, located, matched
from features.past_pairs import PastPairs, whole_counts
from features.units import LN_PER_THOUSANDTH, UNIT

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

PRIOR = 5.0
"""Items of everybody's goods added to a sender's own (estimate)."""


@dataclass(frozen=True)
class _Sent:
    """Items of each sender of each flight (`ItemKeys.who`), in 1024ths.

    Attributes
    ----------
    flight : the flight it is on.
    sender : the sender.
    own : its items of the flight and before; 0 where no sender is named.
    all : everybody's of the flight and before.
    is_named : whether there is a sender at all.
    """

    flight: Ints
    sender: Ints
    own: Ints
    all: Ints
    is_named: Bools


@dataclass(frozen=True)
class _Before:
    """Items of senders and things before the day, one row a pair.

    Attributes
    ----------
    sender, thing : as numbers of today; -1 where there is no such one today.
    n : items, in 1024ths.
    """

    sender: Ints
    thing: Ints
    n: Ints

    def of_pairs(self, sender: Ints, thing: Ints, things: int) -> Ints:
        """Items of pairs asked about; 0 where there were none."""
        known = np.flatnonzero((self.sender >= 0) & (self.thing >= 0))
        held = self.sender[known] * things + self.thing[known]
        at = matched(sender * things + thing, held)
        return np.append(self.n[known], 0)[at]


def own_goods(keys: ItemKeys, pairs: PastPairs, words: DecayedTable, day: date) -> pl.DataFrame:
    """How foreign each item is to its sender.

    Parameters
    ----------
    keys : of the prepared items of one day's flights.
    pairs : what is known of their pairs.
    words : items of each sender and word (`History.sender_words`).
    day : the day of the flights.

    Returns
    -------
    In the order of the items, ln: `heading_surprise` and `words_surprise` (mean over words): how
    much rarer the heading and the words are with this sender than with everybody, going by its
    other items of the past and of the flight. 0 is what one expects of anybody; null where there is
    no sender, or no word. `goods_surprise` is the smaller of the two: with an honest slip of the
    code the words stay the sender's own, with a rewritten text the heading does.
    """
    past = pairs.sender_heading
    n = whole_counts(past.past, day)
    sent = _sent(keys, past.first, n)
    who, heading = keys.who, keys.heading
    here = combined(who, heading)
    of_headings = _surprises(
        who.of[here.first], heading.of[here.first], _items(here), sent,
        _Before(past.first, past.second, n), heading.count,
    )  # fmt: skip
    of_words, has_words, texts = _of_words(keys, sent, words, day)
    both = pl.DataFrame(
        {"heading_surprise": of_headings.astype(np.float64)[here.of],
         "words_surprise": of_words[texts.of]}
    )  # fmt: skip
    is_named = keys.has_sender
    is_known = pl.Series(is_named & has_words[texts.of])
    goods = pl.min_horizontal("heading_surprise", "words_surprise")
    return both.select(
        pl.when(pl.Series(is_named)).then(pl.col("heading_surprise") * LN_PER_THOUSANDTH),
        pl.when(is_known).then(pl.col("words_surprise") * LN_PER_THOUSANDTH),
        pl.when(is_known).then(goods * LN_PER_THOUSANDTH).alias("goods_surprise"),
    )


def _sent(keys: ItemKeys, past_sender: Ints, n: Ints) -> _Sent:
    """Items of each sender on a flight and before, and of everybody."""
    who = keys.who
    sender, flight = keys.sender.of[who.first], keys.flight.of[who.first]
    is_named = keys.has_sender[who.first]
    here = np.where(is_named, _items(who), 0)
    before = _sums(past_sender, n, keys.sender.count)
    everybody = _sums(flight, here, keys.flight.count) + n.sum()
    return _Sent(flight, sender, here + before[sender], everybody[flight], is_named)


def _of_words(
    keys: ItemKeys, sent: _Sent, words: DecayedTable, day: date
) -> tuple[Floats, Bools, Codes]:
    """Mean surprise of the words of each sender's texts, in thousandths.

    Returns
    -------
    The mean of each text of each sender, whether it has words, and which of these each item is.
    """
    who, spelled = keys.who, keys.spelled
    texts = combined(who, keys.text)
    at, word = spelled.of_texts(keys.text.of[texts.first])
    said_by = who.of[texts.first][at]
    things = _paired(said_by, word, len(spelled.words))
    senders = keys.items["key_sender"].gather(keys.sender.first)
    surprise = _surprises(
        said_by[things.first],
        word[things.first],
        _sums(things.of, _items(texts)[at], things.count),
        sent,
        _Before(
            located(words.rows["key_sender"], senders),
            located(words.rows["word"], spelled.words),
            whole_counts(words, day),
        ),
        len(spelled.words),
    )
    count = np.bincount(at, minlength=texts.count)
    mean = _sums(at, surprise[things.of], texts.count) / np.maximum(count, 1)
    return mean, count > 0, texts


def _surprises(who: Ints, thing: Ints, n: Ints, sent: _Sent, past: _Before, things: int) -> Ints:
    """Surprise of each thing of a flight for its sender, in thousandths, its own item left out.

    Parameters
    ----------
    who, thing, n : each sender of a flight with each of its things, and its items.
    sent : what senders sent.
    past : the same things before.
    things : how many things there are.
    """
    sender, is_named = sent.sender[who], sent.is_named[who]
    on_flight = _paired(sent.flight[who], thing, things)
    n_all = _sums(on_flight.of, np.where(is_named, n, 0), on_flight.count)[on_flight.of]
    n_all += _sums(past.thing, past.n, things)[thing]
    n_own = n + past.of_pairs(sender, thing, things) - UNIT
    # Nothing is said of those who are not named; they stand for themselves in no sum.
    share = n_all / np.where(is_named, sent.all[who], 1)
    prior = PRIOR * UNIT
    expected = np.where(is_named, n_own + prior * share, 1.0)
    ratio = (sent.own[who] - UNIT + prior) * share / expected
    told = pl.DataFrame({"ratio": np.where(is_named, ratio, 1.0)})
    told = told.select((pl.col("ratio").log() * 1000).round().cast(pl.Int64))
    return told.to_series().to_numpy()


def _paired(one: Ints, other: Ints, others: int) -> Codes:
    """Codes of pairs of numbers, the second ones below `others`."""
    return coded(pl.Series(one * others + other))


def _items(groups: Codes) -> Ints:
    """Items of each group, in 1024ths."""
    return np.bincount(groups.of, minlength=groups.count) * UNIT


def _sums(groups: Ints, values: Ints, count: int) -> Ints:
    """Sum of each group; rows of group -1 are left out. Exact: sums stay below 2 to the 53rd."""
    known = groups >= 0
    sums = np.bincount(groups[known], weights=values[known], minlength=count)
    return sums.astype(np.int64)
