from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from engine.declaration import Declaration
from engine.errors import InputError
from engine.intake import EuroOnly, in_order, take_in
from tests.engine.door import KEY, items, raw, taken


class TwoToOne:
    """Every currency but XXX: two units for a euro."""

    def units_per_euro(self, asked: pl.DataFrame) -> pl.DataFrame:
        return asked.with_columns(
            units_per_euro=pl.when(pl.col("currency") != "XXX").then(2.0).otherwise(None)
        )


def test_money_becomes_cents_and_mass_milligrams() -> None:
    row = items({"intrinsic_value": "12.345", "gross_mass_kg": "0.2501", "net_mass_kg": "0.2"})
    assert row.select("value_cents", "gross_mass_mg", "net_mass_mg").row(0) == (
        1234, 250_100, 200_000,
    )  # fmt: skip


def test_the_least_mass_is_a_milligram_and_not_nothing() -> None:
    assert items({"gross_mass_kg": "1e-9"})["gross_mass_mg"][0] == 1


def test_another_currency_is_converted_at_the_rate_of_the_day() -> None:
    rows = raw({"intrinsic_value_currency": "usd", "transport_insurance_cost": "3"})
    row = take_in(rows, rates=TwoToOne(), key=KEY).rows
    assert row.select("value_cents", "transport_cents").row(0) == (625, 150)


def test_a_currency_without_a_rate_is_rejected_by_name() -> None:
    accepted = taken({}, {"hawb": "H2", "intrinsic_value_currency": "XXX"})
    assert accepted.rejections["rule"].to_list() == ["intrinsic_value_currency|known"]
    assert "got 'XXX'. Convert the value to EUR." in accepted.rejections["message"][0]
    assert accepted.rows["hawb"].to_list() == ["H0001"]


def test_transport_costs_in_an_unknown_currency_do_not_cost_the_row() -> None:
    row = items({"transport_insurance_cost": "3", "transport_insurance_currency": "XXX"})
    assert row["transport_cents"][0] is None


def test_rows_come_out_as_the_canonical_declaration() -> None:
    rows = items()
    assert rows.columns == [*Declaration.columns(), "row_number"]
    Declaration.validate(rows.select(Declaration.columns().keys()))


def test_a_table_without_rows_is_refused() -> None:
    with pytest.raises(InputError, match="no rows"):
        take_in(raw().clear(), rates=EuroOnly(), key=KEY)


CHANGES = st.fixed_dictionaries(
    {
        "hawb": st.sampled_from(["H1", "H2"]),
        "goods_item_number": st.sampled_from(["1", "2"]),
        "intrinsic_value": st.sampled_from(["1", "2", "3"]),
        "importer_street": st.sampled_from(["", "Zonnebloemlaan 1", "Zonnebloemlaan 2"]),
        "lodged_at": st.sampled_from(["2026-03-02T08:00:00Z", "2026-03-02T09:00:00Z"]),
        "platform": st.sampled_from([None, "Shop"]),
    }
)


@settings(deadline=None, max_examples=40)
@given(st.lists(CHANGES, min_size=1, max_size=8).flatmap(
    lambda rows: st.tuples(st.just(rows), st.permutations(rows))))  # fmt: skip
def test_the_order_and_repetition_of_rows_do_not_matter(
    both: tuple[list[dict[str, Any]], list[dict[str, Any]]],
) -> None:
    first, second = both
    once, again = items(*first), items(*second, *first[:2])
    assert_frame_equal(once.drop("row_number"), again.drop("row_number"))


def test_of_differing_rows_of_a_key_the_later_lodged_stands() -> None:
    rows = items(
        {"intrinsic_value": "9", "lodged_at": "2026-03-02T09:00:00Z"},
        {"intrinsic_value": "8", "lodged_at": "2026-03-02T08:00:00Z"},
    )
    assert rows["value_cents"].to_list() == [900]


def test_rows_in_order_keep_amendments_the_one_in_force_last() -> None:
    early, late = items({"intrinsic_value": "8"}), items({"lodged_at": "2026-03-02T08:00:00Z"})
    ordered = in_order(pl.concat([late, early]))
    assert ordered["value_cents"].to_list() == [800, 1250]
    assert ordered["flight_date"].unique().to_list() == [date(2026, 3, 2)]
