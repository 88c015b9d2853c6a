"""The database: SQLite in the state folder, or PostgreSQL by address; one code path for both."""

from __future__ import annotations

import fcntl
import math
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa

from engine.errors import StateError
from service.storage.anchor import FILE_NAME as ANCHOR_NAME
from service.storage.anchor import Anchor, write_down, written_down
from service.storage.audit import Verdict, head, verify
from service.storage.engines import WRITES, embedded_engine, server_engine
from service.storage.faults import fault_of
from service.storage.schema import bring_up_to_date

FILE_NAME = "triage.db"
_OPENING = ".triage.db.opening"

ANCHOR_SECONDS = 300.0
"""How often a process that writes writes down the head of the audit log; what was cut off since
the last time does not show (estimate: a hundred thousand lines a year at the most)."""

_WRITER = 7_238_114_602
"""Number of the advisory lock that one writer of a PostgreSQL database holds; any number would
do, as long as nothing else takes it."""


class Database:
    """One database, open. Safe to share between threads; not to be carried over a fork.

    Parameters
    ----------
    engine : connections.
    folder : the state folder.
    anchor : file to which heads of the audit log are written.
    is_embedded : SQLite in that folder; else a server.
    """

    def __init__(
        self, engine: sa.Engine, folder: Path, anchor: Path | None, *, is_embedded: bool
    ) -> None:
        self.is_embedded = is_embedded
        self.folder = folder
        self.anchor = anchor or folder / ANCHOR_NAME
        self._writer = engine.execution_options(**{WRITES: True})
        self._reader = engine
        if not is_embedded:
            self._reader = engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        self._pen = threading.Lock()
        self._anchored = -math.inf
        self._closing = weakref.finalize(self, engine.dispose)

    @classmethod
    def open(cls, url: str | None, folder: Path, anchor: Path | None = None) -> Database:
        """Open the database, and bring its tables up to date.

        Parameters
        ----------
        url : address of PostgreSQL; None: SQLite in `folder`, made if it is not there.
        folder : the state folder; it must be there.
        anchor : file to which heads of the audit log are written; None: one in `folder`.

        Raises
        ------
        StateError
            It was made by a newer version, is damaged, or the SQLite found cannot be trusted.
        StorageUnavailable
            It cannot be reached.
        SettingError
            The address makes no sense.
        """
        if url is not None:
            database = cls(server_engine(url), folder, anchor, is_embedded=False)
            bring_up_to_date(database)
            return database
        # Two processes that make the same new file would meet before SQLite can part them.
        with (folder / _OPENING).open("w") as door:
            fcntl.flock(door, fcntl.LOCK_EX)
            engine = embedded_engine(folder / FILE_NAME)
            database = cls(engine, folder, anchor, is_embedded=True)
            bring_up_to_date(database)
        return database

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection that sees one state of the database from its first query on.

        Raises
        ------
        StorageUnavailable
            The database is locked, gone or not reachable.
        """
        with self._faults(), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """The one connection, over all processes, that writes; committed at the end.

        What was written is on the disk when the block is left without an error, and gone when it
        is left with one.

        Raises
        ------
        StorageUnavailable
            Another writer did not come to an end, or the database is gone or not reachable.
        StorageFull
            There is no room left.
        """
        # Threads queue here: SQLite's own waiting sleeps longer than a commit takes.
        with self._faults(), self._pen, self._writer.begin() as connection:
            if not self.is_embedded:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_WRITER)))
            yield connection
        if time.monotonic() - self._anchored >= ANCHOR_SECONDS:
            # What was written is kept, whatever becomes of this.
            with suppress(OSError, StateError):
                self.write_head()

    def write_head(self) -> None:
        """Write the head of the audit log down beside the database; `writing` does at times.

        Raises
        ------
        OSError
            The file cannot be written.
        """
        with self.reading() as connection:
            anchor = Anchor(*head(connection))
        if anchor.id:
            self._anchored = time.monotonic()
            write_down(self.anchor, anchor)

    def verify_audit(self) -> Verdict:
        """Walk the audit log, and compare it with all heads written down; if whole, one more is.

        Raises
        ------
        OSError
            The file of heads cannot be read or written.
        """
        anchors = written_down(self.anchor)  # read first: a head written meanwhile is not missed
        with self.reading() as connection:
            verdict = verify(connection, anchors)
        if verdict.is_whole:
            self.write_head()
        return verdict

    def tidy(self) -> None:
        """Bring what was overwritten to the file of an embedded database, and empty its journal.

        Raises
        ------
        StorageUnavailable
            The database is gone.
        """
        if not self.is_embedded:
            return
        with self._faults():
            connection = self._writer.raw_connection()
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.close()

    def close(self) -> None:
        """Give all connections back."""
        self._closing()

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            fault = fault_of(error, self.folder)
            if fault is None:
                raise
            raise fault from error
