"""The course of a rescoring: which task comes next, and what may be cleared away.

Scoring a flight counts it on the way; when all flights of a day are counted, its profiles can be
rolled forward, part by part, and the next day can be scored. A worker that would wait for that
counts flights of the days ahead meanwhile. So one machine hardly does anything twice, and a cluster
with more workers than a day has flights is not held up by the chain of the days.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from service.rescoring.plan import Day, marked
from service.rescoring.profiles import NAMES, ROWS_A_SHARE, UNDIVIDED, WHOLE
from service.rescoring.tasks import (
    Count,
    Done,
    Evening,
    Flight,
    FlightDone,
    Job,
    Roll,
    Rolled,
    Score,
    Task,
)

_BOOT = Path("/proc/sys/kernel/random/boot_id")
"""Linux, random(4)."""

AHEAD = 3
"""Days that are counted and rolled before they can be scored: what is kept on the disk (estimate:
enough that nobody waits)."""


@dataclass
class _Stage:
    """How far a day is.

    Attributes
    ----------
    day : the day.
    todo, scoring : flights to be scored, and those being scored, by file name.
    uncounted, counting : the same for what they add to the profiles.
    rolls : parts of its profiles to be begun; None: not known yet.
    rolling : how many parts are being rolled.
    is_rolled : whether its profiles are there.
    is_wanted : whether a later day needs them.
    """

    day: Day
    todo: dict[str, Flight]
    scoring: set[str] = field(default_factory=set)
    uncounted: dict[str, Flight] = field(default_factory=dict)
    counting: set[str] = field(default_factory=set)
    rolls: list[Roll] | None = None
    rolling: int = 0
    is_rolled: bool = False
    is_wanted: bool = False

    @property
    def waits_for_profiles(self) -> bool:
        """Whether it still needs the profiles of the day before, to be scored or rolled on."""
        return bool(self.todo or self.scoring or self.must_be_rolled)

    @property
    def must_be_rolled(self) -> bool:
        """Whether its own profiles are still to be made."""
        return self.is_wanted and not self.is_rolled


class Course:
    """Hands out tasks in an order in which none waits longer than it must.

    Parameters
    ----------
    job : what the tasks share.
    days : of `service.rescoring.plan.days_of`.
    done : flights that were scored before, with nothing changed since, by their key.
    settings : names what is asked of the scores beside what was known.
    ahead : days that may be counted and rolled ahead.
    """

    def __init__(
        self,
        job: Job,
        days: Sequence[Day],
        done: Mapping[tuple[date, str], FlightDone],
        settings: str,
        ahead: int = AHEAD,
    ) -> None:
        self._job, self._settings, self._ahead = job, settings, ahead
        self._rows: dict[str, int] = {}
        self.done = dict(done)
        self._stages = [
            _Stage(day, {f.file_name: f for f in day.flights if f.key not in done}) for day in days
        ]
        self._at = {
            Evening.of(day.on): stage for day, stage in zip(days, self._stages, strict=True)
        }
        self._resume()

    @property
    def is_done(self) -> bool:
        """Whether every flight is scored."""
        return not any(stage.todo or stage.scoring for stage in self._stages)

    def next(self) -> Task | None:
        """The next task, or None while there is nothing to do but wait."""
        stages = self._near()
        for choose in (self._next_roll, self._next_score, self._next_count):
            for stage in stages:
                task = choose(stage)
                if task is not None:
                    return task
        return None

    def finished(self, task: Task, done: Done) -> None:
        """Take note of what a task gave."""
        if isinstance(task, Roll):
            assert isinstance(done, Rolled)
            stage = self._at[Evening.of(task.day)]
            stage.rolling -= 1
            self._rows[task.profile] = self._rows.get(task.profile, 0) + done.row_count
            if not stage.rolls and not stage.rolling:
                self._end_of(stage)
            return
        assert isinstance(task, Score | Count)
        stage = self._at[Evening.of(task.flight.on)]
        if isinstance(task, Count) or task.counts:
            stage.counting.discard(task.flight.file_name)
        if isinstance(task, Score):
            assert isinstance(done, FlightDone)
            stage.scoring.discard(task.flight.file_name)
            self.done[task.flight.key] = done
            self._clear(stage.day.before)

    def _near(self) -> list[_Stage]:
        """The days that may be worked on: the first unfinished one and some after it."""
        first = next((at for at, one in enumerate(self._stages) if one.waits_for_profiles), 0)
        return self._stages[first : first + self._ahead + 1]

    def _next_roll(self, stage: _Stage) -> Task | None:
        if stage.rolls is None and self._can_be_rolled(stage):
            stage.rolls = self._rolls_of(stage.day)
        if not stage.rolls:
            return None
        stage.rolling += 1
        return stage.rolls.pop()

    def _can_be_rolled(self, stage: _Stage) -> bool:
        counted = not stage.uncounted and not stage.counting
        return stage.must_be_rolled and counted and self._is_there(stage.day.before)

    def _rolls_of(self, day: Day) -> list[Roll]:
        """All parts of a day's profiles, the largest last, which comes first."""
        self._job.profiles(Evening.of(day.on)).remove()  # of a call that was killed
        flights = tuple(flight.file_name for flight in day.flights)
        sizes, self._rows = self._rows, {}
        rolls = []
        for name in sorted(NAMES, key=lambda name: sizes.get(name, 0)):
            shares = 1 if name in UNDIVIDED else 1 + sizes.get(name, 0) // ROWS_A_SHARE
            rolls += [
                Roll(day.on, day.before, name, share, shares, flights) for share in range(shares)
            ]
        return rolls

    def _next_score(self, stage: _Stage) -> Task | None:
        if not stage.todo or not self._is_there(stage.day.before):
            return None
        name = next(iter(stage.todo))
        flight = stage.todo.pop(name)
        stage.scoring.add(name)
        counts = stage.uncounted.pop(name, None) is not None
        if counts:
            stage.counting.add(name)
        day = stage.day
        return Score(flight, day.before, day.known, day.mark(flight, self._settings), counts)

    def _next_count(self, stage: _Stage) -> Task | None:
        if not stage.uncounted:
            return None
        name, flight = stage.uncounted.popitem()
        stage.counting.add(name)
        return Count(flight)

    def _is_there(self, evening: Evening) -> bool:
        stage = self._at.get(evening)
        return stage is None or stage.is_rolled

    def _end_of(self, stage: _Stage) -> None:
        """All parts of a day's profiles are there."""
        stage.is_rolled = True
        told = {"mark": self._rolled_mark(stage.day), "rows": self._rows}
        evening = Evening.of(stage.day.on)
        self._job.profiles(evening).at(WHOLE).write(json.dumps(told).encode())
        self._job.counts(stage.day.on).remove()
        self._clear(stage.day.before)

    def _clear(self, evening: Evening) -> None:
        """Take profiles away that no day needs any more."""
        needed = any(s.day.before == evening and s.waits_for_profiles for s in self._stages)
        if not needed and evening in self._at:
            self._job.profiles(evening).remove()

    def _resume(self) -> None:
        """Find what an earlier call left, and what is needed beside it."""
        later: _Stage | None = None
        for stage in reversed(self._stages):
            evening = Evening.of(stage.day.on)
            stage.is_wanted = (
                later is not None and later.day.before == evening and later.waits_for_profiles
            )
            if stage.is_wanted:
                self._look_for_profiles(stage)
            if stage.must_be_rolled:
                stage.uncounted = {flight.file_name: flight for flight in stage.day.flights}
            later = stage

    def _look_for_profiles(self, stage: _Stage) -> None:
        note = self._job.profiles(Evening.of(stage.day.on)).at(WHOLE)
        if note.exists():
            told = json.loads(note.read())
            stage.is_rolled = told["mark"] == self._rolled_mark(stage.day)
            self._rows = self._rows or dict(told["rows"])

    def _rolled_mark(self, day: Day) -> str:
        """Names a day's profiles; they need not outlast a failure of the power."""
        return marked(day.rolled, self._job.outcomes_mark, _started_as())


def _started_as() -> str:
    """Names the time since this machine was last started."""
    return _BOOT.read_text() if _BOOT.exists() else ""
