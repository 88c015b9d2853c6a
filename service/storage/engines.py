"""Connections to SQLite and PostgreSQL, set so that what was acknowledged stays.

SQLite comes with the package `pysqlite3`: versions 3.7.0 to 3.51.2 can damage a database in
write-ahead mode when two connections write and checkpoint at the same moment (sqlite.org/wal.html,
section "The WAL-reset bug"), and the library of Debian 12 is one of them.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pysqlite3  # type: ignore[import-untyped]
from sqlalchemy import Connection, Engine, create_engine, event, exc, make_url
from sqlalchemy.pool import QueuePool

from engine.errors import SettingError, StateError

BUSY_MS = 5_000
"""How long a writer waits for another one before the caller is told to come back (estimate)."""

POOL_SIZE, POOL_OVERFLOW, POOL_SECONDS = 8, 24, 5.0
"""Connections kept, connections more at a rush, and the wait for one (estimates)."""

_REPAIRED: tuple[tuple[int, int, int], ...] = ((3, 44, 6), (3, 50, 7))
_BUGGY_FROM, _SOUND_FROM = (3, 7, 0), (3, 51, 3)

WRITES = "triage_writes"
"""Execution option of connections that write: SQLite takes the pen at the beginning, so that no
transaction finds out at its end that another one was faster."""

_PRAGMAS = (
    f"busy_timeout={BUSY_MS}",
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "trusted_schema=OFF",
    "secure_delete=ON",  # what is let go is overwritten (`service.retention`)
)


def is_sound(version: tuple[int, int, int]) -> bool:
    """Whether a version of SQLite is free of the WAL-reset bug."""
    if version < _BUGGY_FROM or version >= _SOUND_FROM:
        return True
    return any(version[:2] == fixed[:2] and version >= fixed for fixed in _REPAIRED)


def check_sqlite(version: tuple[int, int, int] = pysqlite3.sqlite_version_info) -> None:
    """Refuse a SQLite that can damage the database.

    Raises
    ------
    StateError
        The library has the WAL-reset bug.
    """
    if not is_sound(version):
        named = ".".join(map(str, version))
        raise StateError(
            f"SQLite {named} can damage a database that two connections write to (the WAL-reset "
            "bug of 3.7.0 to 3.51.2, mended in 3.44.6, 3.50.7 and 3.51.3).",
            "Install the package pysqlite3 0.6.1 or newer, or set TRIAGE_DATABASE_URL.",
        )


def embedded_engine(path: Path) -> Engine:
    """SQLite in one file, which is made if it is not there, for its owner alone."""
    check_sqlite()
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    # mode=rw: a file that went away while we run is an error, never a new, empty database.
    address = f"file:{quote(str(path))}?mode=rw"

    def connected() -> Any:
        return pysqlite3.connect(address, uri=True, check_same_thread=False, isolation_level=None)

    engine = create_engine(
        "sqlite://",
        module=pysqlite3,
        creator=connected,
        poolclass=QueuePool,
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        pool_timeout=POOL_SECONDS,
    )
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begun)

    @event.listens_for(engine, "connect")
    def _remember(connection: Any, record: Any) -> None:
        record.info["file"] = _identity(path)

    @event.listens_for(engine, "checkout")
    def _same_file(connection: Any, record: Any, proxy: Any) -> None:
        if record.info.get("file") != _identity(path):
            raise exc.DisconnectionError("the file of the database was taken away or replaced")

    return engine


def _set_up(connection: Any, record: Any) -> None:
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begun(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_dev, found.st_ino)


def server_engine(url: str) -> Engine:
    """PostgreSQL at an address.

    Raises
    ------
    SettingError
        The address is none of PostgreSQL.
    """
    try:
        address = make_url(url)
    except exc.ArgumentError:
        address = None
    if address is None or address.get_backend_name() != "postgresql":
        raise SettingError(
            "TRIAGE_DATABASE_URL must be an address of PostgreSQL.",
            "Write postgresql+psycopg://user:password@host/name, or leave it out for SQLite.",
        )
    return create_engine(
        address.set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        pool_timeout=POOL_SECONDS,
        connect_args={
            "connect_timeout": 5,
            "options": f"-c lock_timeout={BUSY_MS} -c timezone=UTC -c client_encoding=UTF8",
            "application_name": "parcel-triage",
        },
    )
