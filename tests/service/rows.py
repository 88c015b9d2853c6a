"""Rows of the contract for the tests of the doors; invented people only."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from engine.intake import EuroOnly, take_in

KEY = b"a key of the tests, 32 bytes long"[:32]

ROW: dict[str, Any] = {
    "flight_number": "XY123",
    "flight_date": "2026-03-02",
    "uld_id": "PMC12345XX",
    "mawb": "784-12345675",
    "bag_id": "B1",
    "hawb": "H0001",
    "declarant_eori": "BE0123456789",
    "exporter_name": "Shenzhen Lamp Trading",
    "exporter_country": "CN",
    "importer_name": "Wilhelmina Quackelbeen",
    "importer_street": "Zonnebloemlaan 12",
    "importer_city": "Luik",
    "importer_postcode": "4000",
    "importer_country": "BE",
    "additional_procedure_codes": "C07|F48",
    "ioss_number": "IM1234567890",
    "goods_item_number": 1,
    "hs6": "851310",
    "goods_description": "LED torch",
    "quantity": 2,
    "gross_mass_kg": 0.25,
    "intrinsic_value": 12.5,
    "intrinsic_value_currency": "EUR",
}


def table(count: int = 3, **changes: Any) -> pl.DataFrame:
    """Contract rows, one consignment each."""
    rows = [ROW | {"hawb": f"H{at:04d}"} | changes for at in range(1, count + 1)]
    return pl.DataFrame(rows)


def canonical(raw: pl.DataFrame) -> pl.DataFrame:
    return take_in(raw, rates=EuroOnly(), key=KEY).rows


OUTCOME: dict[str, Any] = {
    "control_id": "C1",
    "hawb": "H0001",
    "flight_number": "XY123",
    "flight_date": "2026-03-02",
    "selected_by": "random",
    "selection_probability": 0.01,
    "control_type": "physical",
    "controlled_at": "2026-03-02T10:00:00Z",
    "recorded_at": "2026-03-03T09:00:00Z",
    "presented": True,
    "result_code": "A1",
    "status": "final",
}


def outcomes(count: int = 1, **changes: Any) -> pl.DataFrame:
    rows = [
        OUTCOME | {"control_id": f"C{at}", "hawb": f"H{at:04d}"} | changes
        for at in range(1, count + 1)
    ]
    return pl.DataFrame(rows)


DAY = date(2026, 3, 2)
