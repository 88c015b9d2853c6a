"""How often past controls found something, for one consignment: `features.past_rates` alone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from features.euphemisms import word_odds
from features.past_rates import (
    CONSIGNMENT_LEVELS,
    ITEM_LEVELS,
    JOINT_SHARE,
    KINDS,
    LEAST,
    LEVELS,
    MOST,
    Controls,
)
from features.past_rates import Level as Entity
from features.single.lookup import Lookup
from features.single.parcel import Consignment, Item
from features.units import LN_PER_THOUSANDTH

_SUMS = ("controls", *KINDS.values())
_NONE = (0.0, 0.0, 0.0, 0.0)

KEPT = 50_000
"""Entities whose standing is kept: some 40 MB (estimate)."""

Sums = tuple[float, float, float, float]
"""Weights of controls, of irregular ones, of those with goods findings; and money."""


Rates = tuple[float, float, float]
"""Of each kind (`features.past_rates.KINDS`): irregular, goods findings, money."""


class Standing(NamedTuple):
    """What is known of one entity, and what its children lean on.

    Attributes
    ----------
    sums : its own controls and finds.
    rates : shrunk.
    priors : what its parent says of each kind without it.
    told : the columns of the level.
    of : all keys that it depends on.
    """

    sums: Sums
    rates: Rates
    priors: Rates
    told: dict[str, float]
    of: tuple[Any, ...]


class PastControls:
    """What the ledger says on a day.

    Parameters
    ----------
    controls : the ledger as seen on that day.
    """

    def __init__(self, controls: Controls) -> None:
        past = controls.past
        self._own = {
            level.name: Lookup.of(past.own[level.name], level.keys, _SUMS) for level in LEVELS
        }
        self._shared_keys = {
            name: tuple(key for key in table.columns if key not in _SUMS)
            for name, table in past.shared.items()
        }
        self._shared = {
            name: Lookup.of(table, self._shared_keys[name], _SUMS)
            for name, table in past.shared.items()
        }
        base, strengths = past.base, past.strengths
        self._base: Rates = (base["irregular"], base["goods"], base["recovered"])
        self._strengths: dict[str, Rates] = {
            name: (
                strengths[name, "rate"], strengths[name, "goods_rate"],
                strengths[name, "recovered"],
            )
            for name in self._own
        }  # fmt: skip
        self._names = {
            level.name: tuple(
                f"{level.name}_{ending}" for ending in ("controls", "sure_rate", *KINDS)
            )
            for level in LEVELS
        }
        self._kept: dict[tuple[Any, ...], Standing] = {}
        odds = word_odds(controls.known, past.base["irregular"])
        self._odds: dict[str, int] = dict(odds.select("word", "odds").iter_rows())

    def add(self, table: Consignment, items: Sequence[Item]) -> None:
        """Add the columns of `rates_of_parties` to the consignment, of `rates_of_goods` and of
        `with_word_odds` to its items.
        """
        # A sender without an address stands for its address.
        address = table["key_sender_address"]
        keys = table | {"key_sender_address": table["key_sender"] if address is None else address}
        standing: dict[str, Standing] = {}
        for level in CONSIGNMENT_LEVELS:
            one = standing[level.name] = self._standing(level, keys, standing)
            table.update(one.told)
        for item in items:
            of_item = {"sender": standing["sender"]}
            # A sender's goods are looked up by the sender alone.
            keys_of_item = item | {"key_sender": table["key_sender"]}
            for level in ITEM_LEVELS:
                one = of_item[level.name] = self._standing(level, keys_of_item, of_item)
                item.update(one.told)
            odds = [self._odds[word] for word in item["words"] if word in self._odds]
            item["word_odds_max"] = max(odds) * LN_PER_THOUSANDTH if odds else None
            item["word_odds_sum"] = sum(odds) * LN_PER_THOUSANDTH if odds else None

    def of_sender(self, sender: str) -> tuple[float, float]:
        """Weight of the past controls of a sender, and of those that found something."""
        sums = _sums(self._own["sender"], (sender,))
        return sums[0], sums[1]

    def _standing(
        self, level: Entity, keys: Mapping[str, Any], standing: Mapping[str, Standing]
    ) -> Standing:
        """Of one entity, worked out anew only for one that was not asked about lately."""
        key = tuple([keys[name] for name in level.keys])
        parent = standing[level.parent].of if level.parent else ()
        of = (level.name, key, parent, standing[level.beside].of if level.beside else ())
        one = self._kept.get(of)
        if one is None:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            one = self._kept[of] = self._climbed(level, key, of, keys, standing)
        return one

    def _climbed(
        self,
        level: Entity,
        key: tuple[Any, ...],
        of: tuple[Any, ...],
        keys: Mapping[str, Any],
        standing: Mapping[str, Standing],
    ) -> Standing:
        sums = _sums(self._own[level.name], key)
        priors: Rates = self._base
        if level.parent:
            above = standing[level.parent]
            own = sums
            if level.name in self._shared:
                shared = self._shared[level.name]
                own = _sums(shared, tuple([keys[one] for one in self._shared_keys[level.name]]))
            priors = self._leaned(level, own, above, standing)
        n, irregular, goods, recovered = sums
        strength, of_goods, of_money = self._strengths[level.name]
        rates = (
            (irregular + priors[0] * strength) / (n + strength),
            (goods + priors[1] * of_goods) / (n + of_goods),
            (recovered + priors[2] * of_money) / (n + of_money),
        )
        return Standing(sums, rates, priors, self._told(level, n, rates), of)

    def _leaned(
        self, level: Entity, own: Sums, above: Standing, standing: Mapping[str, Standing]
    ) -> Rates:
        """What the parent says without the entity's own controls."""
        strength, of_goods, of_money = self._strengths[level.parent]
        sums, before = above.sums, above.priors
        n = sums[0] - own[0]
        irregular = (sums[1] - own[1] + before[0] * strength) / (n + strength)
        goods = (sums[2] - own[2] + before[1] * of_goods) / (n + of_goods)
        recovered = (sums[3] - own[3] + before[2] * of_money) / (n + of_money)
        if level.beside:
            beside = standing[level.beside].rates
            irregular = self._joint(irregular, beside[0], self._base[0])
            goods = self._joint(goods, beside[1], self._base[1])
        return irregular, goods, recovered

    def _joint(self, rate: float, beside: float, base: float) -> float:
        """A rate moved by what a second one says beyond the overall one."""
        told = _log_odds(beside) - _log_odds(base)
        return 1 / (1 + math.exp(-(_log_odds(rate) + told * JOINT_SHARE)))

    def _told(self, level: Entity, n: float, rates: Rates) -> dict[str, float]:
        name, rate = level.name, rates[0]
        spread = math.sqrt(rate * (1 - rate) / (n + (self._strengths[name][0] + 1)))
        sure = rate - spread
        told = (n, 0.0 if sure < 0.0 else sure, *rates)
        return dict(zip(self._names[name], told, strict=True))


def _sums(lookup: Lookup, key: tuple[Any, ...]) -> Sums:
    row = lookup.row(*key)
    if row < 0:
        return _NONE
    values = lookup.values
    return (
        values["controls"][row], values["irregular"][row], values["goods"][row],
        values["recovered"][row],
    )  # fmt: skip


def _log_odds(rate: float) -> float:
    rate = min(max(rate, LEAST), MOST)
    return math.log(rate / (1 - rate))
