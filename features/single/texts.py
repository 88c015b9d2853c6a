"""Texts folded one by one: the forms of `engine.pseudonym` and `features.text`, without a frame.

What a letter becomes does not depend on its neighbours, so that a table of letters, asked of polars
once, does for nearly all texts. A text with a letter beyond the table is folded by polars itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache

import polars as pl

from engine.pseudonym import normalised
from features.text import PREPARED_PHRASES, VAGUE_WORDS, words_of

LETTERS = 0x250
"""Letters of the table: Latin with all its accents (Unicode blocks up to Latin Extended-B)."""

KEPT_TEXTS = 20_000
"""Distinct texts whose words are kept: some 20 MB (estimate)."""


@dataclass(frozen=True)
class Folding:
    """One way to fold texts, letter by letter.

    Attributes
    ----------
    expression : what polars makes of a text.
    table : what becomes of each letter below `LETTERS`.
    """

    expression: Callable[[pl.Expr], pl.Expr]
    table: dict[int, str]

    @classmethod
    def of(cls, expression: Callable[[pl.Expr], pl.Expr]) -> Folding:
        """Ask polars for every letter, between two others so that blanks stay."""
        letters = pl.Series([f"0{chr(at)}0" for at in range(LETTERS)])
        folded = pl.select(expression(pl.lit(letters))).to_series()
        table = {at: text[1:-1] for at, text in enumerate(folded)}
        return cls(expression, table)

    def is_known(self, text: str) -> bool:
        """Whether all letters are in the table."""
        return text.isascii() or max(text) < chr(LETTERS)

    def asked(self, text: str) -> str:
        """What polars makes of a text."""
        return str(pl.select(self.expression(pl.lit(text))).item())


def _signs(text: pl.Expr) -> pl.Expr:
    return text.str.to_uppercase().str.replace_all(r"[\W_]", "")


@cache
def _foldings() -> tuple[Folding, Folding, Folding]:
    return Folding.of(normalised), Folding.of(_signs), Folding.of(lambda t: t.str.to_lowercase())


def folded(text: str) -> str:
    """A text as `engine.pseudonym.normalised` has it."""
    folding = _foldings()[0]
    if folding.is_known(text):
        return " ".join(text.translate(folding.table).split())
    return _folded_by_polars(text)


@lru_cache(KEPT_TEXTS)
def _folded_by_polars(text: str) -> str:
    return _foldings()[0].asked(text)


def signs(text: str | None) -> str | None:
    """Capitals and digits alone; None where nothing is left."""
    if text is None:
        return None
    folding = _foldings()[1]
    told = text.translate(folding.table) if folding.is_known(text) else folding.asked(text)
    return told or None


def small(text: str) -> str:
    """Small letters."""
    if text.isascii():
        return text.lower()
    folding = _foldings()[2]
    return text.translate(folding.table) if folding.is_known(text) else folding.asked(text)


@dataclass(frozen=True, slots=True)
class Words:
    """A description as `features.text.words_of` sees it.

    Attributes are the columns of the same names.
    """

    text: str
    text_key: str
    words: tuple[str, ...]
    word_count: int
    vague_share: float
    has_prepared_phrase: bool
    digit_share: float
    has_double_space: bool


@lru_cache(KEPT_TEXTS)
def words(raw: str) -> Words:
    """The words of one description."""
    if not _foldings()[0].is_known(raw):
        return _words_by_polars(raw)
    text = folded(raw)
    parts = text.split(" ")
    kept = {_without_plural(part) for part in parts if len(part) > 1 and part[0].isalpha()}
    distinct = tuple(sorted(kept))
    return Words(
        text, " ".join(distinct), distinct, len(parts),
        sum(part in VAGUE_WORDS for part in parts) / len(parts),
        _is_prepared(f" {text} "),
        sum(raw.count(digit) for digit in "0123456789") / max(len(raw), 1),
        "  " in raw,
    )  # fmt: skip


def _words_by_polars(raw: str) -> Words:
    row = words_of(pl.Series([raw], dtype=pl.String)).row(0, named=True)
    del row["goods_description"]
    return Words(**row | {"words": tuple(row["words"])})


def _without_plural(word: str) -> str:
    """As `features.text.without_plural`."""
    if len(word) > 4 and word[-1] == "s" and word[-2] != "s":
        return word[:-1]
    return word


def _is_prepared(text: str) -> bool:
    return any(f" {phrase} " in text or f" {phrase}s " in text for phrase in PREPARED_PHRASES)
