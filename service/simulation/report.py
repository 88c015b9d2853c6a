"""What a simulation says: the page, the lines for the terminal, and the run in the store."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import polars as pl

from engine.strategies import strategy_named
from models.simulation_page import page
from models.simulation_tables import Simulated
from models.simulation_words import answer, sentences
from service.simulation.plan import Plan

PAGE = "report.html"

LAW_CHANGES_ON = date(2026, 7, 1)
"""EUR 3 an item instead of none below EUR 150 (`engine.regime`); incentives move."""


def simulated_of(plan: Plan, tables: Mapping[str, pl.DataFrame]) -> Simulated:
    """The tables with what was asked."""
    return Simulated(
        tables["weekly"],
        tables["typologies"],
        tables["behaviour"],
        policies={name: strategy_named(name).meaning for name in plan.policies},
        facts=_facts(plan),
        law_changes_on=LAW_CHANGES_ON,
    )


def write_page(simulated: Simulated, folder: Path) -> Path:
    """Write the report; the same tables give the same bytes."""
    path = folder / PAGE
    path.write_text(page(simulated), encoding="utf-8")
    return path


def told(simulated: Simulated) -> list[str]:
    """The answer, and what each policy gains and costs."""
    return [*answer(simulated), *sentences(simulated).values()]


def _facts(plan: Plan) -> dict[str, str]:
    """What was asked, in words."""
    first = plan.calendar.on(7 * plan.warm_up_weeks)
    last = plan.calendar.on(7 * (plan.warm_up_weeks + plan.weeks) - 1)
    return {
        "scenario": plan.scenario,
        "weeks": f"{plan.weeks}, {first} to {last}, after {plan.warm_up_weeks} weeks controlled "
        "by a rule list of old"
        + ("" if plan.first_model else ", from which the first model learned"),
        "flow": f"{plan.flights_per_week} flights a week, {plan.world['parcels_per_flight']:,} "
        "parcels each",
        "budget": f"{plan.budget} a flight",
        "intensity": f"{plan.intensity:g} (0: nobody reacts to controls, 1: as strongly as the "
        "trade is known to)",
        "seeds": ", ".join(map(str, plan.seeds)),
        "model": plan.kind + (f"; the first one is {plan.first_model}" if plan.first_model else ""),
        "retraining": f"a challenger every {plan.retrain_days} days; it is put in force when it "
        "has answered the controls since better than the champion, random and chosen ones in "
        "equal parts",
    }
