"""Who is really who: altered names are undone, households and neighbours are not merged."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from features.identity import consignee_groups
from features.meeting import LARGEST_BLOCK
from features.sight import prepared
from tests.features.seeing import rows
from tests.worlds import Archive

ANNA = {"importer_name": "Wilhelmina Quackelbeen", "importer_street": "Dorpsstraat 12"}

SAME: dict[str, dict[str, Any]] = {
    "a random suffix": {"importer_name": "Wilhelmina Quackelbeen KX7RT"},
    "digits": {"importer_name": "Wilhelmina Quackelbeen7"},
    "a doubled letter": {"importer_name": "Wilhellmina Quackelbeen"},
    "a letter less": {"importer_name": "Wilhelmina Quackelben"},
    "accents and case": {"importer_name": "WILHELMÍNA  quackelbeen"},
    "turned round": {"importer_name": "Quackelbeen, Wilhelmina"},
    "a middle name": {"importer_name": "Wilhelmina Maria Quackelbeen"},
    "a street's tail": {"importer_street": "Dorpsstraat 12 apt 4"},
    "a glued house number": {"importer_street": "Dorpsstraat 12B"},
    "both a suffix and a tail": {
        "importer_name": "Wilhelmina Quackelbeen KX7RT", "importer_street": "Dorpsstraat 12 KX7RT"},
    "a postcode with a space": {"importer_postcode": "40 00"},
}  # fmt: skip

OTHER: dict[str, dict[str, Any]] = {
    "a lodger": {"importer_name": "Ngozi Abubakar"},
    "a namesake elsewhere": {"importer_postcode": "9000", "importer_street": "Veldstraat 3"},
    "a namesake in another street": {"importer_street": "Kerkplein 90"},
    "a namesake abroad": {"importer_country": "NL"},
}


def groups(*consignees: dict[str, Any]) -> pl.DataFrame:
    return consignee_groups(prepared(rows(*consignees))[1])


@pytest.mark.parametrize("what", SAME)
def test_an_altered_consignee_is_found(what: str) -> None:
    found = groups(ANNA, ANNA | SAME[what])
    assert found["consignee_group"].n_unique() == 1, what


@pytest.mark.parametrize("what", OTHER)
def test_another_consignee_stays_another(what: str) -> None:
    found = groups(ANNA, ANNA | OTHER[what])
    assert found["consignee_group"].n_unique() == 2, what


def test_without_a_postcode_the_city_says_where() -> None:
    nowhere = ANNA | {"importer_postcode": "-", "importer_city": "Luik"}
    found = groups(
        nowhere, nowhere | {"importer_postcode": "."}, nowhere | {"importer_city": "Gent"}
    )
    assert found["consignee_group"].to_list() == [0, 0, 2]


@pytest.mark.parametrize(
    "couple", [("Peter Maes", "Els Maes"), ("Giulia Rossi", "Marco Rossi")], ids=" and ".join
)
def test_a_household_of_two_is_not_one_person(couple: tuple[str, str]) -> None:
    """With short surnames; a long one in common is still taken for an altered name."""
    found = groups(*(ANNA | {"importer_name": name} for name in couple))
    assert found["consignee_group"].n_unique() == 2


def test_a_link_is_strong_only_between_differing_forms() -> None:
    plain = groups(ANNA, ANNA)
    assert plain["consignee_group"].n_unique() == 1
    assert plain["link_confidence"].null_count() == 2
    altered = groups(ANNA, ANNA | SAME["digits"])["link_confidence"]
    assert altered.null_count() == 0
    assert (altered > 0.8).all()


def test_one_identifier_links_whatever_the_name() -> None:
    known = {"importer_id": "BE0987654321"}
    found = groups(ANNA | known, OTHER["a lodger"] | known | {"importer_postcode": "9000"})
    assert found["consignee_group"].n_unique() == 1


def test_other_flights_are_not_looked_at() -> None:
    found = groups(ANNA, ANNA | {"flight_number": "XY999"})
    assert found["consignee_group"].n_unique() == 2


def test_an_altered_name_is_found_in_a_crowd() -> None:
    """A block of a common word is refined by the street, not given up."""
    ends = ("berg", "dijk", "mans", "sen", "veld", "hof", "laer", "stra")
    middles = ("an", "el", "in", "ou", "ui", "er", "oo", "aa")
    starts = ("G", "Kr", "Z")
    words = [a + b + c for a in starts for b in middles for c in ends]
    crowd = [
        {"importer_name": f"Wilhelmina {word}", "importer_street": f"{word}plein"} for word in words
    ]
    assert len(crowd) > 3 * LARGEST_BLOCK
    found = groups(ANNA, ANNA | SAME["a random suffix"], *crowd)
    assert found["consignee_group"][0] == found["consignee_group"][1]
    assert found["consignee_group"].n_unique() == len(crowd) + 1


def pairs(table: pl.DataFrame, by: str) -> pl.DataFrame:
    keyed = table.select("row", key=pl.struct("flight_number", "flight_date", by))
    joined = keyed.join(keyed, on="key", suffix="_b")
    return joined.filter(pl.col("row") < pl.col("row_b")).select("row", "row_b")


def test_links_agree_with_the_truth(archive: Archive, record_property: Any) -> None:
    """Pairs of one flight that are one consignee in truth (measured: 0.90 and 0.99)."""
    key = ["flight_number", "flight_date", "hawb"]
    parts = []
    for day in archive.days():
        consignments = prepared(archive.day(day))[1]
        parts.append(consignments.select(key).hstack(consignee_groups(consignments)))
    table = pl.concat(parts).join(archive.truth, on=key).with_row_index("row")
    true, found = pairs(table, "consignee_id"), pairs(table, "consignee_group")
    both = found.join(true, on=["row", "row_b"]).height
    precision, recall = both / found.height, both / true.height
    record_property("precision", precision)
    record_property("recall", recall)
    assert precision > 0.8
    assert recall > 0.9
