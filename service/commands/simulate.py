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
    from service.home import Home
    from service.simulation.measured_flow import MeasuredFlow
    from service.simulation.own_flow import OwnFlow
    from service.simulation.plan import Plan
    from service.simulation.profile import Profile
    from synthetic.scenario import Scenario


def simulate(
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder of the tables and the report.")
    ] = Path("simulation"),
    profile: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Start from the flow that this TOML file tells of."),
    ] = None,
    write_profile: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Measure the flow of the state, or of --declarations and --outcomes, and write "
            "it as such a file; nothing is simulated.",
        ),
    ] = None,
    declarations: Annotated[
        list[Path] | None,
        typer.Option(metavar="PATH...", help="Measure the flow of these, not of the state."),
    ] = None,
    outcomes: Annotated[
        list[Path] | None,
        typer.Option(metavar="PATH...", help="Control results to these declarations."),
    ] = None,
    scenario: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="World: season (unless told), or a preset of `triage generate`."
        ),
    ] = None,
    weeks: Annotated[
        int | None, typer.Option(metavar="N", min=1, max=520, help="Weeks to simulate. Default 26.")
    ] = None,
    flights: Annotated[
        int | None,
        typer.Option(
            "--flights-per-week", metavar="N", min=1, max=500, help="Flights a week. Default 5."
        ),
    ] = None,
    parcels: Annotated[
        int | None,
        typer.Option(
            "--parcels",
            metavar="N",
            min=50,
            max=200_000,
            help="Parcels a flight; else the scenario's.",
        ),
    ] = None,
    budget_controls: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, max=100_000, help="Controls a flight; 25 unless told."),
    ] = None,
    budget_minutes: Annotated[
        float | None, typer.Option(metavar="M", help="Officer minutes a flight instead.")
    ] = None,
    intensity: Annotated[
        float | None,
        typer.Option(
            metavar="X",
            help="How strongly shippers react: 0 not at all, 1 fully. Default 1.",
        ),
    ] = None,
    seed: Annotated[
        list[int] | None,
        typer.Option(
            "--seed", metavar="S", min=0, help="World; give several for bands. Default 1."
        ),
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
        int | None,
        typer.Option(
            metavar="N", min=1, max=3650, help="Days between two challengers. Default 14."
        ),
    ] = None,
    model: Annotated[
        str | None, typer.Option(metavar="KIND", help="Kind of the models. Default ensemble.")
    ] = None,
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

    A world like your own flow: --write-profile flow.toml measures it, --profile flow.toml starts
    from it. Options given here stand over the file.

    Example: triage simulate --policy greedy --policy mixed-10 --weeks 12 --seed 1 --seed 2
    """
    from shlex import quote

    from service.composition import open_home
    from service.console import program, say
    from service.simulation.asked import asked_of
    from service.simulation.profile_text import check_new
    from service.simulation.profile_text import told as told_of_flow
    from service.simulation.profile_text import write_profile as write

    if budget_controls is not None and budget_minutes is not None:
        raise typer.BadParameter("give at most one of --budget-controls N and --budget-minutes M")
    if write_profile is not None:
        check_new(write_profile)
    read, home = _profile(profile), open_home()
    asked = asked_of(read, {
        "scenario": scenario, "weeks": weeks, "budget_controls": budget_controls,
        "budget_minutes": budget_minutes, "intensity": intensity, "seeds": seed,
        "policies": policy, "retrain_days": retrain_days, "model": model,
    })  # fmt: skip
    measured = None
    if declarations or outcomes or write_profile or read.is_measured:
        files = (declarations or list(read.declarations), outcomes or list(read.outcomes))
        measured = _measured(home, *files)
        say(told_of_flow(measured))
    given = {"flights_per_week": flights, "parcels_per_flight": parcels}
    own = _own_flow(asked["scenario"], read, measured, given)
    plan, first_model = _plan(home, asked, own, read, is_own=measured is not None)
    if write_profile is None:
        _play(home, plan, first_model, out, workers)
        return
    start = {"warm_up_weeks": plan.warm_up_weeks, "model": read.start.get("model")}
    write(write_profile, own, measured, {"start": start, "simulation": asked})
    start_with = f"{program()} simulate --profile {quote(str(write_profile))}"
    say(f"The profile is in {write_profile}. Start with: {start_with}")


def _profile(path: Path | None) -> Profile:
    from service.simulation.profile import Profile, read_profile
    from synthetic.fitting import FINDINGS
    from synthetic.scenario import PRESETS

    return Profile() if path is None else read_profile(path, FINDINGS, PRESETS)


def _measured(home: Home, declarations: list[Path], outcomes: list[Path]) -> MeasuredFlow:
    """Count what the state, or files, hold; without a trace in the state."""
    import tempfile

    from service.composition import open_store
    from service.console import counting
    from service.simulation.measured_flow import measured
    from service.training import rows_of

    with tempfile.TemporaryDirectory(prefix="triage-simulate-") as folder:
        store = rows_of(home, open_store(home), declarations, outcomes, Path(folder))
        with counting("Measuring the flow") as done:
            return measured(store, done)


def _own_flow(
    name: str, read: Profile, measured: MeasuredFlow | None, given: Mapping[str, int | None]
) -> OwnFlow:
    from engine.errors import SettingError
    from service.simulation.own_flow import own_flow
    from synthetic import fitting
    from synthetic.scenario import PRESETS

    if name not in PRESETS:
        raise SettingError(
            f"There is no scenario '{name}'.", f"Choose one of: {', '.join(PRESETS)}."
        )
    said = {key: value for key, value in given.items() if value is not None}
    return own_flow(PRESETS[name], fitting, read, measured, said)


def _plan(
    home: Home, asked: Mapping[str, Any], own: OwnFlow, read: Profile, *, is_own: bool
) -> tuple[Plan, Path | None]:
    """What is simulated, and the folder of the model that scores first, if one was named."""
    from engine.errors import SettingError
    from service.simulation.asked import warm_up_of
    from service.simulation.plan import Plan

    name, starts_on = asked["scenario"], own.scenario.start_date
    if starts_on.weekday():
        raise SettingError(
            f"The scenario {name} starts on {starts_on}, which is no Monday.",
            "Choose another with --scenario, or a Monday in a profile.",
        )
    first, folder = _first_model(home) if "model" in read.start else ("", None)
    plan = Plan(
        scenario=f"{name}, like an own flow" if is_own or read.name else name,
        world=_described(own.scenario),
        starts_on=starts_on,
        weeks=asked["weeks"],
        flights_per_week=own.flights_per_week,
        controls=asked["budget_controls"],
        minutes=asked["budget_minutes"],
        intensity=asked["intensity"],
        seeds=tuple(asked["seeds"]),
        policies=tuple(asked["policies"]),
        kind=asked["model"],
        retrain_days=asked["retrain_days"],
        warm_up_weeks=warm_up_of(read),
        first_model=first,
    )
    return plan, folder


def _first_model(home: Home) -> tuple[str, Path]:
    """The model in force in the state: what it is called in a plan, and where it lies."""
    from engine.errors import StateError
    from service.scoring import in_force
    from service.sealing import check_model

    found = in_force(home)
    if found.folder is None:
        raise StateError(f"The profile begins with the model in force, but {found.note}")
    sealed = check_model(home, found.folder)
    return f"version {found.version} of the state, sealed as {sealed[:12]}", found.folder


def _play(home: Home, plan: Plan, first_model: Path | None, out: Path, workers: int | None) -> None:
    from service.console import say, stdout, steps
    from service.simulation.report import simulated_of, told, write_page
    from service.simulation.run import simulate as play
    from service.training import tracking

    with steps("Simulating") as step:
        worlds = Invented(plan.world, plan.days, plan.intensity)
        tables = play(plan, worlds, out, workers=workers, progress=step, first_model=first_model)
        simulated = simulated_of(plan, tables)
        step("Drawing the report", 0, 0)
        page = write_page(simulated, out)
        step("Keeping the run", 0, 0)
        tracking(home).log_simulation(simulated, page.read_text(encoding="utf-8"))
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


def _described(scenario: Scenario) -> dict[str, Any]:
    """Everything a world is made from, in the simplest types."""
    from dataclasses import fields

    told = {field.name: getattr(scenario, field.name) for field in fields(scenario)}
    told["prevalences"] = dict(scenario.prevalences)
    return told | {"start_date": str(scenario.start_date)}
