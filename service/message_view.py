"""What came as messages to one state folder, for the merged view of the store.

The database is opened when it is first needed: many a command never asks for it, and importing
what it stands on costs a quarter of a second. Reading never makes one.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from engine.declaration import FLIGHT, KEY
from service.home import Home
from service.receipts import ORDER, Receipt, write
from service.row_schemas import DECLARATION_SCHEMA, OUTCOME_SCHEMA

if TYPE_CHECKING:
    from service.storage.database import Database

FILE_NAME = "triage.db"


class Filing:
    """Files being written under numbers of the database. The folder's pen is held meanwhile.

    Parameters
    ----------
    database : draws the numbers.
    source : who brought the rows.
    """

    def __init__(self, database: Database, source: str) -> None:
        self._database = database
        self._source = source

    def file(self, kind: str, folder: Path, rows: pl.DataFrame, receipt: Receipt) -> None:
        """Write rows as one receipt; nothing where there are none.

        Parameters
        ----------
        kind : `declarations` or `outcomes`.
        folder : where the file goes.
        rows : what is new.
        receipt : what became of all rows that came with them.
        """
        from service.storage.filed import announce, declare_whole

        if rows.is_empty():
            return
        is_declared = kind == "declarations"
        flights = rows.select(FLIGHT).unique().sort(FLIGHT).rows() if is_declared else []
        number, path = announce(
            self._database,
            kind=kind,
            folder=folder,
            source=self._source,
            receipt=receipt,
            flights=flights,
        )
        write(rows, path)
        declare_whole(self._database, number)


class Messages:
    """Rows of messages.

    Parameters
    ----------
    home : the state folder.
    database : where they lie; None: in the folder's own.
    """

    def __init__(self, home: Home, database: Database | None) -> None:
        self._home = home
        self._database = database
        self._opening = threading.Lock()
        self._seen_outcomes: tuple[int, pl.DataFrame] | None = None

    @contextmanager
    def filing(self, source: str) -> Iterator[Filing]:
        """Write files; what dead writers left is settled first."""
        from service.storage.filed import settle

        database = self._open()
        settle(database)
        yield Filing(database, source)

    def days(self) -> list[date]:
        """Days of arrival, in order."""
        if (database := self._there()) is None:
            return []
        from service.storage import message_rows

        with database.reading() as connection:
            return message_rows.days(connection)

    def arrived(self, day: date) -> list[tuple[str, int, int]]:
        """Flights of a day: number, rows kept, last receipt."""
        if (database := self._there()) is None:
            return []
        from service.storage import message_rows

        with database.reading() as connection:
            return message_rows.arrived(connection, day)

    def keys(self, day: date) -> pl.DataFrame:
        """Keys of a day's rows."""
        if (database := self._there()) is None:
            return _no_declarations().select(KEY)
        from service.storage import message_rows

        with database.reading() as connection:
            return message_rows.keys_of(connection, day)

    def of_day(self, day: date, flights: Sequence[str] | None = None) -> pl.DataFrame:
        """All versions of the rows of a day, or of some of its flights, with `ORDER`."""
        if (database := self._there()) is None:
            return _no_declarations()
        from service.storage import message_rows

        with database.reading() as connection:
            return message_rows.declarations_of(connection, day, flights)

    def of_consignments(self, wanted: pl.DataFrame) -> pl.DataFrame:
        """All versions of the items of some consignments, with `ORDER`.

        Parameters
        ----------
        wanted : their keys; others of the same waybill and day may come too.
        """
        if (database := self._there()) is None:
            return _no_declarations()
        from service.storage import message_rows

        parts = [_no_declarations()]
        with database.reading() as connection:
            for day in message_rows.days(connection):
                names = wanted.filter(pl.col("flight_date") == day)["hawb"].unique().sort()
                if len(names):
                    hawbs = names.to_list()
                    parts.append(message_rows.declarations_of(connection, day, hawbs=hawbs))
        return pl.concat(parts)

    def outcomes(self) -> pl.DataFrame:
        """All outcome events, with `ORDER`. What was read once is not read again."""
        if (database := self._there()) is None:
            return _no_outcomes()
        from service.storage import message_rows

        last, rows = self._seen_outcomes or (0, _no_outcomes())
        with database.reading() as connection:
            new = message_rows.outcomes_after(connection, last)
        if new.height:
            rows = pl.concat([rows, new])
            self._seen_outcomes = (message_rows.receipt_of(rows), rows)
        return rows

    def _there(self) -> Database | None:
        """The database, if there is one."""
        if self._database is None and not (self._home.root / FILE_NAME).exists():
            return None
        return self._open()

    def _open(self) -> Database:
        with self._opening:
            if self._database is None:
                from service.storage.database import Database

                self._database = Database.open(None, self._home.root)
            return self._database


def _no_declarations() -> pl.DataFrame:
    return pl.DataFrame(schema={ORDER: pl.Int64, **DECLARATION_SCHEMA})


def _no_outcomes() -> pl.DataFrame:
    return pl.DataFrame(schema={ORDER: pl.Int64, **OUTCOME_SCHEMA})
