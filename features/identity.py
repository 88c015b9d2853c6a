"""Who is really who on a flight: consignees behind altered names, found without reading one.

Splitting shows only when consignments meet again that were made not to: a random suffix on the
name, a digit added, another spelling, an address with a tail. All is seen through keyed hashes
(`engine.pseudonym`). Consignments written alike are first taken together; those that share a place
and a word of the name, or a place and a street, are then compared (`features.likeness`), and links
sure enough make groups, over which sums are taken.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from features.likeness import LINKED, confidence, of_one_sender, people_of

LARGEST_BLOCK = 60
"""Blocks of more than this share a common word or a drop address, not a person; they are refined
by a second token instead of being compared pair by pair (estimate)."""

NEIGHBOURS = 8
"""In what is still too large each is compared with that many after it, in the order of waybills:
parts of one order mostly follow each other (domain report 3.1, T2; the number is an estimate)."""

_WRITTEN = ("place", "names", "streets", "bits_0", "bits_1", "bits_2", "bits_3", "written",
            "is_blank", "identifier")  # fmt: skip


def consignee_groups(consignments: pl.DataFrame) -> pl.DataFrame:
    """Group consignments of the same consignee, flight by flight.

    Parameters
    ----------
    consignments : prepared consignments (`features.sight.prepared`) of some flights, in canonical
        order.

    Returns
    -------
    In the same order: `consignee_group` (smallest row number of its group), `link_confidence` (of
    the surest link of the row to another of its group that is not written the same way; null if
    there is none) and `consignee_form` (number of the way it is written, for `distinct` counts).
    """
    rows = people_of(consignments).hstack(
        consignments.select("flight_index", "key_sender", "value_log")
    )
    rows = rows.with_columns(
        place=pl.format("{}|{}", "flight_index", "place"),
        sender_share=pl.len().over("flight_index", "key_sender")
        / pl.len().over("flight_index"),
    ).with_row_index("row")  # fmt: skip
    rows = rows.with_columns(form=_number_of(rows, list(_WRITTEN)))
    rows = rows.with_columns(unit=pl.struct("form", "key_sender").rank("dense").cast(pl.Int64) - 1)
    units = rows.group_by("unit").agg(pl.all().first()).sort("unit")
    links = _links(units)
    size = units.height
    graph = coo_matrix(
        (np.ones(links.height), (links["a"].to_numpy(), links["b"].to_numpy())), shape=(size, size)
    )
    _, component = connected_components(graph, directed=False)
    found = units.select("unit", component=pl.Series(component)).join(
        _surest(links), on="unit", how="left"
    )
    table = rows.select("row", "unit", "form").join(
        found, on="unit", how="left", maintain_order="left"
    )
    return table.select(
        consignee_group=pl.col("row").min().over("component").cast(pl.Int64),
        link_confidence="sure",
        consignee_form="form",
    )


def _number_of(rows: pl.DataFrame, columns: list[str]) -> pl.Series:
    """Number of the first row that is written the same way."""
    key = rows.select("row", *columns)
    first = key.group_by(columns).agg(form=pl.col("row").min().cast(pl.Int64))
    joined = key.join(first, on=columns, how="left", maintain_order="left", nulls_equal=True)
    return joined["form"]


def _links(units: pl.DataFrame) -> pl.DataFrame:
    """Pairs of units that count as one: `a`, `b`, `sure`, `is_same` (written the same way)."""
    pairs = candidates(units, units)
    one, other = (units[pairs[side].to_numpy()] for side in ("a", "b"))
    sides = pl.DataFrame(
        {
            "same": one["key_sender"] == other["key_sender"],
            "share": one["sender_share"],
            "value": one["value_log"],
            "value_b": other["value_log"],
        }
    )
    beside = sides.select(
        told=of_one_sender(pl.col("same"), pl.col("share"), pl.col("value"), pl.col("value_b"))
    ).to_series()
    return pairs.with_columns(
        sure=confidence(units, units, pairs, beside), is_same=one["form"] == other["form"]
    ).filter(pl.col("sure") >= LINKED)


def _surest(links: pl.DataFrame) -> pl.DataFrame:
    differing = links.filter(~pl.col("is_same"))
    both = pl.concat([differing.select("sure", unit=side) for side in ("a", "b")])
    return both.group_by("unit").agg(pl.col("sure").max())


def candidates(units: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Pairs that share a place and a word of the name, a place and a street, or an identifier.

    Parameters
    ----------
    units : rows with `place`, `names`, `streets`, `identifier`, `key_sender`.
    known : the same rows, which then meet by flight (`flight_index`), or others to be found among;
        large blocks are left out then.

    Returns
    -------
    `a` and `b`, positions in `units` and `known`, each pair once, in order.
    """
    anywhere = pl.lit("")
    if known is units:
        # An identifier is the same everywhere; who came on another flight is not seen for all that.
        blocks = _blocks(units, pl.col("flight_index").cast(pl.String))
        pairs = [_pairs_within(block) for block in blocks]
    else:
        pairs = [
            _pairs_between(one, other)
            for one, other in zip(_blocks(units, anywhere), _blocks(known, anywhere), strict=True)
        ]
    return pl.concat(pairs).unique().sort("a", "b")


def _blocks(units: pl.DataFrame, within: pl.Expr) -> list[pl.DataFrame]:
    """Rows by what they may meet at: `at` (position), `place`, `token`.

    Parameters
    ----------
    within : where those of one identifier meet.
    """
    rows = units.with_row_index("at")
    names = rows.select("at", "place", token="names").explode("token").drop_nulls()
    streets = rows.filter(pl.col("streets").list.len() > 0).select(
        "at", "place", token=pl.col("streets").list.sum()
    )
    # A house number may be altered: then the longest words of the street still meet.
    known = rows.drop_nulls("identifier").select("at", place=within, token="identifier")
    return [_tamed(names, rows), _tamed(streets, rows, by="names"), known]


def _tamed(tokens: pl.DataFrame, rows: pl.DataFrame, by: str = "streets") -> pl.DataFrame:
    """Split blocks that are too large by a second token: a street's word, or a name's."""
    sized = tokens.with_columns(size=pl.len().over("place", "token"))
    small = sized.filter(pl.col("size") <= LARGEST_BLOCK).drop("size")
    large = sized.filter(pl.col("size") > LARGEST_BLOCK).drop("size")
    if large.is_empty():
        return small
    # Without a second token the first must do alone.
    seconds = rows.select("at", second=by).explode("second", empty_as_null=True)
    refined = large.join(seconds, on="at").select(
        "at", "place", token=pl.col("token") ^ (pl.col("second").fill_null(0) * 31)
    )
    return pl.concat([small, refined])


def _pairs_within(blocks: pl.DataFrame) -> pl.DataFrame:
    """Pairs of the same block; in one that is too large only near neighbours."""
    numbered = blocks.unique().sort("place", "token", "at")
    numbered = numbered.with_columns(size=pl.len().over("place", "token"))
    small = numbered.filter(pl.col("size").is_between(2, LARGEST_BLOCK))
    pairs = small.join(small, on=["place", "token"], suffix="_b").filter(
        pl.col("at") < pl.col("at_b")
    )
    large = numbered.filter(pl.col("size") > LARGEST_BLOCK)
    near = [
        large.with_columns(at_b=pl.col("at").shift(-step).over("place", "token")).drop_nulls("at_b")
        for step in range(1, NEIGHBOURS + 1)
    ]
    return pl.concat(part.select(a="at", b="at_b") for part in (pairs, *near)).unique()


def _pairs_between(blocks: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Pairs of rows of two tables that meet in a block of no more than a few known ones."""
    sized = known.unique().with_columns(size=pl.len().over("place", "token"))
    few = sized.filter(pl.col("size") <= LARGEST_BLOCK)
    met = blocks.unique().join(few, on=["place", "token"], suffix="_b")
    return met.select(a="at", b="at_b")
