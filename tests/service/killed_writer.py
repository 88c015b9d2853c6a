"""Processes that write: receipts until they are killed, or a little and at once."""

from __future__ import annotations

from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

import polars as pl
import sqlalchemy as sa

from service.home import Home
from service.storage.database import Database
from service.storage.messages import keep_declarations
from service.storage.tables import keys
from service.store import Store


def write_until_killed(
    state: Path, url: str | None, rows: Path, name: str, as_files: bool, told: Connection
) -> None:
    """Write batch after batch, and tell each one's name once it is acknowledged.

    Parameters
    ----------
    state, url : state folder and address of the database.
    rows : file of the batch, written again and again under other waybills.
    name : of this writer.
    as_files : as Parquet files; else as messages.
    told : hears the name of each batch.
    """
    batch = pl.read_parquet(rows)
    state.mkdir(parents=True, exist_ok=True)
    database = Database.open(url, state)
    store = Store(Home(state), database)
    for number in range(10_000):
        named = pl.format("{}-{}", pl.lit(f"{name}_{number}"), "hawb")
        renamed = batch.with_columns(hawb=named)
        if as_files:
            store.add_declarations(renamed)
        else:
            with database.writing() as connection:
                keep_declarations(connection, renamed.to_dicts(), source=name, at=datetime.now(UTC))
        told.send(f"{name}_{number}")


def open_and_write(url: str | None, folder: Path, at: int) -> None:
    """Open a database, perhaps as the first, and write some rows to it.

    Parameters
    ----------
    url, folder : of the database.
    at : number of this process.
    """
    database = Database.open(url, folder)
    for number in range(20):
        row = {"id": f"{at}-{number}", "name": "n", "role": "officer", "hash": "h", "made_at_us": 1}
        with database.writing() as connection:
            connection.execute(sa.insert(keys), row)
