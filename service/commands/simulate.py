"""`triage simulate`: policies side by side on a world that fights back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import polars as pl

    from models.simulation.season import World
    from synthetic.scenario import Scenario

CONTROLS = 25
"""Controls a flight unless told otherwise: one of the usual levels (domain report 4.2)."""


def simulate(
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder of the tables and the report.")
    ] = Path("simulation"),
    scenario: Annotated[
        str, typer.Option(metavar="NAME", help="World: season, or a preset of `triage generate`.")
    ] = "season",
    weeks: Annotated[int, typer.Option(metavar="N", min=1, help="Weeks to simulate.")] = 26,
    flights: Annotated[
        int, typer.Option("--flights-per-week", metavar="N", min=1, help="Flights a week.")
    ] = 5,
    parcels: Annotated[
        int | None,
        typer.Option(
            "--parcels", metavar="N", min=50, help="Parcels a flight; else the scenario's."
        ),
    ] = None,
    budget_controls: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Controls a flight; 25 unless told.")
    ] = None,
    budget_minutes: Annotated[
        float | None, typer.Option(metavar="M", help="Officer minutes a flight instead.")
    ] = None,
    intensity: Annotated[
        float,
        typer.Option(metavar="X", help="How strongly shippers react: 0 not at all, 1 fully."),
    ] = 1.0,
    seed: Annotated[
        list[int] | None,
        typer.Option("--seed", metavar="S", help="World; give several for bands. Default 1."),
    ] = None,
    policy: Annotated[
        list[str] | None,
        typer.Option(
            "--policy",
            metavar="NAME",
            help="random, rules, greedy, mixed-5, mixed-10, mixed-20, thompson, upper-bound or "
            "adaptive; may be repeated. Default: six of them.",
        ),
    ] = None,
    retrain_days: Annotated[
        int, typer.Option(metavar="N", min=1, help="Days between two challengers.")
    ] = 14,
    model: Annotated[str, typer.Option(metavar="KIND", help="Kind of the models.")] = "ensemble",
    workers: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Processes; else one a core.")
    ] = None,
) -> None:
    """Weeks of flights, controls and learning, policy against policy, on a world that reacts.

    Shippers watch what becomes of their parcels and change what they do; the law changes on
    2026-07-01. Every policy meets the same world of the same seed, lists within the budget, learns
    from its own controls alone, and renews its model when a challenger has won. Writes
    DIR/report.html with pictures, and the tables behind it as Parquet. Killed at any point, the
    same command goes on.

    Example: triage simulate --policy greedy --policy mixed-10 --weeks 12 --seed 1 --seed 2
    """
    from engine.errors import SettingError
    from engine.strategies import USUAL
    from service.composition import open_home
    from service.console import say, stdout, steps
    from service.simulation.plan import Plan
    from service.simulation.report import simulated_of, told, write_page
    from service.simulation.run import simulate as play
    from service.training import tracking

    if budget_controls is not None and budget_minutes is not None:
        raise typer.BadParameter("give at most one of --budget-controls N and --budget-minutes M")
    if budget_controls is None and budget_minutes is None:
        budget_controls = CONTROLS
    made_of = _scenario(scenario, parcels, flights)
    if made_of.start_date.weekday():
        raise SettingError(
            f"The scenario {scenario} starts on {made_of.start_date}, which is no Monday.",
            "Choose another with --scenario.",
        )
    plan = Plan(
        scenario=scenario,
        world=_described(made_of),
        starts_on=made_of.start_date,
        weeks=weeks,
        flights_per_week=flights,
        controls=budget_controls,
        minutes=budget_minutes,
        intensity=intensity,
        seeds=tuple(seed or [1]),
        policies=tuple(policy or USUAL),
        kind=model,
        retrain_days=retrain_days,
    )
    with steps("Simulating") as step:
        worlds = Invented(plan.world, plan.days, intensity)
        tables = play(plan, worlds, out, workers=workers, progress=step)
        simulated = simulated_of(plan, tables)
        step("Drawing the report", 0, 0)
        page = write_page(simulated, out)
        step("Keeping the run", 0, 0)
        tracking(open_home()).log_simulation(simulated, page.read_text(encoding="utf-8"))
    for line in told(simulated):
        stdout().print(line, soft_wrap=True, markup=False)
    say(f"The report with pictures is in {page}.")


@dataclass(frozen=True)
class Invented:
    """Invented worlds that react.

    Attributes
    ----------
    made_of : the scenario, as `_described` tells it.
    days, intensity : of each world.
    """

    made_of: Mapping[str, Any]
    days: int
    intensity: float

    def new(self, seed: int) -> tuple[World, Callable[[Any], pl.DataFrame]]:
        """A world before its first day, and the desk that controlled it as of old."""
        from synthetic.controls import ControlRoom
        from synthetic.living import LivingWorld

        scenario = self._scenario()
        world = LivingWorld(scenario, seed=seed, days=self.days, intensity=self.intensity)
        return world, ControlRoom(scenario, seed).control

    def save(self, world: Any, folder: Path) -> None:
        """Write what has changed in a world."""
        world.save(folder)

    def load(self, folder: Path, seed: int) -> World:
        """Read what `save` wrote."""
        from synthetic.living import LivingWorld

        world: World = LivingWorld.load(folder, self._scenario(), seed=seed, days=self.days)
        return world

    def _scenario(self) -> Scenario:
        from datetime import date

        from synthetic.scenario import Scenario

        told = {**self.made_of, "start_date": date.fromisoformat(self.made_of["start_date"])}
        return Scenario(**told)


def _scenario(name: str, parcels: int | None, flights_per_week: int) -> Scenario:
    from dataclasses import replace

    from engine.errors import SettingError
    from models.simulation.season import most_on_a_day
    from synthetic.scenario import PRESETS

    if name not in PRESETS:
        raise SettingError(
            f"There is no scenario '{name}'.", f"Choose one of: {', '.join(PRESETS)}."
        )
    found = PRESETS[name]
    return replace(
        found,
        parcels_per_flight=parcels or found.parcels_per_flight,
        flights_per_day=most_on_a_day(flights_per_week),
    )


def _described(scenario: Scenario) -> dict[str, Any]:
    """Everything a world is made from, in the simplest types."""
    from dataclasses import fields

    told = {field.name: getattr(scenario, field.name) for field in fields(scenario)}
    told["prevalences"] = dict(scenario.prevalences)
    return told | {"start_date": str(scenario.start_date)}
