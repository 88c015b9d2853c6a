"""The one total order."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import SettingError
from engine.ranking import order_hash, rank

KEY = b"a secret for tests"


def consignments(*scores: tuple[float, float]) -> pl.DataFrame:
    """Consignments P0, P1, ... of one flight with (risk, expected yield)."""
    return pl.DataFrame(
        {
            "flight_number": ["XX100"] * len(scores),
            "flight_date": [date(2026, 3, 1)] * len(scores),
            "hawb": [f"P{place}" for place in range(len(scores))],
            "risk": [risk for risk, _ in scores],
            "expected_yield": [worth for _, worth in scores],
        },
        schema_overrides={"flight_date": pl.Date, "risk": pl.Float64, "expected_yield": pl.Float64},
    )


FEW = st.sampled_from([0.0, 0.25, 0.5])  # few values, many ties


@given(st.lists(st.tuples(FEW, FEW), max_size=20), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(scores, random) -> None:  # type: ignore[no-untyped-def]
    frame = consignments(*scores)
    shuffled = list(range(frame.height))
    random.shuffle(shuffled)
    assert rank(frame, key=KEY).equals(rank(frame[shuffled], key=KEY))


def test_risk_decides_then_yield() -> None:
    ranked = rank(consignments((0.1, 9.0), (0.9, 1.0), (0.9, 2.0)), key=KEY)
    assert ranked["hawb"].to_list() == ["P2", "P1", "P0"]


def test_another_column_can_decide() -> None:
    ranked = rank(consignments((0.1, 9.0), (0.9, 1.0)), by=["expected_yield"], key=KEY)
    assert ranked["hawb"].to_list() == ["P0", "P1"]


def test_ties_fall_by_the_hash_and_another_key_makes_another_order() -> None:
    frame = consignments(*[(0.5, 1.0)] * 30)
    ranked = rank(frame, key=KEY)
    hashes = order_hash(ranked, KEY)
    assert hashes.is_sorted()
    assert ranked["hawb"].to_list() != rank(frame, key=b"another")["hawb"].to_list()


def test_the_hash_is_fixed() -> None:
    # The list of a day can be made again in another process, year and version.
    expected = 0xF9D5719D5896FCC4
    assert order_hash(consignments((0.0, 0.0)), KEY)[0] == expected


def test_hashes_for_two_purposes_differ() -> None:
    frame = consignments(*[(0.0, 0.0)] * 5)
    assert not set(order_hash(frame, KEY)) & set(order_hash(frame, KEY, purpose="draw"))


def test_a_long_key_is_used_to_its_end() -> None:
    frame = consignments((0.0, 0.0))
    assert order_hash(frame, b"k" * 100)[0] != order_hash(frame, b"k" * 99 + b"l")[0]


def test_an_empty_key_is_refused() -> None:
    with pytest.raises(SettingError, match="empty"):
        rank(consignments((0.0, 0.0)), key=b"")
