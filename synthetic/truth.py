"""What is really in the parcels: kept apart from the declarations, for measuring only."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from engine.duties import owed
from synthetic.declaring import Arrival
from synthetic.draw import Indices
from synthetic.rows import Rows
from synthetic.typologies import TYPOLOGIES
from synthetic.typologies.false_origin import CLAIMED
from synthetic.world import World

_OWED: Final = ("duty_cents", "vat_cents", "checkout_vat_cents")

_BESIDE_THE_POINT: Final = frozenset(
    {"goods_description", "merchant_product_id", "manufacturer_product_id", "platform",
     *(f"exporter_{part}" for part in ("id", "name", "street", "postcode", "city", "country")),
     *(f"importer_{part}" for part in ("name", "street", "postcode", "city"))}
)  # fmt: skip
"""Texts that decide neither what is owed nor what was found."""


@dataclass(frozen=True, slots=True)
class Losses:
    """The rows of a flight's irregular consignments, and what is lost by parcel in cents."""

    guilty: pl.DataFrame
    lost: pl.DataFrame


def _decoded(bits: Indices, words: dict[int, str]) -> pl.Series:
    """Turn sets of bits into `|`-joined words without repetition, null for none."""
    sets, place = np.unique(bits, return_inverse=True)
    texts = [
        "|".join(dict.fromkeys(w for bit, w in words.items() if value >> bit & 1)) or None
        for value in sets.tolist()
    ]
    return pl.Series(texts, dtype=pl.String)[place]


def _true_items(world: World, frame: pl.DataFrame, hawb: pl.Series, which: Arrival) -> pl.DataFrame:
    """Return the true goods items of the irregular consignments, declared or not."""
    parcel = frame["parcel"]
    number = frame["is_declared"].cast(pl.Int64).cum_sum()
    first = number[np.searchsorted(parcel.to_numpy(), parcel.to_numpy())]
    return frame.select(
        pl.lit(which.number).alias("flight_number"),
        pl.lit(which.on).alias("flight_date"),
        pl.lit(hawb[parcel]).alias("hawb"),
        pl.when("is_declared").then(pl.lit(number - first + 1)).alias("goods_item_number"),
        "is_declared",
        "true_hs6",
        pl.col("true_quantity"),
        (pl.col("true_value_cents") / 100).alias("true_value_eur"),
        (pl.col("true_net_mass_mg") / 1e6).alias("true_net_mass_kg"),
        pl.lit(
            _decoded(frame["typologies"].to_numpy(), dict(enumerate(world.behaviour.names)))
        ).alias("typologies"),
    )


def _irregular(items: Rows) -> pl.DataFrame:
    """Write out what the truth needs of all rows of the irregular consignments."""
    parcel = items["parcel"]
    is_guilty = np.bincount(parcel, items["typologies"]) > 0
    return items.frame(np.flatnonzero(is_guilty[parcel]), without=_BESIDE_THE_POINT)


def _dearest(items: Rows, first: Indices) -> Indices:
    """Return the row of the highest true value of each parcel, the first among equals."""
    value, parcel = items["true_value_cents"], items["parcel"]
    highest = np.maximum.reduceat(value, first)
    rows = np.flatnonzero(value == highest[np.searchsorted(parcel[first], parcel)])
    return np.asarray(rows[np.searchsorted(parcel[rows], parcel[first])])


def truths(
    world: World, items: Rows, losses: Losses, hawb: pl.Series, which: Arrival
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return what is true of each consignment, and of the items of the irregular ones.

    The first has one row a consignment: is it irregular, how, worth what, lost how much, whose.
    The second has the true goods items of the irregular ones, declared or not.

    Parameters
    ----------
    world
        True identities.
    items
        Working table with undeclared rows.
    losses
        Of this flight, from `lost_on`.
    hawb
        House waybill by parcel.
    which
        The flight.
    """
    parcel = items["parcel"]
    first = np.flatnonzero(np.concatenate([[True], parcel[1:] != parcel[:-1]]))
    bits = np.bitwise_or.reduceat(items["typologies"], first)
    code, true_code = items.words["hs6"].written(), items.words["true_hs6"].written()
    is_wrong = (code != true_code).to_numpy() & items["is_declared"]
    shipper, table = items["shipper"][first], world.identities.table
    worth = np.add.reduceat(items["true_value_cents"], first)
    frame = pl.DataFrame(
        {
            "hawb": hawb[parcel[first]],
            "is_irregular": bits != 0,
            **_named(world, bits),
            "true_value_eur": worth / 100,
            "true_hs6": true_code[_dearest(items, first)],
            "revenue_lost_eur": _by_parcel(losses, parcel[first]) / 100,
            **_goods_findings(world, bits),
            "has_wrong_code": np.logical_or.reduceat(is_wrong, first),
            "shipper_id": table["shipper_id"][shipper],
            "consignee_id": world.consignees.table["consignee_id"][items["consignee"][first]],
            "shipper_is_phoenix_of": table["shipper_is_phoenix_of"][shipper],
        }
    )
    flight = (pl.lit(which.number).alias("flight_number"), pl.lit(which.on).alias("flight_date"))
    return frame.select(*flight, pl.all()), _true_items(world, losses.guilty, hawb, which)


def _findings(world: World) -> dict[int, str]:
    return {world.behaviour.names.index(typology.name): typology.finding for typology in TYPOLOGIES}


def _named(world: World, bits: Indices) -> dict[str, pl.Series]:
    """Return finding types and names of the typologies of each parcel."""
    names = dict(enumerate(world.behaviour.names))
    return {
        "finding_types": _decoded(bits, _findings(world)),
        "typologies": _decoded(bits, names),
    }


def _goods_findings(world: World, bits: Indices) -> dict[str, np.ndarray]:
    columns = {
        "is_counterfeit": "IPR_INFRINGEMENT",
        "is_unsafe": "PRODUCT_SAFETY",
        "is_prohibited": "PROHIBITED_RESTRICTED",
    }
    bit_of = _findings(world).items()
    return {
        column: bits & sum(1 << bit for bit, kind in bit_of if kind == finding) != 0
        for column, finding in columns.items()
    }


def _has_bit(world: World, name: str) -> pl.Expr:
    return (pl.col("typologies") & (1 << world.behaviour.names.index(name))) != 0


def _by_parcel(losses: Losses, parcels: Indices) -> Indices:
    cents = np.zeros(len(parcels), dtype=np.int64)
    place = np.searchsorted(parcels, losses.lost["parcel"].to_numpy())
    cents[place] = losses.lost["lost_cents"].to_numpy()
    return cents


def lost_on(world: World, flights: Sequence[tuple[Rows, Arrival]]) -> list[Losses]:
    """Reckon the revenue lost on flights, many at once because each call has a fixed price.

    A consignment's loss depends on its own rows alone, so that it does not matter which flights
    are reckoned together.
    """
    frames, starts, start = [], [], 0
    for items, which in flights:
        guilty = _irregular(items)
        frames.append(guilty.with_columns(pl.lit(which.on).alias("flight_date")))
        starts.append(start)
        start += int(items["parcel"][-1]) + 1
    rows = pl.concat(
        frame.with_columns(pl.col("parcel", "true_consignment") + first)
        for frame, first in zip(frames, starts, strict=True)
    )
    lost = _lost_cents(world, rows) if len(rows) else rows.select("parcel", lost_cents="line")
    ends = [*starts[1:], start]
    return [
        Losses(
            guilty,
            lost.filter(pl.col("parcel").is_between(first, end, closed="left")).with_columns(
                pl.col("parcel") - first
            ),
        )
        for guilty, first, end in zip(frames, starts, ends, strict=True)
    ]


def _lost_cents(world: World, guilty: pl.DataFrame) -> pl.DataFrame:
    """Return the revenue lost by parcel; a split order's loss is shared over its parts.

    Consignments are named by numbers here: even ones as bought, odd ones as declared.
    """
    rows = guilty.with_columns(pl.lit("").alias("flight_number"))
    is_h1 = pl.col("declaration_type") == "H1"
    is_claimed = pl.col("country_of_origin").is_in(CLAIMED) & is_h1
    is_gift = pl.col("additional_procedure_codes") == "C08"
    common = (
        "flight_number", "flight_date", "transport_cents", "importer_country", "declaration_type",
        pl.col("ioss_number").is_not_null().alias("has_ioss"),
    )  # fmt: skip
    true = rows.select(
        *common,
        (pl.col("true_consignment") * 2).alias("hawb"),
        pl.col("true_hs6").alias("hs6"),
        (pl.col("true_value_cents") * pl.col("order_parts")).alias("value_cents"),
        (is_gift & ~_has_bit(world, "false gift")).alias("is_gift"),
        (is_claimed & ~_has_bit(world, "false origin")).alias("is_preferential"),
        "is_ioss_genuine",
    )
    declared = rows.filter("is_declared").select(
        *common,
        (pl.col("parcel") * 2 + 1).alias("hawb"),
        "hs6",
        "value_cents",
        is_gift.alias("is_gift"),
        is_claimed.alias("is_preferential"),
        pl.lit(True).alias("is_ioss_genuine"),
    )
    shares = _shared(rows, owed(pl.concat([true, declared])))
    return shares.select("parcel", pl.col("lost_cents").fill_null(0))


def _shared(rows: pl.DataFrame, owed_on_both: pl.DataFrame) -> pl.DataFrame:
    """Compare true purchases with what their declared parts pay, as `duties.lost` does for one.

    A purchase may be split over several declarations, which `lost` cannot know; each part gets
    an even share of the purchase's loss. Parts on other flights are taken to be like the one at
    hand.
    """
    sums = owed_on_both.select("hawb", *_OWED)
    parts = (
        rows.group_by("parcel", maintain_order=True)
        .agg(
            pl.col("true_consignment", "order_parts").first(),
            (pl.col("is_ioss_genuine").all() & pl.col("ioss_number").is_not_null().any()).alias(
                "has_genuine_ioss"
            ),
        )
        .with_columns((pl.col("parcel") * 2 + 1).alias("hawb"))
        .join(sums, on="hawb", how="left")
    )
    checkout = pl.when("has_genuine_ioss").then("checkout_vat_cents").otherwise(0)
    paid = parts.group_by("true_consignment").agg(
        (pl.col("duty_cents") * pl.col("order_parts")).sum().alias("duty_paid"),
        ((pl.col("vat_cents") + checkout) * pl.col("order_parts")).sum().alias("vat_paid"),
        pl.col("order_parts").sum().alias("parts"),
    )
    lost = (
        paid.with_columns((pl.col("true_consignment") * 2).alias("hawb"))
        .join(sums, on="hawb", how="left")
        .select(
            "true_consignment",
            (
                (pl.col("duty_cents") - pl.col("duty_paid")).clip(lower_bound=0)
                + (pl.col("vat_cents") + pl.col("checkout_vat_cents") - pl.col("vat_paid")).clip(
                    lower_bound=0
                )
            )
            .floordiv(pl.col("parts").cast(pl.Int64))
            .alias("lost_cents"),
        )
    )
    return parts.select("parcel", "true_consignment").join(lost, on="true_consignment", how="left")
