"""Examples of the OpenAPI document; they work as they stand. All people are invented."""

from __future__ import annotations

from typing import Any

DECLARATION: dict[str, Any] = {
    "flight_number": "XB417",
    "flight_date": "2026-11-02",
    "uld_id": "PMC12345XB",
    "mawb": "784-12345675",
    "bag_id": "BAG-0042",
    "hawb": "LX000000417BE",
    "declaration_type": "H7",
    "lodged_at": "2026-11-02T05:30:00Z",
    "declarant_eori": "BE0000000097",
    "exporter_name": "Bright Lantern Trading Co",
    "exporter_country": "CN",
    "importer_name": "Marie Exemple",
    "importer_street": "Rue du Modele 12",
    "importer_postcode": "4000",
    "importer_city": "Liege",
    "importer_country": "BE",
    "additional_procedure_codes": "C07|F48",
    "ioss_number": "IM0560000017",
    "goods_item_number": 1,
    "hs6": "961310",
    "goods_description": "pocket lighter, refillable",
    "number_of_packages": 1,
    "quantity": 2,
    "gross_mass_kg": 0.412,
    "net_mass_kg": 0.38,
    "intrinsic_value": 11.9,
    "intrinsic_value_currency": "EUR",
}
"""A goods item that is accepted."""

OUTCOME: dict[str, Any] = {
    "control_id": "LGG-2026-11-02-000017",
    "hawb": "LX000000417BE",
    "flight_number": "XB417",
    "flight_date": "2026-11-02",
    "selected_by": "model",
    "control_type": "physical",
    "controlled_at": "2026-11-02T09:10:00Z",
    "recorded_at": "2026-11-02T09:25:00Z",
    "presented": True,
    "result_code": "B1",
    "finding_types": "MISDESCRIPTION|UNDERVALUATION",
    "found_hs6": "851713",
    "found_value_eur": 240.0,
    "revenue_recovered_eur": 55.4,
    "minutes": 14,
    "status": "provisional",
}
"""A control result that is accepted."""

MANIFEST_CSV = (
    ",".join(DECLARATION)
    + "\n"
    + ",".join(f'"{value}"' if "," in str(value) else str(value) for value in DECLARATION.values())
    + "\n"
)
"""A manifest of one row."""
