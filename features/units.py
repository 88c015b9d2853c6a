"""Factors between the units that are summed (integers) and the units that are told.

Multiply by these; never divide a column by a number. polars multiplies several rows by the
reciprocal of a literal but truly divides a single row, so that a flight of one consignment would
differ in the last bit from the same flight seen beside another (found by the contract tests).
"""

from __future__ import annotations

import polars as pl

UNIT = 1024
"""Weights and faded counts are summed as whole 1024ths, so that sums are exact in any order."""

EUR_PER_CENT = 1 / 100
KG_PER_MG = 1 / 1_000_000
LN_PER_THOUSANDTH = 1 / 1000
RATIO_PER_TEN_THOUSANDTH = 1 / 10_000
HOURS_PER_MINUTE = 1 / 60


def whole(name: str) -> pl.Expr:
    """A column of faded counts as whole 1024ths (`UNIT`)."""
    return (pl.col(name) * UNIT).round().cast(pl.Int64)
