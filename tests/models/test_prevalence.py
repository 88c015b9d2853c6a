"""How common each type is: belief where little was seen, what was found where much was."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.finding import FINDING_TYPES, FISCAL_FINDINGS
from models.estimation import TYPES, UNNAMED, Estimation
from models.prevalence import BELIEF, prevalences_of

USUAL = dict.fromkeys(FINDING_TYPES, 0.01) | {"PROHIBITED_RESTRICTED": 0.0}


def _seen(draws: float, power: float, **found_shares: float) -> Estimation:
    day = date(2026, 9, 7)
    return Estimation(
        day, day, 1, 1, 10_000, 0, int(draws), 0, int(draws), draws, 0, 0, 1.0, 0,
        powers=dict.fromkeys(TYPES, power),
        found_shares=dict.fromkeys(TYPES, 0.0) | found_shares,
    )  # fmt: skip


def test_nothing_is_told_without_random_controls() -> None:
    nothing = replace(_seen(0, 0.5), powers={}, found_shares={})
    assert prevalences_of(nothing, USUAL) == {}


@given(power=st.floats(0.05, 1), share=st.floats(0, 0.05))
def test_few_controls_leave_the_usual_share_and_many_what_was_found(
    power: float, share: float
) -> None:
    few = prevalences_of(_seen(0.001, power, UNDERVALUATION=share), USUAL)
    assert few["UNDERVALUATION"].value == pytest.approx(0.01, rel=0.01)
    many = prevalences_of(_seen(1e8, power, UNDERVALUATION=share), USUAL)
    assert many["UNDERVALUATION"].value == pytest.approx(min(share / power, 1), rel=0.01, abs=1e-5)


@given(
    draws=st.floats(1, 5000),
    found=st.sampled_from([0.0, 0.001, 0.02]),
    usual=st.floats(0.0001, 0.05),
)
def test_the_estimate_lies_between_belief_and_findings_and_in_its_interval(
    draws: float, found: float, usual: float
) -> None:
    made = prevalences_of(_seen(draws, 0.4, SPLITTING=found), {"SPLITTING": usual})["SPLITTING"]
    low, high = sorted((usual, found / 0.4))
    assert low - 1e-12 <= made.value <= high + 1e-12
    assert made.interval.low < made.value < made.interval.high


def test_results_without_a_type_raise_the_fiscal_ones_alone() -> None:
    named, nameless = (
        prevalences_of(_seen(1000, 0.5, **{UNNAMED: share}), USUAL) for share in (0.0, 0.01)
    )
    for finding in FINDING_TYPES:
        is_raised = nameless[finding].value > named[finding].value
        assert is_raised == (finding in FISCAL_FINDINGS)
    more = sum(nameless[finding].found_count for finding in FISCAL_FINDINGS)
    assert more == pytest.approx(10)


def test_intervals_hold_where_the_belief_does() -> None:
    """Shares drawn from the belief, findings from the shares: 95 % of the intervals hold them."""
    rng = np.random.default_rng(101)
    held = []
    for _ in range(400):
        share = rng.gamma(BELIEF, 0.02 / BELIEF)
        found = rng.poisson(share * 0.4 * 300) / 300
        made = prevalences_of(_seen(300, 0.4, SPLITTING=found), {"SPLITTING": 0.02})["SPLITTING"]
        held.append(made.interval.low <= share <= made.interval.high)
    assert 0.92 < np.mean(held) < 0.98
