"""Whether the words of one consignment fit its codes: `features.agreement` for one alone.

What is known of a word does not depend on who asks: its codes, those it borrows from look-alikes
among them, are gathered once a day, when it is first asked for. What the consignment itself says is
added, and the result kept by all that it depends on: the words and codes of its items.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from features.agreement import TOLD
from features.code_odds import KNOWN_FROM, MOST_ODDS
from features.goods_words import goods_words
from features.history import History
from features.single.likest import Likest
from features.single.parcel import Item
from features.text_codes import CANDIDATES, DEPENDENCE, LEVELS, PRIOR, TABLE_SENDERS
from features.units import LN_PER_THOUSANDTH, UNIT, whole

Pair = tuple[str, int]
"""Words of a description, as its `text_key`, and the code as a number."""

KEPT_WORDS = 20_000
"""Words whose codes are kept: some 40 MB (estimate: 40 codes a word)."""

KEPT_PAIRS = 50_000
"""Descriptions with their codes whose fit is kept: some 50 MB (estimate)."""

_MILLION = 1_000_000
_SMALLEST_REST = 1_000
"""Millionths that all other codes together have at least, as in `features.code_odds`."""

_PRIOR = PRIOR * UNIT
_DIVISORS = tuple(LEVELS.values())
_NOTHING = dict.fromkeys(TOLD)


@dataclass(frozen=True, slots=True)
class Codes:
    """What a word, or the whole past, was declared as.

    Attributes
    ----------
    total : senders, 1024ths.
    by_level : the same by code, at each level.
    likeliest : the codes with most senders, most first.
    """

    total: int
    by_level: tuple[dict[int, int], ...]
    likeliest: tuple[int, ...]

    @classmethod
    def of(cls, counts: Counter[int]) -> Codes:
        """Sum up counts by code of six digits."""
        levels: list[dict[int, int]] = []
        for divisor in _DIVISORS:
            level: Counter[int] = Counter()
            for code, n in counts.items():
                level[code // divisor] += n
            levels.append(dict(level))
        order = sorted(counts, key=lambda code: (-counts[code], code))
        return cls(sum(counts.values()), tuple(levels), tuple(order[:CANDIDATES]))


class Wording:
    """Which codes words stand with, as of a day.

    Parameters
    ----------
    history : as of a day before.
    day : the day.
    """

    def __init__(self, history: History, day: date) -> None:
        rows = history.words.at(day).select("hs6", text="word", n=whole("senders"))
        table = goods_words().select(
            "hs6", "text", n=pl.col("share") * (TABLE_SENDERS * UNIT) // 1000
        )
        past = pl.concat([rows, table]).group_by("text", "hs6").agg(pl.sum("n"))
        past = past.with_columns(pl.col("hs6").cast(pl.Int32)).sort("text", "hs6")
        by_code = past.group_by("hs6").agg(pl.sum("n"))
        self._past = Codes.of(Counter(dict(by_code.iter_rows())))
        self._likest = Likest(past)
        self._words: dict[str, Codes] = {}
        self._fits: dict[tuple[Pair, ...], dict[Pair, dict[str, Any]]] = {}

    def add(self, items: Sequence[Item]) -> None:
        """Add to items what `features.agreement.agreement` tells of them."""
        pairs = {(item["text_key"], int(item["hs6"])): item["words"] for item in items}
        key = tuple(sorted(pairs))
        if key not in self._fits:
            if len(self._fits) >= KEPT_PAIRS:
                self._fits.clear()
            self._fits[key] = self._fitted(pairs)
        told = self._fits[key]
        for item in items:
            item.update(told[item["text_key"], int(item["hs6"])])

    def _codes(self, word: str) -> Codes:
        if word not in self._words:
            if len(self._words) >= KEPT_WORDS:
                self._words.clear()
            self._words[word] = Codes.of(self._likest.counts(word))
        return self._words[word]

    def _fitted(self, pairs: dict[Pair, tuple[str, ...]]) -> dict[Pair, dict[str, Any]]:
        said: dict[str, set[int]] = {}
        for (_, code), words in pairs.items():
            for word in words:
                said.setdefault(word, set()).add(code)
        everything = _Counts(self._past, [code for codes in said.values() for code in codes])
        counts = {word: _Counts(self._codes(word), codes) for word, codes in said.items()}
        return {
            (text, code): _fit(code, [counts[word] for word in words], everything)
            for (text, code), words in pairs.items()
        }


class _Counts:
    """Counts of the past and of the consignment itself, together."""

    def __init__(self, past: Codes, here: Sequence[int] | set[int]) -> None:
        self._past = past
        self._here = tuple(here)
        self.total = past.total + len(self._here) * UNIT

    def at(self, level: int, code: int) -> int:
        """Senders behind a code at a level."""
        divisor = _DIVISORS[level]
        n = self._past.by_level[level].get(code, 0)
        return n + UNIT * sum(one // divisor == code for one in self._here)

    def likeliest(self) -> list[int]:
        """The codes with most senders. Only those said here have gained: no other can have come
        among the first.
        """
        offered = {*self._past.likeliest, *self._here}
        return sorted(offered, key=lambda code: (-self.at(0, code), code))[:CANDIDATES]


@dataclass(frozen=True, slots=True)
class _Seen:
    """One word of a description beside its code."""

    n: int
    lifts: tuple[int, ...]
    weight: int
    floor: int


def _lift(with_code: int, n_word: int, share: float) -> int:
    ratio = (with_code + _PRIOR * share) / ((n_word + _PRIOR) * share)
    return round(math.log(ratio) * 1000)


def _fit(code: int, words: Sequence[_Counts], everything: _Counts) -> dict[str, Any]:
    """The columns of `features.agreement` of one description under one code."""
    if not words:
        return dict(_NOTHING)
    codes = tuple(code // divisor for divisor in _DIVISORS)
    shares = tuple(everything.at(at, one) / everything.total for at, one in enumerate(codes))
    seen = []
    for word in words:
        n = word.total - UNIT
        lifts = tuple(_lift(word.at(at, one) - UNIT, n, shares[at]) for at, one in enumerate(codes))
        weight = round(1000 * n / (n + _PRIOR))
        seen.append(_Seen(n, lifts, weight, round(math.log(_PRIOR / (n + _PRIOR)) * 1000)))
    return _NOTHING | _lifted(seen) | _weighed(code, words, seen, everything, shares[0])


def _lifted(seen: Sequence[_Seen]) -> dict[str, Any]:
    total = sum(word.weight for word in seen)
    told: dict[str, Any] = {
        "text_hs4_best_word": max(word.lifts[1] for word in seen) * LN_PER_THOUSANDTH,
        "text_known_share": sum(word.n >= KNOWN_FROM * UNIT for word in seen) / len(seen),
    }
    for at, level in enumerate(LEVELS):
        mean = None
        if total > 0:
            mean = sum(word.lifts[at] * word.weight for word in seen) / total * LN_PER_THOUSANDTH
        told[f"text_{level}_lift"] = mean
    return told


def _weighed(
    said: int, words: Sequence[_Counts], seen: Sequence[_Seen], everything: _Counts, share: float
) -> dict[str, Any]:
    """Odds of the declared code, the likeliest code, and how much likelier it is."""
    known = [(word, one) for word, one in zip(words, seen, strict=True) if one.weight > 0]
    if not known:
        return {}
    temper = float(len(known)) ** DEPENDENCE
    shares, gains = {said: share}, {said: 0}
    for word, one in known:
        weight = round(temper * one.weight)
        gains[said] += (one.lifts[0] - one.floor) * weight
        for code in word.likeliest():
            if code != said:
                part = shares.setdefault(code, everything.at(0, code) / everything.total)
                lift = _lift(word.at(0, code), one.n, part)
                gains[code] = gains.get(code, 0) + (lift - one.floor) * weight
    millionths = {code: max(round(part * _MILLION), 1) for code, part in shares.items()}
    rest = max(_MILLION - sum(millionths.values()), _SMALLEST_REST)
    logs = {code: _milli(n) + gains[code] // 1000 for code, n in millionths.items()}
    return _told(said, logs, _milli(rest))


def _milli(millionths: int) -> int:
    return round(math.log(millionths * (1 / _MILLION)) * 1000)


def _told(said: int, logs: dict[int, int], rest: int) -> dict[str, Any]:
    most = max(rest, *logs.values())

    def chance(log: int) -> int:
        return round(math.exp((log - most) * LN_PER_THOUSANDTH) * _MILLION)

    p = {code: chance(log) for code, log in logs.items()}
    total = sum(p.values()) + chance(rest)
    headings: Counter[int] = Counter()
    for code, part in p.items():
        headings[code // 100] += part
    heading = min(headings, key=lambda one: (-headings[one], one))
    likeliest = min(p, key=lambda code: (-p[code], code))
    others = [part for one, part in headings.items() if one != said // 100]
    better = max(max(others, default=1), 1) / max(headings[said // 100], 1)
    limit = MOST_ODDS * LN_PER_THOUSANDTH
    told: dict[str, Any] = {
        "text_heading": f"{heading:04d}",
        "text_gap": min(max(math.log(better), 0.0), limit),
        "text_hs6": likeliest,
        "text_certainty": p[likeliest] / total,
    }
    for level, divisor in LEVELS.items():
        part = sum(n for code, n in p.items() if code // divisor == said // divisor)
        odds = math.log(max(part, 1) / max(total - part, 1))
        told[f"text_{level}_odds"] = min(max(odds, -limit), limit)
    return told
