"""The duty table: every code has a rate, and a user's own table is read as it comes."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError, MissingColumnsError
from engine.tariff import EU_TARIFF, Tariff
from engine.tariff_rates import CHAPTER_RATES, DUTY_RATES, HS_2017_ORIGIN


def own_table(**columns: list[object]) -> pl.DataFrame:
    """A small invented extract in the form of the open tables of duty by HS6."""
    return pl.DataFrame(
        {
            "hs6": ["010121", "020110", "610910", "611020", "851712"],
            "cn_lines": [1, 1, 1, 6, 1],
            "ad_valorem_lines": [1, 0, 1, 6, 1],
            "rate_min": [0.0, None, 12.0, 10.5, 0.0],
            "rate_median": [0.0, None, 12.0, 11.33, 0.0],
            "rate_max": [0.0, None, 12.0, 12.0, 0.0],
        }
        | columns
    )


def test_codes_are_six_digits_and_come_once() -> None:
    codes = [row.hs6 for row in DUTY_RATES]
    assert len(set(codes)) == len(codes) == 114
    assert all(len(code) == 6 and code.isdigit() for code in codes)


@pytest.mark.parametrize(
    ("hs6", "basis_points"),
    [("610910", 1200), ("851713", 0), ("640411", 1690), ("961310", 270), ("930700", 170)],
)
def test_known_codes(hs6: str, basis_points: int) -> None:
    assert EU_TARIFF.basis_points_of(hs6) == basis_points


@given(st.lists(st.from_regex(r"[0-9]{6}", fullmatch=True), max_size=30))
def test_every_code_has_one_rate_in_its_place(codes: list[str]) -> None:
    items = pl.DataFrame({"hs6": codes}, schema={"hs6": pl.String}).with_row_index("line")
    rated = EU_TARIFF.with_rates(items)
    assert rated["line"].to_list() == list(range(len(codes)))
    assert rated["duty_basis_points"].to_list() == [EU_TARIFF.basis_points_of(c) for c in codes]
    assert rated.columns == ["line", "hs6", "duty_basis_points"]


def test_unknown_code_takes_the_rate_of_its_chapter() -> None:
    assert EU_TARIFF.basis_points_of("610130") == CHAPTER_RATES["61"]
    assert EU_TARIFF.basis_points_of("770000") == EU_TARIFF.fallback_basis_points


def test_inherited_codes_are_codes_of_the_table_or_newer() -> None:
    known = {row.hs6 for row in DUTY_RATES}
    assert {new for new in HS_2017_ORIGIN if new not in known} == {"851714"}


def test_own_table_is_used() -> None:
    tariff = Tariff.from_frame(own_table())
    assert tariff.basis_points_of("611020") == 1133
    assert tariff.table["hs6"].to_list() == [
        "010121", "610910", "611020", "851712", "851713", "851714",
    ]  # fmt: skip


def test_own_table_fills_a_chapter_with_its_mean() -> None:
    # (12.00 + 11.33) / 2 = 11.665 %, to 0.1 %: 11.7 %.
    assert Tariff.from_frame(own_table()).basis_points_of("610130") == 1170


def test_a_code_without_ad_valorem_rate_gets_its_chapter() -> None:
    assert Tariff.from_frame(own_table()).basis_points_of("020110") == CHAPTER_RATES["02"]


def test_own_table_may_name_its_column_and_lose_leading_zeros() -> None:
    own = own_table(hs6=[10121, 20110, 610910, 611020, 851712])
    tariff = Tariff.from_frame(own, rate="rate_min")
    assert tariff.basis_points_of("010121") == 0
    assert tariff.basis_points_of("611020") == 1050


def test_a_missing_column_is_named() -> None:
    with pytest.raises(MissingColumnsError, match="rate_median"):
        Tariff.from_frame(own_table().drop("rate_median"))


@pytest.mark.parametrize("rate", [-1.0, float("nan"), float("inf"), 1_001.0])
def test_an_impossible_rate_is_refused_with_its_code(rate: float) -> None:
    with pytest.raises(InputError, match="610910"):
        Tariff.from_frame(own_table(rate_median=[0.0, None, rate, 12.0, 0.0]))


@pytest.mark.parametrize("code", ["6109100", "6109 1", "61A910"])
def test_a_code_of_another_form_is_refused(code: str) -> None:
    with pytest.raises(InputError, match=code):
        Tariff.from_frame(own_table(hs6=["010121", "020110", code, "611020", "851712"]))


def test_a_code_twice_is_refused() -> None:
    with pytest.raises(InputError, match="comes twice"):
        Tariff.from_frame(own_table(hs6=["010121", "610910", "610910", "611020", "851712"]))
