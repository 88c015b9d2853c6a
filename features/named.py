"""The item that a sentence speaks of.

Features of a consignment are mostly about one of its items: the cheapest, the heaviest, the
vaguest. The sentence must name that very item with its own numbers, not the dearest one. Items are
kept with the consignment as they are; the one spoken of is picked when a sentence is told.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from features.units import EUR_PER_CENT, KG_PER_MG, LN_PER_THOUSANDTH

PICKED: dict[str, tuple[str, bool]] = {
    "unit_value_low_z": ("unit_value_z", False),
    "unit_value_high_z": ("unit_value_z", True),
    "value_per_kg_low_z": ("value_per_kg_z", False),
    "value_per_kg_high_z": ("value_per_kg_z", True),
    "heading_price_low": ("heading_deviation", False),
    "heading_price_high": ("heading_deviation", True),
    "text_price_low": ("sender_text_deviation", False),
    "product_price_low": ("product_deviation", False),
    "unit_mass_low_z": ("unit_mass_z", False),
    "unit_mass_high_z": ("unit_mass_z", True),
    "unit_mass_low_percentile": ("unit_mass_percentile", False),
    "unit_mass_high_percentile": ("unit_mass_percentile", True),
    "unit_mass_deviation_low": ("unit_mass_deviation", False),
    "unit_mass_deviation_high": ("unit_mass_deviation", True),
    "unit_mass_either_high_z": ("unit_mass_either_z", True),
    "unit_mass_either_low_z": ("unit_mass_either_z", False),
    "text_mass_high": ("sender_text_mass_deviation", True),
    "heading_mass_high": ("heading_mass_deviation", True),
    "text_mass_low": ("sender_text_mass_deviation", False),
    "heading_mass_low": ("heading_mass_deviation", False),
    "product_mass_high": ("product_mass_deviation", True),
    "quantity_high_z": ("lot_z", True),
    "text_mass_spread": ("text_mass_spread", True),
    "heading_mass_habit": ("heading_mass_habit", True),
    "heading_quantity_habit": ("heading_lot_habit", True),
    "sender_goods_surprise": ("goods_surprise", True),
    "sender_words_surprise": ("words_surprise", True),
    "sender_heading_surprise": ("heading_surprise", True),
    "text_hs6_lift": ("text_hs6_lift", False),
    "text_hs4_lift": ("text_hs4_lift", False),
    "text_hs2_lift": ("text_hs2_lift", False),
    "text_best_word": ("text_hs4_best_word", False),
    "text_gap": ("text_gap", True),
    "text_known_share": ("text_known_share", False),
    "vague_share": ("vague_share", True),
    "is_stop_word": ("is_stop_word", True),
    "has_prepared_phrase": ("has_prepared_phrase", True),
    "word_odds_max": ("word_odds_max", True),
    "word_odds_sum": ("word_odds_sum", True),
    "text_hs6_odds": ("text_hs6_odds", False),
    "text_hs4_odds": ("text_hs4_odds", False),
    "text_hs2_odds": ("text_hs2_odds", False),
    "odd_not_in_h7": ("is_not_in_h7", True),
    "is_catch_all": ("value_cents", True),
    "heading_rate": ("heading_rate", True),
    "code_rate": ("code_rate", True),
    "product_rate": ("product_rate", True),
    "text_rate": ("text_rate", True),
    "chapter_rate": ("chapter_rate", True),
    "sender_heading_rate": ("sender_heading_rate", True),
    "code_sure_rate": ("code_sure_rate", True),
    "sender_heading_sure_rate": ("sender_heading_sure_rate", True),
    "heading_goods_rate": ("heading_goods_rate", True),
    "code_goods_rate": ("code_goods_rate", True),
    "text_goods_rate": ("text_goods_rate", True),
    "chapter_goods_rate": ("chapter_goods_rate", True),
    "sender_heading_goods_rate": ("sender_heading_goods_rate", True),
    "heading_recovered": ("heading_recovered", True),
    "code_recovered": ("code_recovered", True),
    "text_recovered": ("text_recovered", True),
    "chapter_recovered": ("chapter_recovered", True),
    "sender_heading_recovered": ("sender_heading_recovered", True),
}
"""Feature -> the item's column that decides which item it speaks of, and whether the highest."""

_SAID = (
    "goods_description", "hs6", "quantity", "value_cents", "expected_cents", "mass_mg",
    "expected_mg", "value_per_kg", "text_heading", "unit_value_percentile",
    "value_per_kg_percentile", "unit_mass_percentile", "lot_percentile",
    "heading_controls", "code_controls",
    "product_controls", "text_controls", "chapter_controls", "sender_heading_controls",
)  # fmt: skip

_LEVELS = ("sender_heading", "heading", "code", "product", "text", "chapter")
"""Kinds of goods whose past controls are followed, as features begin with them."""

GOODS = tuple(dict.fromkeys((*_SAID, *(column for column, _ in PICKED.values()))))
"""Columns kept of every item."""

ITEM_FACTS: tuple[str, ...] = (
    "item", "item_declared", "item_hs6", "item_hs4", "item_hs2", "item_heading", "item_eur",
    "item_usual_eur", "item_per_kg", "item_kg", "item_usual_kg", "item_cheaper", "item_dearer",
    "item_per_kg_below", "item_per_kg_above", "item_lighter", "item_heavier",
    "item_fewer", "item_more",
)  # fmt: skip
"""What sentences may say of the item: description, with its pieces, codes, money, mass, and the
share of such goods (percent) that are cheaper, dearer, ..."""

CERTAIN_PERCENT = 99.4
"""No sentence says 100 %: nobody knows all goods."""


def goods_of(items: pl.DataFrame) -> pl.DataFrame:
    """The items of each consignment in one column `goods`, in the order of `row`.

    Parameters
    ----------
    items : in canonical order, so that those of a consignment are neighbours: the lists are made of
        the columns as they are, without copying what few will ever be told.
    """
    import pyarrow as pa  # only who sees flights whole needs it

    ends = np.cumsum(np.bincount(items["row"].to_numpy()))
    rows = items.select(pl.struct(GOODS)).to_series().rechunk()
    lists = pa.LargeListArray.from_arrays(
        pa.array(np.append(0, ends), pa.int64()),
        rows.to_arrow(compat_level=pl.CompatLevel.newest()),
    )
    return pl.DataFrame({"goods": pl.from_arrow(lists)})


def item_of(feature: str, goods: list[dict[str, Any]]) -> dict[str, Any]:
    """Facts of the item that a feature speaks of; nothing for features of the whole consignment.

    Parameters
    ----------
    feature : name of the feature.
    goods : the items of the consignment, an entry of `goods_of`.
    """
    if feature not in PICKED:
        return {}
    column, is_highest = PICKED[feature]
    known = [item for item in goods if item[column] is not None]
    if not known:
        return {}
    pick = max if is_highest else min
    return _facts(feature, pick(known, key=lambda item: item[column]))


def _facts(feature: str, item: dict[str, Any]) -> dict[str, Any]:
    description, pieces = item["goods_description"], item["quantity"]
    facts = {
        "item": description,
        "item_declared": f"'{description}'" if pieces is None else f"{pieces:g} × '{description}'",
        "item_hs6": item["hs6"],
        "item_hs4": item["hs6"][:4],
        "item_hs2": item["hs6"][:2],
        "item_heading": item["text_heading"],
        "item_eur": item["value_cents"] * EUR_PER_CENT,
        "item_usual_eur": _times(item["expected_cents"], EUR_PER_CENT),
        "item_per_kg": 2.718281828 ** (item["value_per_kg"] * LN_PER_THOUSANDTH) * EUR_PER_CENT,
        "item_kg": _times(item["mass_mg"], KG_PER_MG),
        "item_usual_kg": _times(item["expected_mg"], KG_PER_MG),
    } | _shares(item)
    level = next((one for one in _LEVELS if feature.startswith(f"{one}_")), "")
    if level and feature.endswith(("_rate", "_recovered")):
        facts["controls"] = item[f"{level}_controls"]
    return facts


def _shares(item: dict[str, Any]) -> dict[str, float | None]:
    """Share of such goods, in percent, on either side of the item."""
    sides = {
        "unit_value": ("item_cheaper", "item_dearer"),
        "value_per_kg": ("item_per_kg_below", "item_per_kg_above"),
        "unit_mass": ("item_lighter", "item_heavier"),
        "lot": ("item_fewer", "item_more"),
    }
    shares: dict[str, float | None] = {}
    for measure, (below, above) in sides.items():
        share = item[f"{measure}_percentile"]
        shares[below] = None if share is None else _certain(share)
        shares[above] = None if share is None else _certain(1 - share)
    return shares


def _certain(share: float) -> float:
    return min(max(share * 100, 0.0), CERTAIN_PERCENT)


def _times(number: int | None, unit: float) -> float | None:
    return None if number is None else number * unit
