"""What is usual: robust, shrunk when rare, monotone, and right on a small example."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from features.levels import MEASURES, PRIOR_COUNT, SMALLEST_SPREAD
from features.references import References, milli_log

DAY = date(2026, 9, 1)


def items(values: list[int], hs6: str | list[str] = "851310") -> pl.DataFrame:
    codes = [hs6] * len(values) if isinstance(hs6, str) else hs6
    plain = {"hs6": codes, "flight_index": 0, "has_pieces": True}
    return pl.DataFrame(plain | dict.fromkeys(MEASURES, values))


def test_milli_log_is_a_whole_number_and_never_below_zero() -> None:
    logs = pl.DataFrame({"x": [0, 1, 100, 10**6]}).select(milli_log(pl.col("x"))).to_series()
    assert logs.to_list() == [0, 0, 4605, 13816]


def test_one_code_on_one_flight_by_hand() -> None:
    """Half of the items are below the middle; 16 and 84 % are 680 apart on a line of 0..1000."""
    read = References.empty().read(items(list(range(0, 1001, 10))))
    assert read["unit_mass_usual"].to_list() == pytest.approx([500.0] * 101)
    assert read["unit_mass_spread"].to_list() == pytest.approx([340.0] * 101)
    assert read["unit_mass_percentile"][50] == pytest.approx(0.5)
    assert read["reference_count"].to_list() == [101.0] * 101


def test_equal_values_keep_the_smallest_spread() -> None:
    read = References.empty().read(items([4000] * 50))
    assert read["unit_value_spread"].to_list() == [SMALLEST_SPREAD] * 50
    assert read["unit_value_percentile"].to_list() == pytest.approx([0.5] * 50)


def test_percentiles_rise_with_the_value_after_a_past() -> None:
    rng = np.random.default_rng(1)
    past = References.empty().advanced(items(rng.normal(5000, 600, 400).astype(int).tolist()), DAY)
    asked = list(range(2500, 8000, 55))
    for name in MEASURES:
        shares = past.read(items(asked))[f"{name}_percentile"].to_numpy()
        assert (np.diff(shares) >= 0).all()
        assert 0 <= shares.min() < 0.1
        assert 0.9 < shares.max() <= 1


def test_the_past_outweighs_the_flight() -> None:
    past = References.empty().advanced(items([3000] * 900), DAY)
    assert past.read(items([6000] * 100))["unit_mass_usual"][0] == pytest.approx(3330, abs=20)


def test_a_rare_code_leans_on_its_heading() -> None:
    """One item of its own against `PRIOR_COUNT` of the parent's, at every level."""
    common = References.empty().advanced(items([3000] * 5000, "851310"), DAY)
    known = common.read(items([3000], "851310"))["unit_mass_usual"][0]
    rare = common.read(items([8000], "851390"))["unit_mass_usual"][0]
    assert known == pytest.approx(3050, abs=60)
    own = 1 / (1 + PRIOR_COUNT)
    assert rare == pytest.approx(own * 8000 + (1 - own) * known, abs=60)


def test_an_unknown_chapter_leans_on_the_flight_alone() -> None:
    common = References.empty().advanced(items([3000] * 5000, "851310"), DAY)
    read = common.read(items([8000, 8000], "420292"))
    assert read["unit_mass_usual"].to_list() == pytest.approx([8000, 8000])


def test_old_prices_fade() -> None:
    past = References.empty().advanced(items([3000] * 100), DAY)
    soon = past.advanced(items([6000] * 60), date(2026, 9, 2))
    later = past.advanced(items([6000] * 60), date(2027, 3, 1))
    asked = items([4500])
    assert soon.read(asked)["unit_value_usual"][0] < 3500
    assert later.read(asked)["unit_value_usual"][0] > 5500


def test_a_code_is_read_the_same_beside_other_codes() -> None:
    one, other = items([3000, 3300, 3900]), items([7000] * 3, "420292")
    alone = References.empty().advanced(one, DAY).read(one)
    both = pl.concat([other, one])
    beside = References.empty().advanced(both, DAY).read(both)[3:]
    assert beside.equals(alone)


def test_lines_without_pieces_are_compared_with_their_like() -> None:
    """Ten in one line, and no number of pieces: heavy as a line, usual among such lines."""
    told, untold = items([3000] * 50), items([5300] * 50).with_columns(has_pieces=False)
    past = References.empty().advanced(pl.concat([told, untold]), DAY)
    read = past.read(pl.concat([told, untold]))
    assert read["unit_mass_usual"][0] == pytest.approx(3050, abs=60)
    assert read["unit_mass_usual"][99] == pytest.approx(5350, abs=60)


def test_two_pieces_of_goods_bought_singly_are_nothing_strange() -> None:
    past = References.empty().advanced(items([0] * 500), DAY)
    read = past.read(items([693]))
    assert (693 - read["lot_usual"].item()) / read["lot_spread"].item() < 1.5
