"""The items of a sight: what is usual for each, how far it is from it, and their roll-up."""

from __future__ import annotations

from datetime import date

import polars as pl

from features.agreement import agreement
from features.codes import coded
from features.history import History
from features.item_keys import ItemKeys
from features.levels import MEASURES
from features.likely_goods import likely_goods
from features.own_goods import own_goods
from features.own_mass import own_mass
from features.past_pairs import PastPairs
from features.past_rates import ITEM_LEVELS, TOLD
from features.segments import Segments
from features.text_codes import LEVELS
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


_BOTH_SIDES = (*_DEVIATIONS, *(f"{measure}_percentile" for measure in MEASURES))
"""Of these the highest and the lowest of a consignment's items."""

_HIGHEST = (
    *(f"{level.name}_{suffix}" for level in ITEM_LEVELS for suffix in TOLD),
    "word_odds_max", "word_odds_sum", "text_gap", "digit_share", "vague_share", "word_count",
    "heading_surprise", "words_surprise", "goods_surprise", "text_mass_spread",
    "heading_mass_spread", "heading_mass_habit", "heading_lot_habit",
)  # fmt: skip
"""Of these the highest of a consignment's items decides."""

_LOWEST = (
    *(f"text_{level}_lift" for level in LEVELS), *(f"text_{level}_odds" for level in LEVELS),
    "text_hs4_best_word", "text_known_share", "reference_count",
    "sender_heading_items", "sender_text_items", "product_code_items",
)  # fmt: skip
"""Of these the lowest."""


def rolled(items: pl.DataFrame, keys: ItemKeys) -> pl.DataFrame:
    """The items of each consignment, rolled up: mostly its most unusual item decides.

    Parameters
    ----------
    items : prepared items with what is usual for them, in canonical order.
    keys : their keys.

    Returns
    -------
    One row a consignment, in canonical order.
    """
    runs = Segments.of(items["row"])
    odd = items.select(
        (pl.col("intrinsic_value") % 1 != 0).alias("is_broken_value"),
        (((pl.col("intrinsic_value") * 100).round() % 100) == 99).alias("has_99_ending"),
        pl.col("merchant_product_id").is_null().alias("missing_product_ids"),
    )
    main = pl.Series(runs.at_largest(items["value_cents"]))
    lowest, highest = runs.extremes(
        items, (*_BOTH_SIDES, *_LOWEST), (*_BOTH_SIDES, *_HIGHEST, "quantity")
    )
    columns = [
        *(
            side[name].alias(f"{name}_{suffix}")
            for name in _BOTH_SIDES
            for side, suffix in ((highest, "max"), (lowest, "min"))
        ),
        *(highest[name] for name in _HIGHEST),
        *(lowest[name] for name in _LOWEST),
        *(runs.total(items[name]) for name in ("expected_mg", "expected_cents")),
        *(runs.any(items[name]) for name in ("has_prepared_phrase", "has_double_space")),
        runs.median(items["gross_net"]),
        runs.total(odd["missing_product_ids"]).cast(pl.UInt32),
        runs.distinct(keys.product).alias("product_ids"),
        runs.distinct(coded(items["value_cents"])).alias("distinct_values"),
        (~runs.any(odd["is_broken_value"])).alias("is_whole_value"),
        runs.any(odd["has_99_ending"]),
        highest["quantity"].alias("largest_quantity"),
        runs.first(items["country_of_origin"]),
        runs.distinct(keys.text).alias("distinct_texts"),
        runs.distinct(keys.chapter).alias("distinct_chapters"),
        items["hs6"].gather(main).alias("main_hs6"),
        items["value_cents"].gather(main).alias("main_value_cents"),
        items["text_key"].gather(main).alias("main_text_key"),
    ]  # fmt: skip
    return pl.DataFrame(columns)
