"""One purchase above EUR 150 comes as several small consignments to altered names."""

from dataclasses import replace
from typing import Final

import numpy as np
import polars as pl
from numpy.random import Generator

from synthetic.draw import Indices
from synthetic.typologies.alteration import altered
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
from synthetic.typologies.orders import parts_over_days

MOST_PARTS: Final = 5
"""Consignments of one order at the most; see `Behaviour.parts`."""


class Splitting:
    """Parts of one order go to one address under names that differ a little."""

    name = "splitting"
    finding = "SPLITTING"
    columns = frozenset(
        {"importer_name", "importer_street", "importer_postcode", "importer_city",
         "importer_country", "consignee", "hs6", "goods_description", "value_cents", "quantity",
         "gross_mass_mg", "net_mass_mg", "true_hs6", "true_value_cents", "true_quantity",
         "true_net_mass_mg", "true_consignment", "goods", "order_parts"}
    )  # fmt: skip

    def apply(self, frame: pl.DataFrame, rng: Generator, context: Context) -> pl.DataFrame:
        """Give the parcels after a chosen one to its buyer, under other names."""
        frame, chosen = parts_over_days(frame, rng, context, self.name)
        leaders, part = _groups(frame, rng, replace(context, chosen=chosen))
        if not len(leaders):
            return frame
        heads = np.flatnonzero(frame["line"].to_numpy() == 1)
        parcel = frame["parcel"].to_numpy()
        # A split order has one line a parcel: the further lines of its parcels go.
        members = parcel[heads[leaders + part]]
        frame = frame.filter(pl.Series(~np.isin(parcel, members) | (frame["line"] == 1).to_numpy()))
        heads = np.flatnonzero(frame["line"].to_numpy() == 1)
        rows, origin = heads[leaders + part], heads[leaders]
        frame = self._same_buyer(frame, rng, context, rows, origin, part)
        frame = self._same_goods(frame, rng, context, rows, leaders)
        return marked(frame, rows, context, self.name, has_new_goods=True)

    @staticmethod
    def _same_buyer(
        frame: pl.DataFrame,
        rng: Generator,
        context: Context,
        rows: Indices,
        origin: Indices,
        part: Indices,
    ) -> pl.DataFrame:
        places = ("importer_postcode", "importer_city", "importer_country", "consignee")
        frame = with_values(frame, rows, **{name: frame[name][origin] for name in places})
        manner = context.world.behaviour.alteration[operators_of(frame, rows)]
        manner = np.where(rng.random(len(rows)) < 0.85, manner, rng.integers(0, 7, len(rows)))
        written = altered(
            rng,
            frame["importer_name"][origin],
            frame["importer_street"][origin],
            np.where(part == 0, -1, manner),
        )
        return with_values(
            frame, rows, importer_name=written["name"], importer_street=written["street"]
        )

    @staticmethod
    def _same_goods(
        frame: pl.DataFrame, rng: Generator, context: Context, rows: Indices, leaders: Indices
    ) -> pl.DataFrame:
        operator = operators_of(frame, rows)
        group = np.unique(leaders, return_inverse=True)[1]
        sizes = np.bincount(group)
        kind = dear_goods(rng, context, operator[np.unique(group, return_index=True)[1]])
        total = 15_000 * (1.05 + rng.exponential(0.5, len(sizes)))
        each = np.minimum(total / sizes, 14_500)[group] * rng.uniform(0.85, 1.0, len(rows))
        low = (15_100 / sizes)[group]
        lot = pieces(rng, context, kind[group], np.clip(np.maximum(each, low), None, 14_900))
        hs6 = context.world.goods.hs6[lot.goods]
        return with_values(
            frame,
            rows,
            goods=lot.goods,
            hs6=hs6,
            true_hs6=hs6,
            goods_description=cover_text(rng, context, lot.goods, operator),
            quantity=lot.quantity,
            true_quantity=lot.quantity,
            value_cents=lot.value_cents,
            true_value_cents=lot.value_cents,
            net_mass_mg=lot.net_mass_mg,
            true_net_mass_mg=lot.net_mass_mg,
            gross_mass_mg=packed(rng, context, operator, lot.net_mass_mg),
            true_consignment=frame["parcel"].to_numpy()[rows][np.searchsorted(leaders, leaders)],
        )


def _groups(frame: pl.DataFrame, rng: Generator, context: Context) -> tuple[Indices, Indices]:
    """Return for each part of a split order the number of its first parcel, and its own place.

    The parts are the next parcels of the same shipper in the file, so their numbers follow.
    """
    heads = frame.filter(pl.col("line") == 1)
    operator, shipper = heads["operator"].to_numpy(), heads["shipper"].to_numpy()
    parcel = heads["parcel"].to_numpy()
    chosen = np.isin(parcel, frame["parcel"].to_numpy()[first_lines(frame, context.chosen)])
    is_free = (heads["typologies"] == 0).to_numpy()
    parts = context.world.behaviour.parts[operator]
    # A case is a parcel: of n parts each, one chosen in n starts a group.
    starts = np.flatnonzero(chosen & (rng.random(len(parts)) * parts < 1))
    last = starts + parts[starts] - 1
    end = np.minimum(last, len(parts) - 1)
    is_in_row = parcel[end] - parcel[starts] == parts[starts] - 1
    starts = starts[is_in_row & (shipper[starts] == shipper[end])]
    clear = np.concatenate([[True], starts[1:] >= starts[:-1] + parts[starts[:-1]]])
    starts = starts[clear[: len(starts)]]
    leaders = np.repeat(starts, parts[starts])
    part = np.arange(len(leaders)) - np.searchsorted(leaders, leaders)
    whole = np.ones(len(parts), dtype=np.bool_)
    np.logical_and.at(whole, leaders, is_free[leaders + part])
    return leaders[whole[leaders]], part[whole[leaders]]
