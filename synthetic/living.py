"""A world whose shippers see what is stopped, and change their ways."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl

from synthetic.adaptation.choices import Choices, copied, first_choices, for_a_day
from synthetic.adaptation.evidence import Evidence, tally, undervalued_bands
from synthetic.adaptation.keeping import keep, kept
from synthetic.adaptation.law import law_change, within_reason
from synthetic.adaptation.newcomers import market, recruit
from synthetic.adaptation.probing import put_to_work
from synthetic.adaptation.reaction import Reactions
from synthetic.adaptation.routing import routed
from synthetic.adaptation.traits import traits
from synthetic.declaring import arrival
from synthetic.flight import Flight
from synthetic.generate import Chances, fly, fly_apart
from synthetic.officers import examine
from synthetic.scenario import Scenario
from synthetic.traffic import draw_parcels
from synthetic.world import World, build_world

_EXAMINING, _REACTING, _CHEATING, _FILING = 40, 41, 44, 45
"""Purposes of the sources of chance, beside those of a world that does not learn."""


class LivingWorld:
    """A world, and what its shippers make of the controls they meet.

    For each day in order: `fly` its flights, `examine` what was chosen, `watch` each flight, then
    `end_day`. Shippers see the fate of their own parcels and hear a little from others at their
    broker; they know no list, no risk and no budget.

    Honest parcels carry the same goods, values, masses and buyers whatever is controlled. What
    else stands on them changes with its sender alone: when a firm takes a new name, goes to
    another broker or lists an article anew, it does so for its honest parcels too.

    Parameters
    ----------
    scenario, seed, days
        As for `build_world`.
    intensity
        0: nobody reacts, and the flights are those of `generate.fly`, but for what the law of
        July 2026 moves; 1: reactions as often as the reports say.

    Raises
    ------
    ValueError
        If the intensity is not from 0 to 1.
    """

    def __init__(self, scenario: Scenario, *, seed: int, days: int, intensity: float) -> None:
        if not 0 <= intensity <= 1:
            raise ValueError(f"intensity: must be from 0 to 1, got {intensity}")
        self._world = build_world(scenario, days=days, seed=seed)
        self._days = days
        self._intensity = intensity
        self._law = law_change(self._world)
        self._slots = {
            arrival(self._world, 0, index).number: index
            for index in range(scenario.flights_per_day)
        }
        self._choices = first_choices(self._world)
        self._reference = copied(self._world.behaviour)
        self._evidence = Evidence.nothing(*self._reference.propensity.shape)
        self._reactions = Reactions(self._world, intensity)
        self._last_day = -1
        self._today: tuple[int, World, Choices] | None = None

    def fly(self, day: int, index: int) -> Flight:
        """Return a flight of today.

        Parameters
        ----------
        day
            Day of arrival, from 0, later than the last day that was ended.
        index
            Slot of the day's timetable, from 0.
        """
        world, choices = self._on(day)
        if not self._intensity:
            return fly(world, day, index)
        which = arrival(world, day, index)
        chances = Chances(
            traffic=world.rng(1, day, index),
            cheats=world.rng(_CHEATING, day, index),
            files=world.rng(_FILING, day, index),
        )
        collected = draw_parcels(self._world, chances.traffic, day)
        return fly_apart(world, which, chances, collected, routed(choices, collected))

    def examine(self, flight: Flight, chosen: pl.DataFrame) -> pl.DataFrame:
        """Control chosen parcels of a flight and return the outcome rows.

        Parameters
        ----------
        flight
            From `fly`.
        chosen
            As for `officers.examine`.
        """
        rng = self._world.rng(_EXAMINING, self._day_of(flight.on), self._slots[flight.number])
        share = self._world.scenario.not_presented_share
        return examine(flight, chosen, rng, not_presented_share=share)

    def watch(self, flight: Flight, outcomes: pl.DataFrame) -> None:
        """Let the shippers see what became of their parcels.

        Parameters
        ----------
        flight
            From `fly`, of a day that has not ended.
        outcomes
            From `examine`; rows of other flights are left aside.
        """
        self._evidence.in_band += undervalued_bands(flight)
        if not self._intensity:
            return
        own = outcomes.join(flight.truth.select("hawb"), on="hawb", how="semi")
        seen = tally(flight, own, self._choices.identities, self._reference)
        self._evidence.see(seen, flight.on.weekday())
        for trial in self._reactions.trials:
            trial.watch(seen, self._day_of(flight.on))

    def end_day(self, day: int) -> None:
        """Let the shippers react; the new ways hold from the next day on.

        Parameters
        ----------
        day
            The day that ends, later than any before. Days without flights may be left out.

        Raises
        ------
        ValueError
            If the day has been ended already.
        """
        if day <= self._last_day:
            raise ValueError(f"day: must be later than {self._last_day}, got {day}")
        elapsed = day - self._last_day
        for behaviour in (self._choices.behaviour, self._reference):
            self._law.move(self._world, behaviour, self._last_day + 1, day + 1)
        if self._intensity:
            there = market(self._world, day + 1)
            rng = self._world.rng(_REACTING, day)
            self._reactions.react(self._choices, self._evidence, rng, day, elapsed, there)
            recruit(self._world, self._choices, self._reference, rng, there)
        self._evidence.fade(elapsed)
        self._last_day, self._today = day, None

    def behaviour(self, day: int) -> pl.DataFrame:
        """Tell what the shippers do on a day, as `trait` and `value`; see `traits`.

        Parameters
        ----------
        day
            Today, from 0.
        """
        there = market(self._world, day)
        return traits(self._choices, self._evidence, self._reactions.trials, there)

    def save(self, folder: Path) -> None:
        """Write everything that has changed since the first day; best after `end_day`.

        Parameters
        ----------
        folder
            Made if need be.
        """
        facts = {
            "scenario": self._world.scenario.name,
            "seed": self._world.seed,
            "days": self._days,
            "intensity": self._intensity,
            "last_day": self._last_day,
        }
        trials = self._reactions.trials
        keep(folder, self._world, self._choices, self._reference, self._evidence, trials, facts)

    @classmethod
    def load(cls, folder: Path, scenario: Scenario, *, seed: int, days: int) -> "LivingWorld":
        """Return the world that `save` wrote; it goes on as if it had never stopped.

        Parameters
        ----------
        folder
            Written by `save`.
        scenario, seed, days
            Those of the world that was saved.

        Raises
        ------
        ValueError
            If name of the scenario, seed or days are others than those of the saved world.
        """
        living = cls(scenario, seed=seed, days=days, intensity=0.0)
        found = kept(folder, living._world)
        for name, asked in (("scenario", scenario.name), ("seed", seed), ("days", days)):
            if found[-1][name] != asked:
                saved = found[-1][name]
                raise ValueError(f"{name}: {folder} holds a world of {saved}, asked for {asked}")
        living._choices, living._reference, living._evidence, trials, facts = found
        living._intensity = facts["intensity"]
        living._last_day = facts["last_day"]
        living._reactions = Reactions(living._world, living._intensity)
        living._reactions.trials = trials
        return living

    def _day_of(self, on: date) -> int:
        return (on - self._world.scenario.start_date).days

    def _on(self, day: int) -> tuple[World, Choices]:
        """Return the world of a day: what was settled, with the day's trials and weekdays."""
        if self._today is None or self._today[0] != day:
            self._today = (day, *self._made(day))
        return self._today[1], self._today[2]

    def _made(self, day: int) -> tuple[World, Choices]:
        choices = for_a_day(self._choices)
        for trial in self._reactions.trials:
            put_to_work(choices, trial, day)
        factor = choices.weekdays[:, self._world.on(day).weekday()]
        moved = factor != 1
        propensity = choices.behaviour.propensity
        propensity[moved] = within_reason(propensity[moved] * factor[moved, None])
        world = replace(
            self._world,
            behaviour=choices.behaviour,
            products=choices.products,
            identities=choices.identities,
        )
        return world, choices
