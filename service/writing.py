"""Group commit: what many requests want to write becomes one transaction on the disk.

A commit that waits for the disk costs the same for one row as for a hundred. One thread takes
whatever has gathered while it was busy, writes it in one transaction, and only then answers all.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar, cast

from engine.errors import StateError
from service.storage.messages import Kept, Message, keep_all

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from service.storage.database import Database
    from service.storage.kinds import Kind

T = TypeVar("T")

MOST_AT_ONCE = 512
"""Pieces of work in one transaction (estimate: some 50 ms; later ones must not wait longer)."""

_Work = tuple[Callable[["Connection"], Any], "Future[Any]"]
_Letter = tuple["Kind", "Message", "Future[Kept]"]

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
        self._queue: SimpleQueue[_Work | _Letter | None] = SimpleQueue()
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

    async def keep(self, kind: Kind, message: Message) -> Kept:
        """Keep a message; on the disk when this returns. Those of one transaction are kept in one
        go, which costs less than each by itself.

        Raises
        ------
        StateError
            As `write`.
        """
        done: Future[Kept] = Future()
        self._put((kind, message, done))
        return await asyncio.wrap_future(done)

    def submit(self, work: Callable[[Connection], T]) -> Future[T]:
        """The same for threads: a future of what the work returns."""
        done: Future[T] = Future()
        self._put((work, cast("Future[Any]", done)))
        return done

    def _put(self, one: _Work | _Letter) -> None:
        if not self._is_open:
            raise StateError("The service is being stopped.", "Send it again in a moment.")
        self._queue.put(one)

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

    def _gathered(self) -> tuple[list[_Work | _Letter], bool]:
        """Everything that waits, at least one; False at the end."""
        batch: list[_Work | _Letter] = []
        one = self._queue.get()
        while one is not None:
            batch.append(one)
            if self._queue.empty() or len(batch) == MOST_AT_ONCE:
                return batch, True
            one = self._queue.get()
        return batch, False

    def _commit(self, batch: list[_Work | _Letter]) -> None:
        """One transaction for all; if one of them cannot be done, each by itself."""
        try:
            with self._database.writing() as connection:
                results = list(_done(connection, batch))
        except BaseException as problem:
            if len(batch) == 1:
                batch[0][-1].set_exception(problem)
                return
            for one in batch:
                self._commit([one])
            return
        for done, result in results:
            done.set_result(result)


def _done(
    connection: Connection, batch: list[_Work | _Letter]
) -> Iterator[tuple[Future[Any], Any]]:
    """What became of each; messages of a kind first, in their order."""
    letters: dict[Kind, list[tuple[Message, Future[Kept]]]] = {}
    for one in batch:
        if len(one) == 3:
            letters.setdefault(one[0], []).append(one[1:])
    for kind, some in letters.items():
        kept = keep_all(connection, kind, [message for message, _ in some])
        yield from zip((done for _, done in some), kept, strict=True)
    for one in batch:
        if len(one) == 2:
            yield one[1], one[0](connection)
