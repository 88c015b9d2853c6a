"""What carries tasks out: workers of this machine, or of a cluster."""

from __future__ import annotations

from typing import Protocol

from service.rescoring.tasks import Done, Task


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
