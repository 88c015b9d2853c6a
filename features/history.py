"""What was known at the end of a day: fading profiles of everything that was declared.

`History` advances day by day with the declarations of that day and never looks at an outcome
(those are in `features.ledger`). It is saved as Parquet tables, one a profile.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from features.acquaintance import advanced_profile, empty_profile
from features.decayed import DecayedTable
from features.entities import ENTITIES
from features.kinship import advanced_profiles, empty_profiles
from features.probing import empty_variants, variants_of
from features.references import BINS, MEASURES, References

SLOW_DAYS = 45.0
"""Half-life of what is usual (estimate: identities live for weeks to months)."""

FAST_DAYS = 4.0
"""Half-life of what is happening now (estimate: ramps and probing run over days)."""

TRAFFIC_SUMS: dict[str, float] = {
    "consignments": SLOW_DAYS,
    "recent_consignments": FAST_DAYS,
    "days": SLOW_DAYS,
    "value_sum": SLOW_DAYS,
    "value_per_kg_sum": SLOW_DAYS,
    "near_line": SLOW_DAYS,
    "gifts": SLOW_DAYS,
}
"""Sums kept of an entity with traffic, and their half-lives in days."""

PAIR_SUMS: dict[str, float] = {
    "items": SLOW_DAYS, "unit_value_sum": SLOW_DAYS, "unit_mass_sum": SLOW_DAYS,
    "unit_mass_square_sum": SLOW_DAYS, "lot_sum": SLOW_DAYS,
}  # fmt: skip
"""Sums kept of a pair of keys."""

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


@dataclass(frozen=True)
class History:
    """Profiles as of the end of `as_of`.

    Attributes
    ----------
    references : usual mass and value per commodity code.
    traffic : entity kind -> sums per key.
    pairs : pair name -> sums per pair of keys.
    words : senders a day per (word, hs6).
    sender_words : items per (sender, word).
    senders : traits and days of senders, by which they are known again (`features.kinship`).
    consignees : how consignees were written in the last days (`features.acquaintance`).
    variants : recent parcels per (sender, variant), for `features.probing`.
    as_of : last day included; None if there is no history.
    """

    references: References
    traffic: dict[str, DecayedTable]
    pairs: dict[str, DecayedTable]
    words: DecayedTable
    sender_words: DecayedTable
    senders: dict[str, DecayedTable]
    consignees: DecayedTable
    variants: DecayedTable
    as_of: date | None

    @classmethod
    def empty(cls) -> History:
        """No day at all."""
        text = pl.String()
        return cls(
            References.empty(),
            {name: DecayedTable.empty({f"key_{name}": text}, TRAFFIC_SUMS) for name in TRAFFIC},
            {
                name: DecayedTable.empty({a: text, b: text}, PAIR_SUMS)
                for name, (a, b) in PAIRS.items()
            },
            DecayedTable.empty({"word": text, "hs6": text}, {"senders": SLOW_DAYS}),
            DecayedTable.empty({"key_sender": text, "word": text}, {"items": SLOW_DAYS}),
            empty_profiles(),
            empty_profile(),
            empty_variants(),
            None,
        )

    def advanced(self, items: pl.DataFrame, consignments: pl.DataFrame, day: date) -> History:
        """The history after one more day.

        Parameters
        ----------
        items, consignments : the prepared frames of `features.sight.prepared` of all flights of
            the day.
        day : the day, later than `as_of`.
        """
        return History(
            self.references.advanced(items, day),
            {
                name: table.advanced(_traffic(consignments, f"key_{name}"), day)
                for name, table in self.traffic.items()
            },
            {
                name: table.advanced(_pair(items, *PAIRS[name]), day)
                for name, table in self.pairs.items()
            },
            self.words.advanced(_words(items), day),
            self.sender_words.advanced(_sender_words(items), day),
            advanced_profiles(self.senders, items, day),
            advanced_profile(self.consignees, consignments, day),
            self.variants.advanced(variants_of(consignments), day),
            day,
        )

    def save(self, folder: Path) -> None:
        """Write the profiles as Parquet into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in self._tables().items():
            table.rows.sort(table.keys).write_parquet(folder / f"{name}.parquet")
        codes = pl.DataFrame({"hs6": self.references.codes})
        histograms = {
            name: pl.Series(name, values, dtype=pl.Array(pl.Float64, BINS))
            for name, values in self.references.histograms.items()
        }
        codes.with_columns(**histograms).write_parquet(folder / "references.parquet")
        as_of = self.as_of.isoformat() if self.as_of else None
        (folder / "history.json").write_text(json.dumps({"as_of": as_of}) + "\n")

    @classmethod
    def load(cls, folder: Path) -> History:
        """Read what `save` wrote."""
        known = json.loads((folder / "history.json").read_text())["as_of"]
        as_of = date.fromisoformat(known) if known else None
        empty = cls.empty()
        tables = {
            name: replace(table, rows=pl.read_parquet(folder / f"{name}.parquet"), as_of=as_of)
            for name, table in empty._tables().items()
        }
        stored = pl.read_parquet(folder / "references.parquet")
        histograms = {
            name: np.ascontiguousarray(stored[name].to_numpy(), dtype=np.float64).reshape(-1, BINS)
            for name in MEASURES
        }
        codes = stored["hs6"].to_numpy().astype(np.int64)
        return cls(
            References(codes, histograms, as_of),
            {name: tables[f"traffic_{name}"] for name in empty.traffic},
            {name: tables[f"pair_{name}"] for name in empty.pairs},
            tables["words"],
            tables["sender_words"],
            {name: tables[name] for name in empty.senders},
            tables["consignees"],
            tables["variants"],
            as_of,
        )

    def _tables(self) -> dict[str, DecayedTable]:
        return (
            {f"traffic_{name}": table for name, table in self.traffic.items()}
            | {f"pair_{name}": table for name, table in self.pairs.items()}
            | {"words": self.words, "sender_words": self.sender_words}
            | {"variants": self.variants}
            | self.senders
            | {"consignees": self.consignees}
        )


def _traffic(consignments: pl.DataFrame, key: str) -> pl.DataFrame:
    known = consignments.filter(pl.col(key).is_not_null())
    return known.group_by(key).agg(
        consignments=pl.len(),
        recent_consignments=pl.len(),
        days=pl.lit(1),
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


def _words(items: pl.DataFrame) -> pl.DataFrame:
    """How many senders declared a word so: one who repeats itself counts once."""
    return who_said(items).group_by("word", "hs6").agg(senders=pl.len())


def who_said(items: pl.DataFrame) -> pl.DataFrame:
    """Which sender declared which word as which code, once each."""
    key = ["key_sender", "text_key", "hs6"]
    said = items.select(*key, "words").unique(key).explode("words").rename({"words": "word"})
    return said.drop_nulls("word").unique(["key_sender", "word", "hs6"])


def _sender_words(items: pl.DataFrame) -> pl.DataFrame:
    texts = items.group_by("key_sender", "text_key").agg(n=pl.len(), word=pl.col("words").first())
    said = texts.drop_nulls("key_sender").explode("word").drop_nulls("word")
    return said.group_by("key_sender", "word").agg(items=pl.col("n").sum())
