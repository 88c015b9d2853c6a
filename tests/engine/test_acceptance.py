from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.acceptance import _as_text, accept
from engine.declaration import CODE_COLUMNS, DEFAULTS, REQUIRED, DeclarationRow
from engine.errors import MissingColumnsError
from tests.engine.door import ROW, raw


def judged(rows: pl.DataFrame) -> Any:
    return accept(
        rows, DeclarationRow, what="The table", required=REQUIRED, defaults=DEFAULTS,
        capitals=CODE_COLUMNS,
    )  # fmt: skip


BAD = [
    ("flight_date", "02/03/2026", "type", "be a date as YYYY-MM-DD"),
    ("flight_date", "2026-02-30", "type", "be a date"),
    ("flight_date", "12026-01-01", "type", "be a date"),
    ("flight_date", "0001-01-01", "type", "be a date"),
    ("flight_date", "", "nullability", "be filled in; got nothing"),
    ("lodged_at", "yesterday", "type", "be an instant"),
    ("gross_mass_kg", "NaN", "nan", "be a number, not NaN"),
    ("gross_mass_kg", "inf", "inf", "be finite"),
    ("gross_mass_kg", "1e999", "inf", "be finite"),
    ("gross_mass_kg", "-1", "min_exclusive", "be greater than 0"),
    ("gross_mass_kg", "0", "min_exclusive", "be greater than 0"),
    ("gross_mass_kg", "0,25", "type", "be a number with a decimal point; got '0,25'"),
    ("gross_mass_kg", "250000", "max", "be at most 100000"),
    ("intrinsic_value", "-0.01", "min", "be at least 0"),
    ("intrinsic_value", "cheap", "type", "be a number"),
    ("intrinsic_value_currency", "EURO", "regex", "be ISO 4217"),
    ("hs6", "85131O", "regex", "be six digits; got '85131O'"),
    ("hs6", "8513", "regex", "be six digits"),
    ("hs6", None, "nullability", "be filled in"),
    ("goods_item_number", "1.5", "type", "be a whole number"),
    ("number_of_packages", "two", "type", "be a whole number"),
    ("goods_item_number", "0", "min", "be at least 1"),
    ("number_of_packages", "-1", "min", "be at least 0"),
    ("exporter_country", "CHN", "regex", "be ISO 3166"),
    ("declaration_type", "H8", "regex", "be H7, H6 or H1"),
    ("additional_procedure_codes", "C07/F48", "regex", "be codes such as C07|F48"),
    ("airport_of_loading", "HONGKONG", "regex", "be IATA code"),
    ("importer_name", "   ", "nullability", "be filled in"),
]


@pytest.mark.parametrize(("column", "value", "rule", "must"), BAD)
def test_a_bad_cell_is_rejected_by_name_and_the_other_rows_go_on(
    column: str, value: str | None, rule: str, must: str
) -> None:
    accepted = judged(raw({}, {column: value}, {"hawb": "H3"}))
    assert accepted.rows["row_number"].to_list() == [1, 3]
    assert accepted.rejections.select("row_number", "column", "rule").rows() == [
        (2, column, f"{column}|{rule}")
    ]
    message = accepted.rejections["message"][0]
    assert message.startswith(f"row 2, {column}: must {must}")
    assert accepted.rejected_count == 1


def test_ten_megabytes_of_description_are_rejected_and_not_repeated() -> None:
    accepted = judged(raw({"goods_description": "x" * 10_000_000}))
    assert accepted.rejections["rule"].to_list() == ["goods_description|max_length"]
    assert "10000000 characters" in accepted.rejections["message"][0]
    assert len(accepted.rejections["message"][0]) < 250


def test_a_row_with_two_faults_is_one_rejected_row() -> None:
    accepted = judged(raw({"hs6": "x", "gross_mass_kg": "-1"}))
    assert accepted.rejections.height == 2
    assert accepted.rejected_count == 1


@pytest.mark.parametrize("column", REQUIRED)
def test_a_table_without_a_required_column_is_refused_whole(column: str) -> None:
    with pytest.raises(MissingColumnsError, match=column):
        judged(raw().drop(column))


def test_absent_columns_and_empty_cells_mean_the_default_and_never_zero() -> None:
    rows = judged(raw({"number_of_packages": "", "quantity": ""})).rows
    assert rows["number_of_packages"][0] == 1
    assert rows["declaration_type"][0] == "H7"
    assert rows["quantity"][0] is None
    assert rows["net_mass_kg"][0] is None
    assert rows["lodged_at"][0] == datetime(2026, 3, 2, tzinfo=UTC)


def test_unknown_columns_are_left_out_and_named() -> None:
    accepted = judged(raw({"colour": "red"}))
    assert accepted.unknown_columns == ("colour",)
    assert "colour" not in accepted.rows.columns


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2026-03-02T10:00:00Z", datetime(2026, 3, 2, 10, tzinfo=UTC)),
        ("2026-03-02 10:00", datetime(2026, 3, 2, 10, tzinfo=UTC)),
        ("2026-03-02T12:00:00+02:00", datetime(2026, 3, 2, 10, tzinfo=UTC)),
        ("2026-03-02T10:00:00.5Z", datetime(2026, 3, 2, 10, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-03-02", datetime(2026, 3, 2, tzinfo=UTC)),
    ],
)
def test_an_instant_is_understood_in_its_usual_forms(written: str, instant: datetime) -> None:
    assert judged(raw({"lodged_at": written})).rows["lodged_at"][0] == instant


def test_typed_cells_are_taken_as_they_are() -> None:
    typed = raw().with_columns(
        flight_date=pl.lit(datetime(2026, 3, 2, 23)),
        goods_item_number=pl.lit(1.0),
        hs6=pl.lit(10121),
        hawb=pl.lit(1234567890123456.0),
        gross_mass_kg=pl.lit("0.25").cast(pl.Decimal(10, 3)),
        lodged_at=pl.lit(date(2026, 3, 1)),
    )
    row = judged(typed).rows.row(0, named=True)
    assert (row["flight_date"], row["goods_item_number"]) == (date(2026, 3, 2), 1)
    assert (row["hs6"], row["hawb"], row["gross_mass_kg"]) == ("010121", "1234567890123456", 0.25)
    assert row["lodged_at"] == datetime(2026, 3, 1, tzinfo=UTC)


def test_codes_are_read_in_capitals_and_texts_are_trimmed() -> None:
    row = judged(raw({"exporter_country": " cn", "goods_description": " Torch "})).rows.row(
        0, named=True
    )
    assert (row["exporter_country"], row["goods_description"]) == ("CN", "Torch")


ANY_CELL = st.one_of(
    st.none(), st.text(max_size=20), st.integers(-5, 10**12).map(str), st.floats().map(str),
    st.dates().map(str), st.sampled_from(["", " ", "nan", "-inf", "1e400", "\0", "=1+1", "²"]),
)  # fmt: skip


@settings(deadline=None, max_examples=40)
@given(st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(ROW, ANY_CELL)), min_size=1,
                max_size=6))  # fmt: skip
def test_whatever_comes_every_row_is_accepted_or_named(changes: list[dict[str, Any]]) -> None:
    rows = pl.DataFrame([ROW | change for change in changes], schema=dict.fromkeys(ROW, pl.String))
    accepted = judged(rows)
    through = set(accepted.rows["row_number"])
    named = set(accepted.rejections["row_number"])
    assert through | named == set(range(1, len(changes) + 1))
    assert not through & named
    assert all(math.isfinite(mass) for mass in accepted.rows["gross_mass_kg"])


ANY_KIND = st.sampled_from(
    [
        pl.Series([1, -2]), pl.Series([1.5, float("nan")]), pl.Series([True, None]),
        pl.Series([date(2026, 3, 2), None]), pl.Series([datetime(1, 1, 1), None]),
        pl.Series([timedelta(1), None]).cast(pl.Int64), pl.Series(["a", "b"], dtype=pl.Categorical),
        pl.Series([None, None], dtype=pl.Null), pl.Series([2**63, 1], dtype=pl.UInt64),
        pl.Series([datetime(2026, 3, 2), None], dtype=pl.Datetime("ns", "Asia/Shanghai")),
    ]
)  # fmt: skip


@settings(deadline=None, max_examples=40)
@given(st.sampled_from([*ROW, "lodged_at", "quantity", "number_of_packages"]), ANY_KIND)
def test_whatever_kind_a_column_has_it_is_an_answer(column: str, cells: pl.Series) -> None:
    accepted = judged(raw({}, {"hawb": "H2"}).with_columns(cells.alias(column)))
    assert set(accepted.rows["row_number"]) | set(accepted.rejections["row_number"]) == {1, 2}


@pytest.mark.parametrize("column", ["importer_name", "importer_street", "importer_id"])
def test_nothing_of_a_consignee_is_repeated(column: str) -> None:
    rejections = judged(raw({column: "Quackelbeen" * 100})).rejections
    assert rejections["column"].to_list() == [column]
    assert "1100 characters, not shown" in rejections["message"][0]
    assert not any("Quackel" in str(cell) for cell in rejections.row(0))


def test_the_first_row_of_a_file_without_a_header_is_not_repeated() -> None:
    headless = pl.DataFrame({"XY123": ["XY123"], "Wilhelmina Quackelbeen": ["Jan Jansen"]})
    with pytest.raises(MissingColumnsError, match="is there a header") as told:
        judged(headless)
    assert "Quackelbeen" not in str(told.value)


def test_a_number_that_has_lost_digits_is_no_waybill():
    """Six 20-digit waybills typed as numbers in a spreadsheet must not become one parcel."""
    typed = pl.DataFrame({"hawb": [12345678901234567890.0, 1234567890.0]})
    column = DeclarationRow.columns()["hawb"]
    read = typed.select(_as_text("hawb", typed.schema["hawb"], column))["hawb"].to_list()
    assert read == [None, "1234567890"]
