"""Processes of this machine, one a core: each keeps in memory what its next task needs.

A process pool of the standard library gives up when one process is killed; here it is replaced and
its task begun again. The processes end with their parent, even if that is killed without a word.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Generic, TypeVar

from engine.errors import StateError, TriageError
from service.tether import tether

J = TypeVar("J")
T = TypeVar("T")
D = TypeVar("D")

ATTEMPTS = 3
"""How often a task is begun before its worker's death is taken for the task's own fault."""

ONE_THREAD = {
    "POLARS_MAX_THREADS": "1",
    # Memory let go of is needed again for the next flight: giving it back to the machine and taking
    # it again was a tenth of the time.
    "_RJEM_MALLOC_CONF": "dirty_decay_ms:-1,muzzy_decay_ms:-1",
    "OMP_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
"""Environment of a worker: one process a core, each with one thread, is the fastest."""

_SPAWN = multiprocessing.get_context("spawn")
"""A forked child of a process with threads may hang."""

PATIENCE_SECONDS = 5.0
"""How long a worker may take to end when it is asked to (estimate)."""


@dataclass
class _Worker:
    process: BaseProcess
    pipe: Connection
    task: Any = None


class LocalWorkers(Generic[J, T, D]):
    """Processes of this machine.

    Parameters
    ----------
    name : of the processes, as the system shows them.
    perform : carries a task out, in the worker; a function of a module, called with the job.
    job : what the tasks share.
    workers : how many; None: one a core.
    """

    def __init__(
        self, name: str, perform: Callable[[J, T], D], job: J, workers: int | None = None
    ) -> None:
        self._name = name
        self._perform = perform
        self._job = job
        self._attempts: dict[int, int] = {}
        self._workers: list[_Worker] = []
        for _ in range(workers or os.cpu_count() or 1):
            self._workers.append(self._started())

    @property
    def free(self) -> int:
        """How many more tasks it can carry out now."""
        return sum(worker.task is None for worker in self._workers)

    def submit(self, task: T) -> None:
        """Have a task carried out."""
        worker = next(worker for worker in self._workers if worker.task is None)
        worker.task = task
        with suppress(OSError):  # a dead worker is found when it is waited for
            worker.pipe.send(task)

    def next_done(self) -> tuple[T, D]:
        """Wait for a task to be done."""
        while True:
            ready = wait([worker.pipe for worker in self._workers if worker.task is not None])
            for worker in self._workers:
                if worker.pipe not in ready or worker.task is None:
                    continue
                try:
                    answer = worker.pipe.recv()
                except (EOFError, OSError):
                    self._begin_again(worker)
                    continue
                task, worker.task = worker.task, None
                self._attempts.pop(id(task), None)
                if isinstance(answer, BaseException):
                    raise answer
                return task, answer

    def close(self) -> None:
        """Leave no worker behind."""
        for worker in self._workers:
            worker.process.terminate()
        for worker in self._workers:
            worker.process.join(PATIENCE_SECONDS)
            if worker.process.is_alive():
                worker.process.kill()

    def _begin_again(self, worker: _Worker) -> None:
        task = worker.task
        assert task is not None
        worker.process.join(PATIENCE_SECONDS)
        attempts = self._attempts.get(id(task), 1)
        if attempts == ATTEMPTS:
            raise StateError(
                f"{attempts} processes died at the same task, the last with status "
                f"{worker.process.exitcode}: {task}.",
                "Mostly memory is short: look at the system's log, or give fewer --workers. What "
                "is done is kept; the same command goes on.",
            )
        self._attempts[id(task)] = attempts + 1
        self._workers[self._workers.index(worker)] = self._started()
        self.submit(task)

    def _started(self) -> _Worker:
        here, there = _SPAWN.Pipe()
        process = _SPAWN.Process(
            target=_work,
            args=(self._perform, self._job, there, os.getpid()),
            daemon=True,
            name=self._name,
        )
        with _one_thread():
            process.start()
        there.close()
        return _Worker(process, here)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Start a child with `ONE_THREAD`; the own environment is as before afterwards."""
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(ONE_THREAD)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _work(perform: Callable[[Any, Any], Any], job: Any, pipe: Connection, parent_id: int) -> None:
    """Carry out tasks until the parent has gone."""
    tether(parent_id)
    with suppress(EOFError, OSError, KeyboardInterrupt):
        while True:
            task = pipe.recv()
            try:
                answer: Any = perform(job, task)
            except TriageError as problem:
                answer = problem
            except Exception as problem:
                answer = StateError(
                    f"A task failed: {type(problem).__name__}: {problem} ({task}).",
                    "What is done is kept. This may be a fault of the program; please report it.",
                )
            pipe.send(answer)
