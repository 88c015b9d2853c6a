from __future__ import annotations

import sys
from datetime import date

import polars as pl
import pytest

from service.rates import ReferenceRates


def rate(currency: str, on: date) -> float | None:
    asked = pl.DataFrame({"currency": [currency], "date": [on]})
    found: float | None = ReferenceRates().units_per_euro(asked)["units_per_euro"][0]
    return found


def test_the_rate_of_the_day_and_on_a_sunday_the_one_before() -> None:
    # ECB euro foreign exchange reference rates: USD 1.0622 on Friday 2022-12-23.
    assert rate("USD", date(2022, 12, 23)) == 1.0622
    assert rate("USD", date(2022, 12, 25)) == 1.0622


def test_a_day_after_the_table_has_the_last_known_rate() -> None:
    assert rate("CNY", date(2090, 1, 1)) == pytest.approx(7.5, rel=0.5)


@pytest.mark.parametrize(
    ("currency", "on"),
    [("XXX", date(2026, 3, 2)), ("RUB", date(2026, 3, 2)), ("USD", date(1990, 1, 1))],
)
def test_no_rate_where_there_is_none(currency: str, on: date) -> None:
    assert rate(currency, on) is None


def test_euros_alone_read_no_table() -> None:
    code = "from service.rates import ReferenceRates; import polars as pl, datetime, sys; "
    code += "ReferenceRates().units_per_euro(pl.DataFrame({'currency': ['EUR'], "
    code += "'date': [datetime.date(2026, 3, 2)]})); sys.exit('currency_converter' in sys.modules)"
    import subprocess

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
