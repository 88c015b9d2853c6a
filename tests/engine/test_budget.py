"""The budget and the minutes of a parcel."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.budget import Budget
from engine.errors import SettingError
from engine.times import InspectionTimes, parcel_minutes


@pytest.mark.parametrize("count", [0, -3])
def test_a_budget_of_no_controls_is_refused(count: int) -> None:
    with pytest.raises(SettingError, match=str(count)):
        Budget.controls(count)


@pytest.mark.parametrize("minutes", [0.0, -1.0, 0.0004, float("nan"), float("inf")])
def test_a_budget_of_no_minutes_is_refused(minutes: float) -> None:
    with pytest.raises(SettingError, match="minutes"):
        Budget.minutes(minutes)


def test_a_control_costs_one_whatever_its_minutes() -> None:
    frame = pl.DataFrame({"minutes": [3.0, 90.0]})
    assert frame.with_columns(Budget.controls(5).cost())["cost"].to_list() == [1, 1]


@given(st.floats(0.001, 1_000), st.integers(1, 50))
def test_equal_parcels_that_fill_the_budget_fit_exactly(minutes: float, count: int) -> None:
    minutes = round(minutes, 3)
    budget = Budget.minutes(minutes * count)
    cost = pl.DataFrame({"minutes": [minutes]}).select(budget.cost()).item()
    assert cost * count == budget.capacity


@given(st.floats(1e-12, 1e300))
def test_minutes_are_never_counted_short(minutes: float) -> None:
    budget = Budget.minutes(10)
    cost = pl.DataFrame({"minutes": [minutes]}).select(budget.cost()).item()
    assert cost >= 1
    assert budget.in_unit(cost) >= min(minutes, 1e9) - 1e-8


def test_the_budget_says_what_it_is() -> None:
    assert (str(Budget.controls(50)), str(Budget.minutes(240.5))) == (
        "50 controls",
        "240.5 minutes",
    )


@pytest.mark.parametrize(
    ("line_count", "package_count", "minutes"),
    [(1, 1, 10.0), (3, 2, 10.0), (4, 1, 20.0), (1, 3, 20.0), (None, None, 10.0)],
)
def test_a_disordered_parcel_takes_longer(
    line_count: int | None, package_count: int | None, minutes: float
) -> None:
    frame = pl.DataFrame(
        {"line_count": [line_count], "package_count": [package_count]},
        schema={"line_count": pl.Int64, "package_count": pl.Int64},
    )
    assert frame.select(parcel_minutes()).item() == minutes


def test_the_times_are_the_users_to_set() -> None:
    own = InspectionTimes(single_parcel_minutes=6, disordered_line_count=2)
    frame = pl.DataFrame({"line_count": [1, 2], "package_count": [1, 1]})
    assert frame.select(parcel_minutes(own))["minutes"].to_list() == [6.0, 20.0]
