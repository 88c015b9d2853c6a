"""The consignment: what is ranked, opened and recorded. Rolled up from its goods items."""

from __future__ import annotations

import polars as pl

from engine.declaration import CONSIGNMENT

HEADER: tuple[str, ...] = (
    "airport_of_loading",
    "uld_id",
    "mawb",
    "bag_id",
    "declaration_type",
    "declarant_eori",
    "representative_eori",
    "exporter_id",
    "exporter_name",
    "exporter_street",
    "exporter_postcode",
    "exporter_city",
    "exporter_country",
    "importer_postcode",
    "importer_city",
    "importer_country",
    "ioss_number",
    "platform",
)
"""Columns that should be the same on all items of a consignment; the first item's value counts."""


def roll_up(items: pl.DataFrame) -> pl.DataFrame:
    """One row a consignment, in canonical order.

    Parameters
    ----------
    items : `Declaration` rows.

    Returns
    -------
    Key, header (of the lowest item number), `lodged_at` (earliest), `line_count`, `hs6_count`
    (distinct codes), `piece_count` (sum of quantities, null if none is given), `package_count`,
    `gross_mass_mg`, `net_mass_mg` (null unless every item has it), `value_cents`,
    `transport_cents` (null if none is given), and
    `additional_procedure_codes` (all codes of its items, sorted, joined with |).
    """
    ordered = items.sort(*CONSIGNMENT, "goods_item_number")
    groups = ordered.group_by(CONSIGNMENT, maintain_order=True).agg(
        *(pl.col(name).first() for name in HEADER),
        pl.col("lodged_at").min(),
        pl.len().cast(pl.Int64).alias("line_count"),
        pl.col("hs6").n_unique().cast(pl.Int64).alias("hs6_count"),
        (pl.col("quantity") * 1000).round().cast(pl.Int64).sum().alias("_thousandths"),
        pl.col("quantity").count().alias("_quantities"),
        pl.col("number_of_packages").sum().alias("package_count"),
        pl.col("gross_mass_mg").sum(),
        pl.col("net_mass_mg").sum(),
        pl.col("net_mass_mg").count().alias("_nets"),
        pl.col("value_cents").sum(),
        pl.when(pl.col("transport_cents").count() > 0).then(pl.col("transport_cents").sum()),
        pl.col("additional_procedure_codes").unique().str.join("|"),
    )
    codes = pl.col("additional_procedure_codes").str.split("|").list.unique().list.sort()
    return groups.with_columns(
        additional_procedure_codes=codes.list.join("|"),
        piece_count=pl.when(pl.col("_quantities") > 0).then(pl.col("_thousandths") / 1000),
        net_mass_mg=pl.when(pl.col("_nets") == pl.col("line_count")).then("net_mass_mg"),
    ).drop("_thousandths", "_quantities", "_nets")
