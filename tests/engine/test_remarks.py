from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from engine.regime import PRODUCT_IDENTIFIERS, REGIMES, Regime
from engine.remarks import (
    GIFT_CENTS,
    LOW_VALUE_CENTS,
    REMARKS,
    far_ahead_of,
    remarks,
    remarks_under,
)
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
    "flight_date": {"flight_date": "2014-12-31"},
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
        {"flight_date": "2015-01-01", "ioss_number": None, "additional_procedure_codes": "C07"},
    ],
)
def test_a_row_on_the_right_side_of_the_line_bears_no_remark(change: dict[str, Any]) -> None:
    assert names(CLEAN | change) == []


def test_a_flight_more_than_a_year_ahead_is_odd() -> None:
    ahead = CLEAN | {"flight_date": "2027-03-03"}
    assert "flight_date" in names(ahead | {"lodged_at": "2026-03-01T00:00:00Z"})
    assert "flight_date" not in names(ahead)
    known = [far_ahead_of(date(2026, 3, 1))]
    assert remarks(items(ahead), known)["remark"].to_list() == ["flight_far_ahead"]
    assert remarks(items(ahead), [far_ahead_of(date(2026, 3, 2))]).is_empty()


def test_the_line_is_of_the_consignment_and_not_of_the_item() -> None:
    lines = [CLEAN | {"goods_item_number": str(at), "intrinsic_value": "76"} for at in (1, 2)]
    found = remarks(items(*lines))
    assert found.select("remark", "row_count").rows() == [("over_low_value_line", 2)]


@pytest.mark.parametrize(
    ("remark", "row", "law"),
    [
        ("over_low_value_line", {"intrinsic_value": "20"}, {"low_value_line_cents": 1_999}),
        (
            "gift_over_line",
            {"additional_procedure_codes": "C08", "ioss_number": None},
            {"gift_line_cents": 1_249},
        ),
        ("not_in_h7", {}, {"h7_excluded_prefixes": ("851310",)}),
        ("procedure_set", {}, {"procedure_code_sets": (frozenset({"F48"}),)}),
    ],
)
def test_a_changed_row_of_law_changes_the_remark(
    remark: str, row: dict[str, Any], law: dict[str, Any]
) -> None:
    def found(regimes: list[Regime]) -> list[str]:
        return remarks(items(CLEAN | row), remarks_under(regimes))["remark"].to_list()

    others = [old for old in REGIMES if old.name != "VAT from the first cent"]
    (current,) = [old for old in REGIMES if old not in others]
    changed = sorted([*others, replace(current, **law)], key=lambda regime: regime.valid_from)
    assert found(list(REGIMES)) == []
    assert found(changed) == [remark]


def test_a_later_obligation_is_asked_for_later() -> None:
    later = replace(PRODUCT_IDENTIFIERS, valid_from=date(2027, 1, 1))
    row = items(CLEAN | {"flight_date": "2026-11-01", "additional_procedure_codes": "F48"})
    assert remarks(row)["remark"].to_list() == ["product_id_missing"]
    assert remarks(row, remarks_under(identifiers=later)).is_empty()


def test_days_of_several_regimes_in_one_table_have_each_their_own_law() -> None:
    days = ["2016-05-02", "2020-03-02", "2022-03-02", "2026-08-03", "2028-08-01"]
    codes = ["C07", "C07|F48", "F48|C07", "C07|F48", "F53"]
    table = items(
        *(
            CLEAN
            | {"hawb": f"H{at}", "flight_date": day, "additional_procedure_codes": codes[at]}
            | {"hs6": "330300", "merchant_product_id": "P1"}
            for at, day in enumerate(days)
        )
    )
    odd = {remark.name: remark.is_odd for remark in REMARKS}
    marked = table.sort("hawb").select(odd["procedure_set"].alias("p"), odd["not_in_h7"].alias("h"))
    assert marked["p"].to_list() == [False, True, False, True, False]
    assert marked["h"].to_list() == [True, True, True, False, False]


@pytest.mark.parametrize(
    "hs6", ["220300", "240120", "240419", "271012", "293292", "300490", "360410", "930400"]
)
def test_what_is_excise_or_restricted_is_no_h7(hs6: str) -> None:
    assert names(CLEAN | {"hs6": hs6}) == ["not_in_h7"]
    assert names(CLEAN | {"hs6": hs6, "declaration_type": "H1"}) == []


def test_the_one_line_that_features_read_is_that_of_every_regime() -> None:
    assert {regime.low_value_line_cents for regime in REGIMES} == {LOW_VALUE_CENTS}
    assert {regime.gift_line_cents for regime in REGIMES} == {GIFT_CENTS}
