"""Looked-up ranks are the ranks that would be worked out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.ranks import MOST_KNOTS, RankTables

NUMBERS = st.sampled_from([-2.5, -1.0, -0.0, 0.0, 5e-324, 0.1, 1.0, 1.0000000000000002, 7.0])


@settings(deadline=None)  # the first call compiles
@given(
    knots=st.lists(st.lists(NUMBERS, max_size=6).map(sorted), min_size=1, max_size=4),
    rows=st.integers(1, 80),
    seed=st.integers(0, 99),
)
def test_a_line_over_ranks_by_hand(knots: list[list[float]], rows: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    values = random.choice([np.nan, -3.0, -1.0, 0.0, 0.05, 0.1, 1.0, 9.0], (len(knots), rows))
    slopes = [(random.normal(size=len(knots)), random.normal(size=len(knots))) for _ in range(3)]
    tables = RankTables.of([np.array(some) for some in knots], slopes)
    odds = np.ones((3, rows))
    tables.add_to(odds, values)
    by_hand = np.ones((3, rows))
    for at, some in enumerate(knots):
        for row, value in enumerate(values[at]):
            rank, gap = 0.0, 0.5 if np.isnan(value) else 0.0
            if not gap and len(some) > 1:
                below, not_above = (sum(k < value for k in some), sum(k <= value for k in some))
                rank = (below + not_above) / len(some) - 1
            for head, (of_rank, of_gap) in enumerate(slopes):
                by_hand[head, row] += of_rank[at] * rank + of_gap[at] * gap
    assert (odds == by_hand).all()
    assert 1 + tables.parts(values).sum(axis=1) == pytest.approx(by_hand[0])


def test_more_knots_than_a_byte_tells_apart_are_refused() -> None:
    with pytest.raises(ValueError, match="127 knots"):
        RankTables.of([np.arange(MOST_KNOTS + 1.0)], [(np.ones(1), np.ones(1))])
