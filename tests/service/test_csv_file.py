from __future__ import annotations

import csv
import io
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError
from service.csv_file import read_csv
from service.table_file import TableFile

HEADER = "flight_number,hawb,goods_description,hs6\n"


def read(text: str | bytes) -> TableFile:
    return read_csv(Path("m.csv"), text.encode() if isinstance(text, str) else text)


def cells(table: TableFile) -> list[tuple[str | None, ...]]:
    return table.rows.drop("row_number").rows()


CELL = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=8
).map(str.strip)  # fmt: skip


@given(
    st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=8),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_what_is_legally_written_is_read_back(
    rows: list[tuple[str, str, str]], separator: str, quoting: int
) -> None:
    # Sixteen columns, as a manifest has: what is left of a row after a line break in one of its
    # fields cannot be taken for a whole row. With two columns nobody can tell them apart.
    text, front = io.StringIO(), ("k",) * 12
    writer = csv.writer(text, delimiter=separator, quoting=quoting, lineterminator="\n")  # type: ignore[arg-type]
    writer.writerows([[f"c{at}" for at in range(16)], *((*front, *row, "z") for row in rows)])
    table = read(text.getvalue())
    assert cells(table) == [tuple(cell or None for cell in (*front, *row, "z")) for row in rows]
    assert table.rejections.is_empty()


def test_a_stray_quote_costs_its_own_line_and_no_other() -> None:
    table = read(HEADER + 'F1,A,x,1\nF1,B,"y,2\nF1,C,z,3\nF1,D,"LED" lamp,4\nF1,E,v,5\n')
    assert table.rows["hawb"].to_list() == ["A", "C", "E"]
    assert table.rejections["row_number"].to_list() == [2, 4]
    assert table.rejections["rule"].unique().to_list() == ["csv|syntax"]
    assert table.rejections["message"][0] == (
        "row 2 (line 3) has a quote that is not closed or not doubled; put the field in quotes and "
        "write each quote in it twice."
    )


def test_two_stray_quotes_do_not_swallow_the_lines_between() -> None:
    table = read(HEADER + 'F1,A,"x,1\nF1,B,b,2\nF1,C,c",3\n')
    assert table.rows["hawb"].to_list() == ["B", "C"]


def test_a_quoted_field_may_hold_line_breaks_separators_and_quotes() -> None:
    table = read(HEADER + 'F1,A,"two\nlines, and ""more""",1\nF1,B,x,2\n')
    assert table.rows["goods_description"].to_list() == ['two\nlines, and "more"', "x"]
    assert table.lines is not None
    assert table.lines.rows() == [(1, 2), (2, 4)]


def test_an_inch_sign_inside_a_plain_field_is_text() -> None:
    assert read(HEADER + 'F1,A,5" cable,1\n').rows["goods_description"].to_list() == ['5" cable']


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("F1,B,x", "has 3 fields, the header has 4"),
        ("F1,B,x,2,9", "has 5 fields, the header has 4"),
        ("F1,B\0,x,2", "holds a NUL byte"),
        ('F1,B,"x,2', "has a quote that is not closed or not doubled"),
    ],
)
def test_a_line_that_is_no_record_is_named_and_the_others_go_on(line: str, fault: str) -> None:
    table = read(HEADER + f"F1,A,x,1\n{line}\nF1,C,x,3\n")
    assert table.rows["row_number"].to_list() == [1, 3]
    (message,) = table.rejections["message"]
    assert message.startswith(f"row 2 (line 3) {fault}; ")


def test_a_table_separated_by_something_else_is_refused_with_what_is_read() -> None:
    with pytest.raises(InputError, match=r"separated by \|; comma, semicolon and tab are read"):
        read("hawb|hs6|quantity\nA|010121|1\n")


def test_empty_lines_and_empty_rows_are_no_rows() -> None:
    table = read(HEADER + "\nF1,A,x,1\n,,,\n\n")
    assert table.rows.height == 1
    assert table.rejections.is_empty()


def test_leading_zeros_stay_and_empty_cells_are_null() -> None:
    assert cells(read(HEADER + 'F1,007,"",010203\n')) == [("F1", "007", None, "010203")]


def test_a_separator_at_the_end_of_every_line_makes_no_column() -> None:
    assert read("hawb;hs6;\nA;1;\n").rows.columns == ["hawb", "hs6", "row_number"]


def test_windows_line_ends_and_the_mark_of_utf8_are_no_content() -> None:
    table = read(b"\xef\xbb\xbf" + HEADER.replace("\n", "\r\n").encode() + b"F1,A,x,1\r\n")
    assert cells(table) == [("F1", "A", "x", "1")]


def test_a_line_in_latin_1_is_read_and_said_so() -> None:
    table = read(HEADER.encode() + "F1,A,Möbel,1\n".encode("latin-1") + "F1,B,Zoë,2\n".encode())
    assert table.rows["goods_description"].to_list() == ["Möbel", "Zoë"]
    assert "the first: line 2" in table.notes[0]


def test_a_column_named_twice_is_refused() -> None:
    with pytest.raises(InputError, match="more than one column named hs6"):
        read("hs6,hawb, hs6\n1,2,3\n")


def test_ten_megabytes_in_one_cell_are_one_cell() -> None:
    big = "x," * 5_000_000
    table = read(HEADER + f'F1,A,"{big}",1\nF1,B,y,2\n')
    assert table.rows["goods_description"].str.len_chars().to_list() == [10_000_000, 1]


def test_lines_count_over_joined_records() -> None:
    table = read(HEADER + 'F1,A,"a\nb",1\nF1,B,bad\nF1,C,x,3\n')
    assert table.rejections["message"][0].startswith("row 2 (line 4)")
    assert table.rows.schema["row_number"] == pl.Int64
