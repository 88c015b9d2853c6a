"""The declaration row: one goods item on a manifest.

`DeclarationRow` is the contract's row as it comes in (contract section 1), typed and checked.
`Declaration` is the canonical row behind the door: the consignee is pseudonymised
(`engine.pseudonym`), money is integer euro cents and mass integer milligrams, so that sums are
the same in any order. Everything after the door works on `Declaration`.
"""

from __future__ import annotations

import dataframely as dy

KEY: tuple[str, ...] = ("flight_number", "flight_date", "hawb", "goods_item_number")
"""Key of a row. The same key with other content is an amendment."""

CONSIGNMENT: tuple[str, ...] = ("flight_number", "flight_date", "hawb")
"""Key of a consignment: the parcel that is ranked, opened and recorded."""

FLIGHT: tuple[str, ...] = ("flight_number", "flight_date")
"""Key of a flight."""

DECLARATION_TYPES: tuple[str, ...] = ("H7", "H6", "H1")
PROCEDURE_CODES: tuple[str, ...] = ("C07", "C08", "F48", "F49", "F53")

LONGEST_DESCRIPTION = 512
"""Characters of `goods_description`; EUCDM 18 05 000 000, an..512."""

LONGEST_TEXT = 256
"""Characters of any other text; EUCDM names and streets are an..70, with room for what is sent."""

HEAVIEST_KG = 100_000.0
"""A mass above this is a unit mistake: no aircraft carries it (estimate, 777F: about 100 t)."""

DEAREST = 100_000_000.0
"""An amount above this, in any currency, is a mistake (estimate)."""

CODE_COLUMNS: frozenset[str] = frozenset(
    {
        "airport_of_loading",
        "declaration_type",
        "exporter_country",
        "importer_country",
        "country_of_origin",
        "intrinsic_value_currency",
        "transport_insurance_currency",
        "additional_procedure_codes",
        "ioss_number",
        "flight_number",
    }
)
"""Columns whose letter case means nothing; they are read in capitals."""


def _text(meaning: str, *, required: bool = False, **more: object) -> dy.String:
    limits: dict[str, object] = {"max_length": LONGEST_TEXT} | more
    return dy.String(nullable=not required, description=meaning, **limits)  # type: ignore[arg-type]


def _code(meaning: str, form: str, regex: str, *, required: bool = False) -> dy.String:
    return dy.String(
        nullable=not required, regex=regex, description=meaning, metadata={"form": form}
    )


def _country(meaning: str, *, required: bool = False) -> dy.String:
    return _code(meaning, "ISO 3166 alpha-2, such as CN", "^[A-Z]{2}$", required=required)


def _currency(meaning: str, *, required: bool = False) -> dy.String:
    return _code(meaning, "ISO 4217, such as EUR", "^[A-Z]{3}$", required=required)


def _amount(meaning: str, *, required: bool = False) -> dy.Float64:
    return dy.Float64(nullable=not required, min=0, max=DEAREST, description=meaning)


def _mass(meaning: str, *, required: bool = False) -> dy.Float64:
    return dy.Float64(nullable=not required, min_exclusive=0, max=HEAVIEST_KG, description=meaning)


class DeclarationRow(dy.Schema):
    """The contract's row, typed. Numbers in brackets are EUCDM data elements of the H7 set."""

    row_number = dy.Int64(description="row of the file or message, the first data row being 1")
    flight_number = _text("flight of arrival (19 02)", required=True)
    flight_date = dy.Date(description="date of arrival")
    airport_of_loading = _code("airport of loading (16 13)", "IATA code", "^[A-Z]{3}$")
    uld_id = _text("pallet or container on the aircraft (19 07 063)")
    mawb = _text("master air waybill (12 05, N741)", required=True)
    bag_id = _text("bag or carton inside the ULD")
    hawb = _text("house waybill or tracking number: the consignment (12 05)", required=True)
    lrn = _text("local reference number (12 09)")
    mrn = _text("master reference number, given by customs")
    declaration_type = _code(
        "data set; H7 if absent", "H7, H6 or H1", "^(H7|H6|H1)$", required=True
    )
    lodged_at = dy.Datetime(
        time_unit="us",
        time_zone="UTC",
        description="when the declaration was received; 00:00 of `flight_date` if absent",
    )
    declarant_eori = _text("the broker who lodges (13 05 017)", required=True)
    representative_eori = _text("representative (13 06 017)")
    exporter_id = _text("the sender's identifier (13 01 017)")
    exporter_name = _text("the sender (13 01 016)", required=True)
    exporter_street = _text("(13 01 018)")
    exporter_postcode = _text("(13 01 018)")
    exporter_city = _text("(13 01 018)")
    exporter_country = _country("country of the sender (13 01 018 020)", required=True)
    importer_name = _text("the consignee, usually a private person (13 04 016)", required=True)
    importer_id = _text("(13 04 017)")
    importer_street = _text("(13 04 018)")
    importer_postcode = _text("(13 04 018)")
    importer_city = _text("(13 04 018)")
    importer_country = _country("country of destination; decides the VAT rate", required=True)
    additional_procedure_codes = _code(
        "additional procedures, joined with | (11 10)",
        "codes such as C07|F48",
        r"^[A-Z0-9]{3}(\|[A-Z0-9]{3})*$",
        required=True,
    )
    ioss_number = _text("VAT identification under the import scheme (13 16 034, role FR5)")
    goods_item_number = dy.Int64(min=1, max=99_999, description="item of the consignment (11 03)")
    hs6 = _code("commodity code (18 09 056)", "six digits", "^[0-9]{6}$", required=True)
    goods_description = _text(
        "the goods in words (18 05)", required=True, max_length=LONGEST_DESCRIPTION
    )
    number_of_packages = dy.Int64(
        min=0, max=99_999_999, description="packages; 1 if absent (18 06 004)"
    )
    quantity = dy.Float64(
        nullable=True, min_exclusive=0, max=1e9, description="pieces or units (18 02)"
    )
    gross_mass_kg = _mass("mass with packing, kg (18 04)", required=True)
    net_mass_kg = _mass("mass without packing, kg (18 01)")
    intrinsic_value = _amount("price of the goods alone, of this line (14 14)", required=True)
    intrinsic_value_currency = _currency("currency of the value", required=True)
    transport_insurance_cost = _amount("transport and insurance costs (14 15)")
    transport_insurance_currency = _currency("currency of the transport costs")
    country_of_origin = _country("origin; not in H7 (16 08)")
    platform = _text("marketplace, where known")
    merchant_product_id = _text("merchant's product identifier; required from 2026-11-01")
    manufacturer_product_id = _text("manufacturer's product identifier; from 2026-11-01")


DEFAULTS: dict[str, object] = {"declaration_type": "H7", "number_of_packages": 1}
"""What an absent column or an empty cell means, where the contract says so."""

REQUIRED: tuple[str, ...] = tuple(
    name
    for name, column in DeclarationRow.columns().items()
    if not column.nullable and name not in {"row_number", "lodged_at", *DEFAULTS}
)
"""Columns that a table of declarations must have."""


class Declaration(dy.Schema):
    """The canonical goods item. No consignee can be read from it, only linked."""

    flight_number = dy.String()
    flight_date = dy.Date()
    airport_of_loading = dy.String(nullable=True)
    uld_id = dy.String(nullable=True)
    mawb = dy.String()
    bag_id = dy.String(nullable=True)
    hawb = dy.String()
    lrn = dy.String(nullable=True)
    mrn = dy.String(nullable=True)
    declaration_type = dy.String()
    lodged_at = dy.Datetime(time_unit="us", time_zone="UTC")
    declarant_eori = dy.String()
    representative_eori = dy.String(nullable=True)
    exporter_id = dy.String(nullable=True)
    exporter_name = dy.String()
    exporter_street = dy.String(nullable=True)
    exporter_postcode = dy.String(nullable=True)
    exporter_city = dy.String(nullable=True)
    exporter_country = dy.String()
    importer_key = dy.UInt64(nullable=True, description="keyed hash of the consignee identifier")
    importer_name_tokens = dy.List(dy.UInt64(), description="keyed hashes of the name's words")
    importer_name_bits_0 = dy.UInt64(description="keyed Bloom filter of the name's letter pairs")
    importer_name_bits_1 = dy.UInt64()
    importer_name_bits_2 = dy.UInt64()
    importer_name_bits_3 = dy.UInt64()
    importer_name_length = dy.Int64(description="letters and digits of the name")
    importer_name_has_digit = dy.Bool()
    importer_name_has_code = dy.Bool(description="a word that looks drawn at random, such as XK2PQ")
    importer_name_is_uuid = dy.Bool()
    importer_name_is_placeholder = dy.Bool(description="such as 'unknown', 'customer', 'n/a'")
    importer_street_tokens = dy.List(dy.UInt64(), description="keyed hashes of the street's words")
    importer_street_has_number = dy.Bool(nullable=True)
    importer_street_has_code = dy.Bool(nullable=True)
    importer_postcode = dy.String(nullable=True)
    importer_city = dy.String(nullable=True)
    importer_country = dy.String()
    additional_procedure_codes = dy.String()
    ioss_number = dy.String(nullable=True)
    goods_item_number = dy.Int64()
    hs6 = dy.String()
    goods_description = dy.String()
    number_of_packages = dy.Int64()
    quantity = dy.Float64(nullable=True)
    gross_mass_mg = dy.Int64()
    net_mass_mg = dy.Int64(nullable=True)
    intrinsic_value = dy.Float64()
    intrinsic_value_currency = dy.String()
    value_cents = dy.Int64(description="intrinsic value in euro cents")
    transport_cents = dy.Int64(nullable=True, description="transport and insurance, euro cents")
    country_of_origin = dy.String(nullable=True)
    platform = dy.String(nullable=True)
    merchant_product_id = dy.String(nullable=True)
    manufacturer_product_id = dy.String(nullable=True)
