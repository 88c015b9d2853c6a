"""What came as a file: its number is drawn first, then it is written, then it is declared whole.

A writer that dies in between leaves an announced receipt. The next writer settles it: the file is
there, whole, under its name and counts; or it is not there and the receipt is taken back, for
nobody was told of it.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from service.on_disk import sha256_of
from service.receipts import DRAFT_PREFIX, Receipt, name_of
from service.storage.audit import record
from service.storage.database import Database
from service.storage.instants import microseconds
from service.storage.tables import receipts

_UNSETTLED = sa.select(receipts).where(receipts.c.is_whole == sa.false(), receipts.c.form == "file")

_ARRIVED = sa.text(
    "INSERT INTO arrivals (flight_date, flight_number, row_count, last_receipt_id, last_file_id) "
    "VALUES (:day, :flight, 0, 0, :number) "
    "ON CONFLICT (flight_date, flight_number) DO UPDATE SET last_file_id = excluded.last_file_id"
)


def announce(
    database: Database,
    *,
    kind: str,
    folder: Path,
    source: str,
    receipt: Receipt,
    flights: Sequence[tuple[str, date]] = (),
) -> tuple[int, Path]:
    """Draw the number of a file that is about to be written.

    Parameters
    ----------
    kind : `declarations` or `outcomes`.
    folder : where it will lie, below the state folder.
    source : who brought it.
    receipt : what became of its rows.
    flights : numbers and days of the flights whose declarations it brings.

    Returns
    -------
    The number, and the file's path.
    """
    draft = {
        "public_id": secrets.token_hex(16),
        "kind": kind,
        "form": "file",
        "source": source,
        "received_at_us": microseconds(datetime.now(UTC)),
        "row_count": receipt.new_count + receipt.repeated_count + receipt.amended_count,
        "stored_count": receipt.new_count,
        "repeated_count": receipt.repeated_count,
        "amended_count": receipt.amended_count,
        "is_whole": False,
    }
    with database.writing() as connection:
        drawn = connection.execute(sa.insert(receipts).returning(receipts.c.id), draft)
        number = int(drawn.scalar_one())
        path = folder / name_of(number)
        named = sa.update(receipts).where(receipts.c.id == number)
        connection.execute(named.values(file=str(path.relative_to(database.folder))))
        arrived = [
            {"day": day.isoformat(), "flight": flight, "number": number} for flight, day in flights
        ]
        if arrived:
            connection.execute(_ARRIVED, arrived)
    return number, path


def declare_whole(database: Database, number: int) -> None:
    """Say that the file of a receipt is on the disk, whole, and write down what it holds."""
    _settle(database, sa.select(receipts).where(receipts.c.id == number))


def settle(database: Database) -> None:
    """Bring to an end what dead writers announced. The caller holds the folder's pen."""
    _settle(database, _UNSETTLED.order_by(receipts.c.id))


def _settle(database: Database, which: sa.Select[Any]) -> None:
    with database.reading() as connection:
        rows = [dict(row) for row in connection.execute(which).mappings()]
    for row in rows:
        path = database.folder / row["file"]
        hashed = sha256_of(path) if path.exists() else None
        with database.writing() as connection:
            _settled(connection, row, path, hashed)


def _settled(
    connection: sa.Connection, row: dict[str, Any], path: Path, hashed: str | None
) -> None:
    this = receipts.c.id == row["id"]
    if hashed is None:
        path.with_name(f"{DRAFT_PREFIX}{path.name}").unlink(missing_ok=True)
        connection.execute(sa.delete(receipts).where(this))
        return
    connection.execute(sa.update(receipts).where(this).values(is_whole=sa.true()))
    detail = {
        "receipt": row["id"],
        "file": row["file"],
        "file_sha256": hashed,
        "stored": row["stored_count"],
        "repeated": row["repeated_count"],
        "amended": row["amended_count"],
    }
    record(
        connection,
        actor=row["source"],
        action=f"{row['kind']}.kept",
        subject=row["public_id"],
        detail=detail,
        at=datetime.now(UTC),
    )
