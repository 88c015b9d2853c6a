"""The columns of the rows that the state keeps, with their kinds."""

from __future__ import annotations

import polars as pl

from engine.declaration import Declaration
from engine.outcome import OutcomeRow

DECLARATION_SCHEMA: dict[str, pl.DataType] = {
    name: column.dtype for name, column in Declaration.columns().items()
}
OUTCOME_SCHEMA: dict[str, pl.DataType] = {
    name: column.dtype for name, column in OutcomeRow.columns().items() if name != "row_number"
}
