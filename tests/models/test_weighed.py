"""Signs and findings asked in columns say what they say of frames."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.catalogue import NAMES
from models.findings import Findings
from models.risk_model import Examples
from models.sign_program import SignProgram
from models.signs import strengths
from models.values import Values
from models.weighed import Weighed

OFFICER = Findings.of_an_officer()
WEIGHED = Weighed.of(OFFICER)


def test_columns_say_what_frames_say(examples: Examples) -> None:
    features = examples.features
    noticed = Values.of(features).noticed
    assert (noticed.strengths == strengths(features).to_numpy().T).all()
    for told, expected in (
        (noticed.risks(WEIGHED), OFFICER.risks(features)),
        (noticed.log_odds(WEIGHED), OFFICER.log_odds(features)),
    ):
        assert set(told) == set(expected)
        assert all((told[name] == expected[name]).all() for name in expected)
    apart = noticed.contributions(WEIGHED) - OFFICER.contributions(features)
    assert np.abs(apart).max() < 1e-12


ODD = [None, 0.0, 1.0, 2.0, 3.0, 10.0, 30.0, 100.0, 150.0, 0.3, 0.05, -1.5, -3.5, 42.0, 95.0]


@settings(deadline=None)  # the first call compiles
@given(seed=st.integers(0, 2**32 - 1))
def test_signs_of_values_at_the_ends_of_their_ranges(seed: int) -> None:
    random = np.random.default_rng(seed)
    row = {name: [ODD[at]] for name, at in zip(NAMES, random.integers(len(ODD), size=len(NAMES)),
                                               strict=True)}  # fmt: skip
    features = pl.DataFrame(row, schema=dict.fromkeys(NAMES, pl.Float64))
    told = Values.of(features).noticed.strengths
    assert (told[:, 0] == np.array(strengths(features).row(0))).all()


def test_an_expression_without_a_step_is_refused() -> None:
    with pytest.raises(NotImplementedError, match="add it"):
        SignProgram.of([pl.col(NAMES[0]).sqrt()])


def test_a_row_of_numbers_is_a_frame_of_one_row(examples: Examples) -> None:
    frame = examples.features.select(NAMES).head(3)
    values = Values.of(frame)
    assert values.frame().equals(frame)
    assert Values.of_rows(values.columns[:, 1]).frame().equals(frame[1])
