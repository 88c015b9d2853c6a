"""An import one-stop-shop number is used without right, so nobody pays the VAT."""

import numpy as np
import polars as pl
from numpy.random import Generator

from synthetic.traffic import codes_of
from synthetic.typologies.base import Context, marked, operators_of, shares_of, with_values


class IossMisuse:
    """A marketplace's, a small trader's or an invented number stands on foreign parcels."""

    name = "ioss misuse"
    finding = "IOSS_MISUSE"
    columns = frozenset(
        {"ioss_number", "additional_procedure_codes", "transport_cents", "platform",
         "is_ioss_genuine"}
    )  # fmt: skip

    def apply(self, frame: pl.DataFrame, rng: Generator, context: Context) -> pl.DataFrame:
        """Write the stolen number and the code that goes with it."""
        world = context.world
        parcel = frame["parcel"].to_numpy()
        is_low = np.bincount(parcel, frame["value_cents"].to_numpy())[parcel] <= 15_000
        rows = np.flatnonzero(context.chosen & is_low)
        operator = operators_of(frame, rows)
        variant = shares_of(rng, [0.45, 0.40, 0.15], world.scenario.shippers + 1)
        variant = variant[operator % len(variant)]
        large = world.ioss[operator % 5]
        small = world.ioss[world.behaviour.stolen_ioss[operator]]
        invented = "IM" + pl.Series(operator * 7_919 % 9_000_000_000 + 10**9).cast(pl.String)
        number = pl.select(
            pl.when(pl.Series(variant == 0))
            .then(large)
            .when(pl.Series(variant == 1))
            .then(small)
            .otherwise(invented)
        ).to_series()
        frame = with_values(
            frame,
            rows,
            ioss_number=number,
            additional_procedure_codes=codes_of(context.on)[0],
            transport_cents=pl.Series([None] * len(rows), dtype=pl.Int64),
            platform=pl.Series([None] * len(rows), dtype=pl.String),
            is_ioss_genuine=False,
        )
        return marked(frame, rows, context, self.name)
