"""What flows past: unbiased by weights and powers, never surer than its draws."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.detection import detection_power
from engine.errors import InputError
from engine.outcome import OutcomeRow
from models.estimation import Estimation, estimate, mean_loss_of, rate_of
from tests.features.seeing import rows

DAY = date(2026, 9, 20)
LATER = datetime(2027, 1, 1, tzinfo=UTC)
FLIGHT = {"flight_number": "XY123", "flight_date": DAY}
PLAIN: dict[str, Any] = FLIGHT | {
    "selected_by": "random", "selection_probability": 0.01, "control_type": "physical",
    "controlled_at": datetime(2026, 9, 20, 12, tzinfo=UTC),
    "recorded_at": datetime(2026, 9, 21, tzinfo=UTC), "presented": True, "result_code": "A1",
    "finding_types": None, "status": "final",
}  # fmt: skip
SCHEMA = {name: column.dtype for name, column in OutcomeRow.columns().items()}
FOUND = {"result_code": "B1", "finding_types": "UNDERVALUATION", "found_value_eur": 140.0}


def controls(*changes: dict[str, Any]) -> pl.DataFrame:
    """Control results, each of a parcel of its own."""
    made = [
        {"row_number": at, "control_id": f"C{at}", "hawb": f"H{at:05d}"} | PLAIN | change
        for at, change in enumerate(changes)
    ]
    return pl.DataFrame([{name: row.get(name) for name in SCHEMA} for row in made], schema=SCHEMA)


def told(outcomes: pl.DataFrame, before: datetime = LATER) -> Estimation:
    """The estimate of a flight of 10,000 parcels of which the controlled were worth EUR 100."""
    flow = pl.DataFrame([FLIGHT | {"consignments": 10_000}])
    parcel = {"intrinsic_value": "100", "additional_procedure_codes": "F48",
              "ioss_number": "IM0561234567", "flight_number": "XY123"}  # fmt: skip
    items = rows(*(parcel for _ in range(outcomes["hawb"].n_unique())))
    return estimate(outcomes, flow, items, before=before)


def test_without_random_controls_nothing_is_said() -> None:
    for outcomes in (controls({"selected_by": "rule"} | FOUND), controls({"presented": False})):
        made = told(outcomes)
        assert made.kinds == {}
        assert made.counted_count == 0


@pytest.mark.parametrize("count", [1, 20])
def test_few_clean_controls_leave_nearly_everything_open(count: int) -> None:
    made = told(controls(*[{}] * count)).kinds["any"]
    assert made.rate.value == made.flowing_past_eur.value == 0
    assert made.rate.interval.high > 3 / (count + 3)
    assert made.rate_as_found.interval.high < made.rate.interval.high
    assert made.flowing_past_eur.interval.high > 10_000 / (count + 1)


def test_a_finding_stands_for_those_that_such_controls_miss() -> None:
    made = told(controls(FOUND, *[{}] * 99))
    power = detection_power("UNDERVALUATION", "physical")
    fiscal = made.kinds["fiscal"]
    assert fiscal.rate_as_found.value == pytest.approx(0.01)
    assert fiscal.rate.value == pytest.approx(0.01 / power)
    assert fiscal.rate.interval.low < 0.01 / power < fiscal.rate.interval.high
    assert made.kinds["any"].rate.value == fiscal.rate.value
    assert made.kinds["goods"].rate.value == 0
    assert made.powers["UNDERVALUATION"] == pytest.approx(power)


def test_revenue_is_lost_on_the_flow_less_what_was_stopped() -> None:
    lost = 0.21 * (140 - 100)
    made = told(controls(FOUND, *[{}] * 99, {"selected_by": "rule"} | FOUND)).kinds["any"]
    assert made.stopped_eur == pytest.approx(2 * lost)
    assert made.lost_eur.value == pytest.approx(10_000 * 0.01 * lost / 0.4)
    assert made.flowing_past_eur.value == pytest.approx(made.lost_eur.value - 2 * lost)
    assert made.flowing_past_eur.if_powers_lower > made.flowing_past_eur.value


def test_fines_are_no_loss() -> None:
    fined = told(controls(FOUND | {"revenue_recovered_eur": 260.0}, *[{}] * 99))
    assert fined.kinds == told(controls(FOUND, *[{}] * 99)).kinds


def test_draws_weigh_by_the_inverse_of_their_probability() -> None:
    half = [{}, FOUND | {"selection_probability": 0.03}]
    assert told(controls(*half)).kinds["any"].rate_as_found.value == pytest.approx(0.25)
    unknown = [{"selection_probability": None}, FOUND | {"selection_probability": None}]
    made = told(controls(*unknown))
    assert made.kinds["any"].rate_as_found.value == pytest.approx(0.5)
    assert made.assumed_probability_count == 2


def test_chosen_controls_change_no_share() -> None:
    alone = told(controls(FOUND, *[{}] * 9)).kinds["any"].rate
    chosen = [{"selected_by": "rule"} | FOUND] * 30
    assert told(controls(FOUND, *[{}] * 9, *chosen)).kinds["any"].rate == alone


def test_a_parcel_that_had_gone_is_missing_and_not_clean() -> None:
    gone = told(controls(FOUND, {}, {"presented": False, "result_code": "A2"}))
    assert (gone.drawn_count, gone.gone_count, gone.counted_count) == (3, 1, 2)
    assert gone.kinds["any"].rate_as_found.value == pytest.approx(0.5)


def test_a_provisional_finding_counts_as_often_as_such_were_confirmed() -> None:
    suspicion = FOUND | {"finding_types": "IPR_INFRINGEMENT", "status": "provisional"}
    first = told(controls(suspicion, *[{}] * 9))
    assert (first.pending_count, first.confirmed_share) == (1, 0.75)
    assert first.kinds["goods"].rate_as_found.value == pytest.approx(0.075)
    lifted = [suspicion | {"control_id": "X"}, {"control_id": "X", "hawb": "H00000"}]
    after = told(controls(*lifted, suspicion, *[{}] * 8))
    assert after.confirmed_share == pytest.approx(0.5)


def test_what_is_recorded_later_is_not_known_yet() -> None:
    outcomes = controls(FOUND, *[{}] * 9)
    assert told(outcomes, before=datetime(2026, 9, 21, tzinfo=UTC)).drawn_count == 0


def test_the_order_of_rows_means_nothing() -> None:
    outcomes = controls(FOUND, {"selection_probability": 0.37} | FOUND, *[{}] * 37)
    assert told(outcomes.sample(fraction=1.0, shuffle=True, seed=3)) == told(outcomes)


def test_a_period_without_flights_is_refused() -> None:
    flow = pl.DataFrame([FLIGHT | {"consignments": 1}]).clear()
    with pytest.raises(InputError, match="no flights"):
        estimate(controls({}), flow, rows({}), before=LATER)


shares = st.lists(st.floats(0.01, 1.0), min_size=1, max_size=60)


@given(shares, st.integers(0, 60), st.floats(1.0, 5.0))
def test_no_interval_is_without_width_or_without_its_value(
    weights: list[float], found: int, stands: float
) -> None:
    share = np.array(weights) / sum(weights)
    stands_for = np.where(np.arange(len(share)) < found, stands, 0.0)
    loss = np.linspace(0.0, 90.0, len(share))
    for value, ends in (
        rate_of(stands_for, share, 2.0), mean_loss_of(loss, stands_for, share, 2.0)
    ):  # fmt: skip
        assert 0 <= ends.low <= value <= ends.high
        assert ends.high > ends.low
    assert rate_of(stands_for, share, 2.0)[1].high <= 1


@pytest.mark.parametrize("count", [100, 400])
def test_the_intervals_hold_the_truth_of_a_known_flow(count: int) -> None:
    """Six findings a hundred, losses with a heavy tail, unequal weights, 300 redraws."""
    rng = np.random.default_rng(count)
    held = []
    mean_eur = float(np.exp(1.0 + 1.4**2 / 2))
    for _ in range(300):
        weight = 1.0 / rng.integers(1, 6, count)
        share = weight / weight.sum()
        stands_for = np.where(rng.random(count) < 0.06, 2.5, 0.0)
        loss = rng.lognormal(1.0, 1.4, count)
        _, rate = rate_of(stands_for, share, 2.5)
        _, money = mean_loss_of(loss, stands_for, share, 2.5)
        held.append((rate.low <= 0.15 <= rate.high, money.low <= 0.15 * mean_eur <= money.high))
    of_rates, of_money = np.mean(held, axis=0)
    assert 0.91 <= of_rates <= 0.99
    assert 0.91 <= of_money <= 0.995


def test_two_findings_stand_for_less_than_each_alone() -> None:
    both = FOUND | {"finding_types": "UNDERVALUATION|PRODUCT_SAFETY"}
    one, two = (told(controls(kind, *[{}] * 99)).kinds["any"].rate for kind in (FOUND, both))
    assert 0.01 <= two.value < one.value
