"""The job runner: `python -m service.jobs.runner`, one per state folder.

A second one waits until the first has gone. It works off what the register holds, one job at a
time, at low priority, in processes of their own.
"""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from engine.errors import StateError, TriageError
from service.composition import open_database, open_home
from service.home import Home
from service.jobs.register import Manifests
from service.jobs.work import Work
from service.scoring_child import MEMORY_SETTINGS
from service.settings import read_settings

POLL_SECONDS = 0.25
"""A job waits no longer than this for a runner that has nothing to do; asking costs 0.1 ms."""

PATIENCE_SECONDS = 1.0
"""Pause after the database could not be reached, or another runner holds the lock."""

NICENESS = 10
"""What waits for an officer comes before a file (estimate)."""


@contextmanager
def alone(home: Home, is_stopping: threading.Event) -> Iterator[bool]:
    """Be the one runner of a state folder; false if asked to stop while waiting for it."""
    with (home.made().root / "jobs.lock").open("w") as pen:
        while not is_stopping.is_set():
            try:
                fcntl.flock(pen, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                is_stopping.wait(PATIENCE_SECONDS)
                continue
            yield True
            return
        yield False


class Runner:
    """Works jobs off until it is asked to stop.

    Parameters
    ----------
    home : the state folder.
    database_url : PostgreSQL; None: SQLite in the folder.
    is_stopping : set when it is to stop.
    """

    def __init__(self, home: Home, database_url: str | None, is_stopping: threading.Event) -> None:
        self._home = home
        self._database_url = database_url
        self._is_stopping = is_stopping
        self._work: Work | None = None

    def run(self) -> None:
        """Work jobs off."""
        from service.jobs.dbos_queue import DbosQueue

        manifests = Manifests(self._home, open_database(self._home))
        manifests.clear_up()
        environment = MEMORY_SETTINGS | dict(os.environ) | {"TRIAGE_HOME": str(self._home.root)}
        self._work = Work(manifests, environment)
        queue = DbosQueue(self._home.root, self._database_url, manifests, self._work)
        threading.Thread(target=self._end_when_asked, daemon=True).start()
        while not self._is_stopping.is_set():
            try:
                waiting = manifests.unfinished()
                for job_id in waiting:
                    queue.submit(job_id)
            except StateError as problem:  # the database is away: it will come back
                _said(problem)
                waiting = []
            self._is_stopping.wait(0.0 if waiting else POLL_SECONDS)

    def _end_when_asked(self) -> None:
        """The main thread may wait for a step: a stop must not wait with it."""
        self._is_stopping.wait()
        if self._work is not None:
            self._work.stop()
        # What DBOS holds open is made to be left at any moment; it goes on at the next start.
        os._exit(0)


def _said(problem: TriageError) -> None:
    print(f"The job runner: {problem}", file=sys.stderr, flush=True)


def main() -> int:
    """Run until SIGTERM."""
    is_stopping = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        is_stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    with suppress(OSError):
        os.nice(NICENESS)
    home = open_home()
    with alone(home, is_stopping) as is_alone:
        if is_alone:
            Runner(home, read_settings().database_url, is_stopping).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
