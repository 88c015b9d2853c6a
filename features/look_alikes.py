"""Words hardly seen before borrow from words that look like them.

Marketplace titles are full of plurals, compounds and slips of the pen: `Taschenlampen`,
`LED-Taschenlampe`, `flashligth`. Two words are alike when they share most of their runs of three
letters; the likest known word lends what it is declared as.
"""

from __future__ import annotations

import polars as pl

from features.units import UNIT

KNOWN_FROM = 3
"""Senders from which on a word speaks for itself (estimate)."""

LENT = 3
"""Senders that a look-alike stands for at most (estimate)."""

SHORTEST = 5
"""Letters that a word must have: shorter ones are alike by chance (estimate)."""

ALIKE = 550
"""Share of the runs of both words that they have in common, in thousandths, to be alike; or of the
shorter word's runs, if it is a part of the other (estimates)."""

CONTAINED = 800

_COMMON = 60
"""Runs of letters in more words than this say nothing (estimate)."""


def grams(words: pl.DataFrame) -> pl.DataFrame:
    """Runs of three letters of words (`word`, `text`), beginning and end marked: `word`, `gram`."""
    marked = words.select("word", text="^" + pl.col("text") + "$").filter(
        pl.col("text").str.len_chars() >= SHORTEST + 2
    )
    starts = pl.int_ranges(0, pl.col("text").str.len_chars() - 2)
    rows = marked.with_columns(start=starts).explode("start")
    return rows.select("word", gram=pl.col("text").str.slice(pl.col("start"), 3)).unique()


def alike(asked: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """The likest known word of each word asked about, where there is one.

    Parameters
    ----------
    asked : `word`, `text`.
    known : `word`, `text`, `n` (how well it is known), other numbers than those of `asked`.

    Returns
    -------
    `word`, `lender` (its number in `known`), `likeness` (thousandths).
    """
    wanted, offered = grams(asked), grams(known).rename({"word": "lender"})
    useful = offered.join(wanted.select("gram").unique(), on="gram", how="semi")
    useful = useful.filter(pl.len().over("gram") <= _COMMON)
    shared = wanted.join(useful, on="gram").group_by("word", "lender").agg(shared=pl.len())
    sizes = wanted.group_by("word").agg(size=pl.len())
    lender_sizes = offered.group_by("lender").agg(lender_size=pl.len())
    pairs = shared.join(sizes, on="word").join(lender_sizes, on="lender")
    both = 2000 * pl.col("shared") // (pl.col("size") + pl.col("lender_size"))
    part = 1000 * pl.col("shared") // pl.min_horizontal("size", "lender_size")
    pairs = pairs.with_columns(both=both, part=part).filter(
        (pl.col("both") >= ALIKE) | (pl.col("part") >= CONTAINED)
    )
    pairs = pairs.join(known.select(lender="word", n="n"), on="lender")
    return (
        pairs.sort("word", "both", "n", "lender", descending=[False, True, True, False])
        .unique("word", keep="first", maintain_order=True)
        .select("word", "lender", likeness=pl.max_horizontal("both", "part"))
    )


def borrowed(past: pl.DataFrame, numbers: pl.DataFrame, codes: list[str]) -> pl.DataFrame:
    """What hardly known words of a day borrow from the past.

    Parameters
    ----------
    past : `text`, the columns `codes`, `n` (senders in 1024ths).
    numbers : the words of the day: `text`, `word`.
    codes : columns that name a code.

    Returns
    -------
    `word`, `codes`, `n`: counts to be added for these words.
    """
    totals = past.group_by("text").agg(pl.sum("n"))
    well_known = totals.filter(pl.col("n") >= KNOWN_FROM * UNIT).sort("text").with_row_index("word")
    asked = numbers.join(well_known, on="text", how="anti").select("word", "text")
    found = alike(asked, well_known)
    lenders = found.join(
        well_known.select(lender="word", text="text", total="n"), on="lender"
    ).join(past, on="text")
    most = pl.min_horizontal(pl.col("total"), pl.lit(LENT * UNIT, dtype=pl.Int64))
    lent = pl.col("n") * most // pl.col("total") * pl.col("likeness") // 1000
    return lenders.select("word", *codes, n=lent).filter(pl.col("n") > 0)
