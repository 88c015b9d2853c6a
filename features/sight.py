"""From canonical goods items to everything that features are made of, one row a consignment.

`prepared` looks at the consignments alone; `sight` adds the flight, the history and the ledger of
controls. Rows are in canonical order throughout, so that the order of arrival changes nothing.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from engine.consignment import roll_up
from engine.declaration import CONSIGNMENT, FLIGHT
from engine.remarks import REMARKS
from features.acquaintance import with_acquaintances
from features.agreement import agreement
from features.entities import entity_keys
from features.euphemisms import with_word_odds
from features.history import PAIRS, TRAFFIC, History
from features.identity import consignee_groups
from features.kinship import with_kin
from features.likely_goods import likely_goods
from features.named import goods_of
from features.own_goods import own_goods
from features.own_mass import own_mass
from features.past_rates import (
    ITEM_LEVELS,
    TOLD,
    Controls,
    rates_of_goods,
    rates_of_parties,
    told,
)
from features.probing import probing, variant
from features.references import MEASURES, milli_log
from features.text import words_of
from features.units import LN_PER_THOUSANDTH

NEAR_LINE_CENTS = (12_000, 15_000)
"""Where those who stay under EUR 150 sit (domain report 3.2: 120 to 149.99)."""

_CONSIGNEE = (
    "importer_key", "importer_name_tokens", "importer_name_bits_0", "importer_name_bits_1",
    "importer_name_bits_2", "importer_name_bits_3", "importer_name_length",
    "importer_name_has_digit", "importer_name_has_code", "importer_name_is_uuid",
    "importer_name_is_placeholder", "importer_street_tokens", "importer_street_has_number",
    "importer_street_has_code",
)  # fmt: skip


def prepared(items: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Items and consignments with what can be read off them alone.

    Parameters
    ----------
    items : `Declaration` rows of whole flights of one day, in any order.

    Returns
    -------
    items : with `flight_index`, `row` (index of their consignment), logarithmic measures, words.
    consignments : rolled up, with `flight_index`, entity keys, marks of oddities.
    """
    items = items.sort(*CONSIGNMENT, "goods_item_number")
    words = words_of(items["goods_description"])
    items = items.join(words, on="goods_description", how="left", maintain_order="left")
    mass = pl.coalesce("net_mass_mg", "gross_mass_mg")
    pieces = pl.col("quantity").fill_null(1.0).clip(0.001)
    value = pl.col("value_cents").clip(1)
    items = items.with_columns(
        flight_index=pl.struct(FLIGHT).rle_id(),
        row=pl.struct(CONSIGNMENT).rle_id(),
        hs4=pl.col("hs6").str.head(4),
        hs2=pl.col("hs6").str.head(2),
        pieces=pieces,
        mass_mg=mass,
        unit_mass=milli_log(mass / pieces),
        unit_value=milli_log(value / pieces),
        has_pieces=pl.col("quantity").is_not_null(),
        lot=milli_log(pieces),
        value_per_kg=milli_log(value * 1_000_000 / mass),
        value_log=milli_log(value),
        gross_net=(pl.col("gross_mass_mg") / pl.col("net_mass_mg") * 10_000).round(),
        **{f"is_{remark.name}": remark.is_odd for remark in REMARKS},
    )
    consignments = roll_up(items).with_row_index("row")
    extra = items.group_by("row").agg(
        pl.col("flight_index").first(),
        pl.col("hs6").get(pl.col("value_cents").arg_max()).alias("main_code"),
        *(pl.col(name).first() for name in _CONSIGNEE),
        *(pl.col(f"is_{remark.name}").any() for remark in REMARKS),
    )
    consignments = consignments.join(extra, on="row", how="left", maintain_order="left")
    consignments = entity_keys(consignments)
    low, high = NEAR_LINE_CENTS
    consignments = consignments.with_columns(
        value_log=milli_log(pl.col("value_cents").clip(1)),
        value_per_kg_log=milli_log(
            pl.col("value_cents").clip(1) * 1_000_000 / pl.coalesce("net_mass_mg", "gross_mass_mg")
        ),
        is_near_line=pl.col("value_cents").is_between(low, high),
        variant=variant(),
        is_gift=pl.col("additional_procedure_codes").str.contains("C08"),
    )
    keys = consignments.select("row", *(c for c in consignments.columns if c.startswith("key_")))
    items = items.join(keys, on="row", how="left", maintain_order="left")
    return items, consignments


def sight(
    items: pl.DataFrame,
    consignments: pl.DataFrame,
    history: History,
    ledger: pl.DataFrame | Controls,
    day: date,
) -> pl.DataFrame:
    """Everything that features are made of.

    Parameters
    ----------
    items, consignments : the frames of `prepared`.
    history : as of a day before `day`.
    ledger : rows of `features.ledger.ledger_rows`; only what was known on `day` is used. Or what
        was worked out of them for `day`.
    day : the day of the flights.

    Returns
    -------
    One row a consignment in canonical order: the columns that `features.groups` build on, and
    `goods`, its items as sentences speak of them (`features.named`).
    """
    controls = Controls.of(ledger, day) if isinstance(ledger, pl.DataFrame) else ledger
    known, past = controls.known, controls.past
    parties = rates_of_parties(consignments, past)
    items = pl.concat(
        [
            items,
            history.references.read(items),
            agreement(items, history, day),
            own_goods(items, history, day),
        ],
        how="horizontal",
    )
    items = pl.concat([items, likely_goods(items), own_mass(items, history, day)], how="horizontal")
    items = _with_pairs(items, history, day)
    items = pl.concat([items, rates_of_goods(items, parties, past)], how="horizontal")
    items = _deviating(with_word_odds(items, known, past.base["irregular"]))
    table = consignments.join(_rolled(items), on="row", how="left", maintain_order="left")
    table = pl.concat([table, consignee_groups(table)], how="horizontal")
    table = _with_flight(table)
    table = _with_traffic(table, history, day)
    table = _with_pair_counts(table, history, day)
    table = with_acquaintances(table, history.consignees, day)
    table = with_kin(table, items, history.senders, known, day)
    tests = probing(table, history.variants, known, day)
    return pl.concat([table, tests, told(parties), goods_of(items)], how="horizontal")


def _with_pairs(items: pl.DataFrame, history: History, day: date) -> pl.DataFrame:
    """What the sender itself, and the product identifier, usually declare."""
    for name in ("sender_heading", "sender_text", "product_code"):
        first, second = PAIRS[name]
        rows = (
            history.pairs[name]
            .at(day)
            .select(
                first,
                second,
                pl.col("items").alias(f"{name}_items"),
                (pl.col("unit_value_sum") / pl.col("items")).alias(f"{name}_unit_value"),
                (pl.col("unit_mass_sum") / pl.col("items")).alias(f"{name}_unit_mass"),
            )
        )
        items = items.join(rows, on=[first, second], how="left", maintain_order="left")
    return items


_DEVIATIONS = (
    *(f"{measure}_deviation" for measure in MEASURES), *(f"{measure}_z" for measure in MEASURES),
    "heading_deviation", "sender_text_deviation", "product_deviation",
    "heading_mass_deviation", "sender_text_mass_deviation", "product_mass_deviation",
    "unit_mass_either_z", "unit_value_either_z",
)  # fmt: skip
"""How far an item is from what is usual, for its code, its sender or its product."""


def _deviating(items: pl.DataFrame) -> pl.DataFrame:
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


def _rolled(items: pl.DataFrame) -> pl.DataFrame:
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


def _with_flight(table: pl.DataFrame) -> pl.DataFrame:
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


def _with_traffic(table: pl.DataFrame, history: History, day: date) -> pl.DataFrame:
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


def _with_pair_counts(table: pl.DataFrame, history: History, day: date) -> pl.DataFrame:
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
