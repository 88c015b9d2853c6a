"""A sale is declared as a present from one private person to another."""

import numpy as np
import polars as pl
from numpy.random import Generator

from synthetic.typologies.base import (
    Context,
    first_lines,
    marked,
    parcel_values,
    sums_by_parcel,
    with_values,
)


class FalseGift:
    """Code C08 on goods that were sold, with a value kept below EUR 45 (T7)."""

    name = "false gift"
    finding = "FALSE_GIFT"
    columns = frozenset(
        {"additional_procedure_codes", "ioss_number", "platform", "value_cents",
         "exporter_name", "exporter_id", "transport_cents", "declaration_type"}
    )  # fmt: skip

    def apply(self, frame: pl.DataFrame, rng: Generator, context: Context) -> pl.DataFrame:
        """Write the gift code, often a private-looking sender, and a value below the line."""
        rows = np.flatnonzero(context.chosen)
        worth = sums_by_parcel(frame, "value_cents", rows)
        parcel = frame["parcel"].to_numpy()
        edge = rng.triangular(2_500, 4_300, 4_499, int(parcel[-1]) + 1)[parcel[rows]]
        declared = parcel_values(frame, rows, np.minimum(worth, edge))
        nothing = [None] * len(rows)
        frame = with_values(
            frame,
            rows,
            additional_procedure_codes="C08",
            ioss_number=pl.Series(nothing, dtype=pl.String),
            platform=pl.Series(nothing, dtype=pl.String),
            transport_cents=pl.Series(nothing, dtype=pl.Int64),
            value_cents=declared,
            declaration_type="H7",
        )
        heads = first_lines(frame, context.chosen)
        private = parcel[heads[rng.random(len(heads)) < 0.6]]
        rows_private = np.flatnonzero(np.isin(parcel, private))
        family = context.world.identities.table["exporter_name"][
            frame["shipper"].to_numpy()[rows_private]
        ]
        given = family.str.split(" ").list.get(1, null_on_oob=True).fill_null("Li")
        frame = with_values(
            frame,
            rows_private,
            exporter_name=given.str.slice(0, 4) + " " + given.str.slice(3, 4).str.to_titlecase(),
            exporter_id=pl.Series([None] * len(rows_private), dtype=pl.String),
        )
        return marked(frame, rows, context, self.name)
