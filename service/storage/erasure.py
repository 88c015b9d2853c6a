"""What is taken out of declarations when consignees are let go.

What links a consignee to other parcels goes: identifier, hashes of the street's words, filter of
the name's letters, city, and all of the postcode but its beginning. The hashes of the name's words
are replaced by one number drawn for the parcel, so that nobody takes all those let go for one
person. What stays (country, region, how long the name was, whether it looked invented) tells of no
one, and models learn from it.
"""

from __future__ import annotations

import secrets

import polars as pl

from engine.declaration import CONSIGNMENT

POSTCODE_CHARACTERS = 2
"""Beginning of a postcode that is kept: a region of some hundred thousand people (estimate)."""

_BITS = [f"importer_name_bits_{word}" for word in range(4)]


class Eraser:
    """Takes consignees out of rows.

    The numbers it draws belong to the consignment and to this eraser, whose secret is never kept:
    the versions of one consignment stay together, and nothing else does.
    """

    def __init__(self) -> None:
        self._seed = secrets.randbits(64)

    def erased(self, rows: pl.DataFrame, kept: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
        """Rows without the consignees that are not to be kept.

        Parameters
        ----------
        rows : columns of `engine.declaration.Declaration`, and others.
        kept : keys of consignments that keep theirs.

        Returns
        -------
        The rows in their order, and of each whether something was taken out of it.
        """
        marked = rows.select(CONSIGNMENT).join(
            kept.select(CONSIGNMENT).unique().with_columns(_kept=True),
            on=CONSIGNMENT, how="left", maintain_order="left",
        )  # fmt: skip
        goes = marked["_kept"].is_null() & rows.select(_says_who()).to_series()
        drawn = pl.concat_list(pl.struct(CONSIGNMENT).hash(self._seed))
        empty = pl.lit([], dtype=pl.List(pl.UInt64))
        instead = {
            "importer_key": pl.lit(None, pl.UInt64),
            "importer_name_tokens": drawn,
            **{name: pl.lit(0, pl.UInt64) for name in _BITS},
            "importer_street_tokens": empty,
            "importer_postcode": pl.col("importer_postcode").str.head(POSTCODE_CHARACTERS),
            "importer_city": pl.lit(None, pl.String),
        }
        done = rows.with_columns(
            pl.when(goes).then(value).otherwise(pl.col(name)).alias(name)
            for name, value in instead.items()
        )
        return done, goes


def _says_who() -> pl.Expr:
    """Whether a row still says who its consignee is."""
    return pl.any_horizontal(
        pl.col("importer_key").is_not_null(),
        pl.any_horizontal(pl.col(name) != 0 for name in _BITS),
        pl.col("importer_street_tokens").list.len().fill_null(0) > 0,
        pl.col("importer_postcode").str.len_chars().fill_null(0) > POSTCODE_CHARACTERS,
        pl.col("importer_city").is_not_null(),
    )
