"""What features add to a score is what LightGBM's exact way says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models.tree_contributions import TreeContributions
from models.tree_text import trees_of
from tests.models.grown import FEATURES, asked, columns, explained, grown, table

DEEP = {"num_leaves": 120, "min_data_in_leaf": 1, "feature_fraction": 1.0}
CASES: dict[str, dict[str, Any]] = {
    "small": {}, "stumps": {"num_leaves": 2}, "nothing learned": {"min_data_in_leaf": 10_000},
    "deep": DEEP, "one feature again and again": DEEP | {"feature_fraction": 0.01},
    "missing is no kind": {"use_missing": False},
}  # fmt: skip


@pytest.mark.parametrize("settings", CASES.values(), ids=CASES)
def test_contributions_are_those_of_lightgbm(settings: dict[str, Any]) -> None:
    x = table()
    text, rows = grown(x, **settings), asked(x)[500:700]
    told = TreeContributions.of(trees_of(text)).added(columns(rows))
    assert np.abs(told - explained(text, rows)).max() < 1e-9


def test_paths_over_many_features_take_more_points() -> None:
    """Every feature marks rows that are worth three times those of the last: a tree is a chain."""
    x = np.eye(FEATURES).repeat(8, axis=0)
    settings = {"num_leaves": FEATURES, "min_data_in_leaf": 1, "objective": "regression"}
    text = grown(x, rounds=3, labels=x @ 3.0 ** np.arange(FEATURES), **settings)
    trees = TreeContributions.of(trees_of(text))
    assert len(trees.points) > 8
    expected = explained(text, x)
    assert np.abs(trees.added(columns(x)) - expected).max() < 1e-12 * np.abs(expected).max()


def test_a_row_is_explained_the_same_alone_and_among_others() -> None:
    x = table()
    trees = TreeContributions.of(trees_of(grown(x)) + trees_of(grown(x, seed=2)))
    whole = trees.added(columns(x[:20]))
    alone = [trees.added(columns(row[np.newaxis]))[0] for row in x[:20]]
    assert (whole == np.array(alone)).all()
