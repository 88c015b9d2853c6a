"""The sender: how old, how big, how sudden, under how many names."""

from __future__ import annotations

import polars as pl

from features.feature import Feature
from features.units import LN_PER_THOUSANDTH

_n = pl.col("sender_flight_consignments")

_KIN_CONTROLS = 3.0
"""Controls that the sender's own rate counts for beside what its kin bequeath (estimate)."""

_SURE = (
    "a new sender, {kin_percent:.0f} % sure to be one seen before under another name "
    "({kin_name}: {kin_shared})"
)
_own_controls = pl.col("sender_controls") + _KIN_CONTROLS
_kin_controls = pl.col("kin_controls").fill_null(0.0)
_lineage = (pl.col("kin_irregular").fill_null(0.0) + _own_controls * pl.col("sender_rate")) / (
    _kin_controls + _own_controls
)

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
            (pl.col("value_per_kg_log") - pl.col("sender_value_per_kg_log")) * LN_PER_THOUSANDTH,
            "its value per kilogram is {down:.0f} % below this sender's usual one"),
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
    Feature("kin_confidence", "history", "sender", "share 0 to 1",
            "how sure this new sender is one seen before under another name",
            pl.col("kin_confidence").fill_null(0.0), _SURE),
    Feature("kin_gap_days", "history", "sender", "days",
            "days that one had been silent when this sender appeared; below 0: it goes on",
            pl.when(pl.col("kin_confidence") >= 0.5).then(pl.col("kin_gap_days").clip(-1, 90))),
    Feature("kin_rate", "history", "past controls", "share 0 to 1",
            "share of past controls on whom this new sender seems to be found irregular, shrunk",
            (pl.col("kin_irregular") + _KIN_CONTROLS * pl.col("sender_rate"))
            / (pl.col("kin_controls") + _KIN_CONTROLS),
            _SURE + ", {kin_own_irregular:.1f} of {kin_own_controls:.1f} past controls "
            "(weighted) irregular"),
    Feature("kin_controls", "history", "past controls", "count",
            "weight of past controls on whom this new sender seems to be, times the confidence",
            _kin_controls),
    Feature("sender_lineage_rate", "history", "past controls", "share 0 to 1",
            "share of past controls on the sender, or on whom it seems to have been, found "
            "irregular, shrunk", _lineage,
            "past controls on this sender, or on whom it seems to have been: {controls:.1f} "
            "(recent ones count more), about {percent:.0f} % irregular"),
    Feature("sender_tests", "history", "sender", "count",
            "variants (code, value band, broker) it tried in small numbers in the last two weeks",
            pl.when(pl.col("sender_consignments") > 0).then(pl.col("sender_tests").fill_null(0)),
            "this sender tried {value:.0f} kinds of parcels in small numbers in the last two "
            "weeks"),
    Feature("variant_surge", "history", "sender", "ln ratio",
            "its parcels in this variant on the flight against the last days; none if never seen",
            (pl.col("variant_parcels") / pl.col("variant_past")).log(),
            "this sender's parcels of this kind (code, value band, broker) are {times:.1f} times "
            "as many on this flight as over the last days"),
    Feature("sender_variety_drop", "history", "sender", "ln ratio",
            "how much less varied its parcels are on the flight than in the last days",
            (pl.col("sender_recent_variety") * _n / pl.col("sender_variants")).log(),
            "this sender's parcels are less varied on this flight than in the last days"),
    Feature("is_tested_volume", "history", "sender", "0 or 1",
            "a variant that the sender tried in small numbers, among others, comes in numbers",
            pl.col("is_tested_volume"),
            "this sender tried several kinds of parcels in small numbers in the last two weeks, "
            "and now sends this one in numbers"),
    Feature("sender_passed_share", "history", "past controls", "share 0 to 1",
            "share of its parcels on the flight in variants that passed a control",
            pl.col("sender_passed") / _n),
)  # fmt: skip
