"""The plan of a rescoring: which flights there are, what each is seen with, and what names it.

Flights are seen with what was known before their day. The model's own profiles are the start where
they do not look ahead of the day; before that the profiles are made from the archive's own days,
from nothing. So the days fall into at most two chains, and in each the next day's profiles are
those of the day before, rolled on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from features.catalogue import fingerprint
from models.examples import start_of
from service.rescoring.tasks import BASE, Evening, FileSeen, Flight, Part


@dataclass(frozen=True)
class Day:
    """A day of the archive.

    Attributes
    ----------
    on : the day.
    flights : its flights, by number.
    before : the profiles that they are seen with.
    known : names what was known on its morning.
    rolled : names its profiles as of its evening.
    """

    on: date
    flights: tuple[Flight, ...]
    before: Evening
    known: str
    rolled: str

    def mark(self, flight: Flight, settings: str) -> str:
        """Names all that the scores of a flight depend on."""
        return marked(self.known, flight.mark, settings)


@dataclass(frozen=True)
class Start:
    """What a model brings along of the past.

    Attributes
    ----------
    on : last day of its profiles; None: it brings none.
    mark : names it.
    late : flights of those days (day, number) with control results that the model did not know.
    """

    on: date | None
    mark: str
    late: frozenset[tuple[date, str]] = frozenset()


def marked(*parts: object) -> str:
    """A name for everything that the parts name."""
    return hashlib.sha256(json.dumps([str(part) for part in parts]).encode()).hexdigest()[:32]


def flights_of(files: Iterable[FileSeen]) -> list[Flight]:
    """The flights of an archive, by day and number."""
    parts: dict[tuple[date, str], list[tuple[Part, str]]] = {}
    for file in files:
        for number, on, _, url in file.flights:
            part = Part(file.number, url), file.sha256
            parts.setdefault((on, number), []).append(part)
    made = []
    for (on, number), found in sorted(parts.items()):
        found.sort()
        mark = marked(*(sha256 for _, sha256 in found))
        made.append(Flight(number, on, tuple(part for part, _ in found), mark))
    return made


def days_of(flights: Sequence[Flight], start: Start, outcomes: pl.DataFrame) -> list[Day]:
    """The days of an archive in order, with what each is seen with.

    Parameters
    ----------
    flights : by day and number.
    start : what the model brings along.
    outcomes : all control results; a day is seen with those recorded before it.
    """
    by_day: dict[date, list[Flight]] = {}
    for flight in flights:
        by_day.setdefault(flight.on, []).append(flight)
    recorded = _recorded(outcomes, list(by_day))
    nothing = marked(fingerprint(), "nothing")
    base = marked(fingerprint(), start.mark, *(f.mark for f in flights if f.key in start.late))
    before, mark = Evening(), nothing
    days: list[Day] = []
    for on, of_day in by_day.items():
        if start.on is not None and start.on < on and (not days or days[-1].on <= start.on):
            before, mark = Evening(BASE, start.on), base
        known = marked(mark, start.mark, recorded[on])
        mark = marked(mark, on, *(flight.number + flight.mark for flight in of_day))
        days.append(Day(on, tuple(of_day), before, known, mark))
        before = Evening.of(on)
    return days


def _recorded(outcomes: pl.DataFrame, days: Sequence[date]) -> dict[date, str]:
    """Names the control results that were recorded before each day."""
    ordered = outcomes.sort("recorded_at", "control_id", "status")
    marks, digest, done = {}, hashlib.sha256(), 0
    for on in days:
        until = ordered["recorded_at"].search_sorted(start_of(on), side="left")
        digest.update(ordered[done:until].write_ndjson().encode())
        marks[on], done = digest.hexdigest(), int(until)
    return marks
