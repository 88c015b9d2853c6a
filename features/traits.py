"""By what a sender is known again under another name: address, words, goods, papers and habits.

Each kind of trait is a distribution of its own: which words, which codes, which broker, and how
often. Traits are kept as hashes of what was written (`features.kinship` compares them, nobody
reads them).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import polars as pl

from engine.pseudonym import normalised
from features.codes import Keyed, combined

MOST_TRAITS = 40
"""Traits of one kind kept of a sender a day, the most frequent first (estimate: enough to know a
shop's range, few enough for the largest marketplace)."""


@dataclass(frozen=True)
class Kind:
    """One kind of trait.

    Attributes
    ----------
    name : its id.
    value : what was written, over prepared items; text, or a list of texts.
    redrawn : chance that one who takes a new name changes this, too (estimates: a street is moved
        or rewritten, a name is always new, what one sells and how one writes seldom changes).
    weight : how many independent observations it can count for at most.
    """

    name: str
    value: pl.Expr
    redrawn: float
    weight: float = 1.0


def _letters(name: str) -> pl.Expr:
    """The letters that a number starts with: series are habits, numbers are not."""
    text = pl.col(name).str.to_uppercase().str.replace_all(r"[\W_]", "")
    return text.str.extract(r"^([A-Z]{2,})", 1)


def _words(name: str) -> pl.Expr:
    return normalised(pl.col(name)).str.split(" ")


_street = normalised(pl.col("exporter_street"))
_postcode = pl.col("exporter_postcode").str.to_uppercase().str.replace_all(r"[\W_]", "")
_raw = pl.col("goods_description")

KINDS: tuple[Kind, ...] = (
    Kind("address", pl.col("key_sender_address"), 0.5),
    Kind("street", _street.str.split(" "), 0.4, 2.0),
    Kind("postcode", _postcode, 0.3),
    Kind("city", normalised(pl.col("exporter_city")), 0.3),
    Kind("name", _words("exporter_name"), 0.9, 2.0),
    Kind("text", pl.col("text_key"), 0.3, 1.5),
    Kind("word", pl.col("words"), 0.2, 1.5),
    Kind("code", pl.col("hs6"), 0.2, 2.0),
    Kind("product", pl.col("merchant_product_id"), 0.5, 2.0),
    Kind("maker's product", pl.col("manufacturer_product_id"), 0.5),
    Kind("broker", pl.col("key_broker"), 0.3),
    Kind("ioss", pl.col("key_ioss"), 0.4),
    Kind("bag", _letters("bag_id"), 0.3),
    Kind("waybill", pl.col("key_waybill_series"), 0.5),
    Kind("platform", pl.col("key_platform"), 0.4),
    Kind("currency", pl.col("intrinsic_value_currency"), 0.2),
    Kind("case", pl.when(_raw.str.contains("[a-z]").not_()).then(pl.lit("capitals"))
         .when(_raw.str.contains("[A-Z]").not_()).then(pl.lit("small"))
         .when(_raw.str.contains(r"^(\P{Ll}\S*\s*)+$")).then(pl.lit("titles"))
         .otherwise(pl.lit("mixed")), 0.2),
    Kind("marks", pl.format("{} {} {}", _raw.str.contains(r"[,;/|]"), _raw.str.contains("[0-9]"),
                            _raw.str.count_matches(" ") // 3), 0.2),
    Kind("packing", pl.col("gross_net").floordiv(200).cast(pl.String), 0.4),
)  # fmt: skip
"""Kinds compared (domain report 3.1, T13: address, text habits, HS mix, bag prefix, broker)."""

READ: frozenset[str] = frozenset(name for kind in KINDS for name in kind.value.meta.root_names())
"""Columns of items that traits are read off."""

STREET_KINDS: tuple[str, ...] = ("address", "street")
GOODS_KINDS: tuple[str, ...] = ("text", "word", "code", "product", "maker's product")
PAPER_KINDS: tuple[str, ...] = ("broker", "ioss", "bag")


def traits_of(items: pl.DataFrame, by: tuple[str, ...]) -> pl.DataFrame:
    """Count the traits of senders.

    Parameters
    ----------
    items : prepared items (`features.sight.prepared`).
    by : key columns, `key_sender` among them.

    Returns
    -------
    One row a key and trait: the keys, `kind` (position in `KINDS`), `trait` (64-bit hash) and
    `items` (how many showed it).
    """
    return most_shown(shown(items, by), by)


def shown(items: pl.DataFrame, by: tuple[str, ...]) -> pl.DataFrame:
    """Every trait that was shown, in words: the keys, `kind`, `value` and `items`.

    Counts of several flights may be added up before `most_shown` chooses among them.
    """
    known = items.select({*by, *READ}).filter(pl.col("key_sender").is_not_null())
    keys = Keyed(known)
    return pl.concat([_counted(known, keys, by, at, kind) for at, kind in enumerate(KINDS)])


def most_shown(counts: pl.DataFrame, by: tuple[str, ...]) -> pl.DataFrame:
    """The traits kept of those that `shown` counted, one row a key and value; as `traits_of`."""
    is_many = pl.len().over(*by, "kind") > MOST_TRAITS
    counts = counts.with_columns(is_many=is_many)
    many = counts.filter("is_many").sort("items", "value", descending=[True, False])
    most = many.group_by(*by, "kind", maintain_order=True).head(MOST_TRAITS)
    columns = (*by, "kind", "value", "items")
    few = counts.filter(~pl.col("is_many"))
    table = pl.concat([few.select(columns), most.select(columns)])
    distinct = table.select("kind", "value").unique()
    hashes = pl.Series(
        "trait", [_hash(kind, value) for kind, value in distinct.iter_rows()], dtype=pl.UInt64
    )
    return table.join(distinct.with_columns(hashes), on=["kind", "value"]).select(
        *by, "kind", "trait", "items"
    )


def _counted(
    items: pl.DataFrame, keys: Keyed, by: tuple[str, ...], at: int, kind: Kind
) -> pl.DataFrame:
    """How many items of each key showed what of a kind."""
    written = tuple(dict.fromkeys(kind.value.meta.root_names()))
    if any(items.schema[name].is_nested() for name in written):
        rows = items.select(*by, value=kind.value)
        counts = rows.group_by(*by, "value").agg(items=pl.len().cast(pl.Int64))
    else:
        # What is written again and again is read once.
        texts, pairs = keys.of(*written), combined(keys.of(*by), keys.of(*written))
        values = items.select(written)[texts.first].select(kind.value.alias("value"))["value"]
        counts = items.select(by)[pairs.first].with_columns(
            value=values.gather(texts.of[pairs.first]),
            items=pl.Series(np.bincount(pairs.of, minlength=pairs.count), dtype=pl.Int64),
        )
    if isinstance(counts.schema["value"], pl.List):
        counts = counts.explode("value", empty_as_null=True)
    counts = counts.filter(pl.col("value").is_not_null() & (pl.col("value") != ""))
    summed = counts.group_by(*by, "value").agg(pl.col("items").sum())
    return summed.select(*by, "value", "items", kind=pl.lit(at, dtype=pl.UInt8))


def _hash(kind: int, value: str) -> int:
    digest = hashlib.blake2b(value.encode(), digest_size=8, person=KINDS[kind].name.encode())
    return int.from_bytes(digest.digest(), "little")
