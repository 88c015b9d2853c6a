"""What is really in the parcels: kept apart from the declarations, for measuring only."""

from typing import Final

import numpy as np
import polars as pl

from engine.duties import owed
from engine.finding import GOODS_FINDINGS
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
    """Return the true goods items of the irregular consignments, declared or not.

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
    guilty = items["parcel"].filter(items["typologies"] != 0).unique()
    items = items.filter(pl.col("parcel").is_in(guilty.implode()))
    parcel = items["parcel"]
    number = items["is_declared"].cast(pl.Int64).cum_sum()
    first = number[np.searchsorted(parcel.to_numpy(), parcel.to_numpy())]
    return items.select(
        pl.lit(which.number).alias("flight_number"),
        pl.lit(which.on).alias("flight_date"),
        pl.lit(hawb[parcel]).alias("hawb"),
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
    has = {
        finding: (bits & sum(1 << bit for bit, kind in findings.items() if kind == finding)) != 0
        for finding in GOODS_FINDINGS
    }
    return parcels.select(
        pl.lit(which.number).alias("flight_number"),
        pl.lit(which.on).alias("flight_date"),
        pl.lit(hawb[parcels["parcel"]]).alias("hawb"),
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
        pl.lit(shippers["shipper_id"][parcels["shipper"]]),
        people.alias("consignee_id"),
        pl.lit(shippers["shipper_is_phoenix_of"][parcels["shipper"]]),
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
    is_gift = pl.col("additional_procedure_codes") == "C08"
    common = (
        "flight_number", "flight_date", "transport_cents", "importer_country", "declaration_type",
        pl.col("ioss_number").is_not_null().alias("has_ioss"),
    )  # fmt: skip
    true = rows.select(
        *common,
        pl.format("t{}", "true_consignment").alias("hawb"),
        pl.col("true_hs6").alias("hs6"),
        pl.col("true_value_cents").alias("value_cents"),
        (is_gift & ~_has_bit(world, "false gift")).alias("is_gift"),
        (is_claimed & ~_has_bit(world, "false origin")).alias("is_preferential"),
        "is_ioss_genuine",
    )
    declared = rows.filter("is_declared").select(
        *common,
        pl.format("d{}", "parcel").alias("hawb"),
        "hs6",
        "value_cents",
        is_gift.alias("is_gift"),
        is_claimed.alias("is_preferential"),
        pl.lit(True).alias("is_ioss_genuine"),
    )
    both = owed(pl.concat([true, declared]))
    shares = _shared(rows, both)
    return (
        pl.DataFrame({"parcel": parcels})
        .join(shares, on="parcel", how="left", maintain_order="left")["lost_cents"]
        .fill_null(0)
    )


def _shared(rows: pl.DataFrame, owed_on_both: pl.DataFrame) -> pl.DataFrame:
    """Compare true purchases with what their declared parts pay, as `duties.lost` does for one.

    A purchase may be split over several declarations, which `lost` cannot know; each part gets
    an even share of the purchase's loss.
    """
    sums = owed_on_both.select("hawb", *_OWED)
    parts = (
        rows.group_by("parcel", maintain_order=True)
        .agg(
            pl.col("true_consignment").first(),
            (pl.col("is_ioss_genuine").all() & pl.col("ioss_number").is_not_null().any()).alias(
                "has_genuine_ioss"
            ),
        )
        .with_columns(pl.format("d{}", "parcel").alias("hawb"))
        .join(sums, on="hawb", how="left")
    )
    checkout = pl.when("has_genuine_ioss").then("checkout_vat_cents").otherwise(0)
    paid = parts.group_by("true_consignment").agg(
        pl.col("duty_cents").sum().alias("duty_paid"),
        (pl.col("vat_cents") + checkout).sum().alias("vat_paid"),
        pl.len().alias("parts"),
    )
    lost = (
        paid.with_columns(pl.format("t{}", "true_consignment").alias("hawb"))
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
