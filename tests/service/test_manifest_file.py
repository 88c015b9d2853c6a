from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from engine.errors import InputError
from engine.intake import EuroOnly, take_in
from service.manifest_file import expanded, read_table
from tests.service.rows import KEY, ROW, table


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def workbook(path: Path, rows: Sequence[Sequence[object]]) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
    return path


RAW = table(3).with_columns(hs6=pl.lit("010121"))


def in_form(path: Path) -> Path:
    """The same three rows in the form that the name says."""
    if path.suffix == ".parquet":
        RAW.write_parquet(path)
    elif path.suffix == ".csv":
        RAW.write_csv(path, separator=";")
    elif path.suffix == ".jsonl":
        RAW.write_ndjson(path)
    elif path.suffix == ".json":
        path.write_text(json.dumps(RAW.to_dicts(), indent=1))
    else:
        workbook(path, [RAW.columns, *(list(row) for row in RAW.rows())])
    return path


@pytest.mark.parametrize("name", ["m.parquet", "m.csv", "m.jsonl", "m.json", "m.xlsx"])
def test_the_same_rows_in_any_form_are_the_same_declarations(tmp_path: Path, name: str) -> None:
    rows = read_table(in_form(tmp_path / name)).rows
    accepted = take_in(rows, rates=EuroOnly(), key=KEY)
    assert accepted.rejections.is_empty()
    assert accepted.rows.equals(take_in(RAW, rates=EuroOnly(), key=KEY).rows)


def test_the_content_decides_where_the_name_says_nothing(tmp_path: Path) -> None:
    assert read_table(in_form(tmp_path / "m.csv").rename(tmp_path / "manifest")).rows.height == 3


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("m.csv", b"", "is empty"),
        ("m.csv", b" \n\n", "is empty"),
        ("m.csv", b'{"a": 1}\n', r"is named as CSV \(\.csv\) but holds JSON"),
        ("m.json", b"a,b\n1,2\n", r"is named as JSON \(\.json\) but holds CSV"),
        ("m.parquet", b"a,b\n1,2\n", r"is named as Parquet \(\.parquet\) but holds CSV"),
        ("m.xlsx", b"a,b\n1,2\n", r"is named as Excel \(\.xlsx\) but holds CSV"),
        ("m.csv", b"PAR1" + bytes(40), "is named as CSV .* but holds Parquet"),
        ("m.parquet", b"PAR1" + bytes(40) + b"PAR1", "Parquet file that cannot be read"),
        ("m.parquet", b"PAR1\x15", "Parquet file that cannot be read"),
        ("m.xlsx", b"PK\x03\x04" + bytes(90), "workbook that cannot be read"),
        ("m.xlsx", b"\xd0\xcf\x11\xe0" + bytes(90), "password-protected Office file"),
        ("m.csv", bytes(200), "binary data"),
        ("m.csv", b"a\0,b\n1,2\n", "binary data"),
        ("m.csv", "a,b\n1,2\n".encode("utf-16"), "text in UTF-16"),
        ("m.csv", b"\x1f\x8b\x08" + bytes(20), "compressed file"),
        ("m.json", b'[{"a": 1},', "JSON array that cannot be read"),
        ("m.json", b'{"a": "\xe9"}', "not UTF-8: line 1 holds the byte 0xe9"),
        ("m.json", b"[" * 100_000, "nested too deeply"),
        ("m.jsonl", b'{"hs6": 1, " hs6": 2}\n', "more than one column named hs6"),
    ],
)
def test_a_file_that_cannot_be_used_says_so_by_name(
    tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    path = written(tmp_path / name, content)
    with pytest.raises(InputError, match=told) as caught:
        read_table(path)
    assert str(path) in caught.value.message
    assert caught.value.way_out


@pytest.mark.parametrize("name", ["m.parquet", "m.xlsx"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_file_cut_short_is_refused(tmp_path: Path, name: str, share: float) -> None:
    path = in_form(tmp_path / name)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(InputError, match="cannot be read"):
        read_table(path)


@pytest.mark.parametrize("seed", range(20))
def test_random_bytes_are_an_answer_and_never_a_crash(tmp_path: Path, seed: int) -> None:
    for start in (b"", b"PAR1", b"PK\x03\x04", b"{", b"[", b"a,b\n"):
        path = written(tmp_path / "x", start + os.urandom(300 + seed))
        try:
            rows = read_table(path).rows
        except InputError:
            continue
        assert "row_number" in rows.columns


def test_a_json_line_that_is_no_object_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    lines = b'{"hawb": "A"}\n[1]\n\n{bad\n"text"\n{"hawb": NaN}\n'
    read = read_table(written(tmp_path / "m.jsonl", lines))
    assert read.rows.select("row_number", "hawb").rows() == [(1, "A"), (5, "NaN")]
    assert [message[:38] for message in read.rejections["message"]] == [
        "row 2 (line 2) must be an object, not ",
        "row 3 (line 4) is no JSON: Expecting p",
        "row 4 (line 5) must be an object, not ",
    ]


def test_a_code_typed_as_a_number_gets_its_zeros_back(tmp_path: Path) -> None:
    lines = written(tmp_path / "m.jsonl", b'{"hs6": 10121}\n{"hs6": 851310}\n')
    array = written(tmp_path / "m.json", b'[{"hs6": 10121}, {"hs6": "851310"}]')
    for path in (lines, array):
        assert read_table(path).rows["hs6"].to_list() == ["010121", "851310"]


def test_an_excel_file_that_names_a_column_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="more than one column named hs6"):
        read_table(workbook(tmp_path / "m.xlsx", [["hs6", "hs6"], ["1", "2"]]))


def test_dates_and_numbers_of_excel_are_understood(tmp_path: Path) -> None:
    path = tmp_path / "m.xlsx"
    row = ROW | {"flight_date": None, "hs6": 10121, "hawb": 1234567890123456}
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, list(row))
        sheet.write_row(1, 0, list(row.values()))
        sheet.write_datetime(1, list(row).index("flight_date"), date(2026, 3, 2))
    accepted = take_in(read_table(path).rows, rates=EuroOnly(), key=KEY)
    assert accepted.rejections.is_empty()
    assert accepted.rows.select("flight_date", "hs6", "hawb").row(0) == (
        date(2026, 3, 2), "010121", "1234567890123456",
    )  # fmt: skip


def test_a_folder_of_days_is_read_and_its_name_fills_an_absent_column(tmp_path: Path) -> None:
    folder = tmp_path / "flight_date=2026-03-02"
    folder.mkdir()
    RAW.drop("flight_date").write_parquet(folder / "a.parquet")
    (folder / "_SUCCESS.csv").touch()
    (tmp_path / "README.md").touch()
    assert expanded([tmp_path]) == [folder / "a.parquet"]
    assert read_table(folder / "a.parquet").rows["flight_date"].unique().to_list() == ["2026-03-02"]


def test_patterns_name_files_and_a_pattern_of_nothing_is_an_error(tmp_path: Path) -> None:
    names = [in_form(tmp_path / name) for name in ("a.csv", "b.csv")]
    assert expanded([tmp_path / "*.csv", names[0]]) == names
    with pytest.raises(InputError, match="No file matches"):
        expanded([tmp_path / "*.parquet"])
    (tmp_path / "none").mkdir()
    with pytest.raises(InputError, match="holds no table"):
        expanded([tmp_path / "none"])


def test_lists_and_bytes_in_parquet_are_judged_as_text(tmp_path: Path) -> None:
    odd = table(1).with_columns(
        additional_procedure_codes=pl.Series([["C07", "F48"]]),
        exporter_name=pl.Series([b"Shenzhen Lamp"]),
        platform=pl.Series([{"name": "Shop"}]),
    )
    odd.write_parquet(tmp_path / "m.parquet")
    accepted = take_in(read_table(tmp_path / "m.parquet").rows, rates=EuroOnly(), key=KEY)
    assert accepted.rejections.is_empty()
    assert accepted.rows["additional_procedure_codes"][0] == "C07|F48"
    assert accepted.rows["exporter_name"][0] == "Shenzhen Lamp"
