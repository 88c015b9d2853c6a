"""Whether the sender of one consignment was seen under another name: `features.kinship` alone."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from features.decayed import DecayedTable
from features.kinship import (
    DEPENDENCE,
    FEWEST_SHOWN,
    MOST_COMPARED,
    PARALLEL,
    RETURNING_SHARE,
    STOPPED_SHARE,
    TOLD_RATIO,
    YOUNG_DAYS,
)
from features.single.habits import Trait, shown
from features.single.kin_tables import KinTables
from features.single.parcel import Consignment, Item, day_number
from features.single.past import PastControls
from features.units import UNIT

_PPM = 1_000_000

_NOBODY: dict[str, Any] = dict.fromkeys(
    ("kin", "kin_confidence", "kin_gap_days", "kin_street", "kin_goods", "kin_papers",
     "kin_own_controls", "kin_own_irregular", "kin_controls", "kin_irregular", "kin_shared")
)  # fmt: skip

_IN_WORDS = ("same street", "same goods and words", "same broker, IOSS number or bags")


class Kin:
    """Senders that a newcomer may have been, as of a day.

    Parameters
    ----------
    profiles : of `features.history.History.senders`, as of a day before.
    day : the day.
    """

    def __init__(self, profiles: dict[str, DecayedTable], day: date) -> None:
        self._tables = KinTables.of(profiles, day)
        self._day = day_number(day)
        odds = RETURNING_SHARE / (1 - RETURNING_SHARE)
        self._prior = odds / max(self._tables.seen_count, 1)

    def add(self, table: Consignment, items: Sequence[Item], past: PastControls) -> None:
        """Add whom the sender may have been before, and how that one fared."""
        table.update(_NOBODY)
        sender = table["key_sender"]
        if sender is None:
            return
        tables, row = self._tables, self._tables.lookup.row(sender)
        is_seen = row >= 0 and tables.presence[row] >= 0
        since = int(tables.first_on[row]) if is_seen else self._day
        begun_on = self._day if tables.begun_on is None else tables.begun_on
        if since <= begun_on or self._day - since >= YOUNG_DAYS:
            return
        own = self._own(row, table, items)
        kins, told = tables.compared(own, row, since)
        self._tell(table, past, kins.tolist(), told.tolist(), since)

    def _own(self, row: int, table: Consignment, items: Sequence[Item]) -> list[tuple[Trait, int]]:
        """The newcomer's traits, of this consignment and of its own few days before."""
        keys = {name: value for name, value in table.items() if name.startswith("key_")}
        summed: dict[Trait, int] = {} if row < 0 else self._tables.traits_of(row)
        for trait, count in shown(items, keys).items():
            summed[trait] = summed.get(trait, 0) + count * UNIT
        by_kind: dict[int, list[tuple[Trait, int]]] = defaultdict(list)
        for trait, weight in summed.items():
            by_kind[trait[0]].append((trait, weight))
        own: list[tuple[Trait, int]] = []
        for kind in sorted(by_kind):
            most = by_kind[kind]
            if len(most) > MOST_COMPARED:
                most = sorted(most, key=lambda one: (-one[1], one[0][1]))[:MOST_COMPARED]
            own.extend(most)
        return own

    def _tell(
        self,
        table: Consignment,
        past: PastControls,
        kins: Sequence[int],
        told: Sequence[Sequence[int]],
        since: int,
    ) -> None:
        gaps = [since - int(self._tables.last_on[kin]) - 1 for kin in kins]
        odds = [
            self._odds(kin, ratio[0], gap) for kin, ratio, gap in zip(kins, told, gaps, strict=True)
        ]
        together = sum(odds)
        links = [
            (one, kin, gap, one / (together + _PPM), ratio)
            for one, kin, gap, ratio in zip(odds, kins, gaps, told, strict=True)
        ]
        links = [link for link in links if link[3] >= FEWEST_SHOWN]
        if not links:
            return
        links.sort(key=lambda link: (-link[0], link[1]))
        fared = [past.of_sender(self._tables.names[link[1]]) for link in links]
        _, kin, gap, _, ratio = links[0]
        shares = [link[3] for link in links]
        controls = [round(n * share * UNIT) for (n, _), share in zip(fared, shares, strict=True)]
        found = [round(n * share * UNIT) for (_, n), share in zip(fared, shares, strict=True)]
        alike = [
            text for text, part in zip(_IN_WORDS, ratio[1:], strict=True) if part >= TOLD_RATIO
        ]
        table.update(
            kin=self._tables.names[kin], kin_confidence=together / (together + _PPM),
            kin_gap_days=gap, kin_street=ratio[1], kin_goods=ratio[2], kin_papers=ratio[3],
            kin_own_controls=fared[0][0], kin_own_irregular=fared[0][1],
            kin_controls=sum(controls) * (1 / UNIT), kin_irregular=sum(found) * (1 / UNIT),
            kin_shared=", ".join(alike) or "many small habits in common",
        )  # fmt: skip

    def _odds(self, kin: int, ratio: int, gap: int) -> int:
        """Odds that it is this one, in millionths."""
        time = PARALLEL
        if gap >= 0:
            still = (1 - float(self._tables.presence[kin])) ** gap
            time = (1 - STOPPED_SHARE) / (STOPPED_SHARE + (1 - STOPPED_SHARE) * still)
        total = round(ratio * DEPENDENCE) + round(math.log(time * self._prior) * 1000)
        return round(math.exp(min(max(total, -14_000), 14_000) * (1 / 1000)) * _PPM)
