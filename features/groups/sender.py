"""The sender: how old, how big, how sudden, under how many names."""

from __future__ import annotations

import polars as pl

from features.feature import Feature
from features.units import LN_PER_THOUSANDTH

_n = pl.col("sender_flight_consignments")

FEATURES: tuple[Feature, ...] = (
    Feature("sender_age_days", "history", "sender", "days", "days since it was first seen",
            pl.col("sender_age_days"), "sender first seen {value:.0f} days ago"),
    Feature("sender_is_new", "history", "sender", "0 or 1", "never seen before",
            pl.when(pl.col("history_days") > 0).then(pl.col("sender_consignments").is_null()),
            "this sender was never seen before"),
    Feature("sender_past_consignments", "history", "sender", "count", "its consignments before",
            pl.col("sender_consignments").fill_null(0.0)),
    Feature("sender_flight_share", "flight", "sender", "share 0 to 1",
            "its share of the flight", _n / pl.col("flight_consignments")),
    Feature("sender_flight_consignments", "flight", "sender", "count",
            "its consignments on the flight", _n),
    Feature("sender_ramp", "history", "sender", "ln ratio",
            "its consignments on the flight against its usual day",
            (_n / pl.col("sender_daily").clip(0.5)).log(),
            "{sender_parcels:.0f} parcels of this sender on the flight, {times:.1f} times its "
            "usual day"),
    Feature("sender_recent_share", "history", "sender", "share 0 to 1",
            "share of its past that is of the last days", pl.col("sender_recent_share")),
    Feature("sender_near_line_share", "history", "sender", "share 0 to 1",
            "share of its past consignments between EUR 120 and 150",
            pl.col("sender_near_line_share"),
            "{percent:.0f} % of this sender's past parcels lie between EUR 120 and 150"),
    Feature("sender_flight_near_line_share", "flight", "sender", "share 0 to 1",
            "the same on the flight", pl.col("sender_flight_near_line") / _n,
            "{percent:.0f} % of this sender's parcels on this flight lie between EUR 120 and 150"),
    Feature("sender_value_per_kg_shift", "history", "sender", "ln ratio",
            "value per kilogram against its usual one",
            (pl.col("value_per_kg_log") - pl.col("sender_value_per_kg_log")) * LN_PER_THOUSANDTH),
    Feature("sender_price_habit", "flight", "sender", "spreads",
            "how cheap this sender declares on the flight, in the middle",
            pl.col("sender_flight_value_z"),
            "this sender regularly declares less than such goods usually cost"),
    Feature("address_is_new", "history", "sender", "0 or 1",
            "nobody was seen at the sender's address before",
            pl.when(pl.col("key_sender_address").is_not_null() & (pl.col("history_days") > 0))
            .then(pl.col("sender_address_consignments").is_null())),
    Feature("address_age_days", "history", "sender", "days",
            "days since its address was first seen", pl.col("sender_address_age_days")),
    Feature("is_new_at_old_address", "history", "sender", "0 or 1",
            "a new sender at an address known under another name",
            pl.when(pl.col("key_sender_address").is_not_null()).then(
                pl.col("sender_consignments").is_null()
                & pl.col("sender_address_consignments").is_not_null()),
            "a new sender at an address known under another name"),
    Feature("address_flight_senders", "flight", "sender", "count",
            "senders at the same address on the flight",
            pl.when(pl.col("key_sender_address").is_not_null()).then(
                pl.col("address_flight_senders"))),
    Feature("place_age_days", "history", "sender", "days",
            "days since its postcode was first seen", pl.col("place_age_days")),
    Feature("place_past_consignments", "history", "sender", "count",
            "consignments from its postcode before", pl.col("place_consignments")),
)  # fmt: skip
