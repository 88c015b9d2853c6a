"""What a word was declared as, and what it borrows: `features.look_alikes` word by word."""

from __future__ import annotations

from collections import Counter

import polars as pl

from features.look_alikes import _COMMON, ALIKE, CONTAINED, KNOWN_FROM, LENT, SHORTEST
from features.single.lookup import Lookup
from features.units import UNIT


class Likest:
    """The words of the past, with their codes, and their likest known ones.

    Parameters
    ----------
    past : `text`, `hs6` (a number), `n` (senders in 1024ths), sorted by text.
    """

    def __init__(self, past: pl.DataFrame) -> None:
        runs = past.group_by("text", maintain_order=True).agg(
            length=pl.len().cast(pl.Int64), total=pl.sum("n")
        )
        runs = runs.with_columns(start=pl.col("length").cum_sum() - pl.col("length"))
        self._runs = Lookup.of(runs, ["text"], ["start", "length", "total"])
        self._codes, self._n = (past[name].to_numpy().data for name in ("hs6", "n"))
        # Well known words are numbered in the order of their letters.
        lenders = runs.filter(pl.col("total") >= KNOWN_FROM * UNIT)["text"].to_list()
        self._lenders: list[str] = lenders
        self._meeting = _meeting(lenders)

    def counts(self, word: str) -> Counter[int]:
        """Senders by code, 1024ths, those that the word borrows among them."""
        row = self._runs.row(word)
        told = Counter(self._of(row)) if row >= 0 else Counter()
        if (self._runs.told("total", row) or 0) < KNOWN_FROM * UNIT:
            told.update(self._lent(word))
        return told

    def _of(self, row: int) -> dict[int, int]:
        start = self._runs.told("start", row)
        end = start + self._runs.told("length", row)
        return dict(zip(self._codes[start:end], self._n[start:end], strict=True))

    def _lent(self, word: str) -> dict[int, int]:
        best = self._likest(word)
        if best is None:
            return {}
        lender, likeness = best
        row = self._runs.row(self._lenders[lender])
        total = self._runs.told("total", row)
        most = min(total, LENT * UNIT)
        lent = {code: n * most // total * likeness // 1000 for code, n in self._of(row).items()}
        return {code: n for code, n in lent.items() if n > 0}

    def _likest(self, word: str) -> tuple[int, int] | None:
        """The likest well known word, and how like it is, in thousandths."""
        if len(word) < SHORTEST:
            return None
        runs = _grams(word)
        shared: Counter[int] = Counter()
        for gram in runs:
            shared.update(self._meeting.get(gram, ()))
        best: tuple[int, int, int, int] | None = None
        for lender, count in shared.items():
            size = len(_grams(self._lenders[lender]))
            both = 2000 * count // (len(runs) + size)
            part = 1000 * count // min(len(runs), size)
            if both >= ALIKE or part >= CONTAINED:
                row = self._runs.row(self._lenders[lender])
                # The surest first: by likeness, by how well it is known, by the alphabet.
                one = (both, self._runs.told("total", row), -lender, max(both, part))
                best = one if best is None else max(best, one)
        return None if best is None else (-best[2], best[3])


def _grams(word: str) -> set[str]:
    """Runs of three letters, beginning and end marked."""
    marked = f"^{word}$"
    return {marked[at : at + 3] for at in range(len(marked) - 2)}


def _meeting(lenders: list[str]) -> dict[str, tuple[int, ...]]:
    """Well known words by the runs of letters that not too many have."""
    meeting: dict[str, list[int]] = {}
    for at, word in enumerate(lenders):
        if len(word) >= SHORTEST:
            for gram in _grams(word):
                meeting.setdefault(gram, []).append(at)
    return {gram: tuple(some) for gram, some in meeting.items() if len(some) <= _COMMON}
