"""From the working frame to the declaration rows of the contract."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import numpy as np
import polars as pl
from numpy.random import Generator

from synthetic.draw import Indices, Mask
from synthetic.scenario import EUR_3_FROM, PRODUCT_IDS_FROM
from synthetic.shippers import AIRPORTS
from synthetic.traffic import Parcels, codes_of
from synthetic.world import World

_CHINESE_AIRPORTS: Final = ("HGH", "CGO", "CAN", "SZX", "PVG", "CKG", "XMN")
_CARRIERS: Final = ("784", "112", "876", "265", "018")
"""Airline prefixes of master waybills."""

_ULD_TYPES: Final = ("PMC", "PAG", "AKE", "PLA")
_PARCELS_A_BAG = 40
"""Domain report 7."""
_PARCELS_A_ULD = 5000
"""Domain report 7; a small flight fills smaller ones."""

_DOLLARS_PER_EURO: Final = ((date(2023, 1, 1), 1.02), (date(9999, 1, 1), 1.16))
"""Rough level of the ECB reference rate to a day (2022-10 to 12, 2026-07 to 10)."""

_COLUMNS: Final = (
    "flight_number", "flight_date", "airport_of_loading", "uld_id", "mawb", "bag_id", "hawb",
    "lrn", "mrn", "declaration_type", "lodged_at", "declarant_eori", "representative_eori",
    "exporter_id", "exporter_name", "exporter_street", "exporter_postcode", "exporter_city",
    "exporter_country", "importer_name", "importer_id", "importer_street", "importer_postcode",
    "importer_city", "importer_country", "additional_procedure_codes", "ioss_number",
    "goods_item_number", "hs6", "goods_description", "number_of_packages", "quantity",
    "gross_mass_kg", "net_mass_kg", "intrinsic_value", "intrinsic_value_currency",
    "transport_insurance_cost", "transport_insurance_currency", "country_of_origin", "platform",
    "merchant_product_id", "manufacturer_product_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Arrival:
    """A flight as such: which, when, and its number among the flights of the world."""

    number: str
    on: date
    day: int
    index: int


def arrival(world: World, day: int, index: int) -> Arrival:
    """Return the flight of a day's slot; the timetable is the same every day."""
    return Arrival(f"Q9{401 + 2 * index}", world.on(day), day, index)


def settle_procedure(world: World, items: pl.DataFrame, on: date) -> pl.DataFrame:
    """Fit data set, procedure code and IOSS number to the value that is finally declared.

    Gifts, claimed origins and stolen IOSS numbers stay as their authors wrote them.
    """
    parcel = items["parcel"].to_numpy()
    declared = items["value_cents"].to_numpy() * items["is_declared"].to_numpy()
    is_dear = np.bincount(parcel, declared)[parcel] > 15_000
    code = items["additional_procedure_codes"]
    was_dear = (code == "000").to_numpy()
    is_own = (code == "C08").to_numpy() | (
        (items["declaration_type"] == "H1").to_numpy() & ~was_dear
    )
    rises = is_dear & ~was_dear & ~is_own
    falls = was_dear & ~is_dear
    operator = items["operator"].to_numpy()
    scheme = np.minimum(world.operators.scheme[operator], 3)
    code_below = pl.Series(codes_of(on))[scheme]
    number = world.ioss[np.maximum(world.operators.ioss[operator], 0)]
    has_ioss = pl.Series(scheme <= 1)
    up, down = pl.lit(pl.Series(rises)), pl.lit(pl.Series(falls))
    return items.with_columns(
        pl.when(up).then(pl.lit("000")).when(down).then(pl.lit(code_below))
        .otherwise("additional_procedure_codes").alias("additional_procedure_codes"),
        pl.when(up).then(pl.lit("H1")).when(down).then(pl.lit("H7"))
        .otherwise("declaration_type").alias("declaration_type"),
        pl.when(up).then(None).when(down & has_ioss).then(pl.lit(number))
        .otherwise("ioss_number").alias("ioss_number"),
        pl.when(down & has_ioss).then(None)
        .otherwise("transport_cents").alias("transport_cents"),
    )  # fmt: skip


def _padded(values: Indices, width: int) -> pl.Expr:
    return pl.lit(pl.Series(values)).cast(pl.String).str.zfill(width)


def _masters(rng: Generator, parcels: Parcels) -> pl.Series:
    count = int(parcels.master.max()) + 1
    serial = rng.integers(1_000_000, 10_000_000, count)
    carrier = pl.Series(_CARRIERS)[rng.integers(0, len(_CARRIERS), count)]
    number = pl.Series(serial * 10 + serial % 7).cast(pl.String)  # check digit: modulo 7
    return (carrier + "-" + number).alias("mawb")


def _waybills(rng: Generator, world: World, parcels: Parcels, which: Arrival) -> pl.Expr:
    """Tracking numbers that follow each other in a file, in the broker's form."""
    count = len(parcels.shipper)
    serial = (which.day * 50 + which.index) * 10_000_000 + np.cumsum(rng.integers(1, 12, count))
    style = pl.lit(pl.Series(world.brokers.waybill_style[parcels.broker]))
    letters = pl.lit(pl.Series(parcels.broker).cast(pl.String).str.zfill(2))
    return (
        pl.when(style == 0)
        .then(pl.lit("LP00") + _padded(serial, 14))
        .when(style == 1)
        .then(pl.lit("YT") + _padded(serial + 25 * 10**13, 16))
        .when(style == 2)
        .then(pl.lit("RB") + _padded(serial, 12) + pl.lit("CN"))
        .otherwise(pl.lit("X") + letters + _padded(serial, 13))
        .alias("hawb")
    )


def _lodged(rng: Generator, world: World, parcels: Parcels, on: date) -> pl.Series:
    noon = np.datetime64(datetime(on.year, on.month, on.day, 12), "us")
    hours = world.brokers.lodging_hours[parcels.broker]
    per_file = rng.normal(0.0, 2.5, int(parcels.master.max()) + 1)[parcels.master]
    seconds = -np.maximum(hours + per_file, -8) * 3600 + parcels.place * 0.7
    at = noon + np.round(seconds).astype("timedelta64[s]").astype("timedelta64[us]")
    return pl.Series("lodged_at", at).dt.replace_time_zone("UTC")


def headers(world: World, rng: Generator, parcels: Parcels, which: Arrival) -> pl.DataFrame:
    """Make what all items of a parcel share: waybills, bag, pallet, broker, time.

    Parameters
    ----------
    world
        The brokers and operators.
    rng
        Source of chance of this flight.
    parcels, which
        The flight and its parcels.
    """
    brokers, count = world.brokers, len(parcels.shipper)
    in_flight = np.arange(count)
    bag = parcels.master * 1000 + parcels.place // _PARCELS_A_BAG
    opens = np.unique(bag, return_index=True, return_inverse=True)
    prefix = world.operators.bag_prefix[parcels.operator[opens[1]][opens[2]]]
    size = min(_PARCELS_A_ULD, max(200, count // 12))
    uld = rng.integers(10_000, 99_999, count // size + 1)[in_flight // size]
    kind = pl.Series(_ULD_TYPES)[uld % len(_ULD_TYPES)]
    base = _CHINESE_AIRPORTS[which.index % len(_CHINESE_AIRPORTS)]
    country = world.operators.country[parcels.operator]
    sequence = which.day * 10**6 + which.index * 10**5 + in_flight
    year = which.on.year % 100
    lane = pl.lit(pl.Series(brokers.has_uld[parcels.broker]))
    has_mrn = pl.lit(pl.Series(brokers.has_mrn[parcels.broker]))
    return pl.select(
        pl.lit(pl.Series((base, *AIRPORTS[1:]))[country]).alias("airport_of_loading"),
        pl.when(lane).then(pl.lit(kind) + _padded(uld, 5) + pl.lit("Q9")).alias("uld_id"),
        pl.lit(_masters(rng, parcels)[parcels.master]).alias("mawb"),
        (pl.lit(prefix) + _padded(which.day * 20_000 + opens[2], 7)).alias("bag_id"),
        _waybills(rng, world, parcels, which),
        (pl.lit(f"{year}L") + _padded(parcels.broker, 2) + _padded(sequence, 10)).alias("lrn"),
        pl.when(has_mrn)
        .then(pl.lit(f"{year}BE") + _padded(sequence * 7 + 10**12, 14))
        .alias("mrn"),
        pl.lit(_lodged(rng, world, parcels, which.on)).alias("lodged_at"),
        pl.lit(brokers.eori[parcels.broker]).alias("declarant_eori"),
        pl.lit(brokers.representative[parcels.broker]).alias("representative_eori"),
    )


def _kept(column: str, keep: Mask) -> pl.Expr:
    return pl.when(pl.lit(pl.Series(keep))).then(column).alias(column)


def declare(
    world: World, items: pl.DataFrame, header: pl.DataFrame, parcels: Parcels, which: Arrival
) -> pl.DataFrame:
    """Write the declaration rows, each broker with the optional columns it fills in.

    Parameters
    ----------
    world
        The brokers.
    items
        Declared rows of the working frame, in the order of parcels and lines.
    header
        One row a parcel, from `headers`.
    parcels, which
        The flight and its parcels.
    """
    parcel = items["parcel"].to_numpy()
    brokers, broker = world.brokers, parcels.broker[parcel]
    operator = items["operator"].to_numpy()
    line = np.arange(len(parcel)) - np.searchsorted(parcel, parcel) + 1
    rate = next(rate for until, rate in _DOLLARS_PER_EURO if which.on < until)
    in_dollars = world.operators.currency[operator] == 1
    factor = pl.lit(pl.Series(np.where(in_dollars, rate, 1.0)))
    currency = pl.lit(pl.Series(["EUR", "USD"])[in_dollars.astype(np.int64)])
    mode = brokers.net_mass[broker]
    is_h1 = (items["declaration_type"] == "H1").to_numpy()
    gives_ids = _gives_ids(operator, which.on)
    rows = items.hstack(header[parcel]).with_columns(
        pl.lit(which.number).alias("flight_number"),
        pl.lit(which.on).alias("flight_date"),
        pl.lit(None, dtype=pl.String).alias("importer_id"),
        pl.lit(pl.Series(line)).alias("goods_item_number"),
        pl.lit(1, dtype=pl.Int64).alias("number_of_packages"),
        pl.when(pl.lit(pl.Series(brokers.has_quantity[broker])))
        .then(pl.col("quantity").cast(pl.Float64)),
        (pl.col("gross_mass_mg") / 1e6).round(3).clip(lower_bound=0.001).alias("gross_mass_kg"),
        pl.when(pl.lit(pl.Series(mode == 1)))
        .then((pl.min_horizontal("net_mass_mg", "gross_mass_mg") / 1e6).round(3))
        .when(pl.lit(pl.Series(mode == 2)))
        .then((pl.col("gross_mass_mg") / 1e6).round(3))
        .clip(lower_bound=0.001)
        .alias("net_mass_kg"),
        (pl.col("value_cents") / 100 * factor).round(2).alias("intrinsic_value"),
        currency.alias("intrinsic_value_currency"),
        (pl.col("transport_cents") / 100 * factor).round(2).alias("transport_insurance_cost"),
        pl.when(pl.col("transport_cents").is_not_null())
        .then(currency)
        .alias("transport_insurance_currency"),
        _kept("country_of_origin", brokers.has_origin[broker] | is_h1),
        _kept("platform", brokers.has_platform[broker]),
        _kept("exporter_id", brokers.has_exporter_id[broker]),
        _kept("merchant_product_id", gives_ids),
        _kept("manufacturer_product_id", gives_ids),
    )  # fmt: skip
    return rows.select(_COLUMNS)


def _gives_ids(operator: Indices, on: date) -> Mask:
    """Product ids: nobody before July 2026, one operator in five until they are required."""
    if on >= PRODUCT_IDS_FROM:
        return np.ones(len(operator), dtype=np.bool_)
    return np.asarray((operator % 5 == 0) & (on >= EUR_3_FROM))
