"""What is really in the parcels: kept apart from the declarations, for measuring only."""

from typing import Final

import numpy as np
import polars as pl

from engine.declaration import CONSIGNMENT
from engine.duties import lost, owed
from synthetic.declaring import Arrival
from synthetic.typologies import TYPOLOGIES
from synthetic.typologies.false_origin import CLAIMED
from synthetic.world import World

_OWED: Final = ("duty_cents", "vat_cents", "checkout_vat_cents")


def _decoded(bits: pl.Series, words: dict[int, str]) -> pl.Series:
    """Turn sets of bits into `|`-joined words without repetition, null for none."""
    texts = {
        value: "|".join(dict.fromkeys(w for bit, w in words.items() if value >> bit & 1)) or None
        for value in bits.unique()
    }
    return bits.replace_strict(texts, return_dtype=pl.String)


def truth_items(world: World, items: pl.DataFrame, hawb: pl.Series, which: Arrival) -> pl.DataFrame:
    """Return the true goods items, declared or not.

    Parameters
    ----------
    world
        Names of the typologies.
    items
        Working frame with undeclared rows.
    hawb
        House waybill by parcel.
    which
        The flight.
    """
    parcel = items["parcel"]
    number = items["is_declared"].cast(pl.Int64).cum_sum()
    first = number.gather(np.searchsorted(parcel.to_numpy(), parcel.to_numpy()))
    return items.select(
        pl.lit(which.number).alias("flight_number"),
        pl.lit(which.on).alias("flight_date"),
        pl.lit(hawb.gather(parcel)).alias("hawb"),
        pl.when("is_declared").then(pl.lit(number - first + 1)).alias("goods_item_number"),
        "is_declared",
        "true_hs6",
        pl.col("true_quantity"),
        (pl.col("true_value_cents") / 100).alias("true_value_eur"),
        (pl.col("true_net_mass_mg") / 1e6).alias("true_net_mass_kg"),
        pl.lit(_decoded(items["typologies"], dict(enumerate(world.behaviour.names)))).alias(
            "typologies"
        ),
    )


def truth(world: World, items: pl.DataFrame, hawb: pl.Series, which: Arrival) -> pl.DataFrame:
    """Return one row a consignment: is it irregular, how, worth what, lost how much, whose.

    Parameters
    ----------
    world
        True identities.
    items
        Working frame with undeclared rows.
    hawb
        House waybill by parcel.
    which
        The flight.
    """
    findings = {
        world.behaviour.names.index(typology.name): typology.finding for typology in TYPOLOGIES
    }
    dearest = pl.col("true_value_cents").arg_max()
    is_wrong = (pl.col("hs6") != pl.col("true_hs6")) & pl.col("is_declared")
    parcels = items.group_by("parcel", maintain_order=True).agg(
        pl.col("typologies").bitwise_or(),
        pl.col("true_value_cents").sum(),
        pl.col("true_hs6").get(dearest),
        pl.col("shipper", "consignee").first(),
        is_wrong.any().alias("has_wrong_code"),
    )
    people = pl.format("CO-{}", pl.col("consignee").cast(pl.String).str.zfill(7))
    shippers = world.identities.table.select("shipper_id", "shipper_is_phoenix_of")
    names = dict(enumerate(world.behaviour.names))
    bits = parcels["typologies"]
    kinds = _decoded(bits, findings).alias("finding_types")
    has = {name: kinds.str.contains(name).fill_null(False) for name in findings.values()}
    return parcels.select(
        pl.lit(which.number).alias("flight_number"),
        pl.lit(which.on).alias("flight_date"),
        pl.lit(hawb.gather(parcels["parcel"])).alias("hawb"),
        (pl.col("typologies") != 0).alias("is_irregular"),
        pl.lit(kinds),
        pl.lit(_decoded(bits, names)).alias("typologies"),
        (pl.col("true_value_cents") / 100).alias("true_value_eur"),
        "true_hs6",
        pl.lit(_lost_cents(world, items, parcels["parcel"], bits, which) / 100).alias(
            "revenue_lost_eur"
        ),
        pl.lit(has["IPR_INFRINGEMENT"]).alias("is_counterfeit"),
        pl.lit(has["PRODUCT_SAFETY"]).alias("is_unsafe"),
        pl.lit(has["PROHIBITED_RESTRICTED"]).alias("is_prohibited"),
        "has_wrong_code",
        pl.lit(shippers["shipper_id"].gather(parcels["shipper"])),
        people.alias("consignee_id"),
        pl.lit(shippers["shipper_is_phoenix_of"].gather(parcels["shipper"])),
    )


def _has_bit(world: World, name: str) -> pl.Expr:
    return (pl.col("typologies") & (1 << world.behaviour.names.index(name))) != 0


def _lost_cents(
    world: World, items: pl.DataFrame, parcels: pl.Series, bits: pl.Series, which: Arrival
) -> pl.Series:
    """Return the revenue lost by parcel; a split order's loss is shared over its parts."""
    guilty = parcels.filter(bits != 0)
    if guilty.is_empty():
        return pl.Series([0] * len(parcels))
    rows = items.filter(pl.col("parcel").is_in(guilty.implode())).with_columns(
        pl.lit(which.number).alias("flight_number"), pl.lit(which.on).alias("flight_date")
    )
    is_h1 = pl.col("declaration_type") == "H1"
    is_claimed = pl.col("country_of_origin").is_in(CLAIMED) & is_h1
    key = pl.col("parcel").cast(pl.String).alias("hawb")
    group = pl.col("true_consignment").cast(pl.String).alias("hawb")
    is_gift = pl.col("additional_procedure_codes") == "C08"
    declared = rows.filter("is_declared").select(
        "flight_number", "flight_date", key, "hs6", "value_cents", "transport_cents",
        "importer_country", "declaration_type", pl.col("ioss_number").is_not_null().alias("has_ioss"),
        is_gift.alias("is_gift"), is_claimed.alias("is_preferential"),
    )  # fmt: skip
    true = rows.select(
        "flight_number", "flight_date", group, pl.col("true_hs6").alias("hs6"),
        pl.col("true_value_cents").alias("value_cents"), "transport_cents", "importer_country",
        "declaration_type", pl.col("ioss_number").is_not_null().alias("has_ioss"),
        (is_gift & ~_has_bit(world, "false gift")).alias("is_gift"),
        (is_claimed & ~_has_bit(world, "false origin")).alias("is_preferential"),
        "is_ioss_genuine",
    )  # fmt: skip
    by_group = lost(true, declared).select("hawb", "revenue_lost_cents")
    shares = _without_other_parts(rows, declared, by_group)
    return (
        pl.DataFrame({"parcel": parcels})
        .join(shares, on="parcel", how="left", maintain_order="left")["lost_cents"]
        .fill_null(0)
    )


def _without_other_parts(
    rows: pl.DataFrame, declared: pl.DataFrame, by_group: pl.DataFrame
) -> pl.DataFrame:
    """Subtract what the other parts of a split order paid, and share the rest evenly."""
    parts = (
        rows.group_by("parcel", maintain_order=True)
        .agg(pl.col("true_consignment").first())
        .select(
            "parcel", "true_consignment", pl.col("true_consignment").cast(pl.String).alias("hawb")
        )
    )
    others = parts.filter(pl.col("parcel") != pl.col("true_consignment"))
    paid = (
        owed(declared.filter(pl.col("hawb").is_in(others["parcel"].cast(pl.String).implode())))
        .select(
            pl.col("hawb").cast(pl.Int64).alias("parcel"), pl.sum_horizontal(_OWED).alias("paid")
        )
        .join(others, on="parcel")
        .group_by("true_consignment")
        .agg(pl.col("paid").sum())
    )
    return (
        parts.join(by_group, on="hawb", how="left")
        .join(paid, on="true_consignment", how="left")
        .select(
            "parcel",
            ((pl.col("revenue_lost_cents") - pl.col("paid").fill_null(0)).clip(lower_bound=0)
            // pl.len().over("true_consignment")).alias("lost_cents"),
        )
    )  # fmt: skip
