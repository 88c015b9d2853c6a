"""What carries tasks out: workers of this machine, or of a cluster."""

from __future__ import annotations

from typing import Protocol

from service.rescoring.tasks import Done, Task

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


class Engine(Protocol):
    """Carries tasks out.

    A worker that dies is replaced, and its task begun again.
    """

    name: str

    @property
    def free(self) -> int:
        """How many more tasks it can carry out now."""
        ...

    def submit(self, task: Task) -> None:
        """Have a task carried out."""
        ...

    def next_done(self) -> tuple[Task, Done]:
        """Wait for a task to be done.

        Raises
        ------
        TriageError
            A task failed, or its workers died again and again.
        """
        ...

    def close(self) -> None:
        """Leave no worker behind."""
        ...
