"""Features as columns of numbers: what models evaluate, a flight or a single consignment."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from features.catalogue import NAMES
from models.risk_model import Floats
from models.weighed import Noticed


@dataclass(frozen=True, eq=False)
class Values:
    """The features of some consignments, in the order of `features.catalogue.NAMES`.

    Attributes
    ----------
    columns : array (features, rows), a feature's values side by side in memory; NaN is missing.
    """

    columns: Floats

    def __len__(self) -> int:
        return int(self.columns.shape[1])

    @classmethod
    def of(cls, features: pl.DataFrame) -> Values:
        """The features of a frame; a null is missing."""
        table = features.select(pl.col(NAMES).cast(pl.Float64))
        return cls(np.ascontiguousarray(table.to_numpy(order="fortran").T))

    @classmethod
    def of_rows(cls, rows: Floats) -> Values:
        """The features of an array (rows, features), or of one row (features)."""
        return cls(np.ascontiguousarray(np.atleast_2d(rows).T, dtype=np.float64))

    @cached_property
    def noticed(self) -> Noticed:
        """What the signs say of them; worked out once."""
        return Noticed(self.columns)

    def frame(self) -> pl.DataFrame:
        """The features as a frame, with null where missing."""
        table = pl.from_numpy(self.columns.T, schema=list(NAMES))
        return table.with_columns(pl.all().fill_nan(None))
