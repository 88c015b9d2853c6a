from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from engine.consignment import roll_up
from tests.engine.door import items


def rolled(*changes: dict[str, Any]) -> dict[str, Any]:
    rows = roll_up(items(*({"goods_item_number": str(at + 1)} | c for at, c in enumerate(changes))))
    assert rows.height == 1
    return rows.row(0, named=True)


def test_a_consignment_is_the_sum_of_its_items() -> None:
    row = rolled(
        {"quantity": "2", "number_of_packages": "1", "net_mass_kg": "0.1"},
        {"quantity": "0.5", "number_of_packages": "0", "net_mass_kg": "0.2", "hs6": "420221"},
    )
    assert (row["line_count"], row["hs6_count"], row["package_count"]) == (2, 2, 1)
    assert row["piece_count"] == 2.5
    assert (row["value_cents"], row["gross_mass_mg"], row["net_mass_mg"]) == (
        2500, 500_000, 300_000,
    )  # fmt: skip


def test_what_is_missing_is_never_zero() -> None:
    row = rolled({}, {})
    assert row["piece_count"] is None
    assert row["net_mass_mg"] is None
    assert row["transport_cents"] is None
    assert rolled({"net_mass_kg": "0.1"}, {})["net_mass_mg"] is None


def test_the_header_is_that_of_the_lowest_item_and_codes_are_all_codes() -> None:
    row = rolled(
        {"exporter_name": "First", "additional_procedure_codes": "F48"},
        {"exporter_name": "Second", "additional_procedure_codes": "C07|F48"},
    )
    assert row["exporter_name"] == "First"
    assert row["additional_procedure_codes"] == "C07|F48"


@settings(deadline=None, max_examples=30)
@given(st.permutations(range(6)))
def test_the_order_of_items_does_not_matter(order: list[int]) -> None:
    rows = items(
        *(
            {"hawb": f"H{at % 2}", "goods_item_number": str(at + 1), "quantity": str(0.1 * at + 1)}
            for at in range(6)
        )
    )
    assert_frame_equal(roll_up(rows), roll_up(rows[order]))
