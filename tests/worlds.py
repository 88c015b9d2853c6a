"""One small invented world behind the door, shared by the tests of features and models."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from engine.intake import EuroOnly, take_in
from synthetic.controls import ControlRoom
from synthetic.generate import flights
from synthetic.scenario import PRESETS

KEY = b"a key of the tests, 32 bytes long"[:32]


def through_the_door(raw: pl.DataFrame) -> pl.DataFrame:
    """Canonical items of raw contract rows."""
    return take_in(raw, rates=EuroOnly(), key=KEY).rows.drop("row_number")


@dataclass(frozen=True)
class Archive:
    """Declarations day by day, as they came and behind the door, with outcomes and truth."""

    raw: dict[date, pl.DataFrame]
    items: dict[date, pl.DataFrame]
    outcomes: pl.DataFrame
    truth: pl.DataFrame

    def days(self) -> list[date]:
        return sorted(self.items)

    def day(self, day: date) -> pl.DataFrame:
        return self.items[day]

    def parts(self, day: date) -> Iterator[pl.DataFrame]:
        yield self.items[day]

    def until(self, last: date) -> Archive:
        """The archive as it was when no later day had come."""
        return replace(self, items={day: rows for day, rows in self.items.items() if day <= last})


def small_archive(days: int = 12, seed: int = 4) -> Archive:
    """Two flights of 200 parcels a day, one parcel in ten controlled."""
    scenario = replace(PRESETS["tiny"], flights_per_day=2, parcels_per_flight=200)
    room = ControlRoom(scenario, seed)
    made = list(flights(scenario, days=days, seed=seed))
    on = sorted({flight.on for flight in made})
    raw = {day: pl.concat(f.declarations for f in made if f.on == day) for day in on}
    return Archive(
        raw,
        {day: through_the_door(rows) for day, rows in raw.items()},
        pl.concat(room.control(flight) for flight in made),
        pl.concat(flight.truth for flight in made),
    )
