"""The signs: what an experienced officer looks for, and which finding each of them speaks of.

A sign has a strength from 0 (absent) to 1 (as plain as can be) and gives points, in log-odds at
full strength, to the findings it speaks of. All figures are estimates after the traces of domain
report 3.1; none was fitted. They are where everything learned starts from (`models.findings`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

_f = pl.col


@dataclass(frozen=True)
class Sign:
    """Something to be seen of a consignment.

    Attributes
    ----------
    name : in an officer's words.
    strength : over features, from 0 to 1; null where it cannot be told, and then 0.
    points : finding type -> what the sign adds to its log-odds at full strength, above 0.
    """

    name: str
    strength: pl.Expr
    points: Mapping[str, float]


def _grows(name: str, low: float, high: float) -> pl.Expr:
    """From 0 at `low` in a straight line to 1 at `high`."""
    return ((_f(name) - low) * (1 / (high - low))).clip(0.0, 1.0)


def _falls(name: str, high: float, low: float) -> pl.Expr:
    """From 0 at `high` in a straight line to 1 at `low`."""
    return ((high - _f(name)) * (1 / (high - low))).clip(0.0, 1.0)


def _is(condition: pl.Expr) -> pl.Expr:
    return condition.cast(pl.Float64)


BRAND_CHAPTERS = (42.0, 61.0, 62.0, 64.0, 71.0, 85.0, 90.0, 91.0, 95.0)
"""Chapters of bags, clothes, shoes, jewellery, electronics, watches, toys (report 3.1, T9)."""

UNSAFE_CHAPTERS = (33.0, 85.0, 94.0, 95.0)
"""Chapters of cosmetics, chargers, lamps and toys (report 3.1, T10)."""

SIGNS: tuple[Sign, ...] = (
    Sign("value from EUR 140 to 150", _is(_f("line_gap_eur").is_between(0, 10)),
         {"UNDERVALUATION": 3.0}),
    Sign("value from EUR 120 to 140", _is(_f("line_gap_eur").is_between(10, 30, closed="right")),
         {"UNDERVALUATION": 1.3}),
    Sign("cheap for its code", _falls("unit_value_low_z", -1.5, -3.5),
         {"UNDERVALUATION": 0.9, "IPR_INFRINGEMENT": 0.4, "PRODUCT_SAFETY": 0.3}),
    Sign("cheap by the kilogram", _falls("value_per_kg_low_z", -1.5, -4.0),
         {"UNDERVALUATION": 0.9, "MISDESCRIPTION": 0.8, "UNDECLARED_GOODS": 0.5}),
    Sign("below this sender's own price for the same words", _falls("text_price_low", -0.4, -1.0),
         {"UNDERVALUATION": 1.5}),
    Sign("below this sender's own price for such goods", _falls("heading_price_low", -0.6, -1.4),
         {"UNDERVALUATION": 0.8}),
    Sign("below the usual price of its product identifier",
         _falls("product_price_low", -0.4, -1.0), {"UNDERVALUATION": 1.5}),
    Sign("its items usually cost more than EUR 150", _grows("expected_over_line_eur", 0, 100),
         {"UNDERVALUATION": 1.0}),
    Sign("a sender that is cheap as a habit", _falls("sender_price_habit", -0.7, -2.0),
         {"UNDERVALUATION": 0.8}),
    Sign("a sender with hardly any different values",
         _falls("sender_value_variety", 0.3, 0.05) * _grows("sender_flight_consignments", 8, 20),
         {"UNDERVALUATION": 1.2}),
    Sign("one order in several parcels, above EUR 150 together",
         _is(_f("consignee_sender_splits") == 1), {"SPLITTING": 4.0}),
    Sign("several parcels of one sender to one consignee, dear together",
         _grows("consignee_sender_value_eur", 90, 150)
         * _is(_f("consignee_sender_consignments") > 1), {"SPLITTING": 1.5}),
    Sign("several spellings of one consignee for one sender",
         _is(_f("consignee_sender_forms") > 1), {"SPLITTING": 1.5}),
    Sign("the same goods in several parcels of one order",
         _is((_f("consignee_same_code") > 1) & (_f("consignee_sender_value_eur") > 100)),
         {"SPLITTING": 1.5}),
    Sign("one order spread over days, above EUR 150 together",
         _is(_f("consignee_week_splits") == 1), {"SPLITTING": 2.5}),
    Sign("a consignee with several parcels, above EUR 150 together",
         _is(_f("consignee_splits") == 1), {"SPLITTING": 0.5}),
    Sign("consignee's name drawn at random",
         _is((_f("consignee_name_has_code") == 1) | (_f("consignee_name_is_uuid") == 1)),
         {"SPLITTING": 0.8, "PROHIBITED_RESTRICTED": 0.5}),
    Sign("too heavy for what it is called", _grows("unit_mass_either_high_z", 1.8, 4.5),
         {"MISDESCRIPTION": 3.0, "UNDECLARED_GOODS": 1.2}),
    Sign("heavier than what this sender usually calls so", _grows("text_mass_high", 0.6, 1.6),
         {"MISDESCRIPTION": 1.2, "UNDECLARED_GOODS": 0.8}),
    Sign("heavier than this sender's goods of the heading", _grows("heading_mass_high", 0.8, 2.0),
         {"MISDESCRIPTION": 1.0, "UNDECLARED_GOODS": 0.6}),
    Sign("a sender whose goods of a heading are heavy", _grows("heading_mass_habit", 0.8, 2.0),
         {"MISDESCRIPTION": 2.0}),
    Sign("heavy, and cheap by the kilogram",
         _grows("unit_mass_either_high_z", 1.2, 3.0) * _falls("value_per_kg_low_z", -0.5, -2.5),
         {"MISDESCRIPTION": 1.5}),
    Sign("cheap by the kilogram for this sender", _falls("sender_value_per_kg_shift", -0.8, -2.2),
         {"MISDESCRIPTION": 1.0, "UNDECLARED_GOODS": 0.5, "UNDERVALUATION": 0.5}),
    Sign("goods foreign to this sender", _grows("sender_goods_surprise", 0.0, 2.0),
         {"MISDESCRIPTION": 3.5, "SPLITTING": 0.5}),
    Sign("a product never seen with this code", _is(_f("product_code_is_new") == 1),
         {"MISDESCRIPTION": 1.8, "SPLITTING": 0.5, "MISCLASSIFICATION": 0.5}),
    Sign("many pieces of one article", _grows("largest_quantity", 5, 15),
         {"MISDESCRIPTION": 2.3, "UNDECLARED_GOODS": 0.3, "SPLITTING": 0.5}),
    Sign("more pieces than parcels with this code hold", _grows("quantity_high_z", 1.9, 4.0),
         {"MISDESCRIPTION": 1.5}),
    Sign("a sender with many pieces a line", _grows("heading_quantity_habit", 0.35, 1.1),
         {"MISDESCRIPTION": 3.0}),
    Sign("heavier than its items together", _grows("mass_surplus", 0.5, 1.6),
         {"UNDECLARED_GOODS": 1.8, "MISDESCRIPTION": 1.0}),
    Sign("kilograms above what its items weigh", _grows("mass_surplus_kg", 0.5, 3.0),
         {"UNDECLARED_GOODS": 1.2, "MISDESCRIPTION": 0.5}),
    Sign("a heavy parcel", _grows("gross_mass_kg", 2.0, 8.0), {"UNDECLARED_GOODS": 1.2}),
    Sign("words seldom stand under its heading",
         _falls("text_hs4_lift", 0.0, -1.0) * _grows("text_known_share", 0.4, 0.8),
         {"MISCLASSIFICATION": 1.5}),
    Sign("words fit another heading much better", _grows("text_gap", 2.0, 6.0),
         {"MISCLASSIFICATION": 1.5}),
    Sign("a code that fits anything", _is(_f("is_catch_all") == 1), {"MISCLASSIFICATION": 0.8}),
    Sign("a sender whose words do not fit its codes", _grows("sender_text_gap", 1.0, 4.0),
         {"MISCLASSIFICATION": 1.0}),
    Sign("vague words", _grows("vague_share", 0.4, 0.8),
         {"UNDECLARED_GOODS": 0.4, "PROHIBITED_RESTRICTED": 0.5, "IPR_INFRINGEMENT": 0.3}),
    Sign("words that stood on irregular parcels", _grows("word_odds_max", 0.3, 1.3),
         {"MISDESCRIPTION": 0.8, "IPR_INFRINGEMENT": 0.5, "PRODUCT_SAFETY": 0.5,
          "PROHIBITED_RESTRICTED": 0.8}),
    Sign("malformed or missing IOSS number",
         _is((_f("odd_ioss_form") == 1) | (_f("odd_ioss_missing") == 1)), {"IOSS_MISUSE": 4.0}),
    Sign("a sender under an IOSS number new to it", _is(_f("ioss_is_new_for_sender") == 1),
         {"IOSS_MISUSE": 1.5}),
    Sign("above EUR 150 in an H7", _is(_f("odd_over_low_value_line") == 1),
         {"UNDERVALUATION": 1.5, "IOSS_MISUSE": 1.5}),
    Sign("declared a gift", _is(_f("is_gift") == 1), {"FALSE_GIFT": 2.0}),
    Sign("gift just under EUR 45", _is(_f("gift_line_gap_eur").is_between(0, 10)),
         {"FALSE_GIFT": 2.5}),
    Sign("gift from a sender of many parcels", _is(_f("gift_volume") >= 3), {"FALSE_GIFT": 4.0}),
    Sign("origin is not the sender's country", _is(_f("origin_differs") == 1),
         {"FALSE_ORIGIN": 4.0}),
    Sign("excise or restricted goods in an H7", _is(_f("odd_not_in_h7") == 1),
         {"PROHIBITED_RESTRICTED": 3.5}),
    Sign("goods prone to imitation", _is(_f("chapter").is_in(BRAND_CHAPTERS)),
         {"IPR_INFRINGEMENT": 0.8}),
    Sign("goods prone to be unsafe", _is(_f("chapter").is_in(UNSAFE_CHAPTERS)),
         {"PRODUCT_SAFETY": 0.8}),
    Sign("goods of a code with bad goods before", _grows("code_goods_rate", 0.08, 0.3),
         {"IPR_INFRINGEMENT": 1.2, "PRODUCT_SAFETY": 1.2}),
    Sign("a product found irregular before", _grows("product_rate", 0.2, 0.6),
         {"UNDERVALUATION": 0.5, "MISCLASSIFICATION": 0.8, "IPR_INFRINGEMENT": 1.0,
          "PRODUCT_SAFETY": 1.0}),
    Sign("a sender with bad goods before", _grows("sender_goods_rate", 0.08, 0.4),
         {"IPR_INFRINGEMENT": 1.2, "PRODUCT_SAFETY": 1.2, "PROHIBITED_RESTRICTED": 1.2}),
    Sign("a sender found irregular before, under whatever name",
         _grows("sender_lineage_rate", 0.2, 0.6),
         {"UNDERVALUATION": 0.9, "MISDESCRIPTION": 1.0, "UNDECLARED_GOODS": 0.8, "SPLITTING": 0.8,
          "MISCLASSIFICATION": 0.6, "FALSE_GIFT": 0.8, "IOSS_MISUSE": 0.6}),
    Sign("a sender that is surely bad", _grows("sender_sure_rate", 0.15, 0.45),
         {"UNDERVALUATION": 0.8, "MISDESCRIPTION": 0.8, "IPR_INFRINGEMENT": 0.6,
          "PRODUCT_SAFETY": 0.4, "MISCLASSIFICATION": 0.5}),
    Sign("such goods of this sender were found irregular",
         _grows("sender_heading_rate", 0.25, 0.6),
         {"UNDERVALUATION": 0.6, "MISCLASSIFICATION": 0.6, "IPR_INFRINGEMENT": 0.8,
          "PRODUCT_SAFETY": 0.8, "MISDESCRIPTION": 0.5}),
    Sign("who seems to be a known cheat under a new name",
         _grows("kin_rate", 0.2, 0.5) * _grows("kin_confidence", 0.3, 0.8),
         {"UNDERVALUATION": 1.2, "MISDESCRIPTION": 1.2, "UNDECLARED_GOODS": 0.8, "SPLITTING": 0.8,
          "IPR_INFRINGEMENT": 1.2, "PRODUCT_SAFETY": 1.0, "MISCLASSIFICATION": 0.8}),
    Sign("volume in what was tried in small numbers", _is(_f("is_tested_volume") == 1),
         {"UNDERVALUATION": 0.7, "MISDESCRIPTION": 0.7, "MISCLASSIFICATION": 0.4}),
    Sign("a sender's address found irregular before", _grows("sender_address_rate", 0.2, 0.6),
         {"UNDERVALUATION": 0.6, "MISDESCRIPTION": 0.8, "UNDECLARED_GOODS": 0.6, "SPLITTING": 0.6,
          "IPR_INFRINGEMENT": 0.5, "PRODUCT_SAFETY": 0.5}),
)  # fmt: skip
"""The signs, in no order: points add up."""

BASE_SHARES: Mapping[str, float] = {
    "UNDERVALUATION": 0.020,
    "SPLITTING": 0.0015,
    "MISDESCRIPTION": 0.003,
    "MISCLASSIFICATION": 0.006,
    "UNDECLARED_GOODS": 0.005,
    "IOSS_MISUSE": 0.002,
    "FALSE_GIFT": 0.0005,
    "FALSE_ORIGIN": 0.0004,
    "IPR_INFRINGEMENT": 0.012,
    "PRODUCT_SAFETY": 0.030,
    "PROHIBITED_RESTRICTED": 0.0007,
}
"""Share of consignments without any sign that are irregular so: about two thirds of the
prevalences of domain report 3.1, for the rest show signs (estimates)."""


def strengths(features: pl.DataFrame) -> pl.DataFrame:
    """Strength of every sign, one column a sign in the order of `SIGNS`, from 0 to 1."""
    return features.select(
        pl.coalesce(sign.strength, pl.lit(0.0)).alias(sign.name) for sign in SIGNS
    )
