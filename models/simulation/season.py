"""Weeks of flights: listed, controlled, learned from, on a world that watches and reacts.

The world is behind a protocol: what learns must not know how it was made. An outcome counts for a
desk from the instant at which it is recorded; shippers learn at once what happened to their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Protocol

import polars as pl

from engine.declaration import CONSIGNMENT
from models.simulation.desk import Desk
from models.simulation.memory import Memory
from models.simulation.tally import ESTIMATE_WEEKS, TRUTH, Tally, believed_rate

DAYS: Final = 7
_WORKING_DAYS: Final = 5


class Flight(Protocol):
    """One flight as it is declared and as it is."""

    @property
    def declarations(self) -> pl.DataFrame:
        """Rows in the contract's form."""

    @property
    def truth(self) -> pl.DataFrame:
        """`models.simulation.tally.TRUTH`, one row a consignment."""


class World(Protocol):
    """Where flights come from, and who reacts to controls."""

    def fly(self, day: int, index: int) -> Any:
        """The flight of a slot; `day` counts from 0, `index` from 0 on each day."""

    def examine(self, flight: Any, chosen: pl.DataFrame) -> pl.DataFrame:
        """Events of the controls of chosen consignments, in the contract's form.

        Parameters
        ----------
        chosen : `hawb`, `selected_by`, `selection_probability` (null where unknown).
        """

    def watch(self, flight: Any, outcomes: pl.DataFrame) -> None:
        """Shippers see what became of their own parcels."""

    def end_day(self, day: int) -> None:
        """Those who have something to react to, react."""

    def behaviour(self, day: int) -> pl.DataFrame:
        """What they do now: `trait`, `value`."""


@dataclass(frozen=True)
class Door:
    """How rows come in.

    Attributes
    ----------
    declarations : from the contract's rows to canonical ones (`engine.intake.take_in`).
    outcomes : from the contract's rows to canonical events.
    """

    declarations: Callable[[pl.DataFrame], pl.DataFrame]
    outcomes: Callable[[pl.DataFrame], pl.DataFrame]


@dataclass(frozen=True)
class Calendar:
    """Which flights come when.

    Attributes
    ----------
    first_on : a Monday.
    flights_per_week : dealt out from Monday on, one a day in turn: over Monday to Friday where five
        divides them, else over all seven days.
    """

    first_on: date
    flights_per_week: int

    def on(self, day: int) -> date:
        """The date of a day, counted from 0."""
        return self.first_on + timedelta(days=day)

    def slots(self, week: int) -> Iterator[tuple[int, list[int]]]:
        """Each day of a week, counted from 0, with the slots of its flights."""
        flights, spread = self.flights_per_week, _spread(self.flights_per_week)
        for weekday in range(DAYS):
            count = len(range(weekday, flights, spread)) if weekday < spread else 0
            yield week * DAYS + weekday, list(range(count))


def most_on_a_day(flights_per_week: int) -> int:
    """Flights of the busiest day of a week."""
    return -(-flights_per_week // _spread(flights_per_week))


def _spread(flights_per_week: int) -> int:
    """Days over which the flights of a week are spread."""
    return _WORKING_DAYS if flights_per_week % _WORKING_DAYS == 0 else DAYS


WeeklyCounts = list[tuple[int, int]]
"""Irregular consignments, and all of them, week by week, the weeks before the simulation first."""

Legacy = Callable[[Any], pl.DataFrame]
"""Controls a flight as it was done before, and gives the events, in the contract's form."""


def warmed_up(
    world: World, legacy: Legacy, door: Door, calendar: Calendar, weeks: int
) -> tuple[Memory, WeeklyCounts]:
    """The weeks before the simulation, controlled as of old: what a service remembers of them."""
    memory, flow = Memory(), []
    for week in range(weeks):
        tally = Tally()
        for day, slots in calendar.slots(week):
            on = calendar.on(day)
            for index in slots:
                flight = world.fly(day, index)
                looked = memory.look(door.declarations(flight.declarations), on)
                raw = legacy(flight)
                world.watch(flight, raw)
                events = door.outcomes(raw)
                memory.keep(looked, _told_nothing(), events)
                chosen = events.select(*CONSIGNMENT, "selected_by").unique(CONSIGNMENT)
                tally.add(chosen, events, flight.truth.select(TRUTH), 0.0)
            memory.end_day(on)
            world.end_day(day)
        flow.append(tally.flow)
    return memory, flow


def play(
    world: World, desk: Desk, door: Door, calendar: Calendar, flow: WeeklyCounts
) -> dict[str, list[dict[str, Any]]]:
    """Play the next week, and say what it came to.

    Parameters
    ----------
    flow : of all weeks before; this week's is added.

    Returns
    -------
    Rows of the tables `weekly`, `typologies`, `behaviour`, without policy, seed and week.
    """
    week, tally, promoted = len(flow), Tally(), 0
    for day, slots in calendar.slots(week):
        on = calendar.on(day)
        if slots:
            promoted += desk.renew(on)
        for index in slots:
            _control(world, desk, door, tally, (day, index), on)
        desk.memory.end_day(on)
        world.end_day(day)
    flow.append(tally.flow)
    evening = calendar.on((week + 1) * DAYS)
    alert = desk.measure(evening)
    irregular, count = map(sum, zip(*flow[-ESTIMATE_WEEKS:], strict=True))
    weekly = {
        "week_of": calendar.on(week * DAYS),
        **tally.weekly(),
        **believed_rate(desk.memory, evening),
        "true_rate": irregular / max(count, 1),
        "drift_index": desk.drift_index,
        "promoted_count": promoted,
        "champion": 0 if desk.champion is None else desk.champion.number,
        "alert": alert,
    }
    return {
        "weekly": [weekly],
        "typologies": tally.typologies(),
        "behaviour": world.behaviour(week * DAYS + DAYS - 1).to_dicts(),
    }


def _control(
    world: World, desk: Desk, door: Door, tally: Tally, slot: tuple[int, int], on: date
) -> None:
    """List a flight, have it controlled, and let everybody see what is theirs to see."""
    flight = world.fly(*slot)
    items = door.declarations(flight.declarations)
    looked = desk.look(items, on)
    selection = desk.choose(items, looked, on)
    is_drawn = pl.col("selected_by") == "random"
    chosen = selection.chosen.select(
        "hawb",
        "selected_by",
        selection_probability=pl.when(is_drawn).then(pl.col("selection_probability")),
    )
    raw = world.examine(flight, chosen)
    world.watch(flight, raw)
    events = door.outcomes(raw)
    desk.record(items, looked, selection.chosen, events)
    tally.add(selection.chosen, events, flight.truth.select(TRUTH), desk.share_on(on))


def _told_nothing() -> pl.DataFrame:
    return pl.DataFrame(
        schema={
            "flight_number": pl.String, "flight_date": pl.Date, "hawb": pl.String,
            "risk": pl.Float64, "selected_by": pl.String, "selection_probability": pl.Float64,
        }
    )  # fmt: skip
