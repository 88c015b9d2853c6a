"""Caps, mandatory controls and the draw: what a list keeps whatever the policy and the budget."""

from collections import Counter
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.account import time_account
from engine.budget import Budget
from engine.caps import Caps
from engine.errors import InputError, MissingColumnsError, SettingError
from engine.policies import POLICIES, policy_named
from engine.selection import NUMBER_COLUMNS, SCORED_COLUMNS, Policy, select
from engine.times import DEFAULT_TIMES, InspectionTimes

KEY = b"a secret for tests"
CHOOSING = [policy for policy in POLICIES if not policy.is_draw]
PLACES = st.none() | st.sampled_from(["1", "2", "3"])


def flight_of(rows: list[tuple[Any, ...]]) -> pl.DataFrame:
    """Consignments P0, P1, ... of (risk, yield, minutes, ULD, bag, shipper, broker, flight)."""
    values = [
        (flight, date(2026, 3, 1), f"P{place}", uld, bag, None, risk, risk, risk, worth, worth,
         minutes, broker, "" if shipper == "2" else None, f"Shipper  {shipper}", "CN")
        for place, (risk, worth, minutes, uld, bag, shipper, broker, flight) in enumerate(rows)
    ]  # fmt: skip
    types = {name: pl.Float64 if name in NUMBER_COLUMNS else pl.String for name in SCORED_COLUMNS}
    parties = ("declarant_eori", "exporter_id", "exporter_name", "exporter_country")
    schema = types | {"flight_date": pl.Date} | dict.fromkeys(parties, pl.String)
    return pl.DataFrame(values, schema=schema, orient="row")


flights = st.lists(
    st.tuples(st.sampled_from([0.1, 0.5, 0.9]), st.integers(0, 9).map(float),
              st.sampled_from([10.0, 20.0]), PLACES, PLACES, st.sampled_from(["1", "2", "3"]),
              st.sampled_from(["A", "B"]), st.sampled_from(["XX1", "XX2"])),
    min_size=1, max_size=25,
).map(flight_of)  # fmt: skip
budgets = st.one_of(
    st.integers(3, 25).map(Budget.controls), st.integers(140, 900).map(Budget.minutes)
)
limits = st.none() | st.integers(1, 4)


def counts_by(chosen: pl.DataFrame, columns: list[str]) -> Counter[tuple[Any, ...]]:
    return Counter(chosen.select(columns).rows())


@pytest.mark.parametrize("policy", CHOOSING, ids=lambda policy: policy.name)
@settings(max_examples=60, deadline=None)
@given(frame=flights, budget=budgets, per_uld=limits, per_shipper=limits, per_broker=limits,
       wanted=st.sets(st.integers(0, 24), max_size=1))  # fmt: skip
def test_caps_and_mandatory_controls_hold(
    policy: Policy, frame: pl.DataFrame, budget: Budget, per_uld: int | None,
    per_shipper: int | None, per_broker: int | None, wanted: set[int],
) -> None:  # fmt: skip
    mandatory = {f"P{place % frame.height}" for place in wanted}
    caps = Caps(per_uld, per_shipper, per_broker)
    result = select(frame, budget, policy, key=KEY, caps=caps, mandatory=mandatory)
    chosen = result.chosen
    assert result.spent <= budget.amount + 1e-9
    assert mandatory <= set(chosen["hawb"])
    assert result.mandatory_count == chosen.filter(selected_by="rule").height
    fixed = chosen.filter(pl.col("selected_by") != "model")
    for columns, most in (
        (["flight_number", "uld_id"], per_uld),
        (["exporter_name"], per_shipper),
        (["declarant_eori"], per_broker),
    ):
        stands = counts_by(fixed, columns)
        for group, count in counts_by(chosen, columns).items():
            is_loose = columns[-1] == "uld_id" and group[-1] is None
            assert most is None or is_loose or count <= max(most, stands[group])
    again = select(frame.reverse(), budget, policy, key=KEY, caps=caps, mandatory=mandatory)
    assert again.chosen.equals(chosen)


@settings(max_examples=60, deadline=None)
@given(frame=flights, budget=budgets, share=st.sampled_from([0.0, 0.1, 0.4, 1.0]))
def test_the_size_of_the_draw_knows_no_risk(
    frame: pl.DataFrame, budget: Budget, share: float
) -> None:
    turned = frame.with_columns(risk=1 - pl.col("risk"), expected_yield=9 - pl.col("risk"))
    draws = [
        select(f, budget, policy_named(name), random_share=share, key=KEY)
        for f, name in ((frame, "top_risk"), (turned, "expected_yield"))
    ]
    drawn = [set(d.chosen.filter(selected_by="random")["hawb"]) for d in draws]
    assert draws[0].random_count == draws[1].random_count
    assert drawn[0] == drawn[1]


def bags(count: int, ulds: int = 1) -> pl.DataFrame:
    """So many ordinary parcels, each in a bag of its own, spread over ULDs."""
    return flight_of(
        [(0.5, 5.0, 10.0, str(at % ulds), str(at), "1", "A", "XX1") for at in range(count)]
    )


def test_the_account_says_what_the_minutes_go_to() -> None:
    result = select(bags(3), Budget.minutes(500), policy_named("top_risk"), key=KEY)
    assert str(result.account) == "30 for 3 parcels, 24 for 3 bags, 90 for 1 ULD"
    assert result.account.total_minutes == result.spent == 144.0


def test_one_bag_id_in_two_ulds_is_two_bags_and_one_uld_id_on_two_flights_two_ulds() -> None:
    frame = flight_of(
        [(0.5, 1.0, 10.0, uld, "1", "1", "A", flight)
         for uld, flight in (("1", "XX1"), ("2", "XX1"), ("1", "XX2"), (None, "XX1"))]
    )  # fmt: skip
    account = time_account(frame, DEFAULT_TIMES)
    assert (account.uld_count, account.bag_count) == (3, 4)
    result = select(frame, Budget.minutes(1_000), policy_named("top_risk"), key=KEY)
    assert result.spent == 3 * 90 + 4 * 8 + 4 * 10


def test_loose_parcels_cost_no_set_up() -> None:
    frame = flight_of([(0.5, 1.0, 10.0, None, None, "1", "A", "XX1")] * 5)
    result = select(frame, Budget.minutes(30), policy_named("top_risk"), random_share=0, key=KEY)
    assert (result.chosen.height, result.spent) == (3, 30.0)


@pytest.mark.parametrize(("minutes", "drawn"), [(300, 0), (330, 1), (1_500, 1), (2_700, 2)])
def test_a_random_control_is_due_from_three_at_worst_on(minutes: int, drawn: int) -> None:
    # At worst one takes 108 minutes, three 324, and two of a tenth of 2,700 minutes 216.
    result = select(bags(200, ulds=50), Budget.minutes(minutes), policy_named("top_risk"), key=KEY)
    assert result.random_count == drawn


def test_what_a_mandatory_control_opens_is_free_for_the_route() -> None:
    frame = bags(6, ulds=2)
    result = select(frame, Budget.minutes(144), policy_named("expected_yield"), random_share=0,
                    key=KEY, mandatory={"P1"})  # fmt: skip
    # One ULD alone fits: the mandatory control's.
    assert set(result.chosen["hawb"]) == {"P1", "P3", "P5"}
    assert result.route is not None
    assert result.route.is_proven
    assert result.route.gap == 0.0


def test_a_mandatory_control_that_is_drawn_stays_a_random_one_and_says_both() -> None:
    frame = bags(10)
    every = set(frame["hawb"])
    result = select(frame, Budget.controls(10), policy_named("balanced"), key=KEY, mandatory=every)
    # Ten mandatory controls leave no room for a draw: nothing may push them off the list.
    assert (result.random_count, result.mandatory_count) == (0, 10)
    result = select(frame, Budget.controls(11), policy_named("random"), key=KEY, mandatory={"P1"})
    told = result.chosen.filter(hawb="P1")
    assert told["selected_by"][0] in {"random", "rule"}
    both = result.chosen.filter(pl.col("why").str.ends_with("; also a mandatory control"))
    assert set(both["selected_by"]) <= {"random"}
    assert set(both["hawb"]) <= {"P1"}


def test_a_mandatory_control_nobody_knows_or_can_pay_is_an_error() -> None:
    with pytest.raises(InputError, match="'NONE' is not on the flight"):
        select(bags(3), Budget.controls(3), policy_named("balanced"), key=KEY, mandatory={"NONE"})
    with pytest.raises(SettingError, match="2 mandatory controls take 126 minutes"):
        select(bags(3), Budget.minutes(125), policy_named("balanced"), key=KEY,
               mandatory={"P0", "P1"})  # fmt: skip


def test_a_budget_too_small_for_one_control_says_what_it_takes() -> None:
    frame = bags(3).with_columns(uld_id=pl.lit(None, pl.String))
    with pytest.raises(SettingError, match="5 minutes is less than the 18 that the cheapest"):
        select(frame, Budget.minutes(5), policy_named("balanced"), key=KEY)


def test_caps_make_no_sense_below_one_for_a_draw_or_without_parties() -> None:
    with pytest.raises(SettingError, match="cap per broker is 0"):
        Caps(per_broker=0)
    with pytest.raises(SettingError, match="no cap may bend"):
        select(bags(3), Budget.controls(3), policy_named("random"), key=KEY, caps=Caps(1))
    with pytest.raises(MissingColumnsError, match="exporter_id"):
        select(bags(3).drop("exporter_id"), Budget.controls(3), policy_named("balanced"), key=KEY,
               caps=Caps(per_shipper=1))  # fmt: skip


def test_an_xray_first_shortens_what_the_picture_settles() -> None:
    xray = InspectionTimes(is_xray_first=True, xray_minutes=1.0, xray_settled_share=0.35)
    assert (xray.of_parcel(10.0), DEFAULT_TIMES.of_parcel(10.0)) == (7.5, 10.0)


@pytest.mark.parametrize("wrong", [{"uld_breakdown_minutes": -1.0}, {"xray_settled_share": 2.0},
                                   {"single_parcel_minutes": 0.0},
                                   {"bag_opening_minutes": float("nan")}])  # fmt: skip
def test_times_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(SettingError, match=r"minutes of the step|share that the x-ray"):
        InspectionTimes(**wrong)
