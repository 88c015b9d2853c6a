"""Which goods, how many, how mixed."""

from __future__ import annotations

import polars as pl

from features.feature import Feature

CATCH_ALL = ("392690", "392620", "630790", "950300", "960719", "732690", "420292", "854370")
"""Codes that fit anything; forwarders fall back on them (domain report 1.5 point 7, T4)."""

FEATURES: tuple[Feature, ...] = (
    Feature("line_count", "consignment", "commodity", "count", "goods items", pl.col("line_count"),
            "{value:.0f} goods items, more than {rank:.0f} % of this flight"),
    Feature("hs6_count", "consignment", "commodity", "count", "distinct commodity codes",
            pl.col("hs6_count")),
    Feature("chapter_count", "consignment", "commodity", "count", "distinct chapters",
            pl.col("distinct_chapters")),
    Feature("texts_per_code", "consignment", "commodity", "ratio",
            "distinct descriptions over distinct codes",
            pl.col("distinct_texts") / pl.col("hs6_count"),
            "{texts:.0f} different descriptions under {codes:.0f} commodity code(s)"),
    Feature("piece_count", "consignment", "commodity", "count", "pieces declared",
            pl.col("piece_count"), "{value:.0f} pieces, more than {rank:.0f} % of this flight"),
    Feature("largest_quantity", "consignment", "commodity", "count", "pieces of one item",
            pl.col("largest_quantity"), "{value:g} pieces of one article for a private person"),
    Feature("package_count", "consignment", "commodity", "count", "packages declared",
            pl.col("package_count")),
    Feature("chapter", "consignment", "commodity", "chapter", "chapter of its dearest item",
            pl.col("main_hs6").str.head(2).cast(pl.Float64, strict=False)),
    Feature("heading", "consignment", "commodity", "heading", "heading of its dearest item",
            pl.col("main_hs6").str.head(4).cast(pl.Float64, strict=False)),
    Feature("is_catch_all", "consignment", "commodity", "0 or 1",
            "dearest item stands under a code that fits anything",
            pl.col("main_hs6").is_in(CATCH_ALL),
            "'{item}' stands under {item_hs6}, a code that fits anything"),
    Feature("sender_code_variety", "flight", "commodity", "share 0 to 1",
            "distinct codes over distinct descriptions of this sender on the flight",
            pl.col("sender_flight_codes") / pl.col("sender_flight_texts"),
            "this sender puts {sender_texts:.0f} different descriptions under "
            "{sender_codes:.0f} code(s) on this flight"),
    Feature("sender_code_is_new", "history", "commodity", "0 or 1",
            "a known sender declares a heading it has not declared before",
            pl.when(pl.col("sender_consignments") > 3).then(
                pl.col("sender_heading_items").is_null()),
            "this sender has not declared such goods before"),
    Feature("product_code_is_new", "history", "commodity", "0 or 1",
            "its product identifier was never seen with this code",
            pl.when(pl.col("missing_product_ids") == 0).then(
                pl.col("product_code_items").is_null())),
    Feature("product_ids_missing", "consignment", "commodity", "share 0 to 1",
            "items without a product identifier",
            pl.col("missing_product_ids") / pl.col("line_count")),
    Feature("product_id_variety", "consignment", "commodity", "share 0 to 1",
            "distinct product identifiers over items",
            pl.col("product_ids") / pl.col("line_count")),
)  # fmt: skip
