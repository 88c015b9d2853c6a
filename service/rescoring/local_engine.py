"""The processes of this machine that rescore."""

from __future__ import annotations

from service.local_workers import LocalWorkers
from service.rescoring.tasks import Done, Job, Task


class LocalEngine(LocalWorkers[Job, Task, Done]):
    """Processes of this machine.

    Parameters
    ----------
    job : what the tasks share.
    workers : how many; None: one a core.
    """

    name = "local"

    def __init__(self, job: Job, workers: int | None = None) -> None:
        super().__init__("rescore", _perform, job, workers)


def _perform(job: Job, task: Task) -> Done:
    from service.rescoring.flight import perform  # the parent need not load it

    return perform(job, task)
