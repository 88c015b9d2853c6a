"""The expert's signs: of features that exist, adding up, shared exactly."""

from __future__ import annotations

import polars as pl
import pytest

from features.catalogue import NAMES
from models.expert import (
    BASE_LOG_ODDS,
    SIGNS,
    Sign,
    any_log_odds,
    expert_points,
    point_contributions,
)
from models.risk_model import Examples


def blank(**values: float) -> pl.DataFrame:
    """One consignment of which nothing is known but what is given."""
    return pl.DataFrame({name: pl.Series([values.get(name)], dtype=pl.Float64) for name in NAMES})


@pytest.mark.parametrize("sign", SIGNS, ids=lambda sign: sign.name)
def test_a_sign_looks_at_features_and_gives_points(sign: Sign) -> None:
    assert set(sign.condition.meta.root_names()) <= set(NAMES)
    assert max(sign.fiscal, sign.goods) > 0
    assert min(sign.fiscal, sign.goods) >= 0


def test_names_of_signs_are_unique() -> None:
    assert len({sign.name for sign in SIGNS}) == len(SIGNS)


def test_without_a_sign_the_base_rates_stand() -> None:
    assert expert_points(blank()).row(0, named=True) == pytest.approx(BASE_LOG_ODDS)
    assert not point_contributions(blank()).any()


def test_points_add_up_by_hand() -> None:
    points = expert_points(blank(odd_not_in_h7=1.0, origin_differs=1.0)).row(0, named=True)
    assert points["goods"] == pytest.approx(BASE_LOG_ODDS["goods"] + 1.5)
    assert points["fiscal"] == pytest.approx(BASE_LOG_ODDS["fiscal"] + 0.6)


def test_only_what_a_sign_looks_at_contributes() -> None:
    parts = point_contributions(blank(odd_not_in_h7=1.0, origin_differs=1.0))[0]
    told = {NAMES[at] for at in parts.nonzero()[0]}
    assert told == {"odd_not_in_h7", "origin_differs"}


def test_contributions_sum_up_to_what_the_signs_add(examples: Examples) -> None:
    gained = any_log_odds(expert_points(examples.features)) - any_log_odds(expert_points(blank()))
    assert point_contributions(examples.features).sum(axis=1) == pytest.approx(gained)
