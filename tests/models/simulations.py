"""Invented tables of a simulation: nothing in them was simulated."""

from datetime import date, timedelta

import numpy as np
import polars as pl

from models.simulation_tables import BEHAVIOUR, TYPOLOGIES, WEEKLY, Simulated

MONDAY = date(2026, 4, 6)
POLICIES = {
    "random": "Draws every control at random.",
    "rules": "Takes what the rule list marks.",
    "greedy": "Takes what the model thinks best.",
    "mixed-10": "Like greedy, and draws a tenth of the budget at random.",
    "thompson": "Draws each sender's rate from what is known of it and takes the highest.",
    "adaptive": "Draws more at random when drift was measured.",
}
KINDS = ("UNDERVALUATION", "SPLITTING", "IOSS_MISUSE")
TRAITS = ("value band 140-150 EUR", "identity changes", "gave up")
SKILL = {"random": 0.05, "rules": 0.2, "greedy": 0.42}
FADING = {"random": 0.0, "rules": 0.4, "greedy": 0.55}


def simulated(
    *, policies: int = 3, seeds: int = 2, weeks: int = 12, law: date | None = date(2026, 5, 14)
) -> Simulated:
    """A finished simulation in which greedy starts best and fades."""
    names = dict(list(POLICIES.items())[:policies])
    places = [
        (name, seed, week)
        for name in names
        for seed in range(101, 101 + seeds)
        for week in range(1, weeks + 1)
    ]
    rng = np.random.default_rng(7)
    weekly, kinds, traits = [], [], []
    for name, seed, week in places:
        weekly.append(_week(rng, name, seed, week, weeks))
        kinds += [_kind(rng, name, seed, week, kind) for kind in KINDS]
        traits += [(name, seed, week, trait, float(rng.gamma(4, 10))) for trait in TRAITS]
    return Simulated(
        weekly=pl.DataFrame(weekly, schema=WEEKLY, orient="row"),
        typologies=pl.DataFrame(kinds, schema=TYPOLOGIES, orient="row"),
        behaviour=pl.DataFrame(traits, schema=BEHAVIOUR, orient="row"),
        policies=names,
        facts={"scenario": "base", "weeks": str(weeks), "intensity": "1", "budget": "50 a flight"},
        law_changes_on=law,
    )


def _week(
    rng: np.random.Generator, name: str, seed: int, week: int, weeks: int
) -> tuple[object, ...]:
    skill = SKILL.get(name, 0.38) * (1 - FADING.get(name, 0.1) * week / weeks)
    controls, gone = 250, int(rng.binomial(250, 0.03))
    hits = int(rng.binomial(controls - gone, skill))
    recovered = int(rng.normal(3500, 300) * hits)
    lost = int(rng.normal(20_000_000, 1_000_000))
    rate = 0.12 + 0.02 * np.sin(week / 4)
    estimate = rate + rng.normal(0, 0.02)
    is_blind = name in ("rules", "greedy")
    share = {"random": 1.0, "rules": 0.0, "greedy": 0.0}.get(name, 0.1)
    told = (None,) * 3 if is_blind else (estimate, max(estimate - 0.04, 0.0), estimate + 0.04)
    drift = None if week < 3 else float(rng.gamma(2, 0.06))
    alert = f"Value band 140-150 EUR moved by {drift:.2f} <b>" if drift and drift > 0.25 else ""
    return (
        name, seed, week, MONDAY + timedelta(weeks=week - 1), 5, 25_000, controls,
        int(share * controls), gone, hits, recovered, lost, min(lost, 3 * recovered),
        int(rate * 25_000), *told, rate, share, drift, int(week % 5 == 0), week // 5, alert,
    )  # fmt: skip


def _kind(
    rng: np.random.Generator, name: str, seed: int, week: int, kind: str
) -> tuple[object, ...]:
    irregular = int(rng.poisson(40 * (1 + KINDS.index(kind))))
    caught = int(rng.binomial(irregular, SKILL.get(name, 0.38) / 4))
    lost = irregular * 2500
    return (name, seed, week, kind, irregular, caught, lost, caught * 2500)
