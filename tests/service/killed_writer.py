"""A process that writes receipts until it is killed."""

from __future__ import annotations

from multiprocessing.connection import Connection
from pathlib import Path

import polars as pl

from service.home import Home
from service.store import Store


def write_until_killed(state: Path, rows: Path, name: str, told: Connection) -> None:
    """Write batch after batch, and tell each one's name once it is acknowledged."""
    batch = pl.read_parquet(rows)
    store = Store(Home(state))
    for number in range(10_000):
        named = pl.format("{}-{}", pl.lit(f"{name}_{number}"), "hawb")
        store.add_declarations(batch.with_columns(hawb=named))
        told.send(f"{name}_{number}")
