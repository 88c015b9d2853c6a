"""Who shares what with whom: senders and their traits of a day, ready to compare with one newcomer.

Two lists of the same rows: the traits of each sender, and of each trait that is rare its senders.
A row of the profile costs some 20 bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from features.compiled import kernel
from features.decayed import DecayedTable
from features.kinship import (
    MOST_CANDIDATES,
    OWN_ITEMS,
    RARE_SENDERS,
    with_last_day,
)
from features.single.habits import Trait
from features.single.lookup import Lookup
from features.traits import GOODS_KINDS, KINDS, PAPER_KINDS, STREET_KINDS
from features.units import UNIT, whole

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_PPM = 1_000_000
_LITTLE = OWN_ITEMS * UNIT
_REDRAWN = np.array([kind.redrawn for kind in KINDS])
_MOST = np.array([kind.weight for kind in KINDS])
_SUBJECTS = np.array(
    [
        [kind.name in names for kind in KINDS]
        for names in (STREET_KINDS, GOODS_KINDS, PAPER_KINDS)
    ]
)  # fmt: skip


@dataclass(frozen=True)
class KinTables:
    """Senders and traits as of a day.

    Attributes
    ----------
    names : senders, in the order of their letters.
    lookup : their positions.
    first_on, last_on, presence : of `features.kinship`, days since 1970; a sender of whose days
        nothing is known has the presence -1.
    seen_count : senders of whose days something is known.
    begun_on : the first day anybody was seen; None: nobody was.
    """

    names: pl.Series
    lookup: Lookup
    first_on: Ints
    last_on: Ints
    presence: Floats
    seen_count: int
    begun_on: int | None
    _of_sender: tuple[Ints, Ints, Ints]
    _traits: tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint8], Floats]
    _rare: tuple[Ints, Ints]
    _sizes: Ints

    @classmethod
    def of(cls, profiles: dict[str, DecayedTable], day: date) -> KinTables:
        """Make the profiles of senders ready for a day."""
        seen = with_last_day(profiles["sender_days"].at(day), day)
        seen = seen.select("key_sender", "first_on", "last_on", "presence")
        rows = profiles["sender_traits"].at(day).with_columns(weight=whole("items"))
        rows = rows.filter(pl.col("weight") > 0).select("key_sender", "kind", "trait", "weight")
        everybody = pl.concat([seen.select("key_sender"), rows.select("key_sender").unique()])
        names = everybody.unique().sort("key_sender").with_row_index("sender")
        names = names.join(seen, on="key_sender", how="left", maintain_order="left")
        names = names.with_columns(
            pl.col("presence").fill_null(-1.0),
            pl.col("first_on", "last_on").cast(pl.Int32).fill_null(0).cast(pl.Int64),
        )
        rows = rows.join(names.select("sender", "key_sender"), on="key_sender").drop("key_sender")
        traits = _counted(rows)
        rows = rows.join(traits.select("kind", "trait", "at"), on=["kind", "trait"])
        rows = rows.select(pl.col("sender", "at").cast(pl.Int64), "weight").sort("sender", "at")
        rare = rows.join(
            traits.filter(pl.col("senders") <= RARE_SENDERS).select(pl.col("at").cast(pl.Int64)),
            on="at", how="semi",
        ).sort("at", "sender")  # fmt: skip
        sizes = np.zeros(len(KINDS), dtype=np.int64)
        for kind, size in traits.group_by("kind").agg(pl.col("of").first()).iter_rows():
            sizes[kind] = size
        first_on = names.filter(pl.col("presence") >= 0)["first_on"]
        begun_on = first_on.min()
        return cls(
            names["key_sender"], Lookup.of(names, ["key_sender"]),
            names["first_on"].to_numpy(), names["last_on"].to_numpy(),
            names["presence"].to_numpy(), seen.height,
            begun_on if isinstance(begun_on, int) else None,
            (_ends(rows["sender"], names.height), rows["at"].to_numpy(), rows["weight"].to_numpy()),
            (traits["trait"].to_numpy(), traits["kind"].to_numpy(), traits["share_ppm"].to_numpy()),
            (_ends(rare["at"], traits.height), rare["sender"].to_numpy()),
            sizes,
        )  # fmt: skip

    def traits_of(self, sender: int) -> dict[Trait, int]:
        """Weights of a known sender's traits."""
        ends, at, weights = self._of_sender
        hashes, kinds, _ = self._traits
        rows = slice(ends[sender], ends[sender + 1])
        places = at[rows]
        return {
            (kind, trait): weight
            for kind, trait, weight in zip(
                kinds[places].tolist(), hashes[places].tolist(), weights[rows].tolist(), strict=True
            )
        }

    def compared(
        self, own: Sequence[tuple[Trait, int]], sender: int, since: int
    ) -> tuple[Ints, Ints]:
        """The senders that a newcomer has most rare traits in common with, compared in full.

        Parameters
        ----------
        own : its traits and their weights, kind by kind.
        sender : its position; -1: it was never seen.
        since : the day it was first seen.

        Returns
        -------
        Positions of at most `MOST_CANDIDATES` senders, and for each the sums of log ratios over
        all kinds, those of its street, of its goods and of its papers (thousandths).
        """
        hashes, kinds_of, shares = self._traits
        asked = np.array([trait for (_, trait), _ in own], dtype=np.uint64)
        kinds = np.array([kind for (kind, _), _ in own], dtype=np.int64)
        at = np.searchsorted(hashes, asked)
        at = np.minimum(at, max(len(hashes) - 1, 0))
        if len(hashes):
            at = np.where((hashes[at] == asked) & (kinds_of[at] == kinds), at, -1)
        weights = np.array([weight for _, weight in own], dtype=np.int64)
        found: tuple[Ints, Ints] = _compared(
            kinds, at, weights, sender, since, self.first_on, self.presence, *self._of_sender,
            kinds_of, shares, *self._rare, self._sizes, _REDRAWN, _MOST, _SUBJECTS,
        )  # fmt: skip
        return found


def _counted(rows: pl.DataFrame) -> pl.DataFrame:
    """Distinct traits: how many senders have each, and its mean share, numbered by hash."""
    total = pl.col("weight").sum().over("sender", "kind")
    share = (pl.col("weight") * _PPM / total).round().cast(pl.Int64)
    counted = rows.with_columns(share=share).group_by("kind", "trait").agg(
        pl.sum("share"), senders=pl.len()
    )  # fmt: skip
    sizes = rows.group_by("kind").agg(of=pl.col("sender").n_unique().cast(pl.Int64))
    counted = counted.join(sizes, on="kind").with_columns(share_ppm=pl.col("share") / pl.col("of"))
    return counted.sort("trait", "kind").with_row_index("at")


def _ends(places: pl.Series, count: int) -> Ints:
    """Where the rows of each place end, in a table sorted by place; a zero before them."""
    counts = np.bincount(places.to_numpy(), minlength=count)
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts, dtype=np.int64)])


@kernel
def _milli(ratio):  # type: ignore[no-untyped-def]  # numba
    return np.int64(np.rint(np.log(ratio) * 1000))


@kernel
def _best(kinds, at, sender, since, first_on, presence, shares, rare_ends, rare):  # type: ignore[no-untyped-def]
    """Older senders by their rare traits in common with a newcomer, the best first."""
    count = 0
    for own in range(len(at)):
        if at[own] >= 0:
            count += rare_ends[at[own] + 1] - rare_ends[at[own]]
    pairs = np.empty(count, np.int64)
    worth = np.empty(count, np.int64)
    count = 0
    for own in range(len(at)):
        place = at[own]
        if place < 0:
            continue
        for row in range(rare_ends[place], rare_ends[place + 1]):
            kin = rare[row]
            if kin != sender and presence[kin] >= 0 and first_on[kin] < since:
                pairs[count] = kin * 64 + kinds[own]
                worth[count] = _milli(1_000_000 / max(shares[place], 1.0))
                count += 1
    order = np.argsort(pairs[:count], kind="mergesort")
    kins = np.empty(count, np.int64)
    sums = np.empty(count, np.int64)
    found = -1
    at_row = 0
    while at_row < count:
        pair, most = pairs[order[at_row]], worth[order[at_row]]
        while at_row < count and pairs[order[at_row]] == pair:
            most = max(most, worth[order[at_row]])
            at_row += 1
        if found < 0 or kins[found] != pair // 64:
            found += 1
            kins[found], sums[found] = pair // 64, 0
        sums[found] += most
    # By worth, then by the alphabet, which is the order that they are in already.
    best = np.argsort(-sums[: found + 1], kind="mergesort")
    return kins[: found + 1][best]


@kernel
def _theirs(place, start, end, at_of):  # type: ignore[no-untyped-def]
    """The row of a trait among those of a sender; -1 if it has it not."""
    row = start + np.searchsorted(at_of[start:end], place)
    return row if row < end and at_of[row] == place else -1


@kernel
def _compared(  # type: ignore[no-untyped-def]
    kinds, at, weights, sender, since, first_on, presence, ends, at_of, weight_of, kinds_of,
    shares, rare_ends, rare, sizes, redrawn, most, subjects,
):  # fmt: skip
    kins = _best(kinds, at, sender, since, first_on, presence, shares, rare_ends, rare)
    kins = kins[:MOST_CANDIDATES]
    told = np.zeros((len(kins), 4), np.int64)
    for one in range(len(kins)):
        start, end = ends[kins[one]], ends[kins[one] + 1]
        totals = np.zeros(len(sizes), np.int64)
        for row in range(start, end):
            totals[kinds_of[at_of[row]]] += weight_of[row]
        own = 0
        while own < len(kinds):
            kind = kinds[own]
            sum_told, sum_weight, count = 0, 0, 0
            while own < len(kinds) and kinds[own] == kind:
                share = shares[at[own]] if at[own] >= 0 else 500_000.0 / sizes[kind]
                everybody = max(share, 1.0) * (1 / 1_000_000)
                row = _theirs(at[own], start, end, at_of) if at[own] >= 0 else -1
                theirs = weight_of[row] if row >= 0 else 0
                fading = (theirs + everybody * _LITTLE) / (totals[kind] + _LITTLE)
                ratio = (1 - redrawn[kind]) * fading / everybody + redrawn[kind]
                sum_told += _milli(ratio) * weights[own]
                sum_weight += weights[own]
                count += 1
                own += 1
            if totals[kind] > 0:
                part = np.int64(np.rint((sum_told // sum_weight) * min(float(count), most[kind])))
                told[one, 0] += part
                for subject in range(3):
                    if subjects[subject, kind]:
                        told[one, subject + 1] += part
    return kins, told
