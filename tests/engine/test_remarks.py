from __future__ import annotations

from typing import Any

import pytest

from engine.remarks import REMARKS, remarks
from tests.engine.door import items

CLEAN: dict[str, Any] = {"mawb": "784-12345675", "additional_procedure_codes": "C07|F48"}

ODD: dict[str, dict[str, Any]] = {
    "mawb_check_digit": {"mawb": "784-12345676"},
    "s10_check_digit": {"hawb": "RB123456789CN"},
    "ioss_form": {"ioss_number": "BE0123"},
    "ioss_missing": {"ioss_number": None},
    "ioss_without_f48": {"additional_procedure_codes": "C07"},
    "procedure_set": {"flight_date": "2026-07-01"},
    "over_low_value_line": {"intrinsic_value": "150.01"},
    "gift_over_line": {"additional_procedure_codes": "C08", "intrinsic_value": "45.01"},
    "hs_chapter": {"hs6": "770000"},
    "not_in_h7": {"hs6": "240220"},
    "stop_word": {"goods_description": "Gift!"},
    "net_above_gross": {"net_mass_kg": "0.26"},
    "product_id_missing": {"flight_date": "2026-11-01"},
    "destination": {"importer_country": "FR", "ioss_number": None},
    "lodged_long_before_or_after": {"lodged_at": "2026-01-01T00:00:00Z"},
}


def names(*changes: dict[str, Any]) -> list[str]:
    return sorted(remarks(items(*changes))["remark"])


def test_a_clean_row_bears_no_remark() -> None:
    assert names(CLEAN) == []


@pytest.mark.parametrize("name", sorted(ODD))
def test_an_odd_row_is_accepted_and_named(name: str) -> None:
    assert name in names(CLEAN | ODD[name])


def test_a_header_that_varies_within_a_consignment_is_named() -> None:
    second = CLEAN | {"goods_item_number": "2"}
    assert names(CLEAN, second) == []
    assert names(CLEAN, second | {"exporter_name": "Another"}) == ["header_varies"]


def test_every_remark_has_its_row_here() -> None:
    assert {remark.name for remark in REMARKS} == {*ODD, "header_varies"}


@pytest.mark.parametrize(
    "change",
    [
        {"hawb": "RB473124829AU"},  # the example of UPU S10
        {"intrinsic_value": "150"},
        {"additional_procedure_codes": "C08", "intrinsic_value": "45", "ioss_number": None},
        {"flight_date": "2026-07-01", "additional_procedure_codes": "F48"},
        {"net_mass_kg": "0.25"},
        {"goods_description": "Gift box of pralines"},
        {"importer_country": "FR"},
        {"intrinsic_value": "151", "declaration_type": "H1"},
    ],
)
def test_a_row_on_the_right_side_of_the_line_bears_no_remark(change: dict[str, Any]) -> None:
    assert names(CLEAN | change) == []


def test_the_line_is_of_the_consignment_and_not_of_the_item() -> None:
    lines = [CLEAN | {"goods_item_number": str(at), "intrinsic_value": "76"} for at in (1, 2)]
    found = remarks(items(*lines))
    assert found.select("remark", "row_count").rows() == [("over_low_value_line", 2)]
