"""Workers of a Ray cluster: the same tasks, begun again on another node where one dies.

Ray is an optional extra and is imported here alone.
"""

from __future__ import annotations

from typing import Any

from engine.errors import SettingError, StateError, TriageError
from service.local_workers import ATTEMPTS, ONE_THREAD
from service.rescoring.tasks import Done, Job, Task


class RayEngine:
    """Tasks of Ray Core, one core each.

    Parameters
    ----------
    job : what the tasks share.
    address : of the cluster; None: one is started on this machine and ends with this process.

    Raises
    ------
    SettingError
        Ray is not installed.
    StateError
        The cluster cannot be reached.
    """

    name = "ray"

    def __init__(self, job: Job, address: str | None = None) -> None:
        try:
            import ray
        except ImportError as problem:
            raise SettingError(
                "--engine ray needs Ray, which is not installed.",
                "Install the extra with `pip install --require-hashes -r requirements-ray.lock`, "
                "or leave --engine out: one machine scores a year, too.",
            ) from problem
        self._ray = ray
        self._was_there = ray.is_initialized()
        if not self._was_there:
            self._connect(address)
        self._job = ray.put(job)
        self._perform = ray.remote(
            num_cpus=1, max_retries=ATTEMPTS, runtime_env={"env_vars": ONE_THREAD}
        )(_performed)
        self._running: dict[Any, Task] = {}

    @property
    def free(self) -> int:
        """How many more tasks it can carry out now; nodes may come and go."""
        cores = int(self._ray.cluster_resources().get("CPU", 1))
        return max(cores - len(self._running), 0)

    def submit(self, task: Task) -> None:
        """Have a task carried out."""
        self._running[self._perform.remote(self._job, task)] = task

    def next_done(self) -> tuple[Task, Done]:
        """Wait for a task to be done."""
        (ready,), _ = self._ray.wait(list(self._running), num_returns=1)
        task = self._running.pop(ready)
        try:
            answer = self._ray.get(ready)
        except self._ray.exceptions.RayError as problem:
            raise StateError(
                f"A task failed on the cluster: {problem} ({task}).",
                "What is done is kept; the same command goes on. Look at `ray status` and the "
                "logs of the nodes.",
            ) from problem
        if isinstance(answer, TriageError):
            raise answer
        return task, answer

    def close(self) -> None:
        """Leave the cluster; what was started here ends."""
        if not self._was_there:
            self._ray.shutdown()

    def _connect(self, address: str | None) -> None:
        try:
            self._ray.init(address=address, log_to_driver=False, include_dashboard=False
                           if address is None else None)  # fmt: skip
        except (ConnectionError, RuntimeError, ValueError) as problem:
            raise StateError(
                f"The Ray cluster {address or 'of this machine'} cannot be reached: {problem}.",
                "Check --ray-address, RAY_AUTH_MODE and the token, and `ray status` on its head.",
            ) from problem


def _performed(job: Job, task: Task) -> Done | TriageError:
    """Do a task; what the user is to be told comes back as it is."""
    from service.rescoring.flight import perform

    try:
        return perform(job, task)
    except TriageError as problem:
        return problem
