"""Outcomes keep the contract, come late, miss things, and know their probabilities."""

import numpy as np
import polars as pl
import pytest

from engine.outcome import OutcomeRow
from synthetic.officers import examine
from tests.synthetic.test_world import contract


@pytest.fixture(scope="module")
def everything(demo) -> pl.DataFrame:
    """Every parcel of a flight opened."""
    flight = demo.flights[0]
    chosen = flight.truth.select(
        "hawb", pl.lit("officer").alias("selected_by"), pl.lit(1.0).alias("selection_probability")
    )
    rng = np.random.default_rng(1)
    outcomes = examine(flight, chosen, rng, not_presented_share=0.2)
    return outcomes.join(flight.truth, on="hawb", how="left", suffix="_true")


def test_rows_keep_the_contract(demo_outcomes):
    OutcomeRow.validate(contract(OutcomeRow, demo_outcomes))


def test_nothing_is_known_before_it_is_recorded(demo_outcomes):
    assert (demo_outcomes["recorded_at"] > demo_outcomes["controlled_at"]).all()
    delay = (demo_outcomes["recorded_at"] - demo_outcomes["controlled_at"]).dt.total_hours()
    assert delay.median() > 6
    assert delay.max() > 24 * 10


def test_late_findings_are_two_events_of_one_control(demo_outcomes):
    stages = demo_outcomes.group_by("control_id").agg(
        pl.len(),
        pl.col("status").sort().str.join("|"),
        pl.col("recorded_at").n_unique().alias("at"),
    )
    assert set(stages["status"]) == {"final", "final|provisional"}
    assert (stages["at"] == stages["len"]).all()
    two = demo_outcomes.filter(pl.col("status") == "provisional")
    assert two["finding_types"].str.contains("IPR_INFRINGEMENT|PRODUCT_SAFETY").all()


def test_parcels_that_had_gone_say_nothing(everything):
    gone = everything.filter(~pl.col("presented"))
    assert len(gone) / len(everything) == pytest.approx(0.2, abs=0.03)
    assert gone["finding_types"].null_count() == len(gone)
    assert set(gone["result_code"]) == {"A2"}


def test_officers_find_no_more_than_there_is_and_miss_some(everything):
    final = everything.filter((pl.col("status") == "final") & pl.col("presented"))
    honest = final.filter(~pl.col("is_irregular"))
    assert honest["finding_types"].null_count() == len(honest)
    assert set(honest["result_code"]) <= {"A1", "A2", "A5"}
    found = final.filter("is_irregular")["finding_types"].is_not_null().mean()
    assert 0.35 < found < 0.75


def test_honest_mistakes_end_as_minor_discrepancies(everything):
    minor = everything.filter((pl.col("result_code") == "A5") & ~pl.col("is_irregular"))
    assert len(minor) > 0
    assert minor["has_wrong_code"].all()
    assert (minor["found_hs6"] == minor["true_hs6"]).all()


def test_random_controls_know_their_probability(demo, demo_outcomes):
    random = demo_outcomes.filter(pl.col("selected_by") == "random")
    assert random["selection_probability"].is_not_null().all()
    others = demo_outcomes.filter(pl.col("selected_by") != "random")
    assert others["selection_probability"].null_count() == len(others)
    # Horvitz and Thompson: the weights of the random controls add up to the flow.
    weight = (1 / random.unique("control_id")["selection_probability"]).sum()
    assert weight == pytest.approx(len(demo.truth), rel=0.15)


def test_a_rule_hits_more_than_chance(demo_outcomes):
    final = demo_outcomes.filter((pl.col("status") == "final") & pl.col("presented"))
    hits = dict(
        final.group_by("selected_by").agg((pl.col("result_code") == "B1").mean()).iter_rows()
    )
    assert hits["rule"] > hits["random"]


def test_the_whole_flow_is_never_controlled(demo, demo_outcomes):
    share = demo_outcomes["control_id"].n_unique() / len(demo.truth)
    assert share == pytest.approx(0.015, abs=0.003)
    assert not demo_outcomes.filter(pl.col("status") == "final")["hawb"].is_duplicated().any()
