"""The items of one consignment rolled up, and the consignment on a flight of its own:
`features.seen_items.rolled` and `features.seen_flight.with_flight` for one alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from features.levels import MEASURES
from features.past_rates import ITEM_LEVELS, TOLD
from features.single.parcel import Consignment, Item

_DEVIATIONS = (
    *(f"{measure}_deviation" for measure in MEASURES), *(f"{measure}_z" for measure in MEASURES),
    "heading_deviation", "sender_text_deviation", "product_deviation",
    "heading_mass_deviation", "sender_text_mass_deviation", "product_mass_deviation",
    "unit_mass_either_z", "unit_value_either_z",
)  # fmt: skip

_BOTH: tuple[str, ...] = (*_DEVIATIONS, *(f"{measure}_percentile" for measure in MEASURES))
"""Told of the highest and of the lowest item, as `..._max` and `..._min`."""

_HIGHEST = (
    *(f"{level.name}_{ending}" for level in ITEM_LEVELS for ending in TOLD),
    "word_odds_max", "word_odds_sum", "text_gap", "digit_share", "vague_share", "word_count",
    "heading_surprise", "words_surprise", "goods_surprise", "text_mass_spread",
    "heading_mass_spread", "heading_mass_habit", "heading_lot_habit",
)  # fmt: skip

_LOWEST = (
    *(f"text_{level}_{what}" for level in ("hs6", "hs4", "hs2") for what in ("lift", "odds")),
    "text_hs4_best_word", "text_known_share", "reference_count", "sender_heading_items",
    "sender_text_items", "product_code_items",
)  # fmt: skip

_OF_ONE = (
    "group_consignments", "group_forms", "group_senders", "group_sender_consignments",
    "group_sender_forms", "group_same_text", "group_same_code", "address_consignments",
    "address_names", "sender_flight_consignments", "sender_flight_values", "sender_flight_codes",
    "sender_flight_texts", "address_flight_senders", "ioss_flight_senders", "ioss_flight_brokers",
    "ioss_flight_consignments", "file_consignments", "file_ratios", "file_same_ratio",
    "file_same_value", "file_senders", "file_places", "file_codes", "bag_consignments",
    "flight_consignments",
)  # fmt: skip
"""Counts on the flight, which are one for a consignment alone, whatever they are counted by."""

_OWN = {
    "group_value_cents": "value_cents", "group_largest_cents": "value_cents",
    "group_sender_value_cents": "value_cents", "group_sender_largest_cents": "value_cents",
    "sender_flight_value_log": "value_log", "sender_flight_value_per_kg": "value_per_kg_log",
    "sender_flight_mass_z": "unit_mass_z_max", "sender_flight_value_z": "unit_value_z_min",
    "sender_flight_gap": "text_gap",
}  # fmt: skip
"""Sums and middles on the flight, which are the consignment's own numbers."""


def _known(items: Sequence[Item], name: str) -> list[Any]:
    return [value for item in items if (value := item[name]) is not None]


def _highest(values: Iterable[Any]) -> Any:
    return max(values, default=None)


def _lowest(values: Iterable[Any]) -> Any:
    return min(values, default=None)


def _middle(values: Sequence[float]) -> float | None:
    if not values:
        return None
    ordered = sorted(values)
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


def add_rolled(table: Consignment, items: Sequence[Item]) -> None:
    """Add to the consignment what its items say: mostly its most unusual item decides."""
    if len(items) == 1:
        _add_only(table, items[0])
    else:
        _add_several(table, items)
    main = max(items, key=lambda item: item["value_cents"])
    table["expected_mg"] = sum(item["expected_mg"] for item in items)
    table["expected_cents"] = sum(item["expected_cents"] for item in items)
    table["has_prepared_phrase"] = any(item["has_prepared_phrase"] for item in items)
    table["has_double_space"] = any(item["has_double_space"] for item in items)
    table["gross_net"] = _middle(_known(items, "gross_net"))
    products = [item["merchant_product_id"] for item in items]
    table["missing_product_ids"] = products.count(None)
    table["product_ids"] = len(set(products))
    table["distinct_values"] = len({item["value_cents"] for item in items})
    amounts = [item["intrinsic_value"] for item in items]
    table["is_whole_value"] = all(amount % 1 == 0 for amount in amounts)
    table["has_99_ending"] = any(round(amount * 100) % 100 == 99 for amount in amounts)
    table["largest_quantity"] = _highest(_known(items, "quantity"))
    table["distinct_texts"] = len({item["text_key"] for item in items})
    table["distinct_chapters"] = len({item["hs2"] for item in items})
    table["main_hs6"], table["main_value_cents"] = main["hs6"], main["value_cents"]


def _add_only(table: Consignment, item: Item) -> None:
    """A single item is its own highest and lowest."""
    for name in _BOTH:
        table[f"{name}_max"] = table[f"{name}_min"] = item[name]
    for name in (*_HIGHEST, *_LOWEST):
        table[name] = item[name]


def _add_several(table: Consignment, items: Sequence[Item]) -> None:
    for name in _BOTH:
        values = _known(items, name)
        table[f"{name}_max"], table[f"{name}_min"] = _highest(values), _lowest(values)
    for name in _HIGHEST:
        table[name] = _highest(_known(items, name))
    for name in _LOWEST:
        table[name] = _lowest(_known(items, name))


def add_flight(table: Consignment) -> None:
    """Add what shows on a flight of one consignment."""
    for name in _OF_ONE:
        table[name] = 1
    for name, own in _OWN.items():
        table[name] = table[own]
    table["link_confidence"] = None
    table["sender_flight_near_line"] = table["file_near_line"] = int(table["is_near_line"])
    is_odd = table["importer_name_has_code"] or table["importer_name_is_uuid"]
    table["file_odd_names"] = int(is_odd)
    table["file_ratio_count"] = int(table["gross_net"] is not None)
