"""Reference rates of exchange from the table that comes with the package CurrencyConverter.

The European Central Bank's reference rates, in the installed package: no network. For a day
without a rate (weekend, holiday, or later than the table) the last one before it counts.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Any

import polars as pl

LONGEST_GAP = timedelta(days=31)
"""A currency that is no longer quoted keeps its last rate so long (estimate): the rouble's last
rate is of March 2022 and says nothing of today."""


class ReferenceRates:
    """`engine.intake.Rates` by the European Central Bank; the table is read when first asked."""

    def units_per_euro(self, asked: pl.DataFrame) -> pl.DataFrame:
        """Rates for distinct (`currency`, `date`) pairs; null where there is none."""
        rates = [_rate(currency, on) for currency, on in asked.iter_rows()]
        return asked.with_columns(units_per_euro=pl.Series(rates, dtype=pl.Float64))


def quoted_currencies() -> list[str]:
    """Currencies that are quoted today, in order of their names."""
    table = _table()
    today = table.bounds["USD"].last_date
    return sorted({"EUR"} | {name for name, (_, last) in table.bounds.items() if last >= today})


def _rate(currency: str, on: date) -> float | None:
    """Units of a currency for one euro on a day."""
    if currency == "EUR":
        return 1.0
    table = _table()
    if currency not in table.currencies:
        return None
    first, last = table.bounds[currency]
    is_withdrawn = last < table.bounds["USD"].last_date
    if on < first or (is_withdrawn and on > last + LONGEST_GAP):
        return None
    return float(table.convert(1, "EUR", currency, date=min(on, last)))


@cache
def _table() -> Any:
    from currency_converter import CurrencyConverter

    return CurrencyConverter(
        fallback_on_missing_rate=True, fallback_on_missing_rate_method="last_known"
    )
