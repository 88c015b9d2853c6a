from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from engine.errors import InputError, MissingColumnsError
from models.simulation_measures import (
    against,
    caught_by_typology,
    figures,
    first_places,
    over_seeds,
    spans,
    spread,
    typology_words,
)
from models.simulation_series import band, series
from models.simulation_tables import Simulated
from models.simulation_words import answer, sentences
from tests.models.simulations import simulated


def scripted(
    recovered: dict[str, list[float]], *, hits: dict[str, list[int]] | None = None, weeks: int = 9
) -> Simulated:
    """Policy -> EUR a week, one number a seed; the last eight of nine weeks bring that much."""
    names = list(recovered)
    world = simulated(policies=6, seeds=len(recovered[names[0]]), weeks=weeks)
    at = pl.struct("policy", "seed")
    cents = {(n, 101 + i): 100 * x for n, eur in recovered.items() for i, x in enumerate(eur)}
    found = {(n, 101 + i): x for n, of in (hits or {}).items() for i, x in enumerate(of)}
    kept = [
        table.filter(pl.col("policy").is_in(names))
        for table in (world.weekly, world.typologies, world.behaviour)
    ]
    weekly = kept[0].with_columns(
        recovered_cents=at.map_elements(lambda k: int(cents[tuple(k.values())]), pl.Int64),
        hit_count=at.map_elements(lambda k: found.get(tuple(k.values()), 10), pl.Int64),
        control_count=pl.lit(110),
        gone_count=pl.lit(10),
        lost_cents=pl.lit(1_000_000),
        stopped_cents=pl.lit(250_000),
    )
    policies = {name: world.policies[name] for name in names}
    return replace(world, weekly=weekly, typologies=kept[1], behaviour=kept[2], policies=policies)


def value(table: pl.DataFrame, policy: str, span: str, figure: str, seed: int = 101) -> float:
    return float(table.filter(policy=policy, span=span, figure=figure, seed=seed)["value"].item())


def test_figures_of_a_week_are_what_one_reckons_by_hand() -> None:
    table = figures(scripted({"greedy": [500]}, hits={"greedy": [20]}))
    told = {name: value(table, "greedy", "last", name) for name in table["figure"].unique()}
    assert told["recovered_eur"] == 500
    assert told["hits"] == 20
    assert told["precision"] == 0.2  # of 110 chosen, 10 had gone
    assert told["escaped_eur"] == 7_500
    assert told["stopped_share"] == 0.25


def test_a_rare_typology_counts_as_much_as_a_common_one() -> None:
    world = simulated(policies=1, seeds=1, weeks=1)
    kinds = pl.DataFrame(
        {"typology": ["A", "B", "C"], "irregular_count": [1000, 2, 0], "caught_count": [100, 1, 0]}
    ).with_columns(policy=pl.lit("random"), seed=101, week=1, lost_cents=0, stopped_cents=0)
    world = replace(world, typologies=kinds)
    assert value(figures(world), "random", "all", "typologies_caught_share") == pytest.approx(0.3)
    assert caught_by_typology(world)["figure"].to_list() == ["A", "B"]


def test_the_interval_is_asked_only_where_there_is_one() -> None:
    world = simulated(policies=1, seeds=1, weeks=4)
    weekly = world.weekly.with_columns(
        estimated_rate=pl.Series([None, 0.10, 0.20, 0.12]),
        estimated_low=pl.Series([None, 0.05, 0.15, 0.10]),
        estimated_high=pl.Series([None, 0.15, 0.25, 0.14]),
        true_rate=pl.Series([0.9, 0.10, 0.10, 0.12]),
    )
    table = figures(replace(world, weekly=weekly))
    assert value(table, "random", "all", "interval_held_share") == pytest.approx(2 / 3)
    assert value(table, "random", "all", "estimate_error") == pytest.approx(0.1 / 3)


def test_what_cannot_be_told_has_no_row() -> None:
    world = scripted({"rules": [1], "greedy": [0]})
    weekly = world.weekly.with_columns(gone_count=pl.col("control_count"))
    table = figures(replace(world, weekly=weekly))
    told = set(table.filter(policy="rules")["figure"])
    assert {"precision", "estimate_error", "interval_held_share"}.isdisjoint(told)
    assert "recovered_eur" not in set(against(table)["figure"])
    assert "greedy recovers nothing" in sentences(world)["rules"]


def test_policies_are_compared_within_a_seed() -> None:
    world = scripted({"greedy": [100, 200, 400], "mixed-10": [120, 200, 600]})
    ratio = spread(against(figures(world)))["mixed-10", "last", "recovered_eur"]
    assert (ratio.low, ratio.median, ratio.high, ratio.seed_count) == (1.0, 1.2, 1.5, 3)
    assert first_places(figures(world), "last", "recovered_eur") == {"greedy": 1, "mixed-10": 3}


def test_spans_are_the_first_and_last_eight_weeks_where_there_are_more() -> None:
    assert list(spans(simulated(policies=1, seeds=1, weeks=8))) == ["all"]
    found = spans(simulated(policies=1, seeds=1, weeks=26))
    assert {name: (s.first_week, s.last_week) for name, s in found.items()} == {
        "all": (1, 26), "first": (1, 8), "last": (19, 26),
    }  # fmt: skip


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=9))
def test_the_median_lies_between_the_least_and_the_greatest(values: list[float]) -> None:
    found = over_seeds(values)
    assert found.low == min(values) <= found.median <= max(values) == found.high
    assert found == over_seeds(reversed(values))


@settings(max_examples=10, deadline=None)
@given(window=st.integers(1, 12))
def test_taking_weeks_together_keeps_the_mean_of_the_whole(window: int) -> None:
    world = simulated(policies=2, seeds=2, weeks=12)
    smooth = series(world, window).filter(week=window, policy="rules", seed=102)
    weeks = world.weekly.filter(pl.col("week") <= window, policy="rules", seed=102)
    assert smooth["hits"].item() == pytest.approx(weeks["hit_count"].mean())
    there = (weeks["control_count"] - weeks["gone_count"]).sum()
    assert smooth["precision"].item() == pytest.approx(weeks["hit_count"].sum() / there)


def test_a_band_is_the_median_and_range_of_the_week() -> None:
    world = scripted({"greedy": [100, 300, 200]})
    row = band(series(world), "recovered_eur").filter(week=5).row(0, named=True)
    assert (row["low"], row["median"], row["high"]) == (100, 200, 300)


def test_the_answer_names_who_recovers_most_and_in_how_many_seeds() -> None:
    world = scripted(
        {"greedy": [100, 200, 400], "mixed-10": [123, 246, 380]},
        hits={"greedy": [50, 50, 50], "mixed-10": [48, 48, 48]},
    )
    first, second, _ = answer(world)
    assert first == (
        "Over the last 8 weeks mixed-10 recovers most: EUR 246 (123 to 380) a week; "
        "it comes first in 2 of 3 seeds."
    )
    assert second.startswith("Over the last 8 weeks greedy finds most: 50.0 (50.0 to 50.0)")
    assert sentences(world)["mixed-10"] == (
        "mixed-10 recovers 1.23 times what greedy does over the last 8 weeks (3 seeds, 0.95 to "
        "1.23, which disagree); as much flows past; over the first 8 weeks it makes 4.0 % fewer "
        "hits."
    )


def test_one_seed_is_told_as_one() -> None:
    told = sentences(scripted({"greedy": [100], "mixed-10": [130]}))["mixed-10"]
    assert "1.30 times what greedy does" in told
    assert "one seed: no band, may be chance" in told


def test_without_greedy_each_policy_speaks_for_itself() -> None:
    told = sentences(scripted({"random": [100], "rules": [130]}))
    assert told["rules"].startswith("rules recovers EUR 130 a week over the last 8 weeks")


def test_the_order_of_rows_changes_nothing() -> None:
    world = simulated()
    other = replace(
        world,
        weekly=world.weekly.reverse(),
        typologies=world.typologies.sample(fraction=1.0, shuffle=True, seed=3),
    )
    assert_frame_equal(figures(other), figures(world), check_exact=True)
    assert other.sha256 == world.sha256
    assert replace(world, facts={"intensity": "0"}).sha256 != world.sha256


def test_tables_that_cannot_be_compared_are_refused() -> None:
    world = simulated()
    with pytest.raises(MissingColumnsError, match="hit_count"):
        replace(world, weekly=world.weekly.drop("hit_count"))
    unfinished = (pl.col("policy") == "rules") & (pl.col("week") == 12) & (pl.col("seed") == 101)
    with pytest.raises(InputError, match="rules has 23 rows"):
        replace(world, weekly=world.weekly.filter(~unfinished))
    with pytest.raises(InputError, match="rows twice"):
        replace(world, behaviour=pl.concat([world.behaviour, world.behaviour.head(1)]))
    with pytest.raises(InputError, match="greedy, which are not told"):
        replace(world, policies={"random": "", "rules": ""})
    with pytest.raises(InputError, match="nulls in true_rate"):
        replace(world, weekly=world.weekly.with_columns(true_rate=pl.lit(None)))


@pytest.mark.parametrize(
    ("law", "week"),
    [(date(2026, 4, 6), 1.0), (date(2026, 4, 16), 1 + 10 / 7), (date(2026, 7, 1), None),
     (date(2026, 4, 5), None), (None, None)],
)  # fmt: skip
def test_the_law_stands_between_the_weeks(law: date | None, week: float | None) -> None:
    assert simulated(weeks=12, law=law).law_changes_in_week == week


@pytest.mark.parametrize(
    ("typology", "words"),
    [("ioss misuse", "IOSS misuse"), ("IPR_INFRINGEMENT", "IPR infringement"),
     ("edge-seeking undervaluation", "edge-seeking undervaluation")],
)  # fmt: skip
def test_typologies_are_written_as_people_write_them(typology: str, words: str) -> None:
    assert typology_words(typology) == words
