"""What can go wrong with the database, told apart by what the caller should do about it.

`StorageUnavailable`: ask again in a moment. `StorageFull`: make room. `StateError`: the database is
damaged. Everything else is a mistake of ours and is left as it came.
"""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import exc

from engine.errors import StateError

_SQLITE_FULL = 13
_SQLITE_DAMAGED = frozenset({11, 26})  # SQLITE_CORRUPT, SQLITE_NOTADB
_SQLITE_AWAY = frozenset({5, 6, 8, 10, 14, 15})
"""SQLITE_BUSY, LOCKED, READONLY, IOERR, CANTOPEN, PROTOCOL (sqlite.org/rescode.html)."""

_POSTGRES_FULL = "53100"
_POSTGRES_DAMAGED = frozenset({"XX001", "XX002"})
_POSTGRES_AWAY = ("08", "57P", "53", "55P03", "40", "25006", "58")
"""Connection, shutdown, resources, lock timeout, serialisation, read-only, system error: the
beginnings of SQLSTATE (PostgreSQL 15 manual, appendix A)."""

_LOST = frozenset({"OperationalError", "InterfaceError"})
"""What a driver says without a code: it never reached the database (PEP 249 names them)."""

LEAST_ROOM_BYTES = 1 << 20
"""With less room on the disk an input/output error of SQLite is one of room (estimate)."""


class StorageUnavailable(StateError):  # noqa: N818 - names say what is so
    """The database is locked, gone or not reachable; nothing of this was kept."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"The database cannot be used at the moment: {why}. Nothing of this was kept.",
            "Try again in a few seconds.",
        )


class StorageFull(StateError):  # noqa: N818 - names say what is so
    """There is no room left where the database lies; nothing of this was kept."""

    def __init__(self) -> None:
        super().__init__(
            "There is no room left on the disk of the database. Nothing of this was kept.",
            "Make room, or run `triage retention`, and send it again.",
        )


class StorageDamaged(StateError):  # noqa: N818 - names say what is so
    """The database is not whole."""

    def __init__(self) -> None:
        super().__init__(
            "The database is damaged.", "Stop the service and bring it back from your backup."
        )


def fault_of(error: Exception, folder: Path) -> StateError | None:
    """What an error of the database means to the caller; None: a mistake of ours.

    Parameters
    ----------
    error : as SQLAlchemy, a driver or anyone else raised it. Its text may hold values of rows and
        is not passed on.
    folder : where an embedded database lies, to tell a full disk from a broken one.
    """
    if isinstance(error, exc.TimeoutError):
        return StorageUnavailable("too much is asked of it at once")
    cause = error.orig if isinstance(error, exc.DBAPIError) else error
    code = getattr(cause, "sqlite_errorcode", None)
    if code is not None:
        return _sqlite_fault(int(code) & 0xFF, folder)
    state = getattr(cause, "sqlstate", None)
    if state is not None:
        return _postgres_fault(str(state))
    if isinstance(error, exc.DBAPIError) and type(cause).__name__ in _LOST:
        return StorageUnavailable("the connection to it is lost")
    return None


def _sqlite_fault(code: int, folder: Path) -> StateError | None:
    if code == _SQLITE_FULL or (code in _SQLITE_AWAY and has_no_room(folder)):
        return StorageFull()
    if code in _SQLITE_DAMAGED:
        return StorageDamaged()
    if code in _SQLITE_AWAY:
        return StorageUnavailable("it is locked by another process, or its file is not there")
    return None


def _postgres_fault(state: str) -> StateError | None:
    if state == _POSTGRES_FULL:
        return StorageFull()
    if state in _POSTGRES_DAMAGED:
        return StorageDamaged()
    if state.startswith(_POSTGRES_AWAY):
        return StorageUnavailable(f"PostgreSQL answers {state}")
    return None


def has_no_room(folder: Path) -> bool:
    """Whether the disk of a folder is as good as full."""
    try:
        room = os.statvfs(folder)
    except OSError:
        return False
    return room.f_bavail * room.f_frsize < LEAST_ROOM_BYTES
