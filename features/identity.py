"""Who is really who on a flight: consignees behind altered names, found without reading one.

Splitting shows only when consignments meet again that were made not to: a random suffix on the
name, a digit added, another spelling, an address with a tail. Two consignments are linked when
they share a postcode and enough of their name and street, both seen through keyed hashes only
(`engine.pseudonym`). Linked consignments form a group; sums are taken over groups.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

LARGEST_BLOCK = 60
"""Blocks of more consignments than this share a common word or a drop address, not a person; they
are refined by a second token instead of being compared pair by pair (estimate)."""

SAME_NAME = 0.70
"""Dice coefficient of the letter-pair filters from which two names count as one: a five-character
suffix on a name of 14 letters gives 0.80, two different full names of one family 0.5 to 0.65
(measured in the tests)."""

SAME_ADDRESS_HELP = 0.05
"""By how much less the names may agree at the very same address. More would make one person of a
couple: at 0.05, 94 % of the links are right and 90 % of split orders meet; at 0.15 it was 87 % and
92 % (demo world)."""

SAME_STREET = 0.50
"""Share of the shorter street's words that must agree: a tail or a changed number may differ."""


def consignee_groups(consignments: pl.DataFrame) -> pl.DataFrame:
    """Group consignments of the same consignee, flight by flight.

    Parameters
    ----------
    consignments : one row a consignment: `flight_index`, `importer_country`, `importer_postcode`,
        `importer_city`, the name tokens and bits, the street tokens, `importer_key`.

    Returns
    -------
    In the same order: `consignee_group` (smallest row number of its group) and `link_strength`
    (strongest name agreement of the row with another of its group that is not written the same
    way; null if there is none).
    """
    table = consignments.select(
        "flight_index", "importer_country", "importer_postcode", "importer_city", "importer_key",
        "importer_name_tokens", "importer_street_tokens",
        *(f"importer_name_bits_{word}" for word in range(4)),
    ).with_row_index("row")  # fmt: skip
    table = table.with_columns(
        place=pl.format(
            "{}|{}|{}",
            "flight_index",
            "importer_country",
            pl.coalesce(
                _filled(
                    pl.col("importer_postcode").str.to_uppercase().str.replace_all(r"[\W_]", "")
                ),
                _filled(pl.col("importer_city").str.to_lowercase().str.strip_chars(" .-_?")),
                pl.lit("?"),
            ),
        )
    )
    pairs = _candidates(table)
    links = _links(table, pairs)
    size = table.height
    graph = coo_matrix(
        (np.ones(links.height), (links["a"].to_numpy(), links["b"].to_numpy())), shape=(size, size)
    )
    _, component = connected_components(graph, directed=False)
    groups = pl.DataFrame({"row": table["row"], "component": component})
    both = pl.concat(
        [links.select(row="a", strength="strength", same="same"),
         links.select(row="b", strength="strength", same="same")]
    )  # fmt: skip
    strength = both.filter(~pl.col("same")).group_by("row").agg(pl.col("strength").max())
    return (
        groups.with_columns(consignee_group=pl.col("row").min().over("component").cast(pl.Int64))
        .join(strength, on="row", how="left", maintain_order="left")
        .select("consignee_group", link_strength="strength")
    )


def _filled(text: pl.Expr) -> pl.Expr:
    """Null where nothing but punctuation was written: `-` is no place to meet at."""
    return pl.when(text != "").then(text)


def _candidates(table: pl.DataFrame) -> pl.DataFrame:
    """Pairs of rows that share a place and a name word, or a place and a whole street."""
    name = table.select("row", "place", token="importer_name_tokens").explode("token").drop_nulls()
    street = table.filter(pl.col("importer_street_tokens").list.len() > 0).select(
        "row", "place", token=pl.col("importer_street_tokens").list.sum()
    )
    known = table.filter(pl.col("importer_key").is_not_null()).select(
        "row", place=pl.col("flight_index").cast(pl.String), token="importer_key"
    )
    pairs = [_pairs_within(block) for block in (_tamed(name, table), street, known)]
    return pl.concat(pairs).unique().sort("a", "b")


def _tamed(tokens: pl.DataFrame, table: pl.DataFrame) -> pl.DataFrame:
    """Split blocks of common words by the words of the street as well."""
    sized = tokens.with_columns(size=pl.len().over("place", "token"))
    small = sized.filter(pl.col("size").is_between(2, LARGEST_BLOCK)).drop("size")
    large = sized.filter(pl.col("size") > LARGEST_BLOCK).drop("size")
    if large.is_empty():
        return small
    # Without a street the name's word must do alone.
    streets = table.select("row", street="importer_street_tokens").explode(
        "street", empty_as_null=True
    )
    refined = large.join(streets, on="row").select(
        "row", "place", token=pl.col("token") ^ (pl.col("street").fill_null(0) * 31)
    )
    return pl.concat([small, refined])


def _pairs_within(blocks: pl.DataFrame) -> pl.DataFrame:
    """All pairs of rows of the same block; a block that is too large is chained, not squared."""
    numbered = blocks.unique().sort("place", "token", "row")
    numbered = numbered.with_columns(size=pl.len().over("place", "token"))
    numbered = numbered.filter(pl.col("size") > 1)
    small = numbered.filter(pl.col("size") <= LARGEST_BLOCK)
    pairs = small.join(small, on=["place", "token"], suffix="_b").filter(
        pl.col("row") < pl.col("row_b")
    )
    large = numbered.filter(pl.col("size") > LARGEST_BLOCK)
    chained = large.with_columns(row_b=pl.col("row").shift(-1).over("place", "token")).drop_nulls()
    return pl.concat(
        [pairs.select(a="row", b="row_b"), chained.select(a="row", b="row_b")]
    ).unique()


def _links(table: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs that agree enough: `a`, `b`, `strength`, `same` (written the same way)."""
    bits = table.select(f"importer_name_bits_{word}" for word in range(4)).to_numpy()
    a, b = pairs["a"].to_numpy(), pairs["b"].to_numpy()
    shared = np.bitwise_count(bits[a] & bits[b]).sum(axis=1, dtype=np.int64)
    total = np.bitwise_count(bits[a]).sum(axis=1, dtype=np.int64)
    total += np.bitwise_count(bits[b]).sum(axis=1, dtype=np.int64)
    sides = table.select("row", names="importer_name_tokens", streets="importer_street_tokens",
                         id="importer_key")  # fmt: skip
    seen = (
        pairs.with_columns(dice=2 * shared / np.maximum(total, 1))
        .join(sides.rename({"row": "a"}), on="a", how="left", maintain_order="left")
        .join(sides.rename({"row": "b"}), on="b", how="left", suffix="_b", maintain_order="left")
    )
    shared_names = pl.col("names").list.set_intersection("names_b").list.len().cast(pl.Int64)
    fewer_names = pl.min_horizontal(pl.col("names").list.len(), pl.col("names_b").list.len()).cast(
        pl.Int64
    )
    shared_streets = pl.col("streets").list.set_intersection("streets_b").list.len()
    fewer = pl.min_horizontal(pl.col("streets").list.len(), pl.col("streets_b").list.len())
    street = pl.when(fewer > 0).then(shared_streets / fewer)
    contained = (shared_names >= 2) & (shared_names == fewer_names)
    name = pl.max_horizontal("dice", pl.when(contained).then(0.95).otherwise(0.0))
    same_id = (pl.col("id") == pl.col("id_b")).fill_null(False)
    is_linked = same_id | ((name >= SAME_NAME) & (street.is_null() | (street >= SAME_STREET)))
    is_linked |= (street.fill_null(0.0) == 1.0) & (name >= SAME_NAME - SAME_ADDRESS_HELP)
    no_street_is_weak = street.is_not_null() | (name >= SAME_NAME + 0.15)
    return (
        seen.with_columns(
            strength=name,
            same=(pl.col("names") == pl.col("names_b"))
            & (pl.col("streets") == pl.col("streets_b")),
        )
        .filter(is_linked & (no_street_is_weak | same_id))
        .select("a", "b", "strength", "same")
    )
