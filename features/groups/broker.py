"""The declarant, and whom it works for."""

from __future__ import annotations

import polars as pl

from features.feature import Feature
from features.units import LN_PER_THOUSANDTH

FEATURES: tuple[Feature, ...] = (
    Feature("broker_past_consignments", "history", "broker", "count",
            "consignments this broker lodged before", pl.col("broker_consignments")),
    Feature("broker_age_days", "history", "broker", "days", "days since the broker was first seen",
            pl.col("broker_age_days")),
    Feature("broker_near_line_share", "history", "broker", "share 0 to 1",
            "share of its past consignments between EUR 120 and 150",
            pl.col("broker_near_line_share")),
    Feature("broker_value_log", "history", "broker", "ln cents",
            "usual value of its consignments", pl.col("broker_value_log") * LN_PER_THOUSANDTH),
    Feature("is_new_with_broker", "history", "broker", "0 or 1",
            "a known sender comes with a broker it did not use before",
            pl.when(pl.col("sender_consignments") > 0).then(
                pl.col("sender_broker_items").is_null()),
            "this sender has changed its broker"),
    Feature("sender_brokers", "history", "broker", "count", "brokers this sender has used",
            pl.col("sender_brokers"), "this sender has used {value:.0f} brokers"),
)  # fmt: skip
