"""The ledger of controls: what was found, on whom, and when it became known.

One row a control event of a consignment whose declaration is known, with the keys of every entity
it belongs to. Read as of a day it gives, per entity, how much was controlled and how much of it was
found irregular; only what was recorded before that day, and never the consignment's own control.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl

from engine.declaration import CONSIGNMENT
from engine.outcome import label_columns, latest_known
from features.entities import ENTITIES
from features.units import UNIT

HALF_LIFE_DAYS = 90.0
"""An outcome loses half its weight in this time (estimate: offenders change within a season)."""

REVENUE_CAP_EUR = 1_000
"""No single parcel decides an entity's mean revenue (estimate, peers report 3.3)."""

SUMS: tuple[str, ...] = ("irregular", "goods", "recovered")
"""What is summed beside the controls: irregular ones, those with a goods finding, and ln(1 + EUR
recovered), because amounts have a heavy tail (peers report 3.3; decision record 0017)."""

ITEM_KEYS: tuple[str, ...] = ("hs6", "hs4", "hs2", "word", "merchant_product_id", "text_key")
"""Keys that a consignment may have several of, one an item (words: one a word)."""

KEYS: tuple[str, ...] = (*(f"key_{entity.name}" for entity in ENTITIES), "variant")


def ledger_rows(
    outcomes: pl.DataFrame, items: pl.DataFrame, consignments: pl.DataFrame
) -> pl.DataFrame:
    """Join outcome events with the keys of their consignments.

    Parameters
    ----------
    outcomes : `OutcomeRow` rows.
    items, consignments : prepared frames (`features.sight.prepared`) that hold the consignments
        controlled; others are ignored.

    Returns
    -------
    Outcome columns, `key_*`, and list columns of the item keys. Events of unknown consignments are
    left out.
    """
    wanted = items.join(outcomes.select(CONSIGNMENT).unique(), on=CONSIGNMENT, how="semi")
    lists = wanted.group_by(CONSIGNMENT).agg(
        pl.col("words").explode().drop_nulls().unique().sort().alias("word"),
        *(pl.col(k).drop_nulls().unique().sort() for k in ITEM_KEYS if k != "word"),
    )
    keys = consignments.select(*CONSIGNMENT, *KEYS)
    joined = outcomes.drop("goods_item_number").join(keys, on=CONSIGNMENT, how="inner")
    return joined.join(lists, on=CONSIGNMENT, how="inner").sort(
        "control_id", "recorded_at", "status"
    )


def known_on(ledger: pl.DataFrame, day: date) -> pl.DataFrame:
    """The ledger as known at the start of a day: one row a control, with integer weights.

    Adds `w` (weight of the control, in 1024ths) and `w_irregular`, `w_goods`, `w_recovered`: the
    weight times what was found, so that sums of them are exact in any order.
    """
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    known = label_columns(latest_known(ledger.filter(pl.col("flight_date") < day), before=start))
    age = (pl.lit(day) - pl.col("controlled_at").dt.date()).dt.total_days().clip(0)
    fade = (0.5 ** (age * (1 / HALF_LIFE_DAYS))) * pl.col("label_weight") * UNIT
    w = fade.round().cast(pl.Int64)
    is_found = pl.col("is_irregular").cast(pl.Float64)
    recovered = pl.col("recovered_eur").clip(0, REVENUE_CAP_EUR).log1p() * is_found
    return known.with_columns(
        w=w,
        w_irregular=w * pl.col("is_irregular").cast(pl.Int64),
        w_goods=w * pl.col("is_goods_irregular").cast(pl.Int64),
        w_recovered=(w * recovered).round().cast(pl.Int64),
    )


def sums_by(known: pl.DataFrame, *keys: str) -> pl.DataFrame:
    """Sums of the known ledger per key, or per combination of keys.

    Returns
    -------
    The keys, none of them null, with `controls`, `irregular`, `goods` (weights) and `recovered`
    (weight times ln(1 + EUR)), as floats.
    """
    rows = known.select(*keys, "w", *(f"w_{name}" for name in SUMS)).drop_nulls(keys)
    for key in keys:
        rows = rows.explode(key) if key in ITEM_KEYS else rows
    return rows.group_by(keys).agg(
        controls=pl.col("w").sum() / UNIT,
        **{name: pl.col(f"w_{name}").sum() / UNIT for name in SUMS},
    )


PRIOR_RATES: dict[str, float] = {"irregular": 0.12, "goods": 0.06, "recovered": 0.4}
"""What is expected per control before any control is known (domain report 3.1, base scenario:
12 % irregular, half of it goods; EUR 25 an irregular one, as ln(1 + EUR))."""

PRIOR_CONTROLS = 10.0
"""Controls that outweigh it (estimate)."""


def overall(known: pl.DataFrame) -> dict[str, float]:
    """Overall rates per control: `irregular`, `goods`, and `recovered` as ln(1 + EUR)."""
    total = float(known["w"].sum()) / UNIT
    return {
        name: (float(known[f"w_{name}"].sum()) / UNIT + PRIOR_CONTROLS * prior)
        / (total + PRIOR_CONTROLS)
        for name, prior in PRIOR_RATES.items()
    }
