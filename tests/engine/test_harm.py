"""Harm: a sum of risks by finding type, with weights that a user may change but not break."""

from __future__ import annotations

import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import SettingError
from engine.finding import FINDING_TYPES
from engine.harm import HARMS_EUR, RISK_COLUMNS, checked_harms, expected_harm, expected_yield

RISKS = st.lists(st.floats(0, 1), min_size=len(RISK_COLUMNS), max_size=len(RISK_COLUMNS))


@given(risks=RISKS)
def test_harm_is_the_sum_of_risk_times_harm(risks: list[float]) -> None:
    frame = pl.DataFrame({name: [risk] for name, risk in zip(RISK_COLUMNS, risks, strict=True)})
    by_hand = math.fsum(
        risk * HARMS_EUR[kind] for kind, risk in zip(FINDING_TYPES, risks, strict=True)
    )
    assert frame.select(expected_harm()).item() == pytest.approx(by_hand)


def test_every_finding_type_has_a_harm() -> None:
    assert set(HARMS_EUR) == set(FINDING_TYPES)
    assert min(HARMS_EUR.values()) == 0


def test_a_user_replaces_what_he_sees_otherwise() -> None:
    told = checked_harms({"PRODUCT_SAFETY": 400})
    assert told["PRODUCT_SAFETY"] == 400.0
    assert {k: v for k, v in told.items() if k != "PRODUCT_SAFETY"} == {
        k: v for k, v in HARMS_EUR.items() if k != "PRODUCT_SAFETY"
    }


@pytest.mark.parametrize(
    ("harms", "told"),
    [
        ({"SAFETY": 1}, "PRODUCT_SAFETY"),
        ({"SPLITTING": -1}, "0 or more"),
        ({"SPLITTING": float("nan")}, "0 or more"),
        ({"SPLITTING": "much"}, "Give euros"),
        ({"SPLITTING": True}, "Give euros"),
    ],
)
def test_senseless_harms_are_refused(harms: dict[str, object], told: str) -> None:
    with pytest.raises(SettingError, match=told):
        checked_harms(harms)


def test_the_weight_of_harm_is_in_the_yield() -> None:
    frame = pl.DataFrame({"expected_revenue_eur": [3.0], "harm_eur": [10.0]})
    assert frame.select(expected_yield(0.5)).item() == 8.0
    with pytest.raises(SettingError, match="0 or more"):
        expected_yield(-1.0)
