"""The signs: of features that exist, from absent to plain, each speaking of a finding."""

from __future__ import annotations

import polars as pl
import pytest

from engine.finding import FINDING_TYPES
from features.catalogue import NAMES
from models.risk_model import Examples
from models.signs import BASE_SHARES, SIGNS, Sign, strengths


@pytest.mark.parametrize("sign", SIGNS, ids=lambda sign: sign.name)
def test_a_sign_looks_at_features_and_speaks_of_findings(sign: Sign) -> None:
    assert set(sign.strength.meta.root_names()) <= set(NAMES)
    assert sign.points
    assert set(sign.points) <= set(FINDING_TYPES)
    assert min(sign.points.values()) > 0


def test_names_of_signs_are_unique() -> None:
    assert len({sign.name for sign in SIGNS}) == len(SIGNS)


def test_every_finding_has_a_base_rate_and_a_sign() -> None:
    assert set(BASE_SHARES) == set(FINDING_TYPES)
    assert {kind for sign in SIGNS for kind in sign.points} == set(FINDING_TYPES)


def test_strengths_go_from_absent_to_plain(examples: Examples) -> None:
    seen = strengths(examples.features)
    assert seen.null_count().sum_horizontal().item() == 0
    for name in seen.columns:
        assert seen[name].is_between(0, 1).all()


def test_what_is_not_known_is_no_sign() -> None:
    blank = pl.DataFrame({name: pl.Series([None], dtype=pl.Float64) for name in NAMES})
    assert not any(strengths(blank).row(0))
