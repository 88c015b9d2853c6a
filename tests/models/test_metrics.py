import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from sklearn.metrics import average_precision_score, roc_auc_score

from engine.errors import InputError, MissingColumnsError
from models.budgets import BUDGETS, FLOW_BUDGETS
from models.curves import ORDERS
from models.metrics import Evaluation, Population, evaluate
from tests.models.worlds import KEY, scored, world


def measured(table: pl.DataFrame, population: Population = "flow") -> Evaluation:
    return evaluate(table, population=population, key=KEY)


def test_hand_computed_hits_recall_and_lift() -> None:
    # 20 parcels, 4 irregular; of the 10 riskiest 3 are irregular, chance would hit 2.
    risk = [0.99 - 0.04 * i for i in range(20)]
    irregular = [i in {0, 3, 9, 15} for i in range(20)]
    values = measured(scored(risk, irregular)).values
    assert values["hit_rate_at_10"] == 0.3
    assert values["hits_at_10"] == 3.0
    assert values["recall_at_10"] == 0.75
    assert values["lift_at_10"] == pytest.approx(1.5)
    assert values["irregular_share"] == 0.2


def test_hand_computed_revenue() -> None:
    # The list of 10 finds 30 and 2,000 EUR; the best list also the 500 EUR at the end.
    risk = [0.99 - 0.04 * i for i in range(20)]
    revenue = [30.0, 2000.0] + [0.0] * 17 + [500.0]
    values = measured(scored(risk, [x > 0 for x in revenue], revenue)).values
    assert values["revenue_eur_at_10"] == 2030.0
    assert values["capped_revenue_eur_at_10"] == 1030.0
    assert values["revenue_share_at_10"] == pytest.approx(2030 / 2530)
    assert values["capped_revenue_share_at_10"] == pytest.approx(1030 / 1530)


def test_hits_are_averaged_over_flights_and_shares_over_days() -> None:
    # Two flights a day, two days, 20 parcels each: one hit on the list of each flight.
    risk, irregular = [1.0] + [0.1] * 19, [True] + [False] * 19
    values = measured(scored(risk * 4, irregular * 4, per_flight=20, flights_a_day=2)).values
    assert values["hits_at_10"] == 1.0
    assert values["hits_at_5_percent"] == 2.0
    assert values["hit_rate_at_5_percent"] == 1.0


def test_a_share_controls_at_least_one_and_never_more_than_it_says() -> None:
    table = scored([0.5] * 150, [False] * 149 + [True])
    controls = measured(table).by_day.filter(ranking="risk").select("budget", "controls")
    found = dict(controls.iter_rows())
    assert found["0.01_percent"] == found["1_percent"] == 1
    assert found["5_percent"] == 7
    assert found["150"] == 150


def test_chance_finds_what_chance_promises() -> None:
    rng = np.random.default_rng(3)
    lifts, areas = [], []
    for _ in range(40):
        table = scored(rng.random(300).tolist(), (rng.random(300) < 0.2).tolist())
        values = measured(table).values
        lifts.append(values["lift_at_50"])
        areas.append(values["auc"])
    assert np.mean(lifts) == pytest.approx(1.0, abs=0.1)
    assert np.mean(areas) == pytest.approx(0.5, abs=0.02)


def test_separation_agrees_with_scikit_learn() -> None:
    table = world(skill=0.5).with_columns(pl.col("risk").round(2))
    values = measured(table).values
    truth, risk = table["is_irregular"].to_numpy(), table["risk"].to_numpy()
    assert values["auc"] == pytest.approx(roc_auc_score(truth, risk))
    assert values["average_precision"] == pytest.approx(average_precision_score(truth, risk))


def test_intervals_hold_the_value() -> None:
    values = measured(world(skill=0.7)).values
    for name in ("hit_rate_at_50", "revenue_eur_at_50", "auc", "average_precision", "brier"):
        assert values[f"{name}_low"] <= values[name] <= values[f"{name}_high"]


def test_promises_kept_and_broken() -> None:
    kept = measured(scored([0.25] * 400, [i % 4 == 0 for i in range(400)])).values
    broken = measured(scored([0.75] * 400, [i % 4 == 0 for i in range(400)])).values
    assert kept["brier"] == pytest.approx(0.1875)
    assert kept["calibration_ratio"] == pytest.approx(1.0)
    assert broken["calibration_ratio"] == pytest.approx(3.0)
    assert broken["calibration_error"] == pytest.approx(0.5, abs=0.02)


def test_what_is_undefined_is_absent() -> None:
    values = measured(scored([0.1, 0.2], [False, False])).values
    assert not {"auc", "recall_at_10", "revenue_share_at_10", "hit_rate_at_10_low"} & set(values)
    assert all(np.isfinite(value) for value in values.values())


def test_figures_of_the_controlled_say_so() -> None:
    values = measured(world(skill=0.7), "controlled").values
    assert all("_of_controlled" in name or "_of_random_controls" in name for name in values)


def test_calibration_of_the_controlled_rests_on_random_controls_alone() -> None:
    table = scored([0.5] * 200, [i % 2 == 1 for i in range(200)])  # no random one is irregular
    values = measured(table, "controlled").values
    assert values["irregular_share_of_random_controls"] == 0.0
    assert values["calibration_error_of_random_controls"] == pytest.approx(0.5)


def test_random_controls_stand_for_the_inverse_of_their_probability() -> None:
    # One irregular in a stratum drawn with 1 %, one regular in a stratum drawn with 50 %.
    table = scored([0.5] * 4, [True, False, False, False])
    table = table.with_columns(
        weight=pl.Series([100.0, None, 2.0, None]),
        is_random_control=pl.Series([True, False, True, False]),
    )
    values = measured(table, "controlled").values
    assert values["irregular_share_of_random_controls"] == pytest.approx(100 / 102)


def test_without_random_controls_nothing_is_said_of_the_flow() -> None:
    table = world(skill=0.7).with_columns(is_random_control=pl.lit(False))
    evaluation = measured(table, "controlled")
    assert not [name for name in evaluation.values if "random" in name]
    assert "calibration" not in evaluation.curves


def test_curves_end_with_everything_found() -> None:
    curves = measured(world(skill=0.7)).curves
    assert curves["gain"]["recall"][-1] == 1.0
    assert curves["revenue"].row(-1) == (1.0,) * 7
    assert (curves["revenue"]["best"] >= curves["revenue"]["by_risk"] - 1e-12).all()
    assert (curves["gain"]["best_recall"] >= curves["gain"]["recall"] - 1e-12).all()
    assert curves["gain"]["recall"].is_sorted()


def test_an_empty_table_is_refused() -> None:
    with pytest.raises(InputError, match="no consignments"):
        measured(world(skill=0.5).clear())


def test_a_missing_column_is_named() -> None:
    with pytest.raises(MissingColumnsError, match="risk_goods"):
        measured(world(skill=0.5).drop("risk_goods"))


parcels = st.lists(
    st.tuples(st.sampled_from([0.1, 0.3, 0.5, 0.9]), st.booleans(), st.integers(0, 3000)),
    min_size=2,
    max_size=80,
)


def table_of(rows: list[tuple[float, bool, int]]) -> pl.DataFrame:
    risk, irregular, revenue = (list(part) for part in zip(*rows, strict=True))
    money = [float(euros) * is_true for euros, is_true in zip(revenue, irregular, strict=True)]
    return scored(risk, irregular, money, per_flight=13, flights_a_day=2)


@settings(max_examples=15, deadline=None)
@given(parcels, st.integers(0, 1000))
def test_the_order_of_rows_means_nothing(rows: list[tuple[float, bool, int]], seed: int) -> None:
    table = table_of(rows)
    one = measured(table)
    other = measured(table.sample(fraction=1.0, shuffle=True, seed=seed))
    assert one.values == other.values
    assert_frame_equal(one.by_day, other.by_day)
    for name, curve in one.curves.items():
        assert_frame_equal(curve, other.curves[name])


@settings(max_examples=15, deadline=None)
@given(parcels)
def test_shares_are_shares_and_more_controls_find_no_less(
    rows: list[tuple[float, bool, int]],
) -> None:
    values = measured(table_of(rows)).values
    for budget in FLOW_BUDGETS:
        assert 0.0 <= values[f"hit_rate_at_{budget.name}"] <= 1.0
        assert 0.0 <= values.get(f"revenue_share_at_{budget.name}", 0.0) <= 1.0 + 1e-12
    recalls = [values.get(f"recall_at_{name}", 0.0) for name in ("10", "50", "150")]
    assert recalls == sorted(recalls)


@settings(max_examples=15, deadline=None)
@given(parcels)
def test_whoever_ranks_by_true_revenue_finds_the_most(rows: list[tuple[float, bool, int]]) -> None:
    table = table_of(rows).with_columns(risk=pl.col("revenue_eur") / 3000)
    values = measured(table).values
    shares = [values.get(f"revenue_share_at_{name}", 1.0) for name in BUDGETS]
    assert shares == pytest.approx([1.0] * len(BUDGETS))


def test_the_frontier_exchanges_hits_for_euros_and_euros_for_harm() -> None:
    rng = np.random.default_rng(5)
    table = world(skill=0.8).with_columns(
        expected_revenue_eur=pl.Series(rng.lognormal(1.0, 1.0, 1200)),
        risk_goods=pl.Series(rng.beta(0.3, 3.0, 1200)),
    )
    frontier = measured(table).curves["frontier"].filter(budget="10")
    assert frontier["ranking"].to_list() == list(ORDERS)
    by_risk = frontier.filter(ranking="risk")["hit_rate"].item()
    assert by_risk == measured(table).values["hit_rate_at_10"]
    dear = table.with_columns(
        revenue_eur="expected_revenue_eur", is_goods_irregular=pl.col("risk_goods") > 0.2
    )
    found = measured(dear).curves["frontier"].filter(budget="10")
    weighed = found.filter(pl.col("ranking").str.starts_with("yield"))
    assert weighed["revenue_eur_per_control"].is_sorted(descending=True)
    assert weighed["revenue_eur_per_control"][0] > found["revenue_eur_per_control"][0]
    assert weighed["goods_hit_rate"][-1] > weighed["goods_hit_rate"][0]
