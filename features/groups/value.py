"""What was declared to be paid, against what such goods usually cost."""

from __future__ import annotations

import polars as pl

from engine.remarks import GIFT_CENTS, LOW_VALUE_CENTS
from features.feature import Feature
from features.units import EUR_PER_CENT, LN_PER_THOUSANDTH

_value = pl.col("value_cents")
_eur = _value * EUR_PER_CENT
_PRICED = "EUR {item_eur:.2f} for {item_declared}: "


def _own(
    name: str, meaning: str, column: str, sentence: str = "", scope: str = "history"
) -> Feature:
    return Feature(name, scope, "value", "ln ratio", meaning, pl.col(column), sentence)  # type: ignore[arg-type]


FEATURES: tuple[Feature, ...] = (
    Feature("value_eur", "consignment", "value", "EUR", "declared value of the consignment", _eur,
            "declared value EUR {value:.2f}, higher than {rank:.0f} % of this flight"),
    Feature("line_gap_eur", "consignment", "value", "EUR",
            "how far the value stays under EUR 150 (negative: above)",
            (LOW_VALUE_CENTS - _value).clip(-20_000, LOW_VALUE_CENTS) * EUR_PER_CENT,
            "declared EUR {value_eur:.2f}: EUR {value:.2f} under the EUR 150 line"),
    Feature("is_near_line", "consignment", "value", "0 or 1", "value between EUR 120 and 150",
            pl.col("is_near_line"),
            "declared EUR {value_eur:.2f}, just under the EUR 150 line"),
    Feature("gift_line_gap_eur", "consignment", "value", "EUR",
            "how far a gift stays under EUR 45; empty if it is no gift",
            pl.when(pl.col("is_gift")).then((GIFT_CENTS - _value) * EUR_PER_CENT),
            "declared a gift of EUR {value_eur:.2f}; the line is EUR 45"),
    Feature("largest_item_eur", "consignment", "value", "EUR", "value of its dearest item",
            pl.col("main_value_cents") * EUR_PER_CENT),
    Feature("unit_value_low_z", "history", "value", "spreads",
            "value per piece of its cheapest item against the code's usual value",
            pl.col("unit_value_z_min"),
            "EUR {item_eur:.2f} for {item_declared}; goods of this code usually cost about "
            "EUR {item_usual_eur:.2f}; cheaper than {item_dearer:.0f} % declared so"),
    Feature("unit_value_high_z", "history", "value", "spreads",
            "value per piece of its dearest item against the code's usual value",
            pl.col("unit_value_z_max"),
            "EUR {item_eur:.2f} for {item_declared}; goods of this code usually cost about "
            "EUR {item_usual_eur:.2f}; dearer than {item_cheaper:.0f} % declared so"),
    Feature("unit_value_low_percentile", "history", "value", "share 0 to 1",
            "share of such goods declared cheaper than its cheapest item",
            pl.col("unit_value_percentile_min")),
    Feature("value_per_kg_low_z", "history", "value", "spreads",
            "value per kilogram, lowest item, against the code's usual value per kilogram",
            pl.col("value_per_kg_z_min"),
            "EUR {item_per_kg:.2f} a kilogram for '{item}', less than {item_per_kg_above:.0f} % of "
            "goods of this code"),
    Feature("value_per_kg_high_z", "history", "value", "spreads",
            "value per kilogram, highest item, against the code's usual value per kilogram",
            pl.col("value_per_kg_z_max"),
            "EUR {item_per_kg:.2f} a kilogram for '{item}', more than {item_per_kg_below:.0f} % of "
            "goods of this code"),
    Feature("value_per_kg_low_percentile", "history", "value", "share 0 to 1",
            "share of such goods with less value per kilogram than its lowest item",
            pl.col("value_per_kg_percentile_min")),
    Feature("value_surplus", "history", "value", "ln ratio",
            "declared value against the sum usual for its items",
            (_value.clip(1) / pl.col("expected_cents").clip(1)).log(),
            "declared EUR {value_eur:.2f}; its items usually cost EUR {expected_eur:.2f} together"),
    Feature("expected_over_line_eur", "history", "value", "EUR",
            "usual value of its items above EUR 150, while less was declared",
            (pl.col("expected_cents").clip(0, 1_000_000) - LOW_VALUE_CENTS).clip(0) * EUR_PER_CENT
            * (_value <= LOW_VALUE_CENTS),
            "declared EUR {value_eur:.2f}, but its items usually cost EUR {expected_eur:.2f} "
            "together: above the EUR 150 line"),
    _own("heading_price_low", "value per piece against what this sender usually declares for the "
         "heading, lowest item", "heading_deviation_min",
         _PRICED + "{down:.0f} % a piece below what this sender usually "
         "declares for its heading"),
    _own("heading_price_high", "the same, highest item", "heading_deviation_max",
         _PRICED + "a piece {up:.1f} times what this sender usually "
         "declares for its heading"),
    _own("text_price_low", "value per piece against this sender's usual value for the same words",
         "sender_text_deviation_min",
         _PRICED + "{down:.0f} % a piece below this sender's usual value "
         "for the same words"),
    _own("text_price_high", "the same, highest item", "sender_text_deviation_max"),
    _own("product_price_low", "value per piece against the product identifier's usual value",
         "product_deviation_min",
         _PRICED + "{down:.0f} % a piece below what its product "
         "identifier usually costs"),
    _own("product_price_high", "the same, highest item", "product_deviation_max"),
    Feature("sender_value_shift", "history", "value", "ln ratio",
            "declared value against this sender's usual consignment",
            (pl.col("value_log") - pl.col("sender_value_log")) * LN_PER_THOUSANDTH,
            "declared EUR {value_eur:.2f}, {down:.0f} % below this sender's usual parcel"),
    Feature("sender_flight_value_shift", "flight", "value", "ln ratio",
            "declared value against this sender's median on the flight",
            (pl.col("value_log") - pl.col("sender_flight_value_log")) * LN_PER_THOUSANDTH),
    Feature("is_whole_value", "consignment", "value", "0 or 1", "all values are whole amounts",
            pl.col("is_whole_value")),
    Feature("has_99_ending", "consignment", "value", "0 or 1", "a value ends in .99",
            pl.col("has_99_ending")),
    Feature("same_value_share", "flight", "value", "share 0 to 1",
            "share of the master waybill's consignments with exactly this value",
            pl.col("file_same_value") / pl.col("file_consignments"),
            "{percent:.1f} % of this master waybill declare exactly EUR {value_eur:.2f}"),
    Feature("sender_value_variety", "flight", "value", "share 0 to 1",
            "distinct values over consignments of this sender on the flight",
            pl.col("sender_flight_values") / pl.col("sender_flight_consignments"),
            "this sender declares only {sender_values:.0f} different values for "
            "{sender_parcels:.0f} parcels on this flight"),
    Feature("item_value_variety", "consignment", "value", "share 0 to 1",
            "distinct values over its items", pl.col("distinct_values") / pl.col("line_count")),
    Feature("transport_ratio", "consignment", "value", "ratio",
            "transport and insurance over goods value",
            (pl.col("transport_cents") / _value.clip(1)).clip(0, 50),
            "transport costs {value:.1f} times the declared value of the goods"),
)  # fmt: skip
