"""Signs that the forwarder prepared the file: they say how far its numbers can be believed."""

from __future__ import annotations

import polars as pl

from features.feature import Feature

FEATURES: tuple[Feature, ...] = (
    Feature("file_consignments", "flight", "preparation", "count",
            "consignments of its master waybill", pl.col("file_consignments")),
    Feature("file_ratio_variety", "flight", "preparation", "share 0 to 1",
            "distinct gross/net ratios over consignments of the master waybill",
            pl.when(pl.col("file_ratio_count") > 0).then(
                pl.col("file_ratios") / pl.col("file_ratio_count")),
            "gross over net mass takes only {percent:.0f} different values in 100 parcels of this "
            "master waybill: a prepared file"),
    Feature("file_same_ratio", "flight", "preparation", "share 0 to 1",
            "share of the master waybill with exactly its gross/net ratio",
            pl.when(pl.col("gross_net").is_not_null()).then(
                pl.col("file_same_ratio") / pl.col("file_consignments")),
            "gross mass of {percent:.0f} % of this master waybill is net mass times one factor: "
            "a prepared file"),
    Feature("file_senders", "flight", "preparation", "share 0 to 1",
            "senders over consignments of the master waybill",
            pl.col("file_senders") / pl.col("file_consignments")),
    Feature("file_places", "flight", "preparation", "share 0 to 1",
            "sender postcodes over senders of the master waybill",
            pl.col("file_places") / pl.col("file_senders"),
            "the senders of this master waybill share {places:.0f} postcode(s)"),
    Feature("file_near_line_share", "flight", "preparation", "share 0 to 1",
            "share of the master waybill between EUR 120 and 150",
            pl.col("file_near_line") / pl.col("file_consignments"),
            "{percent:.0f} % of this master waybill lies between EUR 120 and 150"),
    Feature("file_code_variety", "flight", "preparation", "share 0 to 1",
            "distinct codes over consignments of the master waybill",
            pl.col("file_codes") / pl.col("file_consignments")),
    Feature("file_odd_name_share", "flight", "preparation", "share 0 to 1",
            "share of its consignee names that look machine-made",
            pl.col("file_odd_names") / pl.col("file_consignments"),
            "{percent:.1f} % of the consignee names on this master waybill look machine-made"),
    Feature("file_same_value", "flight", "preparation", "count",
            "consignments of the master waybill with exactly its value",
            pl.col("file_same_value"),
            "{value:.0f} consignments of this master waybill declare exactly EUR {value_eur:.2f}"),
)  # fmt: skip
