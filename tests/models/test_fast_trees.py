"""Trees evaluated here say what LightGBM says, to the bit; what cannot be is left to it, aloud."""

from __future__ import annotations

import logging
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.boosters import Boosters, OriginalTrees
from models.fast_trees import FastTrees
from models.tree_text import UnsupportedError, trees_of
from tests.models.grown import FEATURES, asked, columns, explained, grown, raw, table

SUPPORTED: dict[str, dict[str, Any]] = {
    "small trees": {},
    "large trees": {"num_leaves": 250, "min_data_in_leaf": 1},
    "missing is no kind": {"use_missing": False},
    "monotone": {"monotone_constraints": [1, -1] * (FEATURES // 2)},
    "amounts": {"objective": "tweedie"},
    "one leaf": {"min_data_in_leaf": 10_000},
    "a first score": {"objective": "binary", "boost_from_average": True, "num_leaves": 2},
}

UNSUPPORTED: dict[str, dict[str, Any]] = {
    "splits by categories": {"categorical_feature": [0, 3]},
    "average of trees": {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.5},
    "lines in its leaves": {"linear_tree": True},
    "zero counts as missing": {"zero_as_missing": True},
    "more than 256 leaves": {
        "num_leaves": 400,
        "min_data_in_leaf": 1,
        "feature_fraction": 0.2,
        "min_sum_hessian_in_leaf": 0.0,
    },
}


@cache
def known() -> str:
    return grown(table())


@pytest.mark.parametrize("settings", SUPPORTED.values(), ids=SUPPORTED)
@pytest.mark.parametrize("gaps", [True, False])
def test_scores_are_those_of_lightgbm(settings: dict[str, Any], gaps: bool) -> None:
    x = table(gaps=gaps)
    text, rows = grown(x, **settings), asked(x)
    told = FastTrees.of([trees_of(text)]).sums(columns(rows))
    assert (told[0] == raw(text, rows)).all()


@pytest.mark.parametrize("count", [0, 1, 3, 4, 63, 64, 65, 1100])
def test_any_number_of_rows_is_evaluated(count: int) -> None:
    rows = asked(table())[:count]
    told = FastTrees.of([trees_of(known())]).sums(columns(rows))
    assert told.shape == (1, count)
    if count:
        assert (told[0] == raw(known(), rows)).all()


@settings(deadline=None)  # the first call compiles
@given(seed=st.integers(0, 2**32 - 1))
def test_values_at_and_beside_thresholds_go_where_lightgbm_sends_them(seed: int) -> None:
    trees = trees_of(known())
    cuts = np.unique(np.concatenate([tree.threshold for tree in trees]))
    beside = [np.nextafter(cuts, to) for to in (-np.inf, np.inf)]
    values = np.concatenate([cuts, *beside, [0.0, np.nan]])
    rows = np.random.default_rng(seed).choice(values, (5, FEATURES))
    forest = FastTrees.of([trees])
    told = forest.sums(columns(rows))[0]
    assert (told == raw(known(), rows)).all()
    assert told[0] == forest.sums(columns(rows[:1]))[0, 0]


def test_heads_of_one_table_share_their_codes() -> None:
    x = table()
    texts = {"any": [grown(x), grown(x, seed=2)], "goods": [], "fiscal": [grown(x, seed=3)]}
    boosters = Boosters.of(texts)
    rows = asked(x)
    told = boosters.means(columns(rows))
    assert len(boosters.evaluators) == 1
    assert (told["any"] == np.mean([raw(text, rows) for text in texts["any"]], axis=0)).all()
    assert (told["fiscal"] == raw(texts["fiscal"][0], rows)).all()
    assert not told["goods"].any()
    assert boosters.note == ""


def test_heads_that_cannot_share_their_codes_are_evaluated_apart() -> None:
    x = [table(3000, seed, gaps=False) for seed in (1, 2)]
    many = {"num_leaves": 200, "min_data_in_leaf": 1, "rounds": 20, "feature_fraction": 0.1}
    texts = {"any": [grown(x[0], **many)], "goods": [grown(x[1], **many)]}
    with pytest.raises(UnsupportedError, match="254 thresholds"):
        FastTrees.of([trees_of(texts["any"][0]), trees_of(texts["goods"][0])])
    boosters = Boosters.of(texts)
    told = boosters.means(columns(x[0]))
    assert all((told[head] == raw(text, x[0])).all() for head, (text,) in texts.items())
    assert boosters.note == ""


@pytest.mark.parametrize(("reason", "settings"), UNSUPPORTED.items(), ids=UNSUPPORTED)
def test_another_form_is_left_to_lightgbm_aloud(
    reason: str, settings: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    x = np.abs(table(1500, gaps="categor" not in reason))
    rows, odd, plain = x[:50], grown(x, **settings), grown(x)
    with caplog.at_level(logging.WARNING):
        boosters = Boosters.of({"any": [odd], "goods": [plain]})
    assert reason in boosters.note
    assert reason in caplog.text
    told = boosters.means(columns(rows))
    assert (told["any"] == raw(odd, rows)).all()
    assert (told["goods"] == raw(plain, rows)).all()
    if "linear_tree" not in settings:  # LightGBM cannot explain those
        assert boosters.mean_contributions(columns(rows)) == pytest.approx(explained(odd, rows))


def test_too_many_thresholds_are_left_to_lightgbm() -> None:
    x = table(4000, gaps=False)[:, :2]
    text = grown(x, rounds=40, num_leaves=200, max_bin=2000, min_data_in_leaf=1, min_data_in_bin=1)
    boosters = Boosters.of({"any": [text]})
    assert "254 thresholds" in boosters.note
    assert isinstance(boosters.evaluators[0][1], OriginalTrees)
    assert (boosters.means(columns(x))["any"] == raw(text, x)).all()


@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
def test_a_damaged_text_is_refused(share: float) -> None:
    end = known().index("end of trees")
    with pytest.raises(ValueError, match="booster"):
        Boosters.of({"any": [known()[: int(end * share)]]})
