"""What a sender's goods of a heading, and of the same words, weigh, and how much that varies.

One article weighs the same each time it is sent. Where many kinds of goods hide behind one label,
the mass behind the same words varies from parcel to parcel; and where one kind hides, the sender's
goods of that heading weigh, or are as many, as nobody else's (domain report 3.1, T3).
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from features.compiled import kernel
from features.item_keys import ItemKeys
from features.past_pairs import PastPair, PastPairs
from features.units import LN_PER_THOUSANDTH, UNIT, whole

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

PRIOR = 3.0
"""Items that the usual spread and mean count for beside the sender's own (estimate)."""

USUAL_SPREAD = 300
"""Spread of the mass of one article, in thousandths of ln: packing, sizes, scales (estimate; domain
report 7: 15 % for scales alone)."""

_SUMS = ("items", "unit_mass_sum", "unit_mass_square_sum", "lot_sum")


def own_mass(items: pl.DataFrame, keys: ItemKeys, pairs: PastPairs, day: date) -> pl.DataFrame:
    """How a sender's goods vary and deviate in mass.

    Parameters
    ----------
    items : prepared items of one day's flights with the columns of `References.read`.
    keys, pairs : their keys, and what is known of their pairs.
    day : the day of the flights.

    Returns
    -------
    In the order of `items`, going by the sender's other items of the past and of the flight:
    `text_mass_spread`, `heading_mass_spread` : spread of the mass per piece of the same words and
        of the same heading, ln; shrunk to what one article varies.
    `heading_mass_habit`, `heading_lot_habit` : how far the mass per piece, and the pieces a line,
        of its goods of the heading are from what is usual for the code, ln; shrunk to 0.
    """
    measures = items.select("unit_mass", "lot", "unit_mass_usual", "lot_usual")
    mass, lot, usual_mass, usual_lot = (measures[name].to_numpy() for name in measures.columns)

    def of(pair: PastPair) -> tuple[Floats, Floats, Floats, Bools]:
        kind = keys.on_flight(pair.pair)
        past = pair.sums(day, *_SUMS).select(whole(name).fill_null(0) for name in _SUMS)
        # Pairs of several flights share what was before.
        before = past.to_numpy()[pair.pair.of[kind.first]]
        told: tuple[Floats, Floats, Floats, Bools]
        told = _compared(kind.of, mass, lot, usual_mass, usual_lot, before)
        return told

    text_spread, *_ = of(pairs.sender_text)
    heading_spread, mass_habit, lot_habit, has_others = of(pairs.sender_heading)
    is_named = pl.Series(keys.has_sender)
    is_compared = pl.Series(keys.has_sender & has_others)
    table = pl.DataFrame(
        {"heading_mass_habit": mass_habit, "heading_lot_habit": lot_habit,
         "text_mass_spread": text_spread, "heading_mass_spread": heading_spread}
    )  # fmt: skip
    return table.select(
        pl.when(is_compared).then(pl.col("heading_mass_habit", "heading_lot_habit")),
        pl.when(is_named).then(pl.col("text_mass_spread", "heading_mass_spread")),
    )


@kernel
def _sums(kind: Any, mass: Any, lot: Any, before: Any) -> Any:
    """The sums of `_SUMS` of each kind, of the past and of the flight, in 1024ths."""
    sums = before.copy()
    for row in range(len(kind)):
        own = sums[kind[row]]
        own[0] += UNIT
        own[1] += mass[row] * UNIT
        own[2] += mass[row] * mass[row] * UNIT
        own[3] += lot[row] * UNIT
    return sums


@kernel
def _compared(kind: Any, mass: Any, lot: Any, usual_mass: Any, usual_lot: Any, before: Any) -> Any:
    """Spread, habits in mass and pieces, and whether there are others: of each item's kind."""
    rows = len(kind)
    spread, mass_habit, lot_habit = np.empty(rows), np.zeros(rows), np.zeros(rows)
    has_others = np.zeros(rows, np.bool_)
    prior = PRIOR * UNIT
    sums = _sums(kind, mass, lot, before)
    for row in range(rows):
        own = sums[kind[row]]
        # The item itself is left out.
        n = own[0] - UNIT
        scatter = 0.0
        if n >= UNIT // 2:
            has_others[row] = True
            total = own[1] - mass[row] * UNIT
            mean = total / n
            scatter = max(own[2] - mass[row] * mass[row] * UNIT - total * mean, 0.0)
            lot_mean = (own[3] - lot[row] * UNIT) / n
            kept = (n / UNIT) / (n / UNIT + PRIOR)
            mass_habit[row] = (mean - usual_mass[row]) * kept * LN_PER_THOUSANDTH
            lot_habit[row] = (lot_mean - usual_lot[row]) * kept * LN_PER_THOUSANDTH
        wide = (scatter + prior * USUAL_SPREAD**2) / (n + prior)
        spread[row] = np.sqrt(wide) * LN_PER_THOUSANDTH
    return spread, mass_habit, lot_habit, has_others
