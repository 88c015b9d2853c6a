"""What the flights of a day add to the profiles: counts of each flight, put together to a day's.

A flight can be counted wherever and whenever it is at hand; only what fades from day to day must
wait for the day before. All counts are of integers, so that they are the same in any order, and
those of a key can be put together apart from all others: a day's profiles can be made in parts, by
table and by key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import polars as pl

from features.acquaintance import KEYS as CONSIGNEE_KEYS
from features.acquaintance import sightings
from features.entities import ENTITIES
from features.levels import BINS, MEASURES
from features.probing import VARIANT, variants_of
from features.references import References, counted
from features.traits import most_shown, shown

Counts = dict[str, pl.DataFrame]
"""Name of a profile -> what a flight adds to it."""

PAIRS: dict[str, tuple[str, str]] = {
    "sender_heading": ("key_sender", "hs4"),
    "sender_text": ("key_sender", "text_key"),
    "sender_ioss": ("key_sender", "key_ioss"),
    "sender_broker": ("key_sender", "key_broker"),
    "product_code": ("merchant_product_id", "hs6"),
    "address_name": ("key_consignee_address", "key_consignee"),
}
"""Pairs whose meeting again is followed."""

TRAFFIC: tuple[str, ...] = tuple(entity.name for entity in ENTITIES if entity.has_traffic)

REFERENCES = "references"
"""Name of the counts that `features.references` are made of."""

_SENDER = ("key_sender",)


def counts_of(items: pl.DataFrame, consignments: pl.DataFrame) -> Counts:
    """What some flights of a day add to the profiles.

    Parameters
    ----------
    items, consignments : the prepared frames of `features.sight.prepared` of whole flights.

    Returns
    -------
    For every profile rows that `of_day` can put together with those of other flights.
    """
    return (
        {f"traffic_{name}": _traffic(consignments, f"key_{name}") for name in TRAFFIC}
        | {f"pair_{name}": _pair(items, *keys) for name, keys in PAIRS.items()}
        | {"words": _who_said(items), "sender_words": _sender_words(items)}
        | {"variants": variants_of(consignments)}
        | {"sender_traits": shown(items, _SENDER)}
        | {"sender_days": items.select(_SENDER).drop_nulls().unique()}
        | {"consignees": sightings(consignments), REFERENCES: _as_rows(counted(items))}
    )


def of_day(name: str, parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The counts of a day for `DecayedTable.advanced`, from those of its flights.

    Parameters
    ----------
    name : of the profile; not the references.
    parts : what `counts_of` gave for every flight of the day; or of each all rows of some keys.
    """
    rows = _summed(parts, _keys(name))
    return _SETTLED[name](rows) if name in _SETTLED else rows


def references_of_day(parts: Sequence[pl.DataFrame]) -> References:
    """The histograms of a day for `References.after`, from the counts of its flights."""
    rows = pl.concat(parts)
    codes, at = np.unique(rows["hs6"].to_numpy(), return_inverse=True)
    histograms = {}
    for number, name in enumerate(MEASURES):
        is_of = (rows["measure"] == number).to_numpy()
        places = at[is_of] * BINS + rows["bin"].to_numpy()[is_of]
        counts = np.bincount(
            places, weights=rows["items"].to_numpy()[is_of], minlength=len(codes) * BINS
        )
        histograms[name] = counts.reshape(len(codes), BINS).astype(np.float64)
    return References(codes.astype(np.int64), histograms, None)


def _as_rows(counts: References) -> pl.DataFrame:
    """Histograms as rows of those bins that hold something."""
    parts = []
    for number, name in enumerate(MEASURES):
        rows, bins = np.nonzero(counts.histograms[name])
        items = counts.histograms[name][rows, bins].astype(np.int64)
        part = {"hs6": counts.codes[rows], "bin": bins.astype(np.int64), "items": items}
        parts.append(pl.DataFrame(part).with_columns(measure=pl.lit(number, dtype=pl.UInt8)))
    return pl.concat(parts)


def _summed(parts: Sequence[pl.DataFrame], keys: Sequence[str]) -> pl.DataFrame:
    """Rows of several flights, one a key."""
    if len(parts) == 1:
        return parts[0]
    rows = pl.concat(parts)
    sums = [name for name in rows.columns if name not in keys]
    return rows.group_by(keys).agg(pl.col(sums).sum()) if sums else rows.unique(keys)


def _keys(name: str) -> tuple[str, ...]:
    """What names a row among the counts of a profile."""
    kind, _, of = name.partition("_")
    if kind == "traffic":
        return (f"key_{of}",)
    return PAIRS[of] if kind == "pair" else _KEYS[name]


_KEYS: Mapping[str, tuple[str, ...]] = {
    "words": ("key_sender", "word", "hs6"),
    "sender_words": ("key_sender", "word"),
    "variants": VARIANT,
    "sender_traits": ("key_sender", "kind", "value"),
    "sender_days": _SENDER,
    "consignees": tuple(CONSIGNEE_KEYS),
}

_ONCE = pl.lit(1)


def _of_one_day(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(days=_ONCE)


_SETTLED: Mapping[str, Callable[[pl.DataFrame], pl.DataFrame]] = {
    **{f"traffic_{name}": _of_one_day for name in TRAFFIC},
    "words": lambda rows: rows.group_by("word", "hs6").agg(senders=pl.len()),
    "sender_traits": lambda rows: most_shown(rows, _SENDER),
    "sender_days": lambda rows: rows.with_columns(days=_ONCE, last=_ONCE),
}
"""What can be told of a day's flights together only."""


def _traffic(consignments: pl.DataFrame, key: str) -> pl.DataFrame:
    known = consignments.filter(pl.col(key).is_not_null())
    return known.group_by(key).agg(
        consignments=pl.len(),
        recent_consignments=pl.len(),
        value_sum=pl.col("value_log").sum(),
        value_per_kg_sum=pl.col("value_per_kg_log").sum(),
        near_line=pl.col("is_near_line").sum(),
        gifts=pl.col("is_gift").sum(),
    )


def _pair(items: pl.DataFrame, first: str, second: str) -> pl.DataFrame:
    known = items.filter(pl.col(first).is_not_null() & pl.col(second).is_not_null())
    return known.group_by(first, second).agg(
        items=pl.len(),
        unit_value_sum=pl.col("unit_value").sum(),
        unit_mass_sum=pl.col("unit_mass").sum(),
        unit_mass_square_sum=(pl.col("unit_mass") ** 2).sum(),
        lot_sum=pl.col("lot").sum(),
    )


def _who_said(items: pl.DataFrame) -> pl.DataFrame:
    """Which sender declared which word as which code: one who repeats itself counts once."""
    key = ["key_sender", "text_key", "hs6"]
    said = items.select(*key, "words").unique(key).explode("words").rename({"words": "word"})
    return said.drop_nulls("word").select(_KEYS["words"]).unique()


def _sender_words(items: pl.DataFrame) -> pl.DataFrame:
    texts = items.group_by("key_sender", "text_key").agg(n=pl.len(), word=pl.col("words").first())
    said = texts.drop_nulls("key_sender").explode("word").drop_nulls("word")
    return said.group_by("key_sender", "word").agg(items=pl.col("n").sum())
