"""The items of a sight: what is usual for each, how far it is from it, and their roll-up."""

from __future__ import annotations

from datetime import date

import polars as pl

from features.agreement import agreement
from features.history import History
from features.item_keys import ItemKeys
from features.levels import MEASURES
from features.likely_goods import likely_goods
from features.own_goods import own_goods
from features.own_mass import own_mass
from features.past_pairs import PastPairs
from features.past_rates import ITEM_LEVELS, TOLD
from features.units import LN_PER_THOUSANDTH


def with_usual(items: pl.DataFrame, keys: ItemKeys, history: History, day: date) -> pl.DataFrame:
    """Items with what is usual for them: for their code, their words, their sender and product.

    Parameters
    ----------
    items : prepared items (`features.sight.prepared`).
    keys : their keys.
    history : as of a day before `day`.
    day : the day of the flights.
    """
    pairs = PastPairs.of(keys, history.pairs)
    items = pl.concat(
        [
            items,
            history.references.read(items),
            agreement(keys, history, day),
            own_goods(keys, pairs, history.sender_words, day),
        ],
        how="horizontal",
    )
    usual = [likely_goods(items, keys), own_mass(items, keys, pairs, day), of_pairs(pairs, day)]
    return pl.concat([items, *usual], how="horizontal")


def of_pairs(pairs: PastPairs, day: date) -> pl.DataFrame:
    """What the sender itself, and the product identifier, usually declare; null if not known."""
    n = pl.col("items")
    told = []
    for name, pair in pairs.by_name().items():
        sums = pair.sums(day, "items", "unit_value_sum", "unit_mass_sum")
        usual = sums.select(
            n.alias(f"{name}_items"),
            (pl.col("unit_value_sum") / n).alias(f"{name}_unit_value"),
            (pl.col("unit_mass_sum") / n).alias(f"{name}_unit_mass"),
        )
        told.append(pair.told(usual))
    return pl.concat(told, how="horizontal")


_DEVIATIONS = (
    *(f"{measure}_deviation" for measure in MEASURES), *(f"{measure}_z" for measure in MEASURES),
    "heading_deviation", "sender_text_deviation", "product_deviation",
    "heading_mass_deviation", "sender_text_mass_deviation", "product_mass_deviation",
    "unit_mass_either_z", "unit_value_either_z",
)  # fmt: skip
"""How far an item is from what is usual, for its code, its sender or its product."""


def deviating(items: pl.DataFrame) -> pl.DataFrame:
    """Items with what is usual for them, and how far they are from it."""
    deviations = {
        f"{m}_deviation": (pl.col(m) - pl.col(f"{m}_usual")) * LN_PER_THOUSANDTH for m in MEASURES
    } | {f"{m}_z": (pl.col(m) - pl.col(f"{m}_usual")) / pl.col(f"{m}_spread") for m in MEASURES}
    usual_mg = (pl.col("unit_mass_usual") * LN_PER_THOUSANDTH).exp() * pl.col("pieces")
    return items.with_columns(
        **deviations,
        expected_mg=usual_mg.round().cast(pl.Int64),
        expected_cents=((pl.col("unit_value_usual") * LN_PER_THOUSANDTH).exp() * pl.col("pieces"))
        .round()
        .cast(pl.Int64),
        heading_deviation=(pl.col("unit_value") - pl.col("sender_heading_unit_value"))
        * LN_PER_THOUSANDTH,
        sender_text_deviation=(pl.col("unit_value") - pl.col("sender_text_unit_value"))
        * LN_PER_THOUSANDTH,
        product_deviation=(pl.col("unit_value") - pl.col("product_code_unit_value"))
        * LN_PER_THOUSANDTH,
        **{
            f"{short}_mass_deviation": (pl.col("unit_mass") - pl.col(f"{pair}_unit_mass"))
            * LN_PER_THOUSANDTH
            for short, pair in (
                ("heading", "sender_heading"),
                ("sender_text", "sender_text"),
                ("product", "product_code"),
            )
        },
    )


def rolled(items: pl.DataFrame) -> pl.DataFrame:
    """The items of each consignment, rolled up: mostly its most unusual item decides."""
    spread = [
        expression
        for name in _DEVIATIONS
        for expression in (
            pl.col(name).max().alias(f"{name}_max"),
            pl.col(name).min().alias(f"{name}_min"),
        )
    ]
    highest = [f"{level.name}_{suffix}" for level in ITEM_LEVELS for suffix in TOLD]
    main = pl.col("value_cents").arg_max()
    return items.group_by("row", maintain_order=True).agg(
        *spread,
        *(
            pl.col(name).max()
            for name in (
                *highest,
                "word_odds_max",
                "word_odds_sum",
                "text_gap",
                "digit_share",
                "vague_share",
                "word_count",
                "heading_surprise",
                "words_surprise",
                "goods_surprise",
                "text_mass_spread",
                "heading_mass_spread",
                "heading_mass_habit",
                "heading_lot_habit",
            )
        ),
        *(pl.col(f"{m}_percentile").max().alias(f"{m}_percentile_max") for m in MEASURES),
        *(pl.col(f"{m}_percentile").min().alias(f"{m}_percentile_min") for m in MEASURES),
        *(pl.col(f"text_{level}_lift").min() for level in ("hs6", "hs4", "hs2")),
        *(pl.col(f"text_{level}_odds").min() for level in ("hs6", "hs4", "hs2")),
        pl.col("text_hs4_best_word").min(),
        pl.col("text_known_share").min(),
        pl.col("reference_count").min(),
        pl.col("sender_heading_items").min(),
        pl.col("sender_text_items").min(),
        pl.col("product_code_items").min(),
        pl.col("expected_mg").sum(),
        pl.col("expected_cents").sum(),
        pl.col("has_prepared_phrase").any(),
        pl.col("has_double_space").any(),
        pl.col("gross_net").median(),
        pl.col("merchant_product_id").null_count().alias("missing_product_ids"),
        pl.col("merchant_product_id").n_unique().alias("product_ids"),
        pl.col("value_cents").n_unique().alias("distinct_values"),
        (pl.col("intrinsic_value") % 1 == 0).all().alias("is_whole_value"),
        (((pl.col("intrinsic_value") * 100).round() % 100) == 99).any().alias("has_99_ending"),
        pl.col("quantity").max().alias("largest_quantity"),
        pl.col("country_of_origin").first(),
        pl.col("text_key").n_unique().alias("distinct_texts"),
        pl.col("hs2").n_unique().alias("distinct_chapters"),
        main_hs6=pl.col("hs6").get(main),
        main_value_cents=pl.col("value_cents").max(),
        main_text_key=pl.col("text_key").get(main),
    )
