"""The rule list that chose parcels before: the reason why most labels are where they are."""

from typing import Final

import numpy as np
import polars as pl

from synthetic.goods import VAGUE_TEXTS

_WATCHED_HS4: Final = ("9503", "8504", "6404", "9102", "4202", "8517", "8518", "9004", "3304")
"""Headings the list watches: toys, chargers and what is often counterfeit (report 3.1)."""

_VAGUE: Final = [text.lower() for text in VAGUE_TEXTS]


def points(parcels: pl.DataFrame, finds: pl.DataFrame) -> pl.Series:
    """Sum the points of the rules that fire on each parcel.

    The weights are what an experienced desk might set by hand; all are estimates.

    Parameters
    ----------
    parcels
        From `roll_up`.
    finds
        Recorded findings still remembered, with `exporter_name`.

    Returns
    -------
    Series
        Points, 0 where no rule fires.
    """
    value, mass = pl.col("value"), pl.col("mass")
    counted = finds.group_by("exporter_name").agg(pl.len().clip(upper_bound=4).alias("finds"))
    parcels = parcels.join(counted, on="exporter_name", how="left", maintain_order="left")
    rules: tuple[tuple[pl.Expr, float], ...] = (
        (value.is_between(120, 150), 2.0),
        (value > 150, 1.0),
        (mass > 5, 1.2),
        (value / mass < 3, 0.8),
        (value / mass > 400, 0.8),
        (pl.col("hs6").str.slice(0, 4).is_in(_WATCHED_HS4), 1.0),
        (pl.col("text").str.to_lowercase().is_in(_VAGUE), 1.2),
        (~pl.col("street").str.contains(r"\d").fill_null(True), 0.5),
        (pl.col("codes") == "C08", 1.2),
        (pl.col("finds") >= 1, 1.0),
        (pl.col("finds") >= 2, 1.0),
        (pl.col("finds") >= 4, 1.0),
    )
    return parcels.select(
        pl.sum_horizontal(pl.when(rule).then(weight).otherwise(0.0) for rule, weight in rules)
    ).to_series()


def roll_up(declarations: pl.DataFrame) -> pl.DataFrame:
    """One row a parcel with what the rules look at, in the order of the declarations.

    Items of a parcel follow each other there, the first of them with number 1.
    """
    first = np.flatnonzero(declarations["goods_item_number"].to_numpy() == 1)
    heads = declarations.select(
        "hawb",
        "hs6",
        pl.col("goods_description").alias("text"),
        pl.col("importer_street").alias("street"),
        pl.col("additional_procedure_codes").alias("codes"),
        "exporter_name",
    )[first]
    sums = {"value": "intrinsic_value", "mass": "gross_mass_kg"}
    return heads.with_columns(
        pl.Series(name, np.add.reduceat(declarations[column].to_numpy(), first))
        for name, column in sums.items()
    )
