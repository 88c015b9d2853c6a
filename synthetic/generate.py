"""Flights of a world, one after the other, and the files they are written to."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from os import cpu_count
from pathlib import Path
from typing import Final, TypeAlias

import polars as pl
from numpy.random import Generator

from synthetic.controls import ControlRoom
from synthetic.declaring import Arrival, Headers, arrival, declare, headers, settle_procedure
from synthetic.flight import Flight
from synthetic.mistakes import make_mistakes
from synthetic.planning import falsify
from synthetic.preparation import prepare
from synthetic.rows import Rows
from synthetic.scenario import Scenario
from synthetic.traffic import Parcels, draw_items, draw_parcels
from synthetic.truth import Losses, lost_on, truths
from synthetic.world import World, build_world

_PARCELS_AT_ONCE: Final = 20_000
"""Parcels of the flights that are made together: enough to bury the fixed price of a call."""

_Slots: TypeAlias = Sequence[tuple[int, int]]
_Make: TypeAlias = Callable[[_Slots], list[Flight]]


@dataclass(frozen=True, slots=True)
class _Draft:
    """A flight as it is drawn, before anything is written."""

    which: Arrival
    parcels: Parcels
    items: Rows
    header: Headers


@dataclass(frozen=True, slots=True)
class Chances:
    """Sources of chance of one flight; apart, what is drawn for one cannot move the others.

    Attributes
    ----------
    traffic
        Parcels, goods and honest mistakes.
    cheats
        Who falsifies what.
    files
        Preparation of files, waybills, pallets and times.
    """

    traffic: Generator
    cheats: Generator
    files: Generator


def _draft(world: World, day: int, index: int) -> _Draft:
    rng = world.rng(1, day, index)
    parcels = draw_parcels(world, rng, day)
    return _filled(world, arrival(world, day, index), Chances(rng, rng, rng), parcels, parcels)


def _filled(
    world: World, which: Arrival, chances: Chances, collected: Parcels, parcels: Parcels
) -> _Draft:
    day = which.day
    items = draw_items(world, chances.traffic, parcels, day)
    items = make_mistakes(world, items, chances.traffic)
    items = falsify(world, items, chances.cheats, parcels, day)
    items = settle_procedure(world, items, which.on)
    items = prepare(world, items, chances.files, collected)[0]
    return _Draft(which, parcels, items, headers(world, chances.files, parcels, which))


def fly(world: World, day: int, index: int) -> Flight:
    """Generate one flight; it depends on the world, its behaviour, the day and the slot alone.

    Parameters
    ----------
    world
        From `build_world`.
    day
        Day of arrival, from 0.
    index
        Slot of the day's timetable, from 0.
    """
    return fly_all(world, [(day, index)])[0]


def fly_apart(
    world: World, which: Arrival, chances: Chances, collected: Parcels, parcels: Parcels
) -> Flight:
    """Generate one flight of parcels that are drawn already, from sources of chance of its own.

    Parameters
    ----------
    world
        As for `fly`.
    which
        The flight.
    chances
        Where one is the same object as another, they draw in turn, as in `fly`.
    collected
        Parcels in the files in which they were collected and prepared.
    parcels
        The same parcels, in the files and under the names in which they are declared.
    """
    draft = _filled(world, which, chances, collected, parcels)
    return _written(world, draft, lost_on(world, [(draft.items, draft.which)])[0])


def fly_all(world: World, slots: Sequence[tuple[int, int]]) -> list[Flight]:
    """Generate several flights, each as `fly` does, but faster where they are small.

    Parameters
    ----------
    world
        From `build_world`.
    slots
        Day and slot of each flight.
    """
    drafts = [_draft(world, day, index) for day, index in slots]
    losses = lost_on(world, [(draft.items, draft.which) for draft in drafts])
    return [_written(world, *pair) for pair in zip(drafts, losses, strict=True)]


def _written(world: World, draft: _Draft, losses: Losses) -> Flight:
    which, items, header = draft.which, draft.items, draft.header
    told, told_items = truths(world, items, losses, header.hawb, which)
    return Flight(
        number=which.number,
        on=which.on,
        declarations=declare(world, items, header, draft.parcels, which),
        truth=told,
        truth_items=told_items,
    )


def flights(scenario: Scenario, *, days: int, seed: int) -> Iterator[Flight]:
    """Yield the flights of a world in the order of arrival.

    Parameters
    ----------
    scenario
        What kind of world.
    days
        Days of traffic.
    seed
        Same scenario, days and seed: same flights, to the byte.
    """
    world = build_world(scenario, days=days, seed=seed)
    for day in range(days):
        for index in range(scenario.flights_per_day):
            yield fly(world, day, index)


def write_world(
    scenario: Scenario,
    *,
    days: int,
    seed: int,
    out: Path,
    progress: Callable[[int, int], None] | None = None,
    workers: int | None = None,
) -> None:
    """Write declarations, outcomes and the truth of a world as Parquet.

    `out/declarations/flight_date=YYYY-MM-DD/<flight_number>.parquet`, `out/outcomes.parquet`,
    `out/truth.parquet`, `out/truth_items.parquet`.

    Parameters
    ----------
    scenario, days, seed
        As for `flights`.
    out
        Directory; made if need be.
    progress
        Called after each flight with the number done and the number of all.
    workers
        Flights made at the same time, one a processor unless told; the files are the same.
    """
    world = build_world(scenario, days=days, seed=seed)
    room = ControlRoom(scenario, seed)
    parts: list[tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]] = []
    slots = [(day, index) for day in range(days) for index in range(scenario.flights_per_day)]
    size = max(1, _PARCELS_AT_ONCE // scenario.parcels_per_flight)
    batches = [slots[start : start + size] for start in range(0, len(slots), size)]
    made = _ahead(partial(_made, world, out), batches, workers or cpu_count() or 1)
    for done, flight in enumerate(made, start=1):
        parts.append((room.control(flight), flight.truth, flight.truth_items))
        if progress is not None:
            progress(done, len(slots))
    out.mkdir(parents=True, exist_ok=True)
    names = ("outcomes", "truth", "truth_items")
    for name, frames in zip(names, zip(*parts, strict=True), strict=True):
        pl.concat(frames).write_parquet(
            out / f"{name}.parquet", compression="lz4", statistics=False
        )


def _ahead(make: _Make, batches: Sequence[_Slots], workers: int) -> Iterator[Flight]:
    """Yield flights in order, made by threads that run ahead: polars and numpy free the lock.

    Threads share the world, which processes would each have to build.
    """
    with ThreadPoolExecutor(workers) as pool:
        coming: deque[Future[list[Flight]]] = deque()
        for batch in batches:
            coming.append(pool.submit(make, batch))
            if len(coming) > workers + 1:  # one more, so that no worker waits for the controls
                yield from coming.popleft().result()
        while coming:
            yield from coming.popleft().result()


def _made(world: World, out: Path, batch: _Slots) -> list[Flight]:
    made = fly_all(world, batch)
    for flight in made:
        folder = out / "declarations" / f"flight_date={flight.on.isoformat()}"
        folder.mkdir(parents=True, exist_ok=True)
        flight.declarations.write_parquet(
            folder / f"{flight.number}.parquet", compression="lz4", statistics=False
        )
    return made
