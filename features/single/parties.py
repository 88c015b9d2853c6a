"""Whose history one consignment belongs to: `features.entities.entity_keys` for one alone."""

from __future__ import annotations

import re

from features.single.parcel import Consignment
from features.single.texts import folded, signs, small

_DIGITS = re.compile("[0-9]+")
_ALL_BITS = (1 << 64) - 1


def summed(tokens: list[int]) -> int:
    """The sum of words' hashes, as 64 bits hold it."""
    return sum(tokens) & _ALL_BITS


def add_keys(table: Consignment) -> None:
    """Add one `key_<name>` an entity kind, None where it is unknown."""
    country = table["exporter_country"]
    name, street, city = (_filled(table[f"exporter_{one}"]) for one in ("name", "street", "city"))
    postcode = signs(table["exporter_postcode"])
    where = postcode or city
    table["key_sender_name"] = f"{name}|{country}" if name else None
    known_id = table["exporter_id"] if signs(table["exporter_id"]) else None
    table["key_sender"] = known_id if known_id is not None else table["key_sender_name"]
    table["key_sender_address"] = f"{street}|{where}|{country}" if street and where else None
    table["key_place"] = f"{where}|{country}" if where else None
    _add_numbers(table)
    _add_consignee(table)


def _add_numbers(table: Consignment) -> None:
    platform, bag, hawb = table["platform"], table["bag_id"], table["hawb"]
    loading = table["airport_of_loading"]
    table["key_broker"] = table["declarant_eori"]
    table["key_ioss"] = table["ioss_number"]
    table["key_platform"] = None if platform is None else small(platform)
    table["key_route"] = f"{'?' if loading is None else loading}|{table['flight_number'][:2]}"
    table["key_bag_series"] = None if bag is None else _DIGITS.sub("9", bag)[:12]
    table["key_waybill_series"] = f"{_DIGITS.sub('9', hawb)[:12]}|{len(hawb)}"
    table["key_procedure"] = f"{table['declaration_type']}|{table['additional_procedure_codes']}"


def _add_consignee(table: Consignment) -> None:
    postcode, city = table["importer_postcode"], table["importer_city"]
    place = "?"
    if signs(postcode):
        place = postcode
    elif _filled(city):
        place = city
    country, streets = table["importer_country"], table["importer_street_tokens"]
    names = table["importer_name_tokens"]
    address = f"{country}|{place}|{summed(streets)}"
    table["key_consignee_address"] = address if streets else None
    table["key_consignee"] = f"{country}|{place}|{summed(names)}"


def _filled(text: str | None) -> str | None:
    """A folded text; None where nothing but punctuation was written."""
    return None if text is None else folded(text) or None
