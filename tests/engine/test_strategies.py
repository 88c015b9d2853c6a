"""The contract every strategy keeps, over everything in `STRATEGIES`."""

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import strategies
from engine.budget import Budget
from engine.errors import SettingError
from engine.exploring import explored
from engine.policies.balanced import raised_risk
from engine.selection import NUMBER_COLUMNS, SCORED_COLUMNS, select
from engine.strategies import REFERENCE, STRATEGIES, USUAL, strategy_named
from engine.strategies.adaptive import LEAST, MOST, Adaptive
from engine.strategy import Signals, Strategy

KEY = b"a secret for tests"
SHARES = st.none() | st.floats(0, 1)
SIGNALS = st.builds(Signals, drift_index=st.none() | st.floats(-1, 40), promised_rate=SHARES,
                    hit_rate=SHARES)  # fmt: skip

every_strategy = pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda one: one.name)


@st.composite
def flights(draw: st.DrawFn) -> pl.DataFrame:
    """Scored consignments of one flight, with what is known of their senders."""
    rows = draw(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 500), st.none() | st.floats(0, 1),
                                   st.floats(0, 50), st.floats(0, 1)), max_size=25))  # fmt: skip
    values = [
        ("XX1", date(2026, 3, 1), f"P{place}", None, None, "784-12345678",
         risk, risk, risk, worth, worth, 10.0, rate, controls, luck)
        for place, (risk, worth, rate, controls, luck) in enumerate(rows)
    ]  # fmt: skip
    numbers = (*NUMBER_COLUMNS, "sender_rate", "sender_controls", "sender_luck")
    names = (*SCORED_COLUMNS, *numbers[-3:])
    types = {name: pl.Float64 if name in numbers else pl.String for name in names}
    return pl.DataFrame(values, schema=types | {"flight_date": pl.Date}, orient="row")


@every_strategy
@given(signals=SIGNALS)
def test_the_share_drawn_is_a_share(strategy: Strategy, signals: Signals) -> None:
    assert 0 <= strategy.random_share(signals) <= 1


@every_strategy
@settings(max_examples=40, deadline=None)
@given(frame=flights(), count=st.integers(1, 30), signals=SIGNALS,
       random=st.randoms(use_true_random=False))  # fmt: skip
def test_its_lists_keep_the_budget_whatever_the_order(  # type: ignore[no-untyped-def]
    strategy, frame, count, signals, random
) -> None:
    shuffled = list(range(frame.height))
    random.shuffle(shuffled)
    share = strategy.random_share(signals)
    one, other = (
        select(rows, Budget.controls(count), strategy.policy, random_share=share, key=KEY).chosen
        for rows in (frame, frame[shuffled])
    )
    assert one.equals(other)
    assert one.height == min(count, frame.height)
    assert one["hawb"].n_unique() == one.height
    assert set(one["hawb"]) <= set(frame["hawb"])
    assert one["why"].null_count() == 0


@every_strategy
def test_a_strategy_says_what_it_is(strategy: Strategy) -> None:
    assert strategy_named(strategy.name) is strategy
    assert strategy.meaning
    assert not strategy.meaning.endswith(".")


def test_every_file_of_strategies_is_registered() -> None:
    files = {path.stem for path in Path(strategies.__file__).parent.glob("[a-z]*.py")}
    assert {type(one).__module__.rsplit(".", 1)[1] for one in STRATEGIES} == files


def test_those_put_side_by_side_are_there() -> None:
    names = [one.name for one in STRATEGIES]
    assert len(set(names)) == len(names)
    assert REFERENCE in USUAL
    assert set(USUAL) <= set(names)


def test_an_unknown_name_is_told_the_known_ones() -> None:
    with pytest.raises(SettingError, match="random, rules, greedy, mixed-5"):
        strategy_named("best")


@given(before=SIGNALS, more=st.floats(0, 5))
def test_more_drift_never_draws_less(before: Signals, more: float) -> None:
    drifted = Signals((before.drift_index or 0) + more, before.promised_rate, before.hit_rate)
    assert Adaptive().random_share(drifted) >= Adaptive().random_share(before)


def test_a_calm_flow_is_drawn_least_and_a_broken_promise_most() -> None:
    assert Adaptive().random_share(Signals(0.0, 0.5, 0.5)) == LEAST
    assert Adaptive().random_share(Signals(0.0, 0.5, 0.0)) == pytest.approx(MOST)
    assert Adaptive().random_share(Signals(3.0, 0.5, 0.6)) == pytest.approx(MOST)


@given(frame=flights())
def test_at_its_mean_a_well_known_sender_is_as_risky_as_told(frame: pl.DataFrame) -> None:
    # A rate known from a million controls is read the same wherever it is read.
    known = frame.with_columns(sender_rate=pl.lit(0.2), sender_controls=pl.lit(1e6))
    order = explored(known, np.full(known.height, 0.5))
    stakes = order.select(raised_risk()).to_series().to_numpy()
    assert (np.diff(stakes) <= 1e-3 * np.abs(stakes[:-1]) + 1e-6).all()


def test_of_two_alike_the_unknown_sender_comes_first_at_the_upper_end() -> None:
    frame = pl.DataFrame({
        "hawb": ["known", "unknown"], "risk": [0.2, 0.2], "expected_yield": [30.0, 30.0],
        "sender_rate": [0.2, 0.2], "sender_controls": [200.0, 0.0],
    })  # fmt: skip
    assert explored(frame, np.full(2, 0.9))["hawb"].to_list() == ["unknown", "known"]
    assert explored(frame, np.full(2, 0.1))["hawb"].to_list() == ["known", "unknown"]
