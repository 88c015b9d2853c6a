"""How likely each code is for the words of a description: naive Bayes, a text and code at a time.

Logarithms are summed up as whole thousandths and probabilities as whole millionths, so that the
order of words and codes changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from features.compiled import kernel
from features.item_keys import Spelled
from features.text_codes import CANDIDATES, DEPENDENCE, PRIOR, Evidence
from features.units import LN_PER_THOUSANDTH, UNIT

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

KNOWN_FROM = 3.0
"""Senders from which on a word counts as known (estimate)."""

MOST_ODDS = 9_000
"""No description is surer than e to the ninth, in thousandths: people err (estimate)."""

_MILLION = 1_000_000

_HEADING, _CHAPTER = 100, 10_000
"""What a code is divided by for its heading and its chapter."""

_SMALLEST_REST = 1_000
"""All other codes together are at least this likely beforehand, in millionths (estimate)."""

_PRIOR = PRIOR * UNIT


@dataclass(frozen=True)
class Counted:
    """The counts of `Evidence` as arrays.

    Attributes
    ----------
    row : of each flight and word (flight times words plus word) its row; -1 where it has none.
    starts : where the codes of each row begin.
    code : position in `numbers` of the codes of each row, ascending.
    n : senders behind them, in 1024ths.
    numbers : the codes, ascending.
    share : of each flight, the share of each code in all that was declared; next to it those of
        its heading and chapter, each at the codes that belong to them.
    """

    row: Ints
    starts: Ints
    code: Ints
    n: Ints
    numbers: Ints
    share: tuple[Floats, Floats, Floats]

    @classmethod
    def of(cls, found: Evidence, flights: int, words: int) -> Counted:
        """Put counts in order, and shares beside each other."""
        counts = found.counts.sort("flight_index", "word", "hs6")
        at = counts["flight_index"].to_numpy() * words + counts["word"].to_numpy()
        known, starts = np.unique(at, return_index=True)
        row = np.full(flights * words, -1, np.int64)
        row[known] = np.arange(len(known))
        numbers = found.codes["hs6"].unique().sort().cast(pl.Int64).to_numpy()
        return cls(
            row,
            np.append(starts, len(counts)).astype(np.int64),
            np.searchsorted(numbers, counts["hs6"].to_numpy()).astype(np.int64),
            counts["n"].to_numpy(),
            numbers,
            _shares(found.codes, numbers, flights),
        )


def _shares(codes: pl.DataFrame, numbers: Ints, flights: int) -> tuple[Floats, Floats, Floats]:
    n = np.zeros((flights, len(numbers)), np.int64)
    n[codes["flight_index"].to_numpy(), np.searchsorted(numbers, codes["hs6"].to_numpy())] = codes[
        "n"
    ]
    total = n.sum(axis=1, keepdims=True)
    shares = []
    for digits in (1, _HEADING, _CHAPTER):
        _, starts, level = np.unique(numbers // digits, return_index=True, return_inverse=True)
        sums = np.add.reduceat(n, starts, axis=1) if len(starts) else n
        shares.append(np.ascontiguousarray((sums / total)[:, level]))
    return shares[0], shares[1], shares[2]


def odds_of(found: Evidence, spelled: Spelled, flights: int) -> tuple[Floats, Ints, Bools]:
    """What the words of each pair of a text and a code (`Evidence.pair`) say.

    Parameters
    ----------
    found : what is behind the words.
    spelled : the words of the texts.
    flights : how many flights there are.

    Returns
    -------
    numbers : a row a pair: lifts at six, four and two digits; lift of the best word at four; share
        of known words; odds at six, four and two digits; gap; certainty (`features.agreement`).
    likeliest : a row a pair: heading, code.
    has : a row a pair: whether there is a word; whether any word says something.
    """
    counted = Counted.of(found, flights, len(spelled.words))
    told: tuple[Floats, Ints, Bools]
    told = _told(
        found.flight, found.text, found.hs6, spelled.starts, spelled.of, counted.row,
        counted.starts, counted.code, counted.n, counted.numbers, counted.share,
        _likely(counted.starts, counted.n),
    )  # fmt: skip
    return told


@kernel
def _likely(starts: Any, n: Any) -> Any:
    """Where the codes that each word stands with most are, at most `CANDIDATES`; else -1."""
    found = np.full((len(starts) - 1, CANDIDATES), -1, np.int64)
    for row in range(len(found)):
        best = found[row]
        for at in range(starts[row], starts[row + 1]):
            # Codes ascend, so that of equal counts the smaller code stays before.
            place = CANDIDATES
            while place > 0 and (best[place - 1] < 0 or n[best[place - 1]] < n[at]):
                place -= 1
            if place < CANDIDATES:
                best[place + 1 :] = best[place:-1].copy()
                best[place] = at
    return found


@kernel
def _lift(with_code: int, share: float, n_word: int) -> Any:
    """Ln of P(code | word) over P(code), shrunk, in whole thousandths."""
    ratio = (with_code + _PRIOR * share) / ((n_word + _PRIOR) * share)
    return np.int64(np.rint(log(ratio) * 1000))


@kernel
def _behind(code: Any, n: Any, numbers: Any, hs6: int) -> Any:
    """Senders behind a word: with the code, its heading, its chapter, and all."""
    exact, heading, chapter, total = 0, 0, 0, 0
    for at in range(len(code)):
        number = numbers[code[at]]
        total += n[at]
        if number // _CHAPTER == hs6 // _CHAPTER:
            chapter += n[at]
            if number // _HEADING == hs6 // _HEADING:
                heading += n[at]
                if number == hs6:
                    exact += n[at]
    return exact, heading, chapter, total


@kernel
def _fit(rows: Any, hs6: int, starts: Any, code: Any, n: Any, numbers: Any, share: Any) -> Any:
    """Lifts of each word at each level, how many know it, its weight and its floor.

    Parameters
    ----------
    rows : row of each word.
    share : of the declared code, its heading and its chapter.
    """
    words = len(rows)
    lifts = np.empty((words, 3), np.int64)
    n_word, weight = np.empty(words, np.int64), np.empty(words, np.int64)
    floor = np.empty(words, np.int64)
    for word in range(words):
        part = slice(starts[rows[word]], starts[rows[word] + 1])
        exact, heading, chapter, total = _behind(code[part], n[part], numbers, hs6)
        # Less the one sender whose declaration it is.
        known = total - UNIT
        n_word[word] = known
        lifts[word, 0] = _lift(exact - UNIT, share[0], known)
        lifts[word, 1] = _lift(heading - UNIT, share[1], known)
        lifts[word, 2] = _lift(chapter - UNIT, share[2], known)
        # Little while it is hardly known.
        weight[word] = np.int64(np.rint(1000 * known / (known + _PRIOR)))
        floor[word] = np.int64(np.rint(log(_PRIOR / (known + _PRIOR)) * 1000))
    return lifts, n_word, weight, floor


@kernel
def _gains(
    rows: Any, own: int, lift: Any, n_word: Any, weight: Any, floor: Any, code: Any, n: Any,
    shares: Any, likely: Any,
) -> Any:  # fmt: skip
    """What the words gain for the declared code, which is the first, and for each likely other.

    Returns
    -------
    Positions of the codes, and their gains in millionths of ln.
    """
    codes = np.empty(1 + len(rows) * CANDIDATES, np.int64)
    gains = np.zeros(len(codes), np.int64)
    codes[0] = own
    count = 1
    temper = float((weight > 0).sum()) ** DEPENDENCE
    for word in range(len(rows)):
        if weight[word] <= 0:
            continue
        tempered = np.int64(np.rint(temper * weight[word]))
        gains[0] += (lift[word] - floor[word]) * tempered
        for at in likely[rows[word]]:
            if at < 0 or code[at] == own:
                continue
            place = 1
            while place < count and codes[place] != code[at]:
                place += 1
            if place == count:
                codes[count] = code[at]
                count += 1
            gained = _lift(n[at], shares[code[at]], n_word[word]) - floor[word]
            gains[place] += gained * tempered
    return codes[:count], gains[:count]


@kernel
def _probabilities(codes: Any, gains: Any, shares: Any) -> Any:
    """Probability of each code, and of all others together, in millionths of the largest."""
    ln = np.empty(len(codes) + 1, np.int64)
    rest = _MILLION
    for at in range(len(codes)):
        share = int(max(np.rint(shares[codes[at]] * _MILLION), 1.0))
        rest -= share
        ln[at] = np.int64(np.rint(log(share * (1 / _MILLION)) * 1000)) + gains[at] // 1000
    rest = max(rest, _SMALLEST_REST)
    ln[-1] = np.int64(np.rint(log(rest * (1 / _MILLION)) * 1000))
    p = np.empty(len(ln), np.int64)
    most = ln.max()
    for at in range(len(ln)):
        p[at] = np.int64(np.rint(exp((ln[at] - most) * LN_PER_THOUSANDTH) * _MILLION))
    return p


@kernel
def _best(numbers: Any, p: Any) -> Any:
    """The likeliest number, of equal ones the smallest, and its probability."""
    best = 0
    for at in range(1, len(numbers)):
        if p[at] > p[best] or (p[at] == p[best] and numbers[at] < numbers[best]):
            best = at
    return numbers[best], p[best]


@kernel
def _by_heading(hs6: Any, p: Any) -> Any:
    """Headings of codes, the first one's before all others, and the sums of their probabilities."""
    headings, sums = np.empty(len(hs6), np.int64), np.zeros(len(hs6), np.int64)
    count = 0
    for at in range(len(hs6)):
        heading = hs6[at] // _HEADING
        place = 0
        while place < count and headings[place] != heading:
            place += 1
        if place == count:
            headings[count] = heading
            count += 1
        sums[place] += p[at]
    return headings[:count], sums[:count]


@kernel
def _odds(hs6: Any, p: Any, digits: int) -> Any:
    """Ln of the probability of all that is declared at a level against the rest."""
    part = 0
    for at in range(len(hs6)):
        if hs6[at] // digits == hs6[0] // digits:
            part += p[at]
    most = MOST_ODDS * LN_PER_THOUSANDTH
    return min(max(log(max(part, 1) / max(p.sum() - part, 1)), -most), most)


@kernel
def _weighed(hs6: Any, p: Any, told: Any, likeliest: Any) -> None:
    """Odds of the declared code (the first), the likeliest, and how much likelier it is."""
    headings, sums = _by_heading(hs6, p)
    other = max(sums[1:].max(), 1) if len(sums) > 1 else 1
    most = MOST_ODDS * LN_PER_THOUSANDTH
    told[5], told[6], told[7] = _odds(hs6, p, 1), _odds(hs6, p, _HEADING), _odds(hs6, p, _CHAPTER)
    told[8] = min(max(log(other / max(sums[0], 1)), 0.0), most)
    likeliest[0], _ = _best(headings, sums)
    likeliest[1], p_best = _best(hs6, p)
    told[9] = p_best / p.sum()


@kernel
def _told(
    flight: Any, text: Any, hs6: Any, text_starts: Any, text_words: Any, row: Any, starts: Any,
    code: Any, n: Any, numbers: Any, shares: Any, likely: Any,
) -> Any:  # fmt: skip
    told = np.zeros((len(hs6), 10))
    likeliest = np.zeros((len(hs6), 2), np.int64)
    has = np.zeros((len(hs6), 2), np.bool_)
    words = len(row) // max(len(shares[0]), 1)
    for pair in range(len(hs6)):
        spelled = text_words[text_starts[text[pair]] : text_starts[text[pair] + 1]]
        if len(spelled) == 0:
            continue
        here = flight[pair]
        own = np.searchsorted(numbers, hs6[pair])
        share = (shares[0][here, own], shares[1][here, own], shares[2][here, own])
        rows = row[here * words + spelled]
        lifts, n_word, weight, floor = _fit(rows, hs6[pair], starts, code, n, numbers, share)
        has[pair, 0] = True
        told[pair, 3] = lifts[:, 1].max() * LN_PER_THOUSANDTH
        told[pair, 4] = (n_word >= KNOWN_FROM * UNIT).sum() / len(spelled)
        if weight.sum() <= 0:
            continue
        has[pair, 1] = True
        for level in range(3):
            mean = (lifts[:, level] * weight).sum() / weight.sum()
            told[pair, level] = mean * LN_PER_THOUSANDTH
        here_shares = shares[0][here]
        codes, gains = _gains(
            rows, own, lifts[:, 0], n_word, weight, floor, code, n, here_shares, likely
        )
        p = _probabilities(codes, gains, here_shares)
        # All others together are in the sum alone.
        _weighed(numbers[codes], p, told[pair], likeliest[pair])
    return told, likeliest, has
