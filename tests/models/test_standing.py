"""Counting between the few gives the ranks and middles that sorting the many would."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from features.catalogue import NAMES
from models.standing import Standing
from models.standing_kernels import MOST_AT_ONCE, counted

NUMBERS = st.one_of(st.none(), st.sampled_from([-1.0, -0.0, 0.0, 0.5, 2.0, 1e9]), st.floats(-3, 3))
ROWS = st.lists(st.tuples(st.sampled_from(["X1", "X2"]), NUMBERS, NUMBERS), min_size=1, max_size=40)
ASKED = NAMES[3:5]


@settings(deadline=None)  # the first call compiles
@given(rows=ROWS, data=st.data())
def test_ranks_and_middles_are_those_of_the_own_flight(
    rows: list[tuple[str, float | None, float | None]], data: st.DataObject
) -> None:
    features = pl.DataFrame(
        rows, schema=dict(zip(("flight_number", *ASKED), (pl.String, pl.Float64, pl.Float64),
                              strict=True)), orient="row",
    ).with_columns(pl.lit(date(2026, 9, 1)).alias("flight_date"))  # fmt: skip
    chosen = data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=1, max_size=5))
    among = Standing(features, features[chosen])
    for name in ASKED:
        among.ask(NAMES.index(name))
    ranks, middles = among.ranks, among.middles
    for at, row in enumerate(chosen):
        flight = features.filter(pl.col("flight_number") == rows[row][0])
        for name in ASKED:
            place, value = NAMES.index(name), features[name][row]
            known = np.sort(flight[name].drop_nulls().to_numpy())
            median = flight[name].median()
            assert middles[at, place] == median or (np.isnan(middles[at, place]) and median is None)
            if value is not None:
                sides = [np.searchsorted(known, value, side) for side in ("left", "right")]
                assert list(ranks[:, at, place]) == [100.0 * side / len(known) for side in sides]


def test_many_asked_for_are_counted_as_few_are() -> None:
    random = np.random.default_rng(1)
    values = np.where(random.random(3000) < 0.1, np.nan, np.round(random.normal(size=3000), 2))
    asked = np.unique(values[~np.isnan(values)])
    assert len(asked) > MOST_AT_ONCE
    many, known = counted(values, asked)
    few = np.concatenate([counted(values, part)[0] for part in np.array_split(asked, 9)], axis=1)
    assert (many == few).all()
    assert known == 3000 - np.isnan(values).sum()
