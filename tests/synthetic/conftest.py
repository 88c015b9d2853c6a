from dataclasses import dataclass

import polars as pl
import pytest

from synthetic.controls import ControlRoom
from synthetic.flight import Flight
from synthetic.generate import flights
from synthetic.scenario import PRESETS, Scenario
from synthetic.world import World, build_world


@dataclass(frozen=True)
class Sample:
    flights: list[Flight]
    declarations: pl.DataFrame
    truth: pl.DataFrame


def sample(scenario: Scenario, days: int, seed: int = 7) -> Sample:
    made = list(flights(scenario, days=days, seed=seed))
    return Sample(made, pl.concat(f.declarations for f in made), pl.concat(f.truth for f in made))


@pytest.fixture(scope="session")
def tiny() -> Sample:
    return sample(PRESETS["tiny"], days=4)


@pytest.fixture(scope="session")
def demo() -> Sample:
    return sample(PRESETS["demo"], days=6)


@pytest.fixture(scope="session")
def world() -> World:
    return build_world(PRESETS["demo"], days=5, seed=7)


@pytest.fixture(scope="session")
def demo_outcomes(demo: Sample) -> pl.DataFrame:
    room = ControlRoom(PRESETS["demo"], seed=7)
    return pl.concat(room.control(flight) for flight in demo.flights)
