"""Group commit: what many requests want to write becomes one transaction on the disk.

A commit that waits for the disk costs the same for one row as for a hundred. One thread takes
whatever has gathered while it was busy, writes it in one transaction, and only then answers all.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar, cast

from engine.errors import StateError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from service.storage.database import Database

T = TypeVar("T")

MOST_AT_ONCE = 512
"""Pieces of work in one transaction (estimate: some 50 ms; later ones must not wait longer)."""

_Work = tuple[Callable[["Connection"], Any], "Future[Any]"]

Seen = Callable[[int, float], None]
"""Told of each transaction: pieces of work, seconds."""


class Writer:
    """Writes what requests want to be kept, one transaction at a time.

    Parameters
    ----------
    database : where to.
    seen : told of each transaction, for the metrics.
    """

    def __init__(self, database: Database, seen: Seen = lambda count, seconds: None) -> None:
        self._database = database
        self._seen = seen
        self._queue: SimpleQueue[_Work | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._is_open = True
        self._thread.start()

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Do the work in a transaction; on the disk when this returns.

        Parameters
        ----------
        work : gets the connection. It may be called twice, the first time in vain, so it must do
            nothing but write through the connection.

        Raises
        ------
        StateError
            The database cannot be written to; nothing of this work was kept.
        """
        return await asyncio.wrap_future(self.submit(work))

    def submit(self, work: Callable[[Connection], T]) -> Future[T]:
        """The same for threads: a future of what the work returns."""
        if not self._is_open:
            raise StateError("The service is being stopped.", "Send it again in a moment.")
        done: Future[T] = Future()
        self._queue.put((work, cast("Future[Any]", done)))
        return done

    @property
    def waiting_count(self) -> int:
        """Pieces of work that wait."""
        return self._queue.qsize()

    def close(self) -> None:
        """Write what is left, then end."""
        self._is_open = False
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        goes_on = True
        while goes_on:
            batch, goes_on = self._gathered()
            if batch:
                started = time.perf_counter()
                self._commit(batch)
                self._seen(len(batch), time.perf_counter() - started)

    def _gathered(self) -> tuple[list[_Work], bool]:
        """Everything that waits, at least one; False at the end."""
        batch: list[_Work] = []
        one = self._queue.get()
        while one is not None:
            batch.append(one)
            if self._queue.empty() or len(batch) == MOST_AT_ONCE:
                return batch, True
            one = self._queue.get()
        return batch, False

    def _commit(self, batch: list[_Work]) -> None:
        """One transaction for all; if one of them cannot be done, each by itself."""
        try:
            with self._database.writing() as connection:
                results = [work(connection) for work, _ in batch]
        except BaseException as problem:
            if len(batch) == 1:
                batch[0][1].set_exception(problem)
                return
            for one in batch:
                self._commit([one])
            return
        for (_, done), result in zip(batch, results, strict=True):
            done.set_result(result)
