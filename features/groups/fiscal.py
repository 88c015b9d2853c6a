"""Procedures claimed, IOSS numbers, gifts, origin."""

from __future__ import annotations

import polars as pl

from features.feature import Feature

_codes = pl.col("additional_procedure_codes")
_has_ioss = pl.col("ioss_number").is_not_null()


def _odd(name: str, meaning: str, sentence: str) -> Feature:
    return Feature(f"odd_{name}", "consignment", "fiscal", "0 or 1", meaning,
                   pl.col(f"is_{name}"), sentence)  # fmt: skip


FEATURES: tuple[Feature, ...] = (
    Feature("has_ioss", "consignment", "fiscal", "0 or 1", "an IOSS number is given", _has_ioss),
    Feature("is_gift", "consignment", "fiscal", "0 or 1", "declared a gift (C08)",
            pl.col("is_gift"), "declared a gift between private persons"),
    Feature("is_special_arrangement", "consignment", "fiscal", "0 or 1",
            "VAT under special arrangements (F49)", _codes.str.contains("F49")),
    Feature("is_standard_vat", "consignment", "fiscal", "0 or 1",
            "VAT by the standard mechanism",
            ~_has_ioss & ~_codes.str.contains("F49") & ~pl.col("is_gift")),
    Feature("is_full_declaration", "consignment", "fiscal", "0 or 1", "an H1 declaration",
            pl.col("declaration_type") == "H1"),
    Feature("ioss_senders", "history", "fiscal", "count",
            "senders seen under this IOSS number before", pl.col("ioss_senders"),
            "{value:.0f} senders have used this IOSS number"),
    Feature("ioss_past_consignments", "history", "fiscal", "count",
            "consignments under this IOSS number before", pl.col("ioss_consignments")),
    Feature("ioss_age_days", "history", "fiscal", "days",
            "days since the IOSS number was first seen", pl.col("ioss_age_days"),
            "IOSS number first seen {value:.0f} days ago"),
    Feature("ioss_is_new", "history", "fiscal", "0 or 1", "the IOSS number was never seen before",
            pl.when(_has_ioss & (pl.col("history_days") > 0)).then(
                pl.col("ioss_consignments").is_null()),
            "this IOSS number was never seen before"),
    Feature("ioss_is_new_for_sender", "history", "fiscal", "0 or 1",
            "a known sender uses an IOSS number it did not use before",
            pl.when(_has_ioss & (pl.col("sender_consignments") > 0)).then(
                pl.col("sender_ioss_items").is_null()),
            "this sender has not used this IOSS number before"),
    Feature("ioss_sender_share", "history", "fiscal", "share 0 to 1",
            "this sender's share of the IOSS number's past",
            pl.when(_has_ioss).then(
                pl.col("sender_ioss_items").fill_null(0.0)
                / pl.col("ioss_consignments").clip(1.0)).clip(0, 5)),
    Feature("ioss_flight_senders", "flight", "fiscal", "count",
            "senders under this IOSS number on the flight",
            pl.when(_has_ioss).then(pl.col("ioss_flight_senders")),
            "{value:.0f} senders use this IOSS number on this flight"),
    Feature("ioss_flight_brokers", "flight", "fiscal", "count",
            "brokers under this IOSS number on the flight",
            pl.when(_has_ioss).then(pl.col("ioss_flight_brokers"))),
    Feature("ioss_volume_shift", "history", "fiscal", "ln ratio",
            "consignments under this IOSS number on the flight against its usual day",
            pl.when(_has_ioss).then(
                (pl.col("ioss_flight_consignments") / pl.col("ioss_daily").clip(0.5)).log())),
    Feature("sender_gift_share", "history", "fiscal", "share 0 to 1",
            "share of this sender's past consignments declared gifts",
            pl.col("sender_gift_share"),
            "{percent:.0f} % of this sender's past parcels were declared gifts"),
    Feature("gift_volume", "flight", "fiscal", "count",
            "consignments of this sender on the flight, if this is declared a gift",
            pl.when(pl.col("is_gift")).then(pl.col("sender_flight_consignments")).otherwise(0),
            "declared a gift, by a sender of {value:.0f} parcels on this flight"),
    Feature("origin_differs", "consignment", "fiscal", "0 or 1",
            "origin claimed is not the sender's country",
            pl.when(pl.col("country_of_origin").is_not_null()).then(
                pl.col("country_of_origin") != pl.col("exporter_country")),
            "origin {country_of_origin} claimed, sent from {exporter_country}"),
    Feature("has_origin", "consignment", "fiscal", "0 or 1", "an origin is claimed",
            pl.col("country_of_origin").is_not_null()),
    _odd("ioss_form", "the IOSS number is malformed", "the IOSS number is malformed"),
    _odd("ioss_missing", "IOSS is claimed without a number", "IOSS is claimed without a number"),
    _odd("ioss_without_f48", "an IOSS number without the procedure",
         "an IOSS number is given, but not the procedure F48"),
    _odd("procedure_set", "procedures the law does not know together on that day",
         "its procedure codes do not go together"),
    _odd("over_low_value_line", "more than EUR 150 in an H7",
         "EUR {value_eur:.2f} in a declaration for up to EUR 150"),
    _odd("not_in_h7", "excise or restricted goods in an H7",
         "'{item}' under {item_hs6} cannot be declared in an H7"),
    _odd("destination", "no IOSS number and another country of destination",
         "no IOSS number, but bound for another member state"),
)  # fmt: skip
