"""Selection within the budget: what is promised of the random draw and of the greedy choice."""

from datetime import date

import polars as pl
import pytest

from engine.budget import Budget
from engine.errors import InputError, MissingColumnsError, SettingError
from engine.policies import policy_named
from engine.selection import NUMBER_COLUMNS, select

KEY = b"a secret for tests"
TOP_RISK, YIELD, RANDOM = (policy_named(n) for n in ("top_risk", "expected_yield", "random"))


def scored(*consignments: tuple[float, float, float]) -> pl.DataFrame:
    """Loose consignments P0, P1, ... with (risk, expected yield in euro, minutes)."""
    rows = [
        ("XX100", date(2026, 3, 1), f"P{place}", None, None, "784-12345678",
         risk, risk, 0.0, worth, worth, minutes)
        for place, (risk, worth, minutes) in enumerate(consignments)
    ]  # fmt: skip
    floats = dict.fromkeys(NUMBER_COLUMNS, pl.Float64)
    texts = dict.fromkeys(["uld_id", "bag_id", "mawb"], pl.String)
    schema = {"flight_number": pl.String, "flight_date": pl.Date, "hawb": pl.String}
    return pl.DataFrame(rows, schema=schema | texts | floats, orient="row")


def flight(size: int) -> pl.DataFrame:
    """A flight whose risk falls from the first consignment to the last."""
    return scored(*[(1 - place / size, float(place), 10.0) for place in range(size)])


@pytest.mark.parametrize(
    ("controls", "share", "expected"),
    [
        (50, 0.10, 5),
        (10, 0.10, 1),
        (5, 0.10, 1),  # 0.5 and 0.5 make 1
        (5, 0.01, 1),  # one at least, from five controls on
        (4, 0.10, 0),
        (4, 0.25, 1),
        (50, 0.0, 0),
        (50, 1.0, 50),
    ],
)
def test_the_number_of_random_controls(controls: int, share: float, expected: int) -> None:
    result = select(flight(100), Budget.controls(controls), TOP_RISK, random_share=share, key=KEY)
    drawn = result.chosen.filter(pl.col("selected_by") == "random")
    assert drawn.height == result.random_count == expected
    assert result.chosen.height == controls
    assert (drawn["selection_probability"] == expected / 100).all()


def test_of_minutes_so_many_are_drawn_as_surely_fit() -> None:
    # 10 % of 240 minutes, at 10 minutes each: 2 of 100.
    result = select(flight(100), Budget.minutes(240), TOP_RISK, key=KEY)
    assert (result.random_count, result.chosen.height, result.spent) == (2, 24, 240.0)
    assert result.chosen["selection_probability"].unique().sort().to_list() == [0.02, 1.0]


def test_without_a_draw_the_highest_risk_is_taken() -> None:
    result = select(flight(20), Budget.controls(3), TOP_RISK, random_share=0, key=KEY)
    assert result.chosen["hawb"].to_list() == ["P0", "P1", "P2"]
    assert result.chosen["rank"].to_list() == [1, 2, 3]


def test_the_draw_stands_where_its_risk_puts_it() -> None:
    result = select(flight(100), Budget.controls(20), TOP_RISK, random_share=0.3, key=KEY)
    assert result.chosen["risk"].is_sorted(descending=True)


def test_controls_buy_the_most_yield_and_minutes_the_most_yield_a_minute() -> None:
    frame = scored((0.5, 30.0, 20.0), (0.5, 20.0, 10.0), (0.5, 19.0, 10.0))
    by_control = select(frame, Budget.controls(1), YIELD, random_share=0, key=KEY)
    by_minute = select(frame, Budget.minutes(20), YIELD, random_share=0, key=KEY)
    assert by_control.chosen["hawb"].to_list() == ["P0"]
    assert sorted(by_minute.chosen["hawb"]) == ["P1", "P2"]


def test_one_large_parcel_is_not_lost_behind_a_small_one() -> None:
    # Density alone takes P0 (2 a minute), after which P1 (1.9 a minute, 190 in all) has no room.
    frame = scored((0.5, 2.0, 1.0), (0.5, 190.0, 100.0))
    result = select(frame, Budget.minutes(100), YIELD, random_share=0, key=KEY)
    assert result.chosen["hawb"].to_list() == ["P1"]


def test_what_does_not_fit_is_skipped() -> None:
    frame = scored((0.9, 1.0, 20.0), (0.8, 1.0, 20.0), (0.7, 1.0, 10.0))
    result = select(frame, Budget.minutes(30), TOP_RISK, random_share=0, key=KEY)
    assert result.chosen["hawb"].to_list() == ["P0", "P2"]


@pytest.mark.parametrize("budget", [Budget.controls(1_000), Budget.minutes(1e6)])
@pytest.mark.parametrize("policy", [TOP_RISK, YIELD, RANDOM])
def test_if_everything_fits_everything_is_listed(budget: Budget, policy) -> None:  # type: ignore[no-untyped-def]
    result = select(flight(30), budget, policy, key=KEY)
    assert result.chosen.height == 30
    assert result.random_count == (30 if policy is RANDOM else 3)


def test_the_rule_list_chooses_by_rule() -> None:
    result = select(flight(50), Budget.controls(10), TOP_RISK, key=KEY, chosen_by="rule")
    assert set(result.chosen["selected_by"]) == {"rule", "random"}


def test_reasons_have_numbers() -> None:
    top = select(scored((0.832, 42.1, 10.0)), Budget.controls(1), TOP_RISK, key=KEY)
    best = select(scored((0.832, 42.1, 10.0)), Budget.controls(1), YIELD, key=KEY)
    drawn = select(flight(100), Budget.controls(5), RANDOM, key=KEY)
    assert "83.2 %" in top.chosen["why"][0]
    assert "EUR 42.1 in 10.0 minutes" in best.chosen["why"][0]
    assert "5 of the 100" in drawn.chosen["why"][0]


@pytest.mark.parametrize("budget", [Budget.controls(10), Budget.minutes(100)])
@pytest.mark.parametrize(("policy", "drawn"), [(TOP_RISK, 1), (RANDOM, 10)])
def test_every_consignment_is_drawn_as_often_as_said(budget: Budget, policy, drawn: int) -> None:  # type: ignore[no-untyped-def]
    # Over 200 keys each of 40 consignments is drawn n/N x 200 times, whatever its risk.
    keys, size = 200, 40
    counts = dict.fromkeys(range(size), 0)
    for number in range(keys):
        result = select(flight(size), budget, policy, key=f"key {number}".encode())
        assert result.random_count == drawn
        for hawb in result.chosen.filter(pl.col("selected_by") == "random")["hawb"]:
            counts[int(hawb[1:])] += 1
    share = drawn / size
    deviation = (keys * share * (1 - share)) ** 0.5
    # The keys are fixed, so this is no lottery: 4 deviations a consignment,
    assert max(abs(count - keys * share) for count in counts.values()) < 4 * deviation
    # and 3 for the riskier half, which would catch a draw that looks at the risk.
    riskier = sum(counts[place] for place in range(size // 2))
    assert abs(riskier - keys * drawn / 2) < 3 * (keys * drawn / 4) ** 0.5


def test_a_change_of_risk_changes_no_draw() -> None:
    frame = flight(60)
    turned = frame.with_columns(risk=1 - pl.col("risk"))
    draws = [
        set(select(f, Budget.controls(20), TOP_RISK, key=KEY).chosen
            .filter(pl.col("selected_by") == "random")["hawb"])
        for f in (frame, turned)
    ]  # fmt: skip
    assert draws[0] == draws[1]


@pytest.mark.parametrize(
    ("column", "value"),
    [("risk", None), ("risk", float("nan")), ("expected_yield", float("inf")), ("minutes", 0.0)],
)
def test_a_bad_number_is_refused_with_its_consignment(column: str, value: float | None) -> None:
    is_bad = pl.col("hawb") == "P3"
    frame = flight(10).with_columns(
        pl.when(is_bad).then(pl.lit(value, pl.Float64)).otherwise(column).alias(column)
    )
    with pytest.raises(InputError, match=f"'P3'.*{column}"):
        select(frame, Budget.controls(5), TOP_RISK, key=KEY)


def test_a_consignment_twice_is_refused() -> None:
    with pytest.raises(InputError, match="comes twice"):
        select(pl.concat([flight(3), flight(3)]), Budget.controls(5), TOP_RISK, key=KEY)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(MissingColumnsError, match="risk_goods"):
        select(flight(3).drop("risk_goods"), Budget.controls(5), TOP_RISK, key=KEY)


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(SettingError, match="random share"):
        select(flight(3), Budget.controls(5), TOP_RISK, random_share=share, key=KEY)
