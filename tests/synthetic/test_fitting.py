"""A world like a measured flow: what is counted on it is what was asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest

from synthetic.fitting import (
    FEWEST,
    FINDINGS,
    begun,
    by_finding,
    consignees_behind,
    divided,
    price_factor_for,
    senders_behind,
)
from synthetic.generate import fly
from synthetic.scenario import AFTER_JULY, PRESETS, PREVALENCES
from synthetic.world import build_world

TINY = PRESETS["tiny"]


def test_as_many_parties_are_told_as_there_are() -> None:
    scenario = replace(TINY, shippers=300, consignees=3000, parcels_per_flight=800)
    world = build_world(scenario, days=5, seed=101)
    week = pl.concat(fly(world, day, 0).declarations for day in range(5))
    people = week.select("importer_name", "importer_postcode").n_unique()
    parcels = week["hawb"].n_unique()
    assert senders_behind(week["exporter_name"].n_unique(), parcels) == pytest.approx(300, rel=0.15)
    assert consignees_behind(people, parcels) == pytest.approx(3000, rel=0.2)


def test_more_senders_seen_on_as_many_parcels_are_more_senders() -> None:
    behind = [senders_behind(seen, 1000) for seen in (1, 20, 100, 400, 900)]
    assert behind == sorted(behind)
    assert behind[0] == FEWEST["shippers"]
    # All different: nothing says how many more there are, and the world must still be built.
    assert senders_behind(1000, 1000) <= 10_000
    assert consignees_behind(1e7, 1e7) == 1_000_000


def test_the_price_level_is_the_one_at_which_the_usual_value_is_declared() -> None:
    dear = price_factor_for(TINY, 12.0)
    assert price_factor_for(TINY, 6.0) == pytest.approx(dear / 2)
    scenario = replace(TINY, price_factor=dear, parcels_per_flight=1000)
    values = [
        fly(build_world(scenario, days=1, seed=seed), 0, 0).declarations["intrinsic_value"].median()
        for seed in (105, 106, 107, 108)
    ]
    assert np.mean(values) == pytest.approx(12.0, rel=0.2)  # type: ignore[arg-type]


def test_a_world_begun_after_the_law_changed_has_the_habits_of_then() -> None:
    season = PRESETS["season"]
    assert begun(season, season.start_date) == season
    later = begun(season, date(2026, 8, 3))
    assert later.start_date == date(2026, 8, 3)
    assert later.prevalences == AFTER_JULY
    back = begun(later, date(2026, 6, 1))
    assert (back.prevalences, back.zero_duty_edge) == (PREVALENCES, season.zero_duty_edge)


def test_typologies_share_what_is_known_of_their_finding_as_usual() -> None:
    assert set(FINDINGS) == set(PREVALENCES)
    total = by_finding(PREVALENCES)["UNDERVALUATION"]
    made = divided(PREVALENCES, "UNDERVALUATION", 2 * total)
    assert made == pytest.approx({name: 2 * PREVALENCES[name] for name in made})
    assert len(made) == 3
    assert sum(divided(PREVALENCES, "MISCLASSIFICATION", 0.02).values()) == pytest.approx(0.02)


def test_the_smallest_world_flies() -> None:
    least = replace(TINY, parcels_per_flight=50, **FEWEST)  # type: ignore[arg-type]
    assert fly(build_world(least, days=1, seed=101), 0, 0).truth.height >= 50 * 0.5
