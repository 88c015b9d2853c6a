"""A simulation from the plan to the tables: tasks to workers, progress, and what is left behind."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import polars as pl

from engine.errors import StateError
from engine.strategies import strategy_named
from models.simulation_tables import BEHAVIOUR, TYPOLOGIES, WEEKLY
from service.console import Step
from service.local_workers import LocalWorkers
from service.simulation.course import Job, Task, perform, rows_of, week_reached
from service.simulation.plan import Plan, Worlds, table

WEEKS_AT_ONCE: Final = 2
"""Weeks between two that are kept on disk: a kill costs half a minute, keeping costs a second
(estimate)."""

SCHEMAS: Final = {"weekly": WEEKLY, "typologies": TYPOLOGIES, "behaviour": BEHAVIOUR}


def simulate(
    plan: Plan,
    worlds: Worlds,
    folder: Path,
    *,
    workers: int | None,
    progress: Step,
    first_model: Path | None = None,
) -> dict[str, pl.DataFrame]:
    """Play every policy on every world, or go on where a former call was stopped.

    Parameters
    ----------
    plan, worlds : what is simulated.
    folder : keeps everything on the way; `work` in it is taken away at the end.
    workers : processes; None: one a core.
    progress : told after every piece of work, in weeks.
    first_model : folder of the model that `plan.first_model` names.

    Returns
    -------
    The tables `weekly`, `typologies` and `behaviour`, which are also written as Parquet.

    Raises
    ------
    InputError
        The folder holds another simulation.
    StateError
        A task failed, its workers died again and again, or another process plays the same.
    """
    plan.settle(folder)
    job = Job(plan, worlds, folder, first_model)
    work = folder / "work"
    if work.exists() or not _is_played(folder):
        with _alone(work):
            if not _is_played(folder):
                _play(job, workers, progress)
                _gather(job)
            shutil.rmtree(work, ignore_errors=True)
    return {name: pl.read_parquet(folder / f"{name}.parquet") for name in SCHEMAS}


def _is_played(folder: Path) -> bool:
    return all((folder / f"{name}.parquet").exists() for name in SCHEMAS)


@contextmanager
def _alone(work: Path) -> Iterator[None]:
    """Hold the folder: one process plays at a time. The system takes it back from the dead."""
    work.mkdir(parents=True, exist_ok=True)
    with (work / "lock").open("w") as pen:
        try:
            fcntl.flock(pen, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as problem:
            raise StateError(
                f"Another simulation is writing to {work.parent}.",
                "Wait for it, or give another --out.",
            ) from problem
        yield


def _play(job: Job, workers: int | None, progress: Step) -> None:
    todo = _Todo(job)
    count = min(workers or _cores(), max(todo.most_at_once, 1))
    engine = LocalWorkers[Job, Task, int]("simulate", _perform, job, count)
    try:
        progress(todo.said, todo.done, todo.weeks)
        running = 0
        while todo or running:
            while todo and engine.free:
                engine.submit(todo.next())
                running += 1
            task, week = engine.next_done()
            running -= 1
            todo.finished(task, week)
            progress(todo.said, todo.done, todo.weeks)
    finally:
        engine.close()


class _Todo:
    """What is left to do, the longest first; the course that was just played goes on first.

    Parameters
    ----------
    job : what is simulated.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        plan = job.plan
        self._reached = {
            (seed, policy): week_reached(job, seed, policy)
            for seed in plan.seeds
            for policy in plan.policies
        }
        self.weeks = plan.weeks * len(self._reached)
        is_left = {seed: any(self._is_open(seed, name) for name in plan.policies)
                   for seed in plan.seeds}  # fmt: skip
        self._ready = [
            Task(seed) for seed in plan.seeds if is_left[seed] and not job.before(seed).exists()
        ]
        awaited = {task.seed for task in self._ready}
        for seed in plan.seeds:
            if seed not in awaited:
                self._open(seed)
        self.said = "Simulating"

    def __len__(self) -> int:
        return len(self._ready)

    @property
    def most_at_once(self) -> int:
        """Courses that are not played to their end: all of them can be played side by side."""
        return sum(self._is_open(seed, policy) for seed, policy in self._reached)

    @property
    def done(self) -> int:
        """Weeks played, of all policies and worlds together."""
        return sum(self._reached.values())

    def next(self) -> Task:
        """The piece of work to begin."""
        return self._ready.pop(0)

    def finished(self, task: Task, week: int) -> None:
        """Note what was done, and what can be done now."""
        if not task.policy:
            self._open(task.seed)
            return
        self._reached[task.seed, task.policy] = week
        self.said = f"Simulating {task.policy}, seed {task.seed}, week {week}"
        if self._is_open(task.seed, task.policy):
            self._ready.insert(0, self._task(task.seed, task.policy))

    def _open(self, seed: int) -> None:
        """The courses of a world; those with a model take longest and come first."""
        names = [name for name in self._job.plan.policies if self._is_open(seed, name)]
        slow = {"model": 0, "rules": 1, "nothing": 2}
        names.sort(key=lambda name: slow[strategy_named(name).scored_by])
        self._ready += [self._task(seed, name) for name in names]

    def _is_open(self, seed: int, policy: str) -> bool:
        return self._reached[seed, policy] < self._job.plan.weeks

    def _task(self, seed: int, policy: str) -> Task:
        reached = self._reached[seed, policy]
        return Task(seed, policy, min(reached + WEEKS_AT_ONCE, self._job.plan.weeks))


def _perform(job: Job, task: Task) -> int:
    return perform(job, task)


def _cores() -> int:
    import os

    return os.cpu_count() or 1


def _gather(job: Job) -> None:
    """Write the tables, in the order of the plan; each whole or not at all."""
    plan = job.plan
    courses = [rows_of(job, seed, policy) for policy in plan.policies for seed in plan.seeds]
    for name, schema in SCHEMAS.items():
        rows = [row for course in courses for row in course[name]]
        if name == "weekly":
            rows = [row | {"week_of": _day(row["week_of"])} for row in rows]
        path = job.folder / f"{name}.parquet"
        draft = path.with_suffix(".draft")
        table(rows, schema).write_parquet(draft)
        draft.replace(path)


def _day(text: str) -> object:
    from datetime import date

    return date.fromisoformat(text)
