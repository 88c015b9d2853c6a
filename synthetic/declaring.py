"""From the working frame to the declaration rows of the contract."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import numpy as np
import polars as pl
from numpy.random import Generator

from synthetic.draw import Floats, Indices, Mask
from synthetic.rows import NOTHING, Column, Rows, Words
from synthetic.scenario import EUR_3_FROM, PRODUCT_IDS_FROM
from synthetic.shippers import AIRPORTS
from synthetic.traffic import Parcels, codes_of
from synthetic.world import World

_CHINESE_AIRPORTS: Final = ("HGH", "CGO", "CAN", "SZX", "PVG", "CKG", "XMN")
_CARRIERS: Final = ("784", "112", "876", "265", "018")
"""Airline prefixes of master waybills."""

_ULD_TYPES: Final = ("PMC", "PAG", "AKE", "PLA")
PARCELS_A_BAG: Final = 40
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


def settle_procedure(world: World, items: Rows, on: date) -> Rows:
    """Fit data set, procedure code and IOSS number to the value that is finally declared.

    Gifts, claimed origins and stolen IOSS numbers stay as their authors wrote them.
    """
    parcel = items["parcel"]
    is_dear = np.bincount(parcel, items["value_cents"] * items["is_declared"])[parcel] > 15_000
    code, kind = items.words["additional_procedure_codes"], items.words["declaration_type"]
    was_dear = code.having("000")
    is_own = code.having("C08") | (kind.having("H1") & ~was_dear)
    up = np.flatnonzero(is_dear & ~was_dear & ~is_own)
    down = np.flatnonzero(was_dear & ~is_dear)
    operator = items["operator"][down]
    scheme = np.minimum(world.operators.scheme[operator], 3)
    has_ioss = scheme <= 1
    number = world.ioss[world.operators.ioss[operator[has_ioss]]]
    transport = items["transport_cents"].copy()
    transport[down[has_ioss]] = NOTHING
    return items.changed(
        additional_procedure_codes=code.replaced(up, "000").replaced(
            down, pl.Series(codes_of(on))[scheme]
        ),
        declaration_type=kind.replaced(up, "H1").replaced(down, "H7"),
        ioss_number=items.words["ioss_number"].replaced(up, None).replaced(down[has_ioss], number),
        transport_cents=transport,
    )


def _masters(rng: Generator, parcels: Parcels) -> Words:
    count = int(parcels.master.max()) + 1
    serial = rng.integers(1_000_000, 10_000_000, count)
    carrier = pl.Series(_CARRIERS)[rng.integers(0, len(_CARRIERS), count)]
    number = pl.Series(serial * 10 + serial % 7).cast(pl.String)  # check digit: modulo 7
    return Words((carrier + "-" + number,), parcels.master)


def _numbered(before: pl.Series, number: Indices, after: pl.Series | None = None) -> pl.Series:
    """Join texts and whole numbers; numbers start at a power of ten, so that widths are equal."""
    parts = [before.alias("before"), pl.Series("number", number)]
    parts += [] if after is None else [after.alias("after")]
    return pl.DataFrame(parts).select(pl.concat_str(pl.all())).to_series()


def _waybills(rng: Generator, world: World, parcels: Parcels, which: Arrival) -> pl.Series:
    """Tracking numbers that follow each other in a file, in the broker's form."""
    count, brokers = len(parcels.shipper), len(world.brokers.eori)
    serial = (which.day * 50 + which.index) * 10_000_000 + np.cumsum(rng.integers(1, 12, count))
    style = world.brokers.waybill_style
    own = [f"X{broker:02d}" for broker in range(brokers)]
    before = pl.Series(
        [("LP00", "YT", "RB")[k] if k < 3 else x for k, x in zip(style, own, strict=True)]
    )
    after = pl.Series(np.where(style == 2, "CN", ""))
    base = np.array([10**13, 25 * 10**13 + 10**15, 10**11, 10**12])[style]
    broker = parcels.broker
    return _numbered(before[broker], serial + base[broker], after[broker])


def _lodged(rng: Generator, world: World, parcels: Parcels, on: date) -> Column:
    noon = np.datetime64(datetime(on.year, on.month, on.day, 12), "us")
    hours = world.brokers.lodging_hours[parcels.broker]
    per_file = rng.normal(0.0, 2.5, int(parcels.master.max()) + 1)[parcels.master]
    seconds = -np.maximum(hours + per_file, -8) * 3600 + parcels.place * 0.7
    return np.asarray(noon + np.round(seconds).astype("timedelta64[s]").astype("timedelta64[us]"))


def _pallets(rng: Generator, world: World, parcels: Parcels) -> Words:
    count = len(parcels.shipper)
    size = min(_PARCELS_A_ULD, max(200, count // 12))
    number = rng.integers(10_000, 99_999, count // size + 1)
    kind = pl.Series(_ULD_TYPES)[number % len(_ULD_TYPES)]
    named = kind + pl.Series(number).cast(pl.String) + "Q9"
    has_uld = world.brokers.has_uld[parcels.broker]
    return Words.or_null(named, np.where(has_uld, np.arange(count) // size, -1))


def _bags(world: World, parcels: Parcels, which: Arrival) -> Words:
    bag = parcels.master * 1000 + parcels.place // PARCELS_A_BAG
    by_place = np.lexsort((parcels.place, bag))  # who opens a bag gives it its prefix
    bags, first = np.unique(bag[by_place], return_index=True)
    prefix = world.operators.bag_prefix[parcels.operator[by_place[first]]]
    number = 10**6 + which.day * 20_000 + np.arange(len(prefix))
    return Words((_numbered(prefix, number),), np.searchsorted(bags, bag))


@dataclass(frozen=True, slots=True)
class Headers:
    """What all items of a parcel share; one element a parcel."""

    words: Mapping[str, Words]
    lodged_at: Column

    @property
    def hawb(self) -> pl.Series:
        """House waybill by parcel."""
        return self.words["hawb"].pool


def headers(world: World, rng: Generator, parcels: Parcels, which: Arrival) -> Headers:
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
    brokers, broker = world.brokers, parcels.broker
    every = np.arange(len(broker))
    base = _CHINESE_AIRPORTS[which.index % len(_CHINESE_AIRPORTS)]
    country = world.operators.country[parcels.operator]
    sequence = which.day * 10**7 + which.index * 10**6 + every
    year = which.on.year % 100
    local = pl.Series([f"{year}L{number:02d}" for number in range(len(brokers.eori))])
    with_mrn = np.flatnonzero(brokers.has_mrn[broker])
    master = _numbered(
        pl.Series([f"{year}BE"]).new_from_index(0, len(with_mrn)),
        sequence[with_mrn] * 7 + 10**13,
    )
    mrn = Words.or_null(pl.Series([], dtype=pl.String), np.full(len(every), -1))
    words = {
        "airport_of_loading": Words((pl.Series((base, *AIRPORTS[1:])),), country),
        "uld_id": _pallets(rng, world, parcels),
        "mawb": _masters(rng, parcels),
        "bag_id": _bags(world, parcels, which),
        "hawb": Words((_waybills(rng, world, parcels, which),), every),
        "lrn": Words((_numbered(local[broker], sequence + 10**9),), every),
        "mrn": mrn.replaced(with_mrn, master),
        "declarant_eori": Words((brokers.eori,), broker),
        "representative_eori": Words((brokers.representative,), broker),
    }
    return Headers(words, _lodged(rng, world, parcels, which.on))


def declare(
    world: World, items: Rows, header: Headers, parcels: Parcels, which: Arrival
) -> pl.DataFrame:
    """Write the declaration rows, each broker with the optional columns it fills in.

    Parameters
    ----------
    world
        The brokers.
    items
        Working table in the order of parcels and lines; what is not declared is left out.
    header
        What the items of a parcel share, from `headers`.
    parcels, which
        The flight and its parcels.
    """
    rows = np.flatnonzero(items["is_declared"])
    parcel, operator = items["parcel"][rows], items["operator"][rows]
    broker = parcels.broker[parcel]
    words = {name: column.at(rows) for name, column in items.words.items()}
    words |= {name: column.at(parcel) for name, column in header.words.items()}
    kept = _given(world, broker, operator, words["declaration_type"].having("H1"), which.on)
    words |= {name: words[name].replaced(~given, None) for name, given in kept.items()}
    texts = [column.written().alias(n) for n, column in words.items() if n in _COLUMNS]
    line = np.arange(len(parcel)) - np.searchsorted(parcel, parcel) + 1
    constants = {
        "flight_number": pl.lit(which.number),
        "flight_date": pl.lit(which.on),
        "importer_id": pl.lit(None, dtype=pl.String),
        "number_of_packages": pl.lit(1, dtype=pl.Int64),
    }
    frame = pl.DataFrame(
        [
            *texts,
            *_figures(world, items, rows, broker, which.on),
            pl.Series("goods_item_number", line),
            pl.Series("lodged_at", header.lodged_at[parcel]).dt.replace_time_zone("UTC"),
        ]
    )
    return frame.with_columns(**constants).select(_COLUMNS)


def _figures(
    world: World, items: Rows, rows: Indices, broker: Indices, on: date
) -> list[pl.Series]:
    """Write quantity, masses and money; what is not a number is left out."""
    brokers = world.brokers
    gross, net = (items[f"{kind}_mass_mg"][rows] for kind in ("gross", "net"))
    mode = brokers.net_mass[broker]
    shown = np.where(mode == 2, gross, np.minimum(net, gross))
    rate = next(rate for until, rate in _DOLLARS_PER_EURO if on < until)
    in_dollars = world.operators.currency[items["operator"][rows]] == 1
    factor = np.where(in_dollars, rate, 1.0)
    transport = items["transport_cents"][rows]
    has_transport = transport != NOTHING
    currency = Words((pl.Series(["EUR", "USD"]),), in_dollars.astype(np.int64))
    cost_currency = currency.replaced(~has_transport, None)
    floats = {
        "quantity": np.where(brokers.has_quantity[broker], items["quantity"][rows], np.nan),
        "gross_mass_kg": _kilograms(gross),
        "net_mass_kg": np.where(mode == 0, np.nan, _kilograms(shown)),
        "intrinsic_value": np.round(items["value_cents"][rows] / 100 * factor, 2),
        "transport_insurance_cost": np.where(
            has_transport, np.round(transport / 100 * factor, 2), np.nan
        ),
    }
    return [
        *(pl.Series(name, numbers, nan_to_null=True) for name, numbers in floats.items()),
        currency.written().alias("intrinsic_value_currency"),
        cost_currency.written().alias("transport_insurance_currency"),
    ]


def _kilograms(milligrams: Indices) -> Floats:
    """Round to whole grams, one at the least."""
    return np.asarray(np.maximum((milligrams + 500) // 1000, 1) / 1000)


def _given(
    world: World, broker: Indices, operator: Indices, is_h1: Mask, on: date
) -> dict[str, Mask]:
    """Return which optional texts are filled in on each row."""
    brokers, gives_ids = world.brokers, _gives_ids(operator, on)
    return {
        "country_of_origin": brokers.has_origin[broker] | is_h1,
        "platform": brokers.has_platform[broker],
        "exporter_id": brokers.has_exporter_id[broker],
        "merchant_product_id": gives_ids,
        "manufacturer_product_id": gives_ids,
    }


def _gives_ids(operator: Indices, on: date) -> Mask:
    """Product ids: nobody before July 2026, one operator in five until they are required."""
    if on >= PRODUCT_IDS_FROM:
        return np.ones(len(operator), dtype=np.bool_)
    return np.asarray((operator % 5 == 0) & (on >= EUR_3_FROM))
