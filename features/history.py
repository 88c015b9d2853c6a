"""What was known at the end of a day: fading profiles of everything that was declared.

`History` advances day by day with the declarations of that day and never looks at an outcome
(those are in `features.ledger`). It is saved as Parquet tables, one a profile.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from features.acquaintance import empty_profile
from features.day_counts import PAIRS as PAIRS
from features.day_counts import REFERENCES, Counts, counts_of, of_day, references_of_day
from features.day_counts import TRAFFIC as TRAFFIC
from features.decayed import DecayedTable
from features.kinship import PROFILES, empty_profiles
from features.levels import BINS, MEASURES
from features.probing import empty_variants
from features.references import References

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
        return self.after([counts_of(items, consignments)], day)

    def after(self, flights: Sequence[Counts], day: date) -> History:
        """The history after one more day, from what its flights add to it.

        Parameters
        ----------
        flights : what `features.day_counts.counts_of` gave for all flights of the day, in parts of
            one or several; in any order.
        day : the day, later than `as_of`.
        """
        references = references_of_day([counts[REFERENCES] for counts in flights])
        tables = {
            name: table.advanced(of_day(name, [counts[name] for counts in flights]), day)
            for name, table in self.tables().items()
        }
        return History.of(self.references.after(references, day), tables, day)

    @classmethod
    def of(
        cls, references: References, tables: dict[str, DecayedTable], as_of: date | None
    ) -> History:
        """A history of the profiles that `tables` gives."""
        return cls(
            references,
            {name: tables[f"traffic_{name}"] for name in TRAFFIC},
            {name: tables[f"pair_{name}"] for name in PAIRS},
            tables["words"],
            tables["sender_words"],
            {name: tables[name] for name in PROFILES},
            tables["consignees"],
            tables["variants"],
            as_of,
        )

    def save(self, folder: Path) -> None:
        """Write the profiles as Parquet into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in self.tables().items():
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
        tables = {
            name: replace(table, rows=pl.read_parquet(folder / f"{name}.parquet"), as_of=as_of)
            for name, table in cls.empty().tables().items()
        }
        stored = pl.read_parquet(folder / "references.parquet")
        histograms = {
            name: np.ascontiguousarray(stored[name].to_numpy(), dtype=np.float64).reshape(-1, BINS)
            for name in MEASURES
        }
        codes = stored["hs6"].to_numpy().astype(np.int64)
        return cls.of(References(codes, histograms, as_of), tables, as_of)

    def tables(self) -> dict[str, DecayedTable]:
        """All profiles but the references, by name."""
        return (
            {f"traffic_{name}": table for name, table in self.traffic.items()}
            | {f"pair_{name}": table for name, table in self.pairs.items()}
            | {"words": self.words, "sender_words": self.sender_words}
            | {"variants": self.variants}
            | self.senders
            | {"consignees": self.consignees}
        )
