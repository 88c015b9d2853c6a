"""The course of one policy on one world, a few weeks at a time, kept on disk after each.

A task gives the same result whether the worker still holds the course in memory or reads it anew
after a kill: what is kept is written whole, beside what it replaces, before that is taken away.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import polars as pl

from engine.acceptance import accept
from engine.intake import take_in
from engine.outcome import CODE_COLUMNS, LOWER_COLUMNS, REQUIRED, OutcomeRow
from engine.strategies import strategy_named
from models.artifact import load_promises, save_promises
from models.simulation.desk import Desk, Terms
from models.simulation.fit import Fit
from models.simulation.memory import Memory
from models.simulation.season import Door, WeeklyCounts, World, play, warmed_up
from service.rates import ReferenceRates
from service.simulation.plan import Plan, Worlds

TABLES: Final = ("weekly", "typologies", "behaviour")

Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Job:
    """What all tasks share.

    Attributes
    ----------
    plan : what is simulated.
    worlds : makes the worlds.
    folder : of the simulation, its `work` inside.
    first_model : folder of the model that `plan.first_model` names; None: the first is fitted.
    """

    plan: Plan
    worlds: Worlds
    folder: Path
    first_model: Path | None = None

    def before(self, seed: int) -> Path:
        """Where the weeks before the simulation of a world are kept."""
        return self.folder / "work" / f"seed-{seed}" / "before"

    def course(self, seed: int, policy: str) -> Path:
        """Where the course of a policy is kept, a folder a week."""
        return self.folder / "work" / f"seed-{seed}" / policy


@dataclass(frozen=True)
class Task:
    """A piece of work.

    Attributes
    ----------
    seed : of the world.
    policy : empty for the weeks before the simulation.
    until : week to reach, counted from 1.
    """

    seed: int
    policy: str = ""
    until: int = 0


@dataclass
class _Course:
    """A policy on a world, in memory."""

    task: Task
    world: World
    desk: Desk
    flow: WeeklyCounts
    rows: Rows

    @property
    def week(self) -> int:
        """Weeks played."""
        return len(self.rows["weekly"])


_HELD: list[_Course] = []
"""The course that this worker played last: mostly the next task goes on with it."""


def perform(job: Job, task: Task) -> int:
    """Carry a task out; the week reached comes back."""
    if not task.policy:
        _warm_up(job, task.seed)
        return 0
    course = _resumed(job, task)
    door = _door(job, task.seed)
    while course.week < task.until:
        which = {"policy": task.policy, "seed": task.seed, "week": course.week + 1}
        came_to = play(course.world, course.desk, door, job.plan.calendar, course.flow)
        for name, rows in came_to.items():
            course.rows[name] += [which | row for row in rows]
    _keep(job, course)
    _HELD[:] = [course]
    return course.week


def week_reached(job: Job, seed: int, policy: str) -> int:
    """How far a course was kept; 0 where it has not begun."""
    folder = job.course(seed, policy)
    weeks = [int(path.name.removeprefix("week-")) for path in folder.glob("week-*")]
    return max(weeks, default=0)


def rows_of(job: Job, seed: int, policy: str) -> Rows:
    """What a course came to so far."""
    week = week_reached(job, seed, policy)
    rows: Rows = json.loads((job.course(seed, policy) / _name(week) / "rows.json").read_text())
    return rows


def _name(week: int) -> str:
    return f"week-{week:03d}"


def _door(job: Job, seed: int) -> Door:
    key, rates = job.plan.key(seed), ReferenceRates()

    def declarations(raw: pl.DataFrame) -> pl.DataFrame:
        return take_in(raw, rates=rates, key=key).rows.drop("row_number")

    def outcomes(raw: pl.DataFrame) -> pl.DataFrame:
        rows = accept(raw, OutcomeRow, what="The outcomes", required=REQUIRED,
                      capitals=CODE_COLUMNS, small=LOWER_COLUMNS).rows  # fmt: skip
        return rows.drop("row_number")

    return Door(declarations, outcomes)


def _terms(plan: Plan, seed: int) -> Terms:
    return Terms(plan.budget, plan.kind, plan.retrain_days, plan.key(seed))


def _warm_up(job: Job, seed: int) -> None:
    """Play the weeks before, and fit the first model, the same for all policies."""
    plan = job.plan
    if job.before(seed).exists():
        return
    world, legacy = job.worlds.new(seed)
    memory, flow = warmed_up(world, legacy, _door(job, seed), plan.calendar, plan.warm_up_weeks)
    first_on = plan.calendar.on(7 * plan.warm_up_weeks)
    fit = _first_fit(job, seed, memory, first_on) if _needs_model(plan) else None
    with _whole(job.before(seed)) as draft:
        memory.save(draft / "memory")
        job.worlds.save(world, draft / "world")
        told = {"flow": flow, "learned_until": ""}
        if fit is not None:
            save_promises(fit.promises, {}, draft / "champion")
            told["learned_until"] = str(fit.learned_until)
        (draft / "before.json").write_text(json.dumps(told) + "\n")


def _first_fit(job: Job, seed: int, memory: Memory, first_on: date) -> Fit:
    """The model that scores first; one brought along counts as new on the first day."""
    if job.first_model is not None:
        return Fit(0, load_promises(job.first_model), first_on - timedelta(days=1))
    return Desk(strategy_named("greedy"), _terms(job.plan, seed), memory).fit(0, first_on)


def _needs_model(plan: Plan) -> bool:
    return any(strategy_named(name).scored_by == "model" for name in plan.policies)


def _resumed(job: Job, task: Task) -> _Course:
    """The course as it stands: in memory, on disk, or before its first week."""
    week = week_reached(job, task.seed, task.policy)
    for held in _HELD:
        if (held.task.seed, held.task.policy, held.week) == (task.seed, task.policy, week):
            return held
    strategy, terms = strategy_named(task.policy), _terms(job.plan, task.seed)
    if week:
        folder = job.course(task.seed, task.policy) / _name(week)
        return _Course(
            task,
            job.worlds.load(folder / "world", task.seed),
            Desk.load(folder / "desk", strategy, terms),
            _counts(json.loads((folder / "flow.json").read_text())),
            json.loads((folder / "rows.json").read_text()),
        )  # fmt: skip
    before = job.before(task.seed)
    told = json.loads((before / "before.json").read_text())
    desk = Desk(strategy, terms, Memory.load(before / "memory"))
    if strategy.scored_by == "model":
        until = date.fromisoformat(told["learned_until"])
        desk.champion = Fit(0, load_promises(before / "champion"), until)
    world = job.worlds.load(before / "world", task.seed)
    return _Course(task, world, desk, _counts(told["flow"]), {name: [] for name in TABLES})


def _counts(kept: list[list[int]]) -> WeeklyCounts:
    return [(irregular, count) for irregular, count in kept]


def _keep(job: Job, course: _Course) -> None:
    """Write a course down, whole or not at all, and let go of what it replaces."""
    folder = job.course(course.task.seed, course.task.policy)
    with _whole(folder / _name(course.week)) as draft:
        (draft / "rows.json").write_text(json.dumps(course.rows, default=str) + "\n")
        if course.week < job.plan.weeks:  # what is done needs no state
            job.worlds.save(course.world, draft / "world")
            course.desk.save(draft / "desk")
            (draft / "flow.json").write_text(json.dumps(course.flow) + "\n")
    for old in sorted(folder.glob("week-*"))[:-1]:
        shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _whole(folder: Path) -> Iterator[Path]:
    """A folder that is there with all its files, or not at all."""
    draft = folder.parent / f".draft-{folder.name}"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    yield draft
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(draft, folder)
