"""Shorthands: contract rows, histories and comparisons to the bit."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from features.catalogue import NAMES, compute
from features.history import History
from features.ledger import ledger_rows
from features.sight import prepared
from tests.engine.door import ROW
from tests.worlds import through_the_door

DAY = date(2026, 9, 20)


def rows(*changes: dict[str, Any]) -> pl.DataFrame:
    """Canonical items, each with its own waybill, that differ from the contract row as told."""
    plain = ROW | {"flight_date": str(DAY), "importer_street": "Dorpsstraat 12",
                   "importer_postcode": "4000"}  # fmt: skip
    made = [plain | {"hawb": f"H{at:05d}"} | change for at, change in enumerate(changes)]
    return through_the_door(pl.DataFrame(made, infer_schema_length=None))


def no_ledger(items: pl.DataFrame, outcomes: pl.DataFrame) -> pl.DataFrame:
    """A ledger without a control."""
    return ledger_rows(outcomes.clear(), *prepared(items))


def differing(a: pl.DataFrame, b: pl.DataFrame) -> list[str]:
    """Names of the features that are not equal to the bit."""
    assert a.select(pl.exclude(NAMES)).equals(b.select(pl.exclude(NAMES)))
    return [name for name in NAMES if not a[name].equals(b[name])]


def seen_first(items: pl.DataFrame, outcomes: pl.DataFrame) -> pl.DataFrame:
    """Features of items on a first day, without history or controls."""
    return compute(items, History.empty(), no_ledger(items, outcomes))
