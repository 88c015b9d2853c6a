"""Descriptions as words: normalised once per distinct description."""

from __future__ import annotations

import polars as pl

from engine.pseudonym import normalised
from engine.remarks import STOP_WORDS

VAGUE_WORDS: frozenset[str] = frozenset(
    word for phrase in STOP_WORDS for word in phrase.split(" ") if len(word) > 2
)
"""Single words of the ICS2 stop phrases."""

PREPARED_PHRASES: tuple[str, ...] = (
    "for fun", "for play", "make up", "plastic hat", "decoration part", "daily use",
    "for use", "home use", "plastic part", "party supplies", "game part", "for party",
)  # fmt: skip
"""Phrases that forwarders put in place of words that get stopped (domain report 1.5, point 6)."""


def without_plural(word: pl.Expr) -> pl.Expr:
    """Words of four letters or more without a plural s: `shirts` is `shirt`, `dress` stays."""
    return word.str.replace(r"(.{3,}[^s])s$", "${1}")


def words_of(descriptions: pl.Series) -> pl.DataFrame:
    """The words of distinct descriptions.

    Returns
    -------
    One row a distinct description: `goods_description`, `text` (normalised), `text_key` (its
    words without digits, sorted: the same goods in another order are the same), `words` (distinct
    words of two letters or more, plural s cut), `word_count`, `vague_share`, `has_prepared_phrase`,
    `digit_share`, `has_double_space`.
    """
    table = pl.DataFrame({"goods_description": descriptions}).unique().sort("goods_description")
    raw = pl.col("goods_description")
    text = pl.col("text")
    table = table.with_columns(text=normalised(raw))
    words = text.str.split(" ").list.eval(
        pl.element()
        .filter(pl.element().str.contains(r"^\p{L}[\p{L}\p{N}]+$"))
        .pipe(without_plural)
        .unique()
        .sort()
    )
    table = table.with_columns(words=words, _all=text.str.split(" "))
    vague = pl.element().is_in(sorted(VAGUE_WORDS)).sum()
    prepared = pl.any_horizontal(
        text.str.contains(rf"\b{phrase}s?\b") for phrase in PREPARED_PHRASES
    )
    letters = raw.str.len_chars().clip(1)
    return table.with_columns(
        text_key=pl.col("words").list.join(" "),
        word_count=pl.col("_all").list.len().cast(pl.Int64),
        vague_share=pl.col("_all").list.eval(vague).list.first() / pl.col("_all").list.len(),
        has_prepared_phrase=prepared,
        digit_share=raw.str.count_matches("[0-9]") / letters,
        has_double_space=raw.str.contains("  ", literal=True),
    ).drop("_all")
