"""The law by date: both sides of every change, and tables without gaps."""

from datetime import date, timedelta

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
    fee_table,
    is_h7_excluded,
    is_product_identifier_required,
    is_without_relief,
    law_on,
    low_value_duties_on,
    procedure_code_table,
    regime_on,
    regime_table,
    vat_rate_on,
    vat_rate_table,
    vat_rates_on,
)

DAYS = st.dates(FIRST_DAY, date(2035, 12, 31))
ONE_DAY = timedelta(days=1)


def codes_on(day: date) -> set[str]:
    """The allowed sets of additional procedure codes, joined."""
    return {"|".join(sorted(codes)) for codes in regime_on(day).procedure_code_sets}


@pytest.mark.parametrize("earlier", range(len(REGIMES) - 1))
def test_each_regime_begins_the_day_after_the_one_before(earlier: int) -> None:
    last = REGIMES[earlier].valid_to
    assert last is not None
    assert REGIMES[earlier + 1].valid_from == last + ONE_DAY
    assert (regime_on(last), regime_on(last + ONE_DAY)) == (REGIMES[earlier], REGIMES[earlier + 1])


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
    assert getattr(regime_on(last_day), field) == before
    assert getattr(regime_on(last_day + ONE_DAY), field) == after


def test_procedure_codes_on_both_sides_of_july_2026() -> None:
    assert codes_on(date(2026, 6, 30)) == {"C07|F48", "C07|F49", "C07", "C08"}
    assert codes_on(date(2026, 7, 1)) == {"F48", "F49", "F53", "C08"}


def test_product_identifiers_begin_in_november_2026() -> None:
    assert not is_product_identifier_required(date(2026, 10, 31))
    assert is_product_identifier_required(date(2026, 11, 1))


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
    assert all(vat_rate_on(country, day) == rate for _, country, rate in rates.iter_rows())


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
        assert row["flat_duty_cents"] == regime_on(row["flight_date"]).flat_duty_cents


def test_a_country_of_no_member_state_has_the_rate_of_the_import() -> None:
    assert vat_rate_on("CH", date(2026, 1, 1)) == vat_rate_on("BE", date(2026, 1, 1)) == 2_100


def test_days_before_the_tables_are_refused() -> None:
    day = FIRST_DAY - ONE_DAY
    for ask in (regime_on, lambda day: law_on(pl.Series([day]))):
        with pytest.raises(InputError, match=str(day)):
            ask(day)


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


def test_fees_are_dated_and_the_unconfirmed_one_is_off() -> None:
    assert set(fee_table()["country"]) == {"RO", "FR", "IT"}
    assert fee_table(with_unconfirmed=True).height == len(FEES) == 4


def test_every_row_of_law_says_where_it_comes_from() -> None:
    for row in (*REGIMES, *LOW_VALUE_DUTIES, PRODUCT_IDENTIFIERS, *VAT_RATES, *FEES):
        assert row.source
        assert row.valid_to is None or row.valid_from <= row.valid_to


def test_tables_have_a_row_for_every_row() -> None:
    assert regime_table().height == len(REGIMES)
    assert vat_rate_table().height == len(VAT_RATES)
    assert procedure_code_table().height == sum(len(r.procedure_code_sets) for r in REGIMES)
