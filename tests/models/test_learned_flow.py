"""What a model keeps of the flows it learned from and was judged on."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import StateError
from models.flow import Flow, flow_of
from models.learned_flow import FILE, LearnedFlow, Period, drift_told, load_learned_flow
from models.random_controls import Draws
from tests.models.flows import flights, planted


@pytest.fixture
def learned() -> LearnedFlow:
    before, now = flights(1, 20), flights(2, 5, values=planted({"145": 0.2}))
    return LearnedFlow(
        Period(flow_of(before), Draws((10.0,), (), ())), Period(flow_of(now), Draws())
    )


def test_it_is_the_same_after_it_was_saved(learned: LearnedFlow, tmp_path: Path) -> None:
    learned.save(tmp_path)
    assert load_learned_flow(tmp_path) == learned
    assert "EUR 140 to 150" in drift_told(learned)


def test_a_model_of_an_earlier_program_has_none(tmp_path: Path) -> None:
    assert load_learned_flow(tmp_path) is None
    assert "before drift was measured" in drift_told(None)


def test_too_little_is_said_to_be_too_little() -> None:
    nothing = Period(Flow(), Draws())
    assert "too few flights" in drift_told(LearnedFlow(nothing, nothing))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"learned_from": {"flow": {"version": 9}}}'])
def test_a_file_that_is_none_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(StateError, match="Train again"):
        load_learned_flow(tmp_path)
