"""Honest parcels and what a cheat would make of them, on one flight."""

from __future__ import annotations

from typing import Any

import polars as pl

from tests.worlds import through_the_door

CONSIGNMENT = ["flight_number", "flight_date", "hawb"]


def honest_parcels(raw: pl.DataFrame, truth: pl.DataFrame, count: int) -> pl.DataFrame:
    """Plain parcels of one flight: one line, one piece, under IOSS, of modest value."""
    flight = raw.filter(pl.col("flight_number") == raw["flight_number"][0])
    innocent = truth.filter(~pl.col("is_irregular"), ~pl.col("has_wrong_code"))
    plain = flight.filter(
        pl.len().over("hawb") == 1,
        pl.col("intrinsic_value_currency") == "EUR",
        pl.col("intrinsic_value").is_between(5, 40),
        pl.col("gross_mass_kg") < 0.8,
        pl.col("ioss_number").is_not_null(),
    )
    return plain.join(innocent, on=CONSIGNMENT, how="semi", maintain_order="left").head(count)


def beside(raw: pl.DataFrame, parcels: pl.DataFrame, cheat: dict[str, Any]) -> pl.DataFrame:
    """The day with a twin of each parcel, which is the parcel but for the cheat."""
    twins = parcels.with_columns(
        pl.format("{}-TWIN", "hawb").alias("hawb"),
        **cheat,
    )
    return through_the_door(pl.concat([raw, twins.select(raw.columns)]))
