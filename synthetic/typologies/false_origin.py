"""The origin is false, so that goods look preferential and leave the EUR 3."""

from typing import Final

import numpy as np
import polars as pl
from numpy.random import Generator

from synthetic.traffic import codes_of
from synthetic.typologies.base import Context, marked, operators_of, with_values

CLAIMED: Final = ("TR", "VN", "GB", "KR")
"""Origins with a customs union or a preference (domain report 2.6; KR: EU-Korea agreement)."""


class FalseOrigin:
    """Goods from China claim a preferential origin in a standard declaration H1 (T8)."""

    name = "false origin"
    finding = "FALSE_ORIGIN"
    columns = frozenset(
        {"country_of_origin", "declaration_type", "additional_procedure_codes", "ioss_number"}
    )

    def apply(self, frame: pl.DataFrame, rng: Generator, context: Context) -> pl.DataFrame:
        """Write the sender's claimed origin; preference needs an H1 and no IOSS."""
        rows = np.flatnonzero(context.chosen)
        operator = operators_of(frame, rows)
        claimed = pl.Series(CLAIMED)[context.world.behaviour.false_origin[operator]]
        frame = with_values(
            frame,
            rows,
            country_of_origin=claimed,
            declaration_type="H1",
            additional_procedure_codes=codes_of(context.on)[3],
            ioss_number=pl.Series([None] * len(rows), dtype=pl.String),
        )
        return marked(frame, rows, context, self.name)
