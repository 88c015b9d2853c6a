"""The consignments of a sight among those of their flight, and what was known of their parties."""

from __future__ import annotations

from datetime import date

import polars as pl

from features.codes import Keyed, combined
from features.history import PAIRS, TRAFFIC, History


def with_flight(table: pl.DataFrame, keys: Keyed | None = None) -> pl.DataFrame:
    """What shows only on the flight: sums over consignees, files and senders.

    Parameters
    ----------
    table : consignments of some flights.
    keys : their keys, for those who have coded them already.
    """
    keys = keys or Keyed(table)
    group = keys.of("flight_index", "consignee_group")
    same_sender = combined(group, keys.of("key_sender"))
    file = keys.of("flight_index", "mawb")
    address = keys.of("flight_index", "key_consignee_address")
    sender = keys.of("flight_index", "key_sender")
    ioss = keys.of("flight_index", "key_ioss")
    ratio, value = keys.of("gross_net"), keys.of("value_cents")
    cents, near = table["value_cents"], table["is_near_line"]
    form = keys.of("consignee_form")
    odd_name = table["importer_name_has_code"] | table["importer_name_is_uuid"]
    return table.with_columns(
        group_consignments=group.counted(),
        group_value_cents=group.summed(cents),
        group_forms=group.distinct(form),
        group_senders=group.distinct(keys.of("key_sender")),
        group_largest_cents=group.largest(cents),
        group_sender_consignments=same_sender.counted(),
        group_sender_value_cents=same_sender.summed(cents),
        group_sender_forms=same_sender.distinct(form),
        group_sender_largest_cents=same_sender.largest(cents),
        group_same_text=combined(group, keys.of("main_text_key")).counted(),
        group_same_code=combined(group, keys.of("main_hs6")).counted(),
        address_consignments=address.counted(),
        address_names=address.distinct(keys.of("key_consignee")),
        sender_flight_consignments=sender.counted(),
        sender_flight_near_line=sender.summed(near),
        sender_flight_values=sender.distinct(value),
        sender_flight_codes=sender.distinct(keys.of("main_hs6")),
        sender_flight_texts=sender.distinct(keys.of("main_text_key")),
        sender_flight_value_log=sender.median(table["value_log"]),
        sender_flight_value_per_kg=sender.median(table["value_per_kg_log"]),
        sender_flight_mass_z=sender.median(table["unit_mass_z_max"]),
        sender_flight_value_z=sender.median(table["unit_value_z_min"]),
        sender_flight_gap=sender.median(table["text_gap"]),
        address_flight_senders=keys.of("flight_index", "key_sender_address").distinct(
            keys.of("key_sender")
        ),
        ioss_flight_senders=ioss.distinct(keys.of("key_sender")),
        ioss_flight_brokers=ioss.distinct(keys.of("key_broker")),
        ioss_flight_consignments=ioss.counted(),
        file_consignments=file.counted(),
        file_ratios=file.distinct(ratio),
        file_ratio_count=file.summed(table["gross_net"].is_not_null()),
        file_same_ratio=combined(file, ratio).counted(),
        file_same_value=combined(file, value).counted(),
        file_senders=file.distinct(keys.of("key_sender")),
        file_places=file.distinct(keys.of("key_place")),
        file_near_line=file.summed(near),
        file_codes=file.distinct(keys.of("main_hs6")),
        file_odd_names=file.summed(odd_name),
        bag_consignments=keys.of("flight_index", "bag_id").counted(),
        flight_consignments=keys.of("flight_index").counted(),
    )


def with_traffic(
    table: pl.DataFrame, history: History, day: date, keys: Keyed | None = None
) -> pl.DataFrame:
    """Volume, values and age of each followed party."""
    keys = keys or Keyed(table)
    n = pl.col("consignments")
    found = []
    for name in TRAFFIC:
        key = f"key_{name}"
        rows = (
            history.traffic[name]
            .met(keys.distinct(key), day)
            .select(
                key,
                n.alias(f"{name}_consignments"),
                (pl.col("recent_consignments") / n).alias(f"{name}_recent_share"),
                (n / pl.col("days")).alias(f"{name}_daily"),
                (pl.col("value_sum") / n).alias(f"{name}_value_log"),
                (pl.col("value_per_kg_sum") / n).alias(f"{name}_value_per_kg_log"),
                (pl.col("near_line") / n).alias(f"{name}_near_line_share"),
                (pl.col("gifts") / n).alias(f"{name}_gift_share"),
                (pl.lit(day) - pl.col("first_on")).dt.total_days().alias(f"{name}_age_days"),
            )
        )
        found.append(keys.looked_up(rows, [key]))
    return pl.concat([table, *found], how="horizontal").with_columns(
        history_days=pl.lit(0 if history.as_of is None else 1, dtype=pl.Int64)
    )


_COUNTED = (
    ("sender_ioss", "key_ioss", "ioss_senders"),
    ("address_name", "key_consignee_address", "address_past_names"),
    ("sender_broker", "key_sender", "sender_brokers"),
)
"""Pair, the party asked about, and the column that tells with how many others it was seen."""


def with_pair_counts(
    table: pl.DataFrame, history: History, day: date, keys: Keyed | None = None
) -> pl.DataFrame:
    """How often the parties met before, and with how many others."""
    keys = keys or Keyed(table)
    found = []
    for name in ("sender_ioss", "sender_broker", "address_name"):
        pair = PAIRS[name]
        rows = history.pairs[name].met(keys.distinct(*pair), day)
        met = rows.select(*pair, pl.col("items").alias(f"{name}_items"))
        found.append(keys.looked_up(met, pair))
    for name, key, told in _COUNTED:
        rows = history.pairs[name].met(keys.distinct(key), day)
        found.append(keys.looked_up(rows.group_by(key).agg(pl.len().alias(told)), [key]))
    return pl.concat([table, *found], how="horizontal")
