from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import fastexcel
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from engine.errors import InputError, SettingError
from service.list_file import FORMULA_STARTS, LIST_COLUMNS, inspection_list, write_table

CHOSEN = pl.DataFrame(
    {
        "rank": [1, 2],
        "hawb": ["=cmd|'/c calc'!A0", "H2"],
        "flight_number": ["XY123", "XY123"],
        "flight_date": [date(2026, 3, 2)] * 2,
        "uld_id": ["@SUM(1)", None],
        "bag_id": ["+1", "B2"],
        "mawb": ["784-12345675"] * 2,
        "risk": [0.81234567891, 0.2],
        "risk_fiscal": [0.8, 0.1],
        "risk_goods": [0.1, 0.1],
        "expected_revenue_eur": [12.345678, 0.0],
        "expected_yield": [13.0, 0.0],
        "minutes": [10.0, 20.0],
        "selected_by": ["model", "random"],
        "selection_probability": [1.0, 1 / 3],
        "why": ["", ""],
    }
)
LIST = inspection_list(CHOSEN, [["-2 kg below", "and more"], []])


def test_the_list_has_the_columns_of_the_contract_in_order() -> None:
    assert LIST.columns == list(LIST_COLUMNS)
    assert LIST["risk"][0] == 0.812346
    assert LIST["expected_revenue_eur"][0] == 12.35


def test_no_cell_of_a_csv_runs_as_a_formula(tmp_path: Path) -> None:
    write_table(LIST, tmp_path / "l.csv")
    cells = pl.read_csv(tmp_path / "l.csv", infer_schema=False)
    for name in ("hawb", "uld_id", "bag_id", "reasons"):
        assert not cells[name].drop_nulls().str.contains(FORMULA_STARTS).any()
    assert cells["reasons"][0] == "'-2 kg below; and more"


def test_no_cell_of_a_workbook_runs_as_a_formula(tmp_path: Path) -> None:
    write_table(LIST, tmp_path / "l.xlsx")
    sheet = fastexcel.read_excel(tmp_path / "l.xlsx").load_sheet(0).to_polars()
    assert sheet.columns == list(LIST_COLUMNS)
    assert sheet["hawb"].to_list() == ["'=cmd|'/c calc'!A0", "H2"]
    assert sheet["flight_date"].cast(pl.Date).to_list() == [date(2026, 3, 2)] * 2
    import zipfile

    with zipfile.ZipFile(tmp_path / "l.xlsx") as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")


def test_json_keeps_texts_as_they_are_and_reasons_as_a_list(tmp_path: Path) -> None:
    write_table(LIST, tmp_path / "l.json")
    rows = json.loads((tmp_path / "l.json").read_text())
    assert rows[0]["hawb"] == "=cmd|'/c calc'!A0"
    assert rows[0]["reasons"] == ["-2 kg below", "and more"]
    assert rows[1]["uld_id"] is None
    assert rows[0]["flight_date"] == "2026-03-02"


def test_parquet_is_the_list_itself(tmp_path: Path) -> None:
    write_table(LIST, tmp_path / "l.parquet")
    assert_frame_equal(pl.read_parquet(tmp_path / "l.parquet"), LIST)


@pytest.mark.parametrize("ending", ["csv", "xlsx", "json", "parquet"])
def test_the_same_list_is_the_same_bytes(tmp_path: Path, ending: str) -> None:
    first, second = tmp_path / f"a.{ending}", tmp_path / "deeper" / f"b.{ending}"
    write_table(LIST, first)
    write_table(LIST, second)
    assert first.read_bytes() == second.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"a.{ending}", "deeper"]


def test_an_empty_list_has_its_columns(tmp_path: Path) -> None:
    for ending in ("csv", "xlsx", "json", "parquet"):
        write_table(LIST.clear(), tmp_path / f"l.{ending}")
    assert pl.read_csv(tmp_path / "l.csv").columns == list(LIST_COLUMNS)


def test_an_ending_nobody_knows_and_a_folder_that_is_a_file(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="no form of a list"):
        write_table(LIST, tmp_path / "l.doc")
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be written"):
        write_table(LIST, tmp_path / "file" / "l.csv")
