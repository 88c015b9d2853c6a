"""Drift: quiet where nothing moved, and in words where something did."""

from __future__ import annotations

import json
import re
from functools import cache

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from engine.errors import InputError
from features.sight import prepared
from models.drift import Drift, drift_between
from models.drift_words import movement_told
from models.flow import COUNTED, Flow, bin_of, flow_of, flows_added
from models.flow_traits import SCORES, TRAITS
from models.movements import Movement
from models.random_controls import Draws, draws_of, poisson_binomial, promise_test, share_test
from tests.models.flows import BROKERS, USUAL, flights, planted
from tests.worlds import Archive


def whole(archive: Archive, day_count: int = 12) -> list[Flow]:
    """A flow a flight."""
    found = []
    for day in archive.days()[:day_count]:
        table = prepared(archive.day(day))[1]
        found += [flow_of(part) for part in table.partition_by("flight_number")]
    return found


@cache
def usual(seed: int, count: int) -> Flow:
    return flow_of(flights(seed, count))


def against_usual(now: pl.DataFrame) -> Drift:
    return drift_between(usual(1, 20), flow_of(now))


def test_halves_of_the_same_flow_seldom_alarm(archive: Archive) -> None:
    flows = whole(archive)
    rng = np.random.default_rng(101)
    alarms = 0
    for _ in range(200):
        order = rng.permutation(len(flows))
        first, second = (flows_added(flows[at] for at in half) for half in np.split(order, 2))
        found = drift_between(first, second)
        assert found.stabilities
        alarms += found.is_alert
    assert alarms <= 10


def test_weeks_of_an_unchanged_world_seldom_alarm() -> None:
    before = usual(1, 20)
    weeks = [drift_between(before, flow_of(flights(seed, 5))) for seed in range(101, 161)]
    assert sum(week.is_alert for week in weeks) <= 6  # of 60, at 5 % each: more once in 60 tries
    assert not any((week.largest_index or 0) > 0.1 for week in weeks)


def test_what_moved_is_named_with_its_numbers() -> None:
    week = flights(2, 5, values=planted({"145": 0.02, "75": 0.2}))
    found = against_usual(week)
    assert {one.value for one in found.movements} >= {"140-150", "60-90"}
    assert re.match(
        r"Consignments of EUR 60 to 90 (doubled|rose by 1\d\d %) \(10.\d % to 2", found.alert
    )
    assert "EUR 140 to 150 fell by " in found.alert
    assert "broker" not in found.alert.lower()
    first = found.movements[0]
    assert first.before == pytest.approx(0.10, abs=0.01)
    assert first.now == week.select((pl.col("value_cents") == 7500).mean()).item()


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        (0.041, 0.020, "consignments of EUR 140 to 150 fell by half (4.1 % to 2.0 %)"),
        (0.041, 0.080, "consignments of EUR 140 to 150 doubled (4.1 % to 8.0 %)"),
        (0.041, 0.030, "consignments of EUR 140 to 150 fell by 27 % (4.1 % to 3.0 %)"),
        (0.012, 0.060, "consignments of EUR 140 to 150 grew 5.0 times (1.2 % to 6.0 %)"),
        (0.012, 0.0, "consignments of EUR 140 to 150 went away (1.2 % to 0.0 %)"),
    ],
)
def test_a_movement_in_words(before: float, now: float, words: str) -> None:
    assert movement_told(Movement("value", "140-150", before, now, 0.001, 0.1)) == words


def test_a_broker_that_comes_new_is_named() -> None:
    found = against_usual(flights(3, 5, brokers={**BROKERS, "BE0999999999": 0.1}))
    assert "Broker BE0999999999 came new (0.0 % to " in found.alert


def test_one_odd_flight_is_no_movement() -> None:
    week = flights(4, 5)
    is_odd = pl.col("flight_date") == week["flight_date"].max()
    odd = week.with_columns(
        value_cents=pl.when(is_odd).then(14_500).otherwise("value_cents").cast(pl.Int64)
    )
    assert against_usual(odd).alert == ""


@pytest.mark.parametrize("count", [0, 1, 2])
def test_of_too_few_flights_nothing_is_said(count: int) -> None:
    found = against_usual(flights(5, 5, values={"145": 1.0}).head(500 * count))
    assert found.alert == ""
    assert found.largest_index is None


def test_an_index_is_what_it_is_by_hand() -> None:
    before = flow_of(flights(1, 4, values={"8": 1.0}, brokers={"A": 1.0}))
    now = flow_of(flights(1, 4, values={"8": 1.0}, brokers={"B": 1.0}))
    found = {one.column: one for one in drift_between(before, now).stabilities}
    # Of 2,000 each: an empty value holds half a consignment.
    assert found["broker"].index == pytest.approx(2 * np.log(2000 / 0.5))
    assert found["value"].index == 0


def test_scores_that_spread_otherwise_are_told() -> None:
    rng = np.random.default_rng(1)
    before, now = flights(1, 10), flights(2, 10)
    low, high = (
        flow_of(table, risks=table.with_columns(risk=pl.Series(rng.beta(1, odds, table.height))))
        for table, odds in ((before, 20), (now, 5))
    )
    drift = drift_between(low, high)
    assert "risks spread otherwise than before" in drift.alert.lower()
    # What is declared did not move.
    assert drift.largest_trait_index is not None
    assert drift.largest_index is not None
    assert drift.largest_trait_index < 0.1 < drift.largest_index
    assert drift_between(low, low).alert == ""


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_flows_of_parts_add_up_to_the_flow_of_the_whole(data: st.DataObject) -> None:
    table = flights(6, 4, size=30).with_columns(
        airport_of_loading=pl.when(pl.col("flight_date").dt.day() > 1).then(pl.lit("HKG")),
        risk=pl.col("value_cents") / 20_000,
        value_eur=pl.when(pl.col("value_cents") > 800).then(pl.col("value_cents") / 100),
    )
    parts = table.partition_by("flight_date")
    place = data.draw(st.lists(st.integers(0, 2), min_size=4, max_size=4))
    groups = [[one for one, at in zip(parts, place, strict=True) if at == n] for n in range(3)]
    mixed = [pl.concat(group).sample(fraction=1, shuffle=True, seed=n)
             for n, group in enumerate(groups) if group]  # fmt: skip
    added = flows_added(flow_of(part, risks=part, features=part) for part in mixed)
    together = flow_of(table, risks=table, features=table)
    assert added == together
    assert json.dumps(added.as_json()) == json.dumps(together.as_json())


def test_a_flow_is_the_same_after_it_was_written_down() -> None:
    table = flights(7, 3, size=50).with_columns(value_eur=pl.col("value_cents") / 100)
    flow = flow_of(table, features=table)
    assert Flow.from_json(json.loads(json.dumps(flow.as_json()))) == flow
    assert set(COUNTED) & flow.spreads.keys()


@pytest.mark.parametrize("told", [{}, {"version": 99}, {"version": 1, "flight_count": "x"}, []])
def test_what_is_no_flow_is_refused(told: object) -> None:
    with pytest.raises(InputError, match="summary of a flow cannot be read"):
        Flow.from_json(told)  # type: ignore[arg-type]


def test_a_flow_names_no_consignee_and_no_sender(archive: Archive) -> None:
    day = archive.days()[0]
    text = json.dumps(flow_of(prepared(archive.day(day))[1]).as_json()).casefold()
    raw = archive.raw[day]
    for column in ("importer_name", "importer_street", "importer_city", "exporter_name", "hawb"):
        for name in raw[column].drop_nulls().unique():
            assert f'"{name.casefold()}' not in text


def test_columns_of_different_kinds_do_not_share_a_name() -> None:
    names = [*(one.name for one in TRAITS), *(one.name for one in SCORES), *COUNTED]
    assert len(names) == len(set(names))


@given(st.lists(st.floats(-1e15, 1e15), min_size=2, max_size=20))
def test_bins_ascend_with_their_numbers(values: list[float]) -> None:
    bins = bin_of(np.sort(np.array(values)))
    assert (np.diff(bins) >= 0).all()


def controls(count: int, found: int, *, risk: float | None = None, chance: float = 0.1) -> Draws:
    return draws_of(
        pl.DataFrame(
            {
                "is_irregular": [at < found for at in range(count)],
                "selection_probability": [chance] * count,
                "risk": pl.Series([risk] * count, dtype=pl.Float64),
            }
        )
    )


def test_random_controls_are_compared_by_fisher() -> None:
    found = share_test(controls(90, 5), controls(80, 9))
    assert found.p_value == pytest.approx(stats.fisher_exact([[5, 85], [9, 71]]).pvalue)
    assert found.now.share == pytest.approx(9 / 80)


def test_unequal_chances_count_as_fewer_draws() -> None:
    mixed = controls(50, 2, chance=0.5) + controls(50, 8, chance=0.01)
    assert mixed.count == 100
    assert mixed.effective_count < 60
    assert mixed.share == pytest.approx((2 * 2 + 8 * 100) / (50 * 2 + 50 * 100))
    assert share_test(mixed, mixed).p_value == 1


def test_of_too_few_controls_no_test_is_made() -> None:
    assert share_test(controls(29, 2), controls(500, 50)).p_value is None
    assert promise_test(controls(29, 2, risk=0.1)).p_value is None
    assert share_test(Draws(), Draws()).p_value is None


def test_promises_are_held_against_what_was_found() -> None:
    assert promise_test(controls(100, 10, risk=0.1)).p_value == 1
    broken = promise_test(controls(100, 25, risk=0.1))
    assert broken.p_value == pytest.approx(2 * stats.binom.sf(24, 100, 0.1))
    found = drift_between(usual(1, 20), usual(2, 5), Draws(), controls(100, 25, risk=0.1))
    assert "expected 10.0 irregular, 25 were (p below 0.001)" in found.alert


def test_an_alert_says_what_the_random_controls_found() -> None:
    moved = flow_of(flights(2, 5, values=planted({"145": 0.2}, USUAL)))
    found = drift_between(usual(1, 20), moved, controls(90, 5), controls(80, 9))
    assert "random controls found 9 of 80 against 5 of 90 (p 0.26: may be chance)" in found.alert


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_chances_of_all_counts_add_up(risks: list[float]) -> None:
    chances = poisson_binomial(risks)
    assert chances.sum() == pytest.approx(1)
    assert chances @ np.arange(len(risks) + 1) == pytest.approx(sum(risks), abs=1e-9)


def test_draws_are_the_same_after_they_were_written_down() -> None:
    draws = controls(40, 3, risk=0.2) + controls(5, 1)
    assert Draws.from_json(json.loads(json.dumps(draws.as_json()))) == draws
