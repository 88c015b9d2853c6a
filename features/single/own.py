"""What the sender of one consignment itself usually sends: `features.own_goods`,
`features.own_mass`, `features.seen_items` and `features.likely_goods` for one alone.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from datetime import date

import polars as pl

from features.history import PAIRS, History
from features.levels import MEASURES
from features.likely_goods import CERTAIN, READ
from features.own_goods import PRIOR as GOODS_PRIOR
from features.own_mass import PRIOR as MASS_PRIOR
from features.own_mass import USUAL_SPREAD
from features.single.lookup import Lookup
from features.single.parcel import Consignment, Item
from features.units import LN_PER_THOUSANDTH, UNIT, whole

_SHORT = {"sender_heading": "heading", "sender_text": "sender_text", "product_code": "product"}
"""Pairs of an item, and how deviations from them are called."""

_GOODS_PRIOR = GOODS_PRIOR * UNIT
_MASS_PRIOR = MASS_PRIOR * UNIT
_MEANS = ("unit_value", "unit_mass")
_SUMS = ("items", "unit_mass_sum", "unit_mass_square_sum", "lot_sum")


class Own:
    """What senders usually send, as of a day.

    Parameters
    ----------
    history : as of a day before.
    day : the day.
    """

    def __init__(self, history: History, day: date) -> None:
        pairs = {name: _with_means(history.pairs[name].at(day)) for name in _SHORT}
        wholes = [f"whole_{name}" for name in _SUMS]
        told = ["items", *_MEANS]
        self._pairs = {
            name: Lookup.of(
                table, PAIRS[name], told if name == "product_code" else [*told, *wholes]
            )
            for name, table in pairs.items()
        }
        headings = pairs["sender_heading"].select("key_sender", "hs4", n="whole_items")
        self._all = int(headings["n"].sum())
        self._headings: dict[str, int] = dict(headings.group_by("hs4").agg(pl.sum("n")).iter_rows())
        self._senders = _summed(headings, "key_sender")
        words = history.sender_words.at(day).select("key_sender", "word", n=whole("items"))
        self._own_words = Lookup.of(words, ["key_sender", "word"], ["n"])
        self._words = _summed(words, "word")

    def add_goods(self, table: Consignment, items: Sequence[Item]) -> None:
        """Add to items how foreign they are to their sender."""
        sender = table["key_sender"]
        if sender is None:
            for item in items:
                item["heading_surprise"] = item["words_surprise"] = item["goods_surprise"] = None
            return
        sent = len(items) * UNIT + (self._senders.told("n", self._senders.row(sender)) or 0)
        everybody = len(items) * UNIT + self._all
        headings = Counter(item["hs4"] for item in items)
        heading = {
            hs4: _surprise(
                count * UNIT, self._headings.get(hs4, 0), self._past_heading(sender, hs4),
                sent, everybody,
            )
            for hs4, count in headings.items()
        }  # fmt: skip
        spoken = Counter(word for item in items for word in item["words"])
        word = {
            one: _surprise(
                count * UNIT, self._words.told("n", self._words.row(one)) or 0,
                self._own_words.told("n", self._own_words.row(sender, one)) or 0,
                sent, everybody,
            )
            for one, count in spoken.items()
        }  # fmt: skip
        for item in items:
            said = item["words"]
            mean = sum(word[one] for one in said) / len(said) if said else None
            of_heading = heading[item["hs4"]]
            both = None if mean is None else min(of_heading, mean) * LN_PER_THOUSANDTH
            item["heading_surprise"] = of_heading * LN_PER_THOUSANDTH
            item["words_surprise"] = None if mean is None else mean * LN_PER_THOUSANDTH
            item["goods_surprise"] = both

    def _past_heading(self, sender: str, hs4: str) -> int:
        lookup = self._pairs["sender_heading"]
        return int(lookup.told("whole_items", lookup.row(sender, hs4)) or 0)

    def add_mass(self, table: Consignment, items: Sequence[Item]) -> None:
        """Add to items how their sender's goods vary and deviate in mass."""
        for item in items:
            item["text_mass_spread"] = item["heading_mass_spread"] = None
            item["heading_mass_habit"] = item["heading_lot_habit"] = None
        if table["key_sender"] is None:
            return
        for item in items:
            _, _, _, spread = self._mass(table, items, item, "sender_text", "text_key")
            item["text_mass_spread"] = spread * LN_PER_THOUSANDTH
            n, mean, lot, spread = self._mass(table, items, item, "sender_heading", "hs4")
            item["heading_mass_spread"] = spread * LN_PER_THOUSANDTH
            if mean is None or lot is None:
                continue
            count = n / UNIT
            kept = count / (count + MASS_PRIOR)
            habit, lots = (mean - item["unit_mass_usual"]) * kept, (lot - item["lot_usual"]) * kept
            item["heading_mass_habit"] = habit * LN_PER_THOUSANDTH
            item["heading_lot_habit"] = lots * LN_PER_THOUSANDTH

    def _mass(
        self, table: Consignment, items: Sequence[Item], item: Item, pair: str, what: str
    ) -> tuple[int, float | None, float | None, float]:
        """Count, means and spread of the sender's other items of a kind."""
        lookup = self._pairs[pair]
        row = lookup.row(table["key_sender"], item[what])
        n, total, square, lots = (lookup.told(f"whole_{name}", row) or 0 for name in _SUMS)
        for other in items:
            if other is not item and other[what] == item[what]:
                mass = other["unit_mass"]
                n, total = n + UNIT, total + mass * UNIT
                square, lots = square + mass * mass * UNIT, lots + other["lot"] * UNIT
        mean = lot = None
        scatter = 0.0
        if n >= UNIT // 2:
            mean, lot = total / n, lots / n
            scatter = max(square - total * mean, 0.0)
        spread = math.sqrt((scatter + _MASS_PRIOR * USUAL_SPREAD**2) / (n + _MASS_PRIOR))
        return n, mean, lot, spread

    def add_deviations(self, table: Consignment, items: Sequence[Item]) -> None:
        """Add to items what their sender and product usually are, and how far they are from it."""
        for item in items:
            keys = table | item
            for name, short in _SHORT.items():
                lookup = self._pairs[name]
                row = lookup.row(*(keys[key] for key in PAIRS[name]))
                item[f"{name}_items"] = lookup.told("items", row)
                for measure, called in (("unit_value", short), ("unit_mass", f"{short}_mass")):
                    usual = lookup.told(measure, row)
                    away = None if usual is None else (item[measure] - usual) * LN_PER_THOUSANDTH
                    item[f"{called}_deviation"] = away
            for measure in MEASURES:
                away = item[measure] - item[f"{measure}_usual"]
                item[f"{measure}_deviation"] = away * LN_PER_THOUSANDTH
                item[f"{measure}_z"] = away / item[f"{measure}_spread"]
            item["expected_mg"] = _expected(item, "unit_mass_usual")
            item["expected_cents"] = _expected(item, "unit_value_usual")


def add_likely_goods(items: Sequence[Item]) -> None:
    """Add to items the nearer of two readings, as `features.likely_goods.likely_goods`."""
    codes = {(item["has_pieces"], int(item["hs6"])): item for item in items}
    for item in items:
        certainty = item["text_certainty"]
        other = None
        if certainty is not None and certainty >= CERTAIN:
            other = codes.get((item["has_pieces"], item["text_hs6"]))
        for name in READ:
            declared = (item[name] - item[f"{name}_usual"]) / item[f"{name}_spread"]
            if other is not None:
                likely = (item[name] - other[f"{name}_usual"]) / other[f"{name}_spread"]
                declared = likely if abs(likely) < abs(declared) else declared
            item[f"{name}_either_z"] = declared


def _with_means(table: pl.DataFrame) -> pl.DataFrame:
    return table.with_columns(
        *(whole(name).alias(f"whole_{name}") for name in _SUMS),
        *((pl.col(f"{name}_sum") / pl.col("items")).alias(name) for name in _MEANS),
    )


def _summed(table: pl.DataFrame, key: str) -> Lookup:
    return Lookup.of(table.group_by(key).agg(pl.sum("n")), [key], ["n"])


def _surprise(here: int, past_all: int, past_own: int, sent: int, everybody: int) -> int:
    """As `features.own_goods._surprise`, in thousandths."""
    share = (here + past_all) / everybody
    own = here + past_own - UNIT
    ratio = (sent - UNIT + _GOODS_PRIOR) * share / (own + _GOODS_PRIOR * share)
    return round(math.log(ratio) * 1000)


def _expected(item: Item, usual: str) -> int:
    usual_each: float = item[usual] * LN_PER_THOUSANDTH
    return round(math.exp(usual_each) * float(item["pieces"]))
