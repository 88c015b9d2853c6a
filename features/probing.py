"""Probing of controls: small varied batches, then volume in the variant that passed (T15).

A variant is what a sender can change about a parcel to see what happens: its commodity code, the
band of its value, and the broker who lodges it. Followed are the variants of the last days, sender
by sender: how many were tried in small numbers, whether one of them passed a control, and whether
it now comes in numbers (domain report 3.1, T15).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from features.decayed import DecayedTable
from features.ledger import sums_by
from features.units import UNIT, whole

BANDS_CENTS: tuple[int, ...] = (500, 1_000, 2_200, 4_500, 8_000, 12_000, 15_001)
"""Edges of the bands of value: where the law, past and present, draws lines (EUR 22, 45, 150) and
steps between them (estimate)."""

FADING_DAYS = 5.0
"""Half-life of a variant's volume (estimate: tests run over days, and the table stays small)."""

TESTED_DAYS = 14
"""A variant first seen within these days counts as tried lately (issue: two weeks)."""

SMALL_COUNT = 5.0
"""Faded parcels up to which a variant was tried, not sent (estimate)."""

FEWEST_TESTS = 4
"""Variants tried lately in small numbers from which on it looks like testing (estimate)."""

SURGE_COUNT, SURGE_TIMES = 8, 3.0
"""Parcels now, and times the faded ones, from which on a variant comes in numbers (estimate)."""

SUMS: dict[str, float] = {"parcels": FADING_DAYS}
"""Sums kept of a sender's variant."""

VARIANT: tuple[str, str] = ("key_sender", "variant")


def variant() -> pl.Expr:
    """The variant of a consignment: code of its dearest item, value band, broker."""
    band = pl.sum_horizontal(pl.col("value_cents") >= edge for edge in BANDS_CENTS)
    return pl.format("{}|{}|{}", "main_code", band, "declarant_eori")


def empty_variants() -> DecayedTable:
    """No variant at all."""
    return DecayedTable.empty({key: pl.String() for key in VARIANT}, SUMS)


def variants_of(consignments: pl.DataFrame) -> pl.DataFrame:
    """How many parcels of each sender came in each variant."""
    return consignments.drop_nulls("key_sender").group_by(VARIANT).agg(parcels=pl.len())


def probing(
    consignments: pl.DataFrame, variants: DecayedTable, known: pl.DataFrame, day: date
) -> pl.DataFrame:
    """Whether senders try variants, and whether one that passed comes in numbers.

    Parameters
    ----------
    consignments : `flight_index`, `key_sender`, `variant`.
    variants : profile of the days before.
    known : ledger as known on the day.
    day : the day of the flights.

    Returns
    -------
    In the order of `consignments`: `variant_parcels` (on the flight), `variant_past` (faded, null
    if never seen), `sender_tests` (variants tried lately in small numbers), `sender_recent_variety`
    (variants a parcel in the last days), `sender_variants` (on the flight), `variant_passed`
    (weight of past controls of the variant that found nothing; null if one found something),
    `is_tested_volume` (a variant tried lately in small numbers, by a sender who tried several,
    comes in numbers), `sender_passed` (parcels of the sender on the flight in variants that
    passed).
    """
    rows = variants.at(day)
    is_tried = (pl.lit(day) - pl.col("first_on")).dt.total_days() <= TESTED_DAYS
    is_tried &= pl.col("parcels") <= SMALL_COUNT
    rows = rows.with_columns(is_tried=is_tried)
    faded = whole("parcels")
    senders = rows.group_by("key_sender").agg(
        sender_tests=pl.col("is_tried").sum().cast(pl.Int64),
        sender_recent_variety=pl.len() * UNIT / faded.sum(),
    )
    passed = sums_by(known, *VARIANT).select(
        *VARIANT, variant_passed=pl.when(pl.col("irregular") == 0).then("controls")
    )
    table = consignments.select("flight_index", *VARIANT)
    rows = rows.select(*VARIANT, "is_tried", variant_past="parcels")
    for other, keys in ((rows, VARIANT), (senders, ("key_sender",)), (passed, VARIANT)):
        table = table.join(other, on=keys, how="left", maintain_order="left")
    sender = ["flight_index", "key_sender"]
    now = pl.len().cast(pl.Int64).over([*sender, "variant"])
    comes = (now >= SURGE_COUNT) & (now >= pl.col("variant_past") * SURGE_TIMES)
    return table.select(
        "variant_past",
        "sender_tests",
        "sender_recent_variety",
        "variant_passed",
        variant_parcels=now,
        sender_variants=pl.col("variant").n_unique().over(sender),
        sender_passed=(pl.col("variant_passed") > 0).sum().over(sender),
        is_tested_volume=(
            pl.col("is_tried") & (pl.col("sender_tests") >= FEWEST_TESTS) & comes
        ).fill_null(False),
    )
