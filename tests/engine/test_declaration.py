from __future__ import annotations

import re

import dataframely as dy

from engine.declaration import CODE_COLUMNS, DEFAULTS, KEY, REQUIRED, Declaration, DeclarationRow

CONTRACT = [
    "flight_number",
    "flight_date",
    "airport_of_loading",
    "uld_id",
    "mawb",
    "bag_id",
    "hawb",
    "lrn",
    "mrn",
    "declaration_type",
    "lodged_at",
    "declarant_eori",
    "representative_eori",
    "exporter_id",
    "exporter_name",
    "exporter_street",
    "exporter_postcode",
    "exporter_city",
    "exporter_country",
    "importer_name",
    "importer_id",
    "importer_street",
    "importer_postcode",
    "importer_city",
    "importer_country",
    "additional_procedure_codes",
    "ioss_number",
    "goods_item_number",
    "hs6",
    "goods_description",
    "number_of_packages",
    "quantity",
    "gross_mass_kg",
    "net_mass_kg",
    "intrinsic_value",
    "intrinsic_value_currency",
    "transport_insurance_cost",
    "transport_insurance_currency",
    "country_of_origin",
    "platform",
    "merchant_product_id",
    "manufacturer_product_id",
]

CONTRACT_REQUIRED = [
    "flight_number",
    "flight_date",
    "mawb",
    "hawb",
    "declarant_eori",
    "exporter_name",
    "exporter_country",
    "importer_name",
    "importer_country",
    "additional_procedure_codes",
    "goods_item_number",
    "hs6",
    "goods_description",
    "gross_mass_kg",
    "intrinsic_value",
    "intrinsic_value_currency",
]


def test_the_row_is_the_contract_s_row() -> None:
    assert [*DeclarationRow.columns()] == ["row_number", *CONTRACT]
    assert list(REQUIRED) == CONTRACT_REQUIRED


def test_names_of_columns_that_mean_something_exist() -> None:
    assert {*KEY, *CODE_COLUMNS, *DEFAULTS} <= set(CONTRACT)


def test_no_clear_consignee_is_in_the_canonical_row() -> None:
    columns = Declaration.columns()
    assert not {"importer_name", "importer_street", "importer_id"} & set(columns)
    texts = {name for name, column in columns.items() if isinstance(column, dy.String)}
    assert {name for name in texts if name.startswith("importer_")} == {
        "importer_postcode", "importer_city", "importer_country",
    }  # fmt: skip


def test_the_canonical_row_counts_money_and_mass_in_integers() -> None:
    for name, column in Declaration.columns().items():
        if re.search(r"_(cents|mg)$", name):
            assert column.dtype.is_integer(), name


def test_every_column_of_the_contract_says_what_it_means() -> None:
    assert all(column.description for column in DeclarationRow.columns().values())
