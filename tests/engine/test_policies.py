"""The contract every policy keeps, over everything in `POLICIES`."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import policies
from engine.budget import Budget
from engine.errors import SettingError
from engine.policies import POLICIES, policy_named
from engine.selection import NUMBER_COLUMNS, SCORED_COLUMNS, Policy, Selection, select

KEY = b"a secret for tests"
TIED = st.sampled_from([0.0, 0.1, 0.1 + 1e-12, 0.5, 1.0])
MINUTES = st.sampled_from([0.5, 10.0, 10.1, 20.0, 45.0])
BUDGETS = st.one_of(
    st.integers(1, 40).map(Budget.controls),
    st.floats(0.5, 400).map(Budget.minutes),
    st.just(Budget.controls(10**9)),
    st.just(Budget.minutes(1e9)),
)


@st.composite
def flights(draw: st.DrawFn) -> pl.DataFrame:
    """Scored consignments of one flight: none to thirty, with ties and missing pallets."""
    rows = draw(
        st.lists(st.tuples(TIED, TIED, MINUTES, st.none() | st.sampled_from(["U1", "U2"]),
                           st.none() | st.sampled_from(["B1", "B2"])), max_size=30)
    )  # fmt: skip
    values = [
        ("XX1", date(2026, 3, 1), f"P{place}", uld, bag, "784-12345678",
         risk, risk, risk, worth, worth, minutes)
        for place, (risk, worth, minutes, uld, bag) in enumerate(rows)
    ]  # fmt: skip
    types = {name: pl.Float64 if name in NUMBER_COLUMNS else pl.String for name in SCORED_COLUMNS}
    return pl.DataFrame(values, schema=types | {"flight_date": pl.Date}, orient="row")


def minutes_of(chosen: pl.DataFrame) -> float:
    """What a list takes, counted by hand: parcels, each bag once, each ULD once."""
    rows = chosen.select("uld_id", "bag_id", "minutes").rows()
    ulds = {uld for uld, _, _ in rows if uld is not None}
    bags = {(uld, bag) for uld, bag, _ in rows if bag is not None}
    return sum(minutes for *_, minutes in rows) + 90 * len(ulds) + 8 * len(bags)


def selected(frame: pl.DataFrame, budget: Budget, policy: Policy, **how: Any) -> Selection | None:
    """The selection; None where the budget buys nothing, which is said."""
    least = min((minutes_of(frame[row]) for row in range(frame.height)), default=0.0)
    if policy.is_draw and frame.height:
        places = (90 if frame["uld_id"].count() else 0) + (8 if frame["bag_id"].count() else 0)
        least = max(frame["minutes"]) + places
    if budget.unit == "minutes" and least > budget.amount + 1e-3:
        with pytest.raises(SettingError, match="is less than the"):
            select(frame, budget, policy, key=KEY, **how)
        return None
    return select(frame, budget, policy, key=KEY, **how)


every_policy = pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)


@every_policy
@settings(max_examples=60, deadline=None)
@given(frame=flights(), budget=BUDGETS, share=st.sampled_from([0.0, 0.1, 0.5, 1.0]))
def test_a_list_keeps_its_promises(
    policy: Policy, frame: pl.DataFrame, budget: Budget, share: float
) -> None:
    result = selected(frame, budget, policy, random_share=share)
    if result is None:
        return
    chosen = result.chosen
    # Never over budget, set-up included.
    used = chosen.height if budget.unit == "controls" else minutes_of(chosen)
    assert used <= budget.amount + 1e-6
    assert result.spent == pytest.approx(used)
    # Only what was offered, as it was offered, and nothing twice.
    assert chosen["hawb"].n_unique() == chosen.height
    assert chosen.select(frame.columns).join(frame, on=frame.columns, nulls_equal=True).height == (
        chosen.height
    )
    # Ranked, and every one knows why and with what probability.
    assert chosen["rank"].to_list() == list(range(1, chosen.height + 1))
    assert chosen["why"].str.len_chars().min() != 0
    assert chosen["why"].null_count() == 0
    assert chosen["selection_probability"].is_between(0, 1, closed="right").all()
    # The random share as promised, at its exact probability.
    drawn = chosen.filter(pl.col("selected_by") == "random")
    assert drawn.height == result.random_count
    assert (drawn["selection_probability"] * frame.height == drawn.height).all()
    if not policy.is_draw and budget.unit == "minutes":
        is_little = minutes_of(drawn) <= share * budget.amount + 1e-6
        assert is_little or drawn.height == (share > 0) or chosen.height == frame.height


@every_policy
@settings(max_examples=40, deadline=None)
@given(frame=flights(), budget=BUDGETS, random=st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(policy, frame, budget, random) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(range(frame.height))
    random.shuffle(shuffled)
    one, other = (selected(f, budget, policy) for f in (frame, frame[shuffled]))
    assert (one is None) == (other is None)
    assert one is None or other is None or one.chosen.equals(other.chosen)


@every_policy
@settings(max_examples=40, deadline=None)
@given(frame=flights(), budget=BUDGETS)
def test_no_room_is_left_for_one_more(policy: Policy, frame: pl.DataFrame, budget: Budget) -> None:
    result = selected(frame, budget, policy)
    if result is None or policy.is_draw:
        return
    left_over = frame.join(result.chosen, on="hawb", how="anti")
    chosen = result.chosen.select(frame.columns)
    for row in range(left_over.height):
        more = pl.concat([chosen, left_over[row]])
        used = more.height if budget.unit == "controls" else minutes_of(more)
        assert used > budget.amount - 2e-3


def test_every_file_of_policies_is_registered() -> None:
    files = {path.stem for path in Path(policies.__file__).parent.glob("[a-z]*.py")}
    assert {type(policy).__module__.rsplit(".", 1)[1] for policy in POLICIES} == files


@every_policy
def test_a_policy_is_found_by_its_name(policy: Policy) -> None:
    assert policy_named(policy.name) is policy


def test_an_unknown_name_is_told_the_known_ones() -> None:
    with pytest.raises(SettingError, match="top_risk, expected_yield, random"):
        policy_named("best")
