"""A contract row for the tests of the door; invented people only."""

from __future__ import annotations

from typing import Any

import polars as pl

from engine.acceptance import Accepted
from engine.intake import EuroOnly, take_in

KEY = b"a key of the tests, 32 bytes long"[:32]

ROW: dict[str, Any] = {
    "flight_number": "XY123",
    "flight_date": "2026-03-02",
    "mawb": "784-12345675",
    "hawb": "H0001",
    "declarant_eori": "BE0123456789",
    "exporter_name": "Shenzhen Lamp Trading",
    "exporter_country": "CN",
    "importer_name": "Wilhelmina Quackelbeen",
    "importer_country": "BE",
    "additional_procedure_codes": "C07|F48",
    "ioss_number": "IM1234567890",
    "goods_item_number": "1",
    "hs6": "851310",
    "goods_description": "LED torch",
    "gross_mass_kg": "0.25",
    "intrinsic_value": "12.50",
    "intrinsic_value_currency": "EUR",
}


def raw(*changes: dict[str, Any]) -> pl.DataFrame:
    """Rows as they come; each differs from `ROW` by the changes given."""
    return pl.DataFrame([ROW | change for change in (changes or ({},))], infer_schema_length=None)


def taken(*changes: dict[str, Any]) -> Accepted:
    return take_in(raw(*changes), rates=EuroOnly(), key=KEY)


def items(*changes: dict[str, Any]) -> pl.DataFrame:
    accepted = taken(*changes)
    assert accepted.rejections.is_empty(), accepted.rejections["message"].to_list()
    return accepted.rows
