"""The law by date: both sides of every change, and tables without gaps."""

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError
from engine.regime import (
    FEES,
    FIRST_DAY,
    LOW_VALUE_DUTIES,
    PRODUCT_IDENTIFIERS,
    REGIMES,
    VAT_RATES,
    is_h7_excluded,
    is_known_procedure_set,
    is_product_identifier_required,
    is_without_relief,
    law_on,
    low_value_duties_on,
    regime_table,
    vat_rate_table,
    vat_rates_on,
)

DAYS = st.dates(FIRST_DAY, date(2035, 12, 31))
ONE_DAY = timedelta(days=1)


def law_of(day: date) -> dict[str, Any]:
    return law_on(pl.Series([day])).row(0, named=True)


def vat_rate_on(country: str, day: date) -> int:
    rates = vat_rates_on(pl.Series([day])).filter(importer_country=country)
    return int(rates["vat_basis_points"].item())


def known_sets(day: date, *codes: str) -> list[bool]:
    asked = pl.DataFrame({"codes": codes}).with_columns(day=day)
    return asked.select(is_known_procedure_set(pl.col("codes"), pl.col("day")))["codes"].to_list()


@pytest.mark.parametrize("earlier", range(len(REGIMES) - 1))
def test_each_regime_begins_the_day_after_the_one_before(earlier: int) -> None:
    last = REGIMES[earlier].valid_to
    assert last is not None
    assert REGIMES[earlier + 1].valid_from == last + ONE_DAY


def test_the_last_regime_is_open() -> None:
    assert REGIMES[-1].valid_to is None


@pytest.mark.parametrize(
    ("last_day", "field", "before", "after"),
    [
        (date(2021, 6, 30), "vat_exemption_line_cents", 2_200, 0),
        (date(2021, 6, 30), "ioss_line_cents", 0, 15_000),
        (date(2026, 6, 30), "flat_duty_cents", 0, 300),
        (date(2028, 6, 30), "flat_duty_cents", 300, 0),
    ],
)
def test_amounts_on_both_sides(last_day: date, field: str, before: int, after: int) -> None:
    assert law_of(last_day)[field] == before
    assert law_of(last_day + ONE_DAY)[field] == after


@pytest.mark.parametrize(
    ("day", "known"),
    [
        (date(2021, 6, 30), [True, False, False, False, False]),
        (date(2021, 7, 1), [True, True, True, False, False]),
        (date(2026, 6, 30), [True, True, True, False, False]),
        (date(2026, 7, 1), [False, False, False, True, True]),
    ],
)
def test_procedure_codes_on_both_sides(day: date, known: list[bool]) -> None:
    assert known_sets(day, "C07", "C07|F48", "F49|C07", "F48", "F53") == known
    assert known_sets(day, "C08", "C08|F48", "") == [True, False, False]


def test_product_identifiers_begin_in_november_2026() -> None:
    days = pl.DataFrame({"day": [date(2026, 10, 31), date(2026, 11, 1)]})
    asked = days.select(is_product_identifier_required(pl.col("day")))
    assert asked["day"].to_list() == [False, True]


@pytest.mark.parametrize(
    ("country", "first_day", "before", "after"),
    [
        ("FI", date(2024, 9, 1), 2_400, 2_550),
        ("SK", date(2025, 1, 1), 2_000, 2_300),
        ("EE", date(2024, 1, 1), 2_000, 2_200),
        ("EE", date(2025, 7, 1), 2_200, 2_400),
        ("RO", date(2025, 8, 1), 1_900, 2_100),
        ("DE", date(2020, 7, 1), 1_900, 1_600),
        ("DE", date(2021, 1, 1), 1_600, 1_900),
        ("LU", date(2023, 1, 1), 1_700, 1_600),
        ("IE", date(2021, 3, 1), 2_100, 2_300),
    ],
)
def test_vat_on_both_sides(country: str, first_day: date, before: int, after: int) -> None:
    assert vat_rate_on(country, first_day - ONE_DAY) == before
    assert vat_rate_on(country, first_day) == after


@given(DAYS)
def test_every_day_has_one_regime_and_one_rate_for_each_member_state(day: date) -> None:
    days = pl.Series([day])
    rates = vat_rates_on(days)
    assert law_on(days).height == 1
    assert rates.height == rates["importer_country"].n_unique() == 27


@given(DAYS)
def test_every_low_value_case_has_one_treatment_on_every_day(day: date) -> None:
    cases = low_value_duties_on(pl.Series([day]))
    # 3 schemes x 3 buyers x 3 declarations x preference or none.
    assert cases.height == cases.drop("treatment").n_unique() == 54
    assert cases["treatment"].null_count() == 0


@given(st.lists(DAYS, max_size=8))
def test_the_frames_say_what_the_rows_say(days: list[date]) -> None:
    law = law_on(pl.Series(days, dtype=pl.Date))
    assert law["flight_date"].to_list() == sorted(set(days))
    for row in law.iter_rows(named=True):
        last = [regime for regime in REGIMES if regime.valid_from <= row["flight_date"]][-1]
        assert row["flat_duty_cents"] == last.flat_duty_cents


def test_days_before_the_tables_are_refused() -> None:
    day = FIRST_DAY - ONE_DAY
    with pytest.raises(InputError, match=str(day)):
        law_on(pl.Series([day]))


@pytest.mark.parametrize(
    ("hs6", "day", "is_relieved", "fits_h7"),
    [
        ("330300", date(2026, 6, 30), False, False),  # perfume: H7 only since the EUR 3
        ("330300", date(2026, 7, 1), False, True),
        ("240220", date(2026, 7, 1), False, False),  # excise
        ("300490", date(2024, 1, 1), True, False),  # medicaments
        ("610910", date(2024, 1, 1), True, True),
    ],
)
def test_excluded_goods(hs6: str, day: date, is_relieved: bool, fits_h7: bool) -> None:
    goods = pl.DataFrame({"hs6": [hs6], "day": [day]})
    columns = pl.col("hs6"), pl.col("day")
    assert goods.select(is_without_relief(*columns)).item() is not is_relieved
    assert goods.select(is_h7_excluded(*columns)).item() is not fits_h7


def test_fees_are_dated_and_one_is_not_confirmed() -> None:
    assert {fee.country for fee in FEES if fee.is_confirmed} == {"RO", "FR", "IT"}
    assert [fee.name for fee in FEES if not fee.is_confirmed] == ["EU handling fee"]


def test_every_row_of_law_says_where_it_comes_from() -> None:
    for row in (*REGIMES, *LOW_VALUE_DUTIES, PRODUCT_IDENTIFIERS, *VAT_RATES, *FEES):
        assert row.source
        assert row.valid_to is None or row.valid_from <= row.valid_to


def test_tables_have_a_row_for_every_row() -> None:
    assert regime_table().height == len(REGIMES)
    assert vat_rate_table().height == len(VAT_RATES)
