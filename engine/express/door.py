"""From one row of a message to its canonical declaration, in plain Python.

`engine.intake.take_in` is the rule and takes tens of milliseconds whatever the number of rows;
who sends one consignment waits for it. This door gives to the bit what `take_in` gives, in a
fraction of a millisecond, or nothing: then `take_in` judges the row, and words what is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any

import polars as pl

from engine.declaration import Declaration, DeclarationRow
from engine.express.cells import Unusual, cell_reader
from engine.express.consignee import Consignees
from engine.intake import CENTS_PER_EUR, MG_PER_KG, Rates

KEPT_RATES = 4_096
"""Rates kept in memory: thirty currencies of some months (estimate)."""

FIRST_ASKED = ("USD", date(2026, 1, 2))
"""Asked for before any row comes, so that no row waits for tables of rates to be read."""


class ExpressDoor:
    """Makes clean rows canonical, one at a time.

    Parameters
    ----------
    rates : reference rates of exchange; asked once for each currency and day.
    key : secret of the pseudonyms, 16 to 64 bytes.

    Raises
    ------
    SettingError
        `DeclarationRow` asks for something that this door does not know.
    """

    def __init__(self, rates: Rates, key: bytes) -> None:
        self._consignees = Consignees(key)
        self._rates = rates
        self._columns = tuple(Declaration.columns())
        self._readers = {
            name: cell_reader(name, column)
            for name, column in DeclarationRow.columns().items()
            if name != "row_number"
        }
        self.units_per_euro = lru_cache(maxsize=KEPT_RATES)(self._units_per_euro)
        self.units_per_euro(*FIRST_ASKED)

    def __call__(self, row: Mapping[str, Any]) -> dict[str, Any] | None:
        """The canonical row.

        Parameters
        ----------
        row : cells as JSON has them.

        Returns
        -------
        The columns of `Declaration`, in order; None where anything is out of the ordinary.
        """
        try:
            return self._canonical(row)
        except Unusual:
            return None

    def _canonical(self, row: Mapping[str, Any]) -> dict[str, Any]:
        if not row.keys() <= self._readers.keys():
            raise Unusual
        cell = row.get
        found = {name: read(cell(name)) for name, read in self._readers.items()}
        on = found["flight_date"]
        if on is None:
            raise Unusual
        if found["lodged_at"] is None:
            found["lodged_at"] = datetime.combine(on, time.min, UTC)
        found |= self._consignees.of(
            found["importer_name"], found["importer_street"], found["importer_id"]
        )
        found |= self._cents(found, on)
        found["gross_mass_mg"] = _milligrams(found["gross_mass_kg"])
        found["net_mass_mg"] = _milligrams(found["net_mass_kg"])
        return {name: found[name] for name in self._columns}

    def _cents(self, found: dict[str, Any], on: date) -> dict[str, int | None]:
        """Value and transport costs in euro cents, by the rates of the day."""
        currency = found["intrinsic_value_currency"]
        rate = self.units_per_euro(currency, on)
        if rate is None:
            raise Unusual
        costs = found["transport_insurance_cost"]
        costs_currency = found["transport_insurance_currency"] or currency
        costs_rate = None if costs is None else self.units_per_euro(costs_currency, on)
        return {
            "value_cents": round(found["intrinsic_value"] / rate * CENTS_PER_EUR),
            "transport_cents": None
            if costs_rate is None
            else round(costs / costs_rate * CENTS_PER_EUR),
        }

    def _units_per_euro(self, currency: str, on: date) -> float | None:
        """Units of a currency for one euro on a day; None where there is no reference rate."""
        asked = pl.DataFrame({"currency": [currency], "date": [on]})
        rate: float | None = self._rates.units_per_euro(asked)["units_per_euro"].item()
        return rate


def _milligrams(mass_kg: float | None) -> int | None:
    """At least one, if there is any."""
    if mass_kg is None:
        return None
    scaled = round(mass_kg * MG_PER_KG)
    return max(scaled, 1) if mass_kg > 0 else scaled
