"""A desk at work: what it remembers, when a challenger wins, and what a week came to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from engine.acceptance import accept
from engine.budget import Budget
from engine.declaration import CONSIGNMENT
from engine.outcome import CODE_COLUMNS, LOWER_COLUMNS, REQUIRED, OutcomeRow
from engine.strategies import strategy_named
from features.catalogue import NAMES
from models.examples import start_of
from models.promises import Promises
from models.risk_model import Examples
from models.simulation.desk import Desk, Terms
from models.simulation.memory import Memory
from models.simulation.promotion import duel
from models.simulation.season import Calendar, Door, WeeklyCounts, play, warmed_up
from models.simulation.tally import Tally
from models.simulation_tables import BEHAVIOUR, TYPOLOGIES, WEEKLY
from synthetic.controls import ControlRoom
from synthetic.flight import Flight
from synthetic.generate import fly
from synthetic.officers import examine
from synthetic.scenario import PRESETS
from synthetic.world import World, build_world
from tests.worlds import KEY, through_the_door

SEED = 105
SCENARIO = replace(PRESETS["tiny"], start_date=date(2026, 9, 7), parcels_per_flight=200)
CALENDAR = Calendar(SCENARIO.start_date, 2)
TERMS = Terms(Budget.controls(20), "informed", 5, KEY)


@dataclass
class Still:
    """A world in which nobody reacts; it notes what shippers are shown."""

    world: World
    shown: list[pl.DataFrame]

    def fly(self, day: int, index: int) -> Flight:
        return fly(self.world, day, index)

    def examine(self, flight: Flight, chosen: pl.DataFrame) -> pl.DataFrame:
        rng = np.random.default_rng([SEED, 9, flight.on.toordinal()])
        return examine(flight, chosen, rng, not_presented_share=0.1)

    def watch(self, flight: Any, outcomes: pl.DataFrame) -> None:
        self.shown.append(outcomes)

    def end_day(self, day: int) -> None:
        pass

    def behaviour(self, day: int) -> pl.DataFrame:
        return pl.DataFrame({"trait": ["days"], "value": [float(day)]})


def canonical(raw: pl.DataFrame) -> pl.DataFrame:
    rows = accept(raw, OutcomeRow, what="outcomes", required=REQUIRED, capitals=CODE_COLUMNS,
                  small=LOWER_COLUMNS).rows  # fmt: skip
    return rows.drop("row_number")


DOOR = Door(through_the_door, canonical)


@pytest.fixture(scope="module")
def before() -> tuple[Memory, WeeklyCounts]:
    return warmed_up(_still(), ControlRoom(SCENARIO, SEED).control, DOOR, CALENDAR, 2)


@pytest.fixture
def saved(before: tuple[Memory, WeeklyCounts], tmp_path: Path) -> Path:
    before[0].save(tmp_path / "before")
    return tmp_path / "before"


def _still() -> Still:
    return Still(build_world(SCENARIO, days=60, seed=SEED), [])


def _desk(name: str, memory: Memory) -> Desk:
    desk = Desk(strategy_named(name), TERMS, memory)
    if desk.strategy.scored_by == "model":
        desk.champion = desk.fit(0, CALENDAR.on(14))
    return desk


def _weeks(desk: Desk, world: Still, flow: WeeklyCounts, count: int) -> list[dict[str, Any]]:
    return [play(world, desk, DOOR, CALENDAR, flow) for _ in range(count)]


@pytest.mark.parametrize("name", ["random", "rules", "greedy", "thompson"])
def test_a_week_comes_to_what_the_tables_ask_for(
    name: str, saved: Path, before: tuple[Memory, WeeklyCounts]
) -> None:
    world, flow = _still(), list(before[1])
    desk = _desk(name, Memory.load(saved))
    (came,) = _weeks(desk, world, flow, 1)
    key = {"policy", "seed", "week"}
    assert set(came["weekly"][0]) == set(WEEKLY) - key
    assert set(came["typologies"][0]) == set(TYPOLOGIES) - key
    assert set(came["behaviour"][0]) == set(BEHAVIOUR) - key
    week = came["weekly"][0]
    assert week["week_of"] == date(2026, 9, 21)
    assert week["flight_count"] == 2
    assert week["control_count"] == 40  # the whole budget of every flight, and no more
    assert week["hit_count"] <= week["control_count"] - week["gone_count"]
    assert week["stopped_cents"] <= week["lost_cents"]
    assert sum(one.height > 0 for one in world.shown) == 2  # shippers saw all controls
    drawn = {"random": 40, "rules": 0, "greedy": 0, "thompson": 2}
    assert week["random_count"] == drawn[name]
    assert week["true_rate"] == sum(a for a, _ in flow) / sum(b for _, b in flow)


def test_a_desk_that_stops_for_the_night_goes_on_as_if_it_had_not(
    saved: Path, before: tuple[Memory, WeeklyCounts], tmp_path: Path
) -> None:
    whole, flow = _desk("mixed-10", Memory.load(saved)), list(before[1])
    through = _weeks(whole, _still(), flow, 2)

    halved, flow = _desk("mixed-10", Memory.load(saved)), list(before[1])
    first = _weeks(halved, _still(), flow, 1)
    halved.save(tmp_path / "night")
    again = Desk.load(tmp_path / "night", halved.strategy, TERMS)
    assert first + _weeks(again, _still(), flow, 1) == through
    assert again.challenger is not None  # a model was trained on the way


def test_where_no_model_promises_no_promise_is_broken(
    saved: Path, before: tuple[Memory, WeeklyCounts]
) -> None:
    desk = _desk("random", Memory.load(saved))
    (came,) = _weeks(desk, _still(), list(before[1]), 1)
    drawn = desk.memory.told.filter(selected_by="random")
    assert drawn.height == 40
    assert drawn["risk"].null_count() == 40
    assert came["weekly"][0]["alert"] == ""


def test_outcomes_count_from_the_day_they_are_recorded(saved: Path) -> None:
    memory = Memory.load(saved)
    evening = CALENDAR.on(9)  # the day after the last controls
    known = memory.examples(start_of(evening))
    assert (known.labels["recorded_at"] < start_of(evening)).all()
    late = memory.outcomes.filter(pl.col("recorded_at") >= start_of(evening))
    assert not late.is_empty()
    everything = memory.examples(start_of(evening + timedelta(days=365)))
    assert len(everything) > len(known)


def test_no_challenger_wins_on_what_it_has_learned(saved: Path) -> None:
    desk = _desk("greedy", Memory.load(saved))
    desk.challenger = replace(desk.champion, number=1)  # type: ignore[type-var]
    # Nothing came since: there is no control that it could win on, and it waits for some.
    assert not desk.renew(CALENDAR.on(14 + 8))
    assert desk.champion is not None
    assert desk.champion.number == 0
    assert desk.challenger is not None
    assert desk.challenger.number == 1


@dataclass
class Told:
    """A model that answers what it is given."""

    risks: dict[str, float]
    kind = "told"

    def of(self, features: pl.DataFrame) -> pl.DataFrame:
        return features.select(risk=pl.col("hawb").replace_strict(self.risks))


def _controls(found: dict[str, bool], random: Iterator[bool]) -> Examples:
    on, at = date(2026, 9, 1), datetime(2026, 9, 2, tzinfo=UTC)
    key = {"flight_number": "X", "flight_date": on}
    labels = pl.DataFrame(
        [{**key, "hawb": hawb, "is_irregular": is_found, "is_random": next(random),
          "label_weight": 1.0, "recorded_at": at} for hawb, is_found in found.items()]
    )  # fmt: skip
    return Examples(labels.select(*key, "hawb"), labels)


def _duel(champion: dict[str, float], challenger: dict[str, float], controls: Examples) -> Any:
    made: list[Any] = [Told(champion), Told(challenger)]
    return duel(*made, controls)


def test_a_challenger_wins_where_it_is_less_surprised() -> None:
    found = {f"P{n}": n % 2 == 0 for n in range(40)}
    right = {name: 0.9 if is_found else 0.1 for name, is_found in found.items()}
    even = dict.fromkeys(found, 0.5)
    controls = _controls(found, iter([n < 4 for n in range(40)]))
    assert _duel(even, right, controls).is_won
    assert not _duel(right, even, controls).is_won
    assert not _duel(even, even, controls).is_won  # a draw leaves the champion in force


def test_few_controls_decide_nothing() -> None:
    found = {f"P{n}": True for n in range(19)}
    controls = _controls(found, iter([False] * 19))
    better = dict.fromkeys(found, 0.9)
    assert not _duel(dict.fromkeys(found, 0.1), better, controls).is_won
    assert not _duel({}, {}, controls.where(pl.Series([False] * 19))).is_won


def test_random_controls_count_as_much_as_all_the_others() -> None:
    # Thirty chosen controls speak a little for the champion, ten drawn ones clearly against it.
    chosen = {f"C{n}": True for n in range(30)}
    drawn = {f"R{n}": False for n in range(10)}
    controls = _controls(chosen | drawn, iter([False] * 30 + [True] * 10))
    champion = dict.fromkeys(chosen, 0.9) | dict.fromkeys(drawn, 0.9)
    challenger = dict.fromkeys(chosen, 0.7) | dict.fromkeys(drawn, 0.1)
    result = _duel(champion, challenger, controls)
    assert result.random_count == 10
    assert result.is_won


def test_one_challenger_does_not_learn_the_feature_names_by_chance(saved: Path) -> None:
    fit = _desk("greedy", Memory.load(saved)).champion
    assert fit is not None
    assert isinstance(fit.promises, Promises)
    assert set(Memory.load(saved).features.columns) >= set(NAMES)


@pytest.mark.parametrize(
    ("flights", "days"), [(5, [0, 1, 2, 3, 4]), (3, [0, 1, 2]), (10, [0, 1, 2, 3, 4] * 2)]
)
def test_a_calendar_spreads_its_flights(flights: int, days: list[int]) -> None:
    slots = {day: found for day, found in Calendar(date(2026, 4, 6), flights).slots(1) if found}
    assert sorted(day - 7 for day, found in slots.items() for _ in found) == sorted(days)
    assert len(list(Calendar(date(2026, 4, 6), flights).slots(0))) == 7


def test_a_tally_does_not_depend_on_the_order_of_flights(saved: Path) -> None:
    world, room = _still(), ControlRoom(SCENARIO, SEED)
    made = [world.fly(day, 0) for day in (0, 1)]
    events = [canonical(room.control(flight)) for flight in made]
    sums = []
    for order in ((0, 1), (1, 0)):
        tally = Tally()
        for at in order:
            chosen = events[at].select(*CONSIGNMENT, "selected_by").unique(CONSIGNMENT)
            tally.add(chosen, events[at], made[at].truth, 0.1)
        sums.append((tally.weekly(), tally.typologies(), tally.flow))
    assert sums[0] == sums[1]
    assert sums[0][2][1] == sum(flight.truth.height for flight in made)


def test_a_tally_leaves_controls_aside_that_the_list_did_not_ask_for() -> None:
    flight = _still().fly(0, 0)
    events = canonical(ControlRoom(SCENARIO, SEED).control(flight))
    found = events.filter(pl.col("result_code") == "B1")
    asked = found.head(1).select(*CONSIGNMENT, "selected_by")
    tally = Tally()
    tally.add(asked, events, flight.truth, 0.0)
    assert found.height > 1
    assert tally.weekly()["hit_count"] == 1
    assert tally.weekly()["control_count"] == 1
