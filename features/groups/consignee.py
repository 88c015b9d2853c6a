"""The consignee on this flight: seen through keyed hashes, after undoing altered names."""

from __future__ import annotations

import polars as pl

from engine.remarks import LOW_VALUE_CENTS
from features.feature import Feature
from features.units import EUR_PER_CENT

_group_eur = pl.col("group_value_cents") * EUR_PER_CENT
_splits = (pl.col("group_value_cents") > LOW_VALUE_CENTS) & (
    pl.col("group_largest_cents") <= LOW_VALUE_CENTS
)
_sender_eur = pl.col("group_sender_value_cents") * EUR_PER_CENT
_sender_splits = (pl.col("group_sender_value_cents") > LOW_VALUE_CENTS) & (
    pl.col("group_sender_largest_cents") <= LOW_VALUE_CENTS
)
_week_eur = (pl.col("past_sender_value_cents") + pl.col("group_sender_value_cents")) * EUR_PER_CENT
_SENDER_SPLIT = (
    "this sender writes what looks like one consignee in {sender_forms:.0f} ways on this flight: "
    "{sender_group_parcels:.0f} consignments, EUR {sender_group_eur:.2f} together"
)
_SENDER_TOGETHER = (
    "{sender_group_parcels:.0f} consignments of this sender on this flight go to what looks like "
    "one consignee under {sender_forms:.0f} spelling(s), EUR {sender_group_eur:.2f} together; the "
    "line for all is EUR 150"
)
_WEEK_ALL = (
    "what looks like one consignee was written in {value:.0f} ways in the last days, and stands on "
    "{group_parcels:.0f} consignment(s) of this flight"
)
_WEEK = (
    "what looks like one consignee got EUR {past_sender_eur:.2f} from this sender in the last "
    "days, under {past_sender_forms:.0f} spelling(s), and EUR {sender_group_eur:.2f} on this flight"
)
_SPLIT = (
    "{group_parcels:.0f} consignments of this flight go to what looks like one consignee under "
    "{group_forms:.0f} spelling(s), EUR {group_eur:.2f} together"
)


def _sign(name: str, meaning: str, sentence: str = "") -> Feature:
    return Feature(f"consignee_{name}", "consignment", "consignee", "0 or 1", meaning,
                   pl.col(f"importer_{name}"), sentence)  # fmt: skip


FEATURES: tuple[Feature, ...] = (
    Feature("consignee_consignments", "flight", "consignee", "count",
            "consignments to the same consignee on the flight", pl.col("group_consignments"),
            _SPLIT),
    Feature("consignee_value_eur", "flight", "consignee", "EUR",
            "their value together", _group_eur.clip(0, 5_000), _SPLIT),
    Feature("consignee_splits", "flight", "consignee", "0 or 1",
            "each under EUR 150, together above", _splits, _SPLIT),
    Feature("consignee_split_excess_eur", "flight", "consignee", "EUR",
            "their sum above EUR 150 where none alone is above",
            pl.when(_splits).then((_group_eur - 150).clip(0, 5_000)).otherwise(0.0), _SPLIT),
    Feature("consignee_forms", "flight", "consignee", "count",
            "spellings of name and street among them", pl.col("group_forms"), _SPLIT),
    Feature("consignee_link_strength", "flight", "consignee", "share 0 to 1",
            "how sure another consignee, written differently, is the same one; 0: none",
            pl.col("link_confidence").fill_null(0.0), _SPLIT),
    Feature("consignee_senders", "flight", "consignee", "count", "senders to the same consignee",
            pl.col("group_senders"),
            "{value:.0f} senders sent to what looks like one consignee on this flight"),
    Feature("consignee_sender_consignments", "flight", "consignee", "count",
            "consignments of this sender to the same consignee",
            pl.col("group_sender_consignments"), _SENDER_TOGETHER),
    Feature("consignee_sender_value_eur", "flight", "consignee", "EUR", "their value together",
            _sender_eur.clip(0, 5_000), _SENDER_TOGETHER),
    Feature("consignee_sender_splits", "flight", "consignee", "0 or 1",
            "several of this sender to the same consignee, each under EUR 150, together above",
            _sender_splits, _SENDER_TOGETHER),
    Feature("consignee_sender_forms", "flight", "consignee", "count",
            "ways in which this sender writes the same consignee on the flight",
            pl.col("group_sender_forms"), _SENDER_SPLIT),
    Feature("consignee_week_value_eur", "history", "consignee", "EUR",
            "what the same consignee got in the last days, under whatever name",
            (pl.col("past_value_cents") * EUR_PER_CENT).clip(0, 5_000)),
    Feature("consignee_week_consignments", "history", "consignee", "count",
            "consignments of EUR 20 or more to the same consignee in the last days, recent ones "
            "weighing more", pl.col("past_consignments") * 0.01),
    Feature("consignee_week_forms", "history", "consignee", "count",
            "ways in which it was written in the last days", pl.col("past_forms"), _WEEK_ALL),
    Feature("consignee_week_sender_value_eur", "history", "consignee", "EUR",
            "what the same consignee got from this sender in the last days and on this flight",
            _week_eur.clip(0, 5_000), _WEEK),
    Feature("consignee_week_sender_forms", "history", "consignee", "count",
            "ways in which this sender wrote the same consignee in the last days",
            pl.col("past_sender_forms"), _WEEK),
    Feature("consignee_week_splits", "history", "consignee", "0 or 1",
            "from this sender in the last days and on this flight, each small enough, together "
            "above EUR 150",
            (_week_eur > LOW_VALUE_CENTS * EUR_PER_CENT) & (pl.col("past_sender_value_cents") > 0)
            & (pl.col("group_sender_largest_cents") <= LOW_VALUE_CENTS), _WEEK),
    Feature("consignee_same_text", "flight", "consignee", "count",
            "of them with the same description", pl.col("group_same_text")),
    Feature("consignee_same_code", "flight", "consignee", "count", "of them with the same code",
            pl.col("group_same_code")),
    Feature("address_consignments", "flight", "consignee", "count",
            "consignments to the same address on the flight",
            pl.when(pl.col("key_consignee_address").is_not_null()).then(
                pl.col("address_consignments")),
            "{value:.0f} consignments to this address on the flight"),
    Feature("address_names", "flight", "consignee", "count",
            "names at the same address on the flight",
            pl.when(pl.col("key_consignee_address").is_not_null()).then(pl.col("address_names")),
            "{value:.0f} names at this address on the flight"),
    Feature("address_past_names", "history", "consignee", "count",
            "names seen at this address before", pl.col("address_past_names"),
            "{value:.0f} names seen at this address before"),
    Feature("address_past_consignments", "history", "consignee", "count",
            "consignments to this address before", pl.col("consignee_address_consignments")),
    Feature("consignee_past_consignments", "history", "consignee", "count",
            "consignments to this consignee before", pl.col("consignee_consignments")),
    _sign("name_has_digit", "the name holds a digit"),
    _sign("name_has_code", "the name holds a word that looks drawn at random",
          "the consignee's name carries a word that looks drawn at random"),
    _sign("name_is_uuid", "the name is a machine-made identifier",
          "the consignee's name is a machine-made identifier"),
    _sign("name_is_placeholder", "the name is a placeholder",
          "the consignee's name is a placeholder"),
    _sign("street_has_code", "the street ends in what looks drawn at random",
          "the consignee's street carries a tail that looks drawn at random"),
    Feature("consignee_street_has_number", "consignment", "consignee", "0 or 1",
            "the street has a house number", pl.col("importer_street_has_number")),
)  # fmt: skip
