"""Split orders whose parts come one a flight, over several days (reaction of T2)."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.random import Generator

from synthetic.behaviour import TAKES_HOLD
from synthetic.draw import Indices, Mask
from synthetic.people import draw_consignees
from synthetic.typologies.alteration import ALTERATIONS, altered
from synthetic.typologies.base import (
    Context,
    cover_text,
    dear_goods,
    first_lines,
    marked,
    operators_of,
    packed,
    pieces,
    with_values,
)

_PURPOSE: Final = 43
"""Purpose of the orders' own source of chance."""

_LINE_CENTS: Final = 15_000
_HIGHEST_CENTS: Final = 14_500
"""The line an order lies above, and what one part holds at the most (as in one flight)."""

_OWN_MANNER: Final = 0.85
"""Share of parts altered in the sender's own manner (as in one flight; estimate)."""


@dataclass(frozen=True, slots=True)
class _Part:
    """One part of an order, to be written into one parcel."""

    consignee: int
    goods: int
    cents: float
    parts: int
    manner: int


def parts_over_days(
    frame: pl.DataFrame, rng: Generator, context: Context, name: str
) -> tuple[pl.DataFrame, Mask]:
    """Write one part of an order into each chosen parcel of those who spread orders over days.

    Buyer, goods and value follow from the sender, the place of the parcel among its chosen ones
    and the day, so that nothing needs to be remembered from flight to flight. A part whose parcel
    is not sent is lost; the truth takes the parts elsewhere to be like the one at hand.

    Parameters
    ----------
    frame, rng, context
        As for `Typology.apply`.
    name
        Name of the typology to mark.

    Returns
    -------
    tuple
        The frame, and the chosen rows that are left for orders within the flight.
    """
    heads = first_lines(frame, context.chosen)
    heads = heads[context.world.behaviour.is_spread[operators_of(frame, heads)]]
    if not len(heads):
        return frame, context.chosen
    parcel = frame["parcel"].to_numpy()
    chosen = context.chosen & ~np.isin(parcel, parcel[heads])
    is_free = frame["typologies"].to_numpy()[heads] == 0
    # As many parcels as find followers for an order within the flight: the volume stays.
    heads = heads[is_free & (rng.random(len(heads)) < TAKES_HOLD[name])]
    if not len(heads):
        return frame, chosen
    members = np.isin(parcel, parcel[heads])
    kept = ~members | (frame["line"].to_numpy() == 1)  # an order has one line a parcel
    frame = frame.filter(pl.Series(kept))
    rows = np.flatnonzero(members[kept])
    parts = _drawn(context, operators_of(frame, rows))
    frame = _addressed(frame, rng, context, rows, parts)
    frame = _filled(frame, rng, context, rows, parts)
    frame = marked(frame, rows, context, name, has_new_goods=True)
    return frame, chosen[kept]


def _drawn(context: Context, operator: Indices) -> list[_Part]:
    """Return what each parcel holds; the k-th of a sender belongs to the k-th order at a time."""
    seen: dict[int, int] = {}
    drawn = []
    for sender in operator.tolist():
        slot = seen[sender] = seen.get(sender, -1) + 1
        drawn.append(_part(context, sender, slot))
    return drawn


def _part(context: Context, operator: int, slot: int) -> _Part:
    behaviour = context.world.behaviour
    parts = int(behaviour.parts[operator])
    order, part = divmod(context.on.toordinal() + operator, parts)
    rng = context.world.rng(_PURPOSE, operator, slot, order)
    consignee = int(draw_consignees(rng, context.world.consignees, 1)[0])
    goods = int(dear_goods(rng, context, np.array([operator]))[0])
    lowest = 1.01 * _LINE_CENTS / parts
    even = min(_LINE_CENTS * (1.05 + rng.exponential(0.5)) / parts, _HIGHEST_CENTS)
    shares = rng.uniform(0.85, 1.0, parts)
    other = rng.integers(0, len(ALTERATIONS), parts)
    is_own = rng.random(parts) < _OWN_MANNER
    manner = behaviour.alteration[operator] if is_own[part] else other[part]
    cents = max(even * shares[part], lowest)
    return _Part(consignee, goods, cents, parts, int(manner) if part else -1)


def _addressed(
    frame: pl.DataFrame, rng: Generator, context: Context, rows: Indices, parts: list[_Part]
) -> pl.DataFrame:
    consignee = np.array([part.consignee for part in parts])
    people = context.world.consignees.table[consignee]
    manner = np.array([part.manner for part in parts])
    written = altered(rng, people["importer_name"], people["importer_street"], manner)
    places = ("importer_postcode", "importer_city", "importer_country")
    return with_values(
        frame,
        rows,
        consignee=consignee,
        importer_name=written["name"],
        importer_street=written["street"],
        **{name: people[name] for name in places},
    )


def _filled(
    frame: pl.DataFrame, rng: Generator, context: Context, rows: Indices, parts: list[_Part]
) -> pl.DataFrame:
    operator = operators_of(frame, rows)
    goods = np.array([part.goods for part in parts])
    lot = pieces(rng, context, goods, np.array([part.cents for part in parts]))
    hs6 = context.world.goods.hs6[lot.goods]
    value = np.minimum(lot.value_cents, 14_900)
    return with_values(
        frame,
        rows,
        goods=lot.goods,
        hs6=hs6,
        true_hs6=hs6,
        goods_description=cover_text(rng, context, lot.goods, operator),
        quantity=lot.quantity,
        true_quantity=lot.quantity,
        value_cents=value,
        true_value_cents=value,
        net_mass_mg=lot.net_mass_mg,
        true_net_mass_mg=lot.net_mass_mg,
        gross_mass_mg=packed(rng, context, operator, lot.net_mass_mg),
        order_parts=np.array([part.parts for part in parts]),
    )
