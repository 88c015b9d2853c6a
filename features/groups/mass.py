"""What it weighs, against what such goods usually weigh."""

from __future__ import annotations

import polars as pl

from features.feature import Feature
from features.units import KG_PER_MG, RATIO_PER_TEN_THOUSANDTH

_mass = pl.coalesce("net_mass_mg", "gross_mass_mg")
_WEIGHED = "{item_kg:.3f} kg for {item_declared}: "
_HEAVY = (
    "declared {item_declared}, {item_usual_kg:.2f} kg expected; it weighs {item_kg:.2f} kg, "
    "more than {item_lighter:.0f} % of goods declared so"
)
_LIGHT = (
    "declared {item_declared}, {item_usual_kg:.3f} kg expected; it weighs {item_kg:.3f} kg, "
    "less than {item_heavier:.0f} % of goods declared so"
)

FEATURES: tuple[Feature, ...] = (
    Feature("gross_mass_kg", "consignment", "mass", "kg", "gross mass of the consignment",
            pl.col("gross_mass_mg") * KG_PER_MG,
            "weighs {value:.2f} kg, more than {rank:.0f} % of this flight"),
    Feature("unit_mass_high_z", "history", "mass", "spreads",
            "mass per piece of its heaviest item against the code's usual mass",
            pl.col("unit_mass_z_max"), _HEAVY),
    Feature("unit_mass_low_z", "history", "mass", "spreads",
            "mass per piece of its lightest item against the code's usual mass",
            pl.col("unit_mass_z_min"), _LIGHT),
    Feature("unit_mass_high_percentile", "history", "mass", "share 0 to 1",
            "share of such goods that are lighter than its heaviest item",
            pl.col("unit_mass_percentile_max"), _HEAVY),
    Feature("unit_mass_low_percentile", "history", "mass", "share 0 to 1",
            "share of such goods that are lighter than its lightest item",
            pl.col("unit_mass_percentile_min"), _LIGHT),
    Feature("unit_mass_deviation_high", "history", "mass", "ln ratio",
            "heaviest item against the code's usual mass", pl.col("unit_mass_deviation_max"),
            _HEAVY),
    Feature("unit_mass_deviation_low", "history", "mass", "ln ratio",
            "lightest item against the code's usual mass", pl.col("unit_mass_deviation_min"),
            _LIGHT),
    Feature("unit_mass_either_high_z", "history", "mass", "spreads",
            "mass per piece of its heaviest item against what is usual for its code or for what "
            "its words say, whichever is nearer", pl.col("unit_mass_either_z_max"), _HEAVY),
    Feature("unit_mass_either_low_z", "history", "mass", "spreads",
            "the same, lightest item", pl.col("unit_mass_either_z_min"), _LIGHT),
    Feature("text_mass_high", "history", "mass", "ln ratio",
            "mass per piece against this sender's usual mass for the same words, highest item",
            pl.col("sender_text_mass_deviation_max"),
            _WEIGHED + "a piece {up:.1f} times what this sender's goods of the "
            "same words weigh"),
    Feature("text_mass_low", "history", "mass", "ln ratio", "the same, lowest item",
            pl.col("sender_text_mass_deviation_min"),
            _WEIGHED + "{down:.0f} % less a piece than this sender's goods of "
            "the same words"),
    Feature("heading_mass_high", "history", "mass", "ln ratio",
            "mass per piece against this sender's usual mass for the heading, highest item",
            pl.col("heading_mass_deviation_max"),
            _WEIGHED + "a piece {up:.1f} times what this sender's goods of its "
            "heading weigh"),
    Feature("heading_mass_low", "history", "mass", "ln ratio", "the same, lowest item",
            pl.col("heading_mass_deviation_min"),
            _WEIGHED + "{down:.0f} % less a piece than this sender's goods of "
            "its heading"),
    Feature("product_mass_high", "history", "mass", "ln ratio",
            "mass per piece against the product identifier's usual mass, highest item",
            pl.col("product_mass_deviation_max"),
            _WEIGHED + "a piece {up:.1f} times what its product identifier "
            "usually weighs"),
    Feature("text_mass_spread", "history", "mass", "ln ratio",
            "how much the mass per piece of the same words varies with this sender, widest item",
            pl.col("text_mass_spread"),
            "what this sender calls '{item}' weighs something else in every parcel"),
    Feature("heading_mass_spread", "history", "mass", "ln ratio", "the same for the heading",
            pl.col("heading_mass_spread")),
    Feature("heading_mass_habit", "history", "mass", "ln ratio",
            "how much more this sender's goods of the heading weigh than everybody's",
            pl.col("heading_mass_habit"),
            "this sender's goods of heading {item_hs4} regularly weigh {up:.1f} times the usual"),
    Feature("heading_quantity_habit", "history", "mass", "ln ratio",
            "how many more pieces a line this sender declares for the heading than everybody",
            pl.col("heading_lot_habit"),
            "this sender regularly declares {up:.1f} times the usual pieces under heading "
            "{item_hs4}"),
    Feature("quantity_high_z", "history", "mass", "spreads",
            "pieces of one item against what is usual for its code", pl.col("lot_z_max"),
            "{item_declared}: more pieces than on {item_fewer:.0f} % of lines with this code"),
    Feature("quantity_high_percentile", "history", "mass", "share 0 to 1",
            "share of such goods declared with fewer pieces", pl.col("lot_percentile_max")),
    Feature("mass_surplus", "history", "mass", "ln ratio",
            "mass against the sum usual for its items",
            (_mass.clip(1) / pl.col("expected_mg").clip(1)).log(),
            "weighs {mass_kg:.2f} kg where its items usually weigh {expected_kg:.2f} kg together"),
    Feature("mass_surplus_kg", "history", "mass", "kg", "mass above the sum usual for its items",
            ((_mass - pl.col("expected_mg")) * KG_PER_MG).clip(-50, 50),
            "{value:.2f} kg more than its items usually weigh"),
    Feature("sender_mass_shift", "flight", "mass", "spreads",
            "unusual mass against what is unusual for this sender on the flight",
            pl.col("unit_mass_z_max") - pl.col("sender_flight_mass_z")),
    Feature("sender_mass_habit", "flight", "mass", "spreads",
            "how unusual this sender's goods weigh on the flight, in the middle",
            pl.col("sender_flight_mass_z"),
            "this sender's parcels on this flight are regularly heavier than their codes say"),
    Feature("gross_net_ratio", "consignment", "mass", "ratio", "gross over net mass",
            (pl.col("gross_net") * RATIO_PER_TEN_THOUSANDTH).clip(0, 20)),
    Feature("mass_per_package_kg", "consignment", "mass", "kg", "gross mass over packages",
            pl.col("gross_mass_mg") * KG_PER_MG / pl.col("package_count").clip(1),
            "{value:.2f} kg a package, more than {rank:.0f} % of this flight"),
    Feature("mass_per_line_kg", "consignment", "mass", "kg", "gross mass over goods items",
            pl.col("gross_mass_mg") * KG_PER_MG / pl.col("line_count"),
            "{value:.2f} kg for each goods item declared ({lines:.0f} in all), more than "
            "{rank:.0f} % of this flight"),
    Feature("reference_count", "history", "mass", "count",
            "goods items behind the references of its rarest code", pl.col("reference_count")),
)  # fmt: skip
