"""The ensemble lies between its members, and trusts trees the less the fewer labels there are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.ensemble import Ensemble, Shares
from models.risk_model import HEADS, Examples, RiskModel


@pytest.fixture
def model(fitted: dict[str, RiskModel]) -> Ensemble:
    found = fitted["ensemble"]
    assert isinstance(found, Ensemble)
    return found


@pytest.mark.parametrize("head", HEADS)
def test_a_risk_lies_between_those_of_the_members(
    head: str, model: Ensemble, examples: Examples
) -> None:
    members = np.array(
        [
            part.predict(examples.features)[head].to_numpy()
            for part in (model.trees, model.line, model.expert)
        ]
    )
    told = model.predict(examples.features)[head].to_numpy()
    assert (told >= members.min(axis=0) - 1e-6).all()
    assert (told <= members.max(axis=0) + 1e-6).all()


def test_contributions_are_weighted_as_the_answers_are(model: Ensemble, examples: Examples) -> None:
    trees, line, expert = (
        part.contributions(examples.features) for part in (model.trees, model.line, model.expert)
    )
    shares = model.shares_
    told = model.contributions(examples.features)
    assert told == pytest.approx(shares.trees * trees + shares.line * line + shares.expert * expert)


@given(fewer=st.integers(0, 10_000), more=st.integers(0, 10_000))
def test_trees_count_the_less_the_fewer_labels_there_are(fewer: int, more: int) -> None:
    few, many = Shares.of(min(fewer, more)), Shares.of(max(fewer, more))
    assert few.trees <= many.trees <= 0.5
    assert few.trees + few.line + few.expert == pytest.approx(1.0)


def test_the_members_share_one_expert(model: Ensemble) -> None:
    assert model.trees.findings_ == model.line.findings_ == model.expert.findings_


def test_settings_are_those_of_the_trees() -> None:
    model = Ensemble()
    assert model.settings is model.trees.settings
