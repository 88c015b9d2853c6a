"""The consignments of a sight among those of their flight, and what was known of their parties."""

from __future__ import annotations

from datetime import date

import polars as pl

from features.history import PAIRS, TRAFFIC, History


def with_flight(table: pl.DataFrame) -> pl.DataFrame:
    """What shows only on the flight: sums over consignees, files and senders."""
    flight = "flight_index"
    count = pl.len().cast(pl.Int64)
    group = [flight, "consignee_group"]
    table = table.with_columns(gross_net_key=pl.col("gross_net"))
    same_sender = [*group, "key_sender"]
    file = [flight, "mawb"]
    return table.with_columns(
        group_consignments=count.over(group),
        group_value_cents=pl.col("value_cents").sum().over(group),
        group_forms=pl.col("consignee_form").n_unique().over(group),
        group_senders=pl.col("key_sender").n_unique().over(group),
        group_largest_cents=pl.col("value_cents").max().over(group),
        group_sender_consignments=count.over(same_sender),
        group_sender_value_cents=pl.col("value_cents").sum().over(same_sender),
        group_sender_forms=pl.col("consignee_form").n_unique().over(same_sender),
        group_sender_largest_cents=pl.col("value_cents").max().over(same_sender),
        group_same_text=count.over([*group, "main_text_key"]),
        group_same_code=count.over([*group, "main_hs6"]),
        address_consignments=count.over([flight, "key_consignee_address"]),
        address_names=pl.col("key_consignee").n_unique().over([flight, "key_consignee_address"]),
        sender_flight_consignments=count.over([flight, "key_sender"]),
        sender_flight_near_line=pl.col("is_near_line").sum().over([flight, "key_sender"]),
        sender_flight_values=pl.col("value_cents").n_unique().over([flight, "key_sender"]),
        sender_flight_codes=pl.col("main_hs6").n_unique().over([flight, "key_sender"]),
        sender_flight_texts=pl.col("main_text_key").n_unique().over([flight, "key_sender"]),
        sender_flight_value_log=pl.col("value_log").median().over([flight, "key_sender"]),
        sender_flight_value_per_kg=pl.col("value_per_kg_log").median().over([flight, "key_sender"]),
        sender_flight_mass_z=pl.col("unit_mass_z_max").median().over([flight, "key_sender"]),
        sender_flight_value_z=pl.col("unit_value_z_min").median().over([flight, "key_sender"]),
        sender_flight_gap=pl.col("text_gap").median().over([flight, "key_sender"]),
        address_flight_senders=pl.col("key_sender").n_unique().over(
            [flight, "key_sender_address"]
        ),
        ioss_flight_senders=pl.col("key_sender").n_unique().over([flight, "key_ioss"]),
        ioss_flight_brokers=pl.col("key_broker").n_unique().over([flight, "key_ioss"]),
        ioss_flight_consignments=count.over([flight, "key_ioss"]),
        file_consignments=count.over(file),
        file_ratios=pl.col("gross_net").n_unique().over(file),
        file_ratio_count=pl.col("gross_net").count().over(file),
        file_same_ratio=count.over([*file, "gross_net_key"]),
        file_same_value=count.over([*file, "value_cents"]),
        file_senders=pl.col("key_sender").n_unique().over(file),
        file_places=pl.col("key_place").n_unique().over(file),
        file_near_line=pl.col("is_near_line").sum().over(file),
        file_codes=pl.col("main_hs6").n_unique().over(file),
        file_odd_names=(
            pl.col("importer_name_has_code") | pl.col("importer_name_is_uuid")
        ).sum().over(file),
        bag_consignments=count.over([flight, "bag_id"]),
        flight_consignments=count.over(flight),
    )  # fmt: skip


def with_traffic(table: pl.DataFrame, history: History, day: date) -> pl.DataFrame:
    """Volume, values and age of each followed party."""
    for name in TRAFFIC:
        key = f"key_{name}"
        n = pl.col("consignments")
        rows = (
            history.traffic[name]
            .at(day)
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
        table = table.join(rows, on=key, how="left", maintain_order="left")
    return table.with_columns(
        history_days=pl.lit(0 if history.as_of is None else 1, dtype=pl.Int64)
    )


def with_pair_counts(table: pl.DataFrame, history: History, day: date) -> pl.DataFrame:
    """How often the parties met before, and with how many others."""
    for name in ("sender_ioss", "sender_broker", "address_name"):
        first, second = PAIRS[name]
        rows = history.pairs[name].at(day)
        met = rows.select(first, second, pl.col("items").alias(f"{name}_items"))
        table = table.join(met, on=[first, second], how="left", maintain_order="left")
    ioss = history.pairs["sender_ioss"].at(day).group_by("key_ioss").agg(ioss_senders=pl.len())
    names = (
        history.pairs["address_name"]
        .at(day)
        .group_by("key_consignee_address")
        .agg(address_past_names=pl.len())
    )
    brokers = (
        history.pairs["sender_broker"].at(day).group_by("key_sender").agg(sender_brokers=pl.len())
    )
    for rows, key in ((ioss, "key_ioss"), (names, "key_consignee_address"),
                      (brokers, "key_sender")):  # fmt: skip
        table = table.join(rows, on=key, how="left", maintain_order="left")
    return table
