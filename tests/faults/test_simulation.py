"""R20: a seeded simulation of receiving, listing, deciding and feeding back, with random faults.

The seed of a run that fails is in the name of its test.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from engine.budget import Budget
from service.flights import Flights
from service.home import Home
from service.inspection import Wish
from service.page.acts import Act, Overtaken, record, skip, trails_of, undo
from service.page.desk import Desk
from service.page.results import Found
from service.storage.database import Database
from service.storage.faults import StorageFull, StorageUnavailable
from service.storage.messages import keep_declarations
from service.store import Store
from tests.faults.counts import SEED, count, figure
from tests.service.rows import canonical, table

SEEDS = range(SEED, SEED + count(30, 1))
STEPS = 60
DAY = date(2026, 3, 2)
FLIGHTS = ("XY123", "XY124")
BUDGET = 4


class Faulty(Database):
    """A database that fails at random: before anything is written, before the commit, or after it,
    when nobody can know that it went well.
    """

    chance = random.Random(0)
    share = 0.0

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        fate = self.chance.random()
        if fate < self.share:
            raise StorageUnavailable("a fault of the simulation")
        with super().writing() as connection:
            yield connection
            if fate < 2 * self.share:
                raise StorageFull
        if fate < 3 * self.share:
            raise StorageUnavailable("a fault of the simulation, after the commit")


FAULTS = (StorageUnavailable, StorageFull)


@dataclass
class World:
    """What the simulation knows from outside.

    Attributes
    ----------
    sent, acknowledged : waybills by flight.
    """

    database: Faulty
    home: Home
    chance: random.Random
    sent: dict[str, set[str]] = field(default_factory=lambda: {name: set() for name in FLIGHTS})
    acknowledged: dict[str, set[str]] = field(
        default_factory=lambda: {name: set() for name in FLIGHTS}
    )
    decided: dict[tuple[str, str], int] = field(default_factory=dict)
    lists: list[Any] = field(default_factory=list)
    faults: int = 0

    def __post_init__(self) -> None:
        self.store = Store(self.home, self.database)
        self.flights = Flights(self.home, self.database, self.store)
        self.desk = Desk(self.database, self.store)

    def now(self) -> datetime:
        """An instant of a clock that cannot be trusted."""
        return datetime(2026, 3, 2, 12, tzinfo=UTC) + timedelta(hours=self.chance.uniform(-48, 48))

    def step(self) -> None:
        """One thing that happens, with or without a fault."""
        what = self.chance.choices([self.receive, self.bring, self.issue, self.decide],
                                   [10, 2, 1, 6])[0]  # fmt: skip
        try:
            what()
        except FAULTS:
            self.faults += 1

    def receive(self) -> None:
        """A message; a sender who was told nothing sends it again some day."""
        flight = self.chance.choice(FLIGHTS)
        hawb = f"H{self.chance.randrange(25)}"
        self.sent[flight].add(hawb)
        rows = canonical(table(1, hawb=hawb, flight_number=flight)).drop("row_number", strict=False)
        with self.database.writing() as connection:
            keep_declarations(connection, rows.to_dicts(), source="a broker", at=self.now())
        self.acknowledged[flight].add(hawb)

    def bring(self) -> None:
        """A file."""
        flight = self.chance.choice(FLIGHTS)
        rows = canonical(table(5, flight_number=flight))
        self.sent[flight] |= set(rows["hawb"])
        self.store.add_declarations(rows)
        self.acknowledged[flight] |= set(rows["hawb"])

    def issue(self) -> None:
        """A list."""
        flight = self.chance.choice(FLIGHTS)
        if self.acknowledged[flight]:
            wish = Wish(Budget.controls(self.chance.randint(1, BUDGET)))
            made = self.flights.issued_list(flight, DAY, wish, "an officer")
            self.lists.append(made)
            assert len(made.rows) <= made.about["budget"] <= BUDGET
            assert made.about["is_degraded"]

    def decide(self) -> None:
        """Something that an officer does with a row, on what may be an old sight of it."""
        if not self.lists:
            return
        made = self.chance.choice(self.lists)
        kept = self.desk.list_named(made.public_id)
        assert kept is not None
        row = self.chance.choice(made.rows)
        name = (made.about["flight_number"], row["hawb"])
        with self.database.reading() as connection:
            trail = trails_of(connection, name[0], DAY).get(row["hawb"])
        seen = 0 if trail is None else trail.seen
        is_old = self.chance.random() < 0.3
        act = Act(kept, row, "an officer", self.now(), max(seen - 1, 0) if is_old else seen)
        try:
            with self.database.writing() as connection:
                work = self.chance.choice(["record", "skip", "undo"])
                if work == "record":
                    record(connection, act, Found(finding_types=()))
                elif work == "skip":
                    skip(connection, act, "broken")
                else:
                    undo(connection, act)
        except Overtaken:
            assert act.seen != seen or work == "undo"
        else:
            assert act.seen == seen

    def check(self) -> None:
        """What must hold whatever happened."""
        for flight in FLIGHTS:
            kept = self.store.flight(flight, DAY)["hawb"]
            assert self.acknowledged[flight] <= set(kept.to_list()) <= self.sent[flight]
            assert kept.len() == kept.n_unique()
        listed = {(one.about["flight_number"], row["hawb"])
                  for one in self.lists for row in one.rows}  # fmt: skip
        results = self.store.outcomes().select("flight_number", "hawb").rows()
        assert set(results) <= listed  # no result of what was never selected
        for made in self.lists:
            again, is_same = self.flights.reproduced(made.id)
            assert is_same
            assert again.rows == made.rows
        assert self.database.verify_audit().is_whole


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_acknowledged_is_lost_whatever_happens(seed: int, tmp_path: Path) -> None:
    database = Faulty.open(None, tmp_path)
    assert isinstance(database, Faulty)
    database.chance = random.Random(seed)
    world = World(database, Home(tmp_path), random.Random(f"{seed} world"))
    database.share = 0.08
    for _ in range(STEPS):
        world.step()
    database.share = 0.0
    world.bring()
    world.check()
    database.close()
    figure("R20", f"seed {seed}: {STEPS} steps, {world.faults} faults")
