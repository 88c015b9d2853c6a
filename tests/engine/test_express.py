"""The express door says what the full door says, or nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dataframely as dy
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from engine.acceptance import Accepted
from engine.declaration import Declaration, DeclarationRow
from engine.errors import SettingError
from engine.express import ExpressDoor
from engine.express.cells import cell_reader
from engine.intake import take_in
from service.json_file import read_json
from tests.engine.door import KEY, ROW
from tests.worlds import Archive

SCHEMA = {name: column.dtype for name, column in Declaration.columns().items()}


class FewRates:
    """Rates that do not divide evenly, and none for XXX."""

    def units_per_euro(self, asked: pl.DataFrame) -> pl.DataFrame:
        rates = {"EUR": 1.0, "USD": 1.0837, "CNY": 7.8123, "JPY": 163.07}
        return asked.with_columns(
            units_per_euro=pl.col("currency").replace_strict(
                rates, default=None, return_dtype=pl.Float64
            )
        )


DOOR = ExpressDoor(FewRates(), KEY)


def as_array(rows: Sequence[dict[str, Any]]) -> Accepted:
    """The full door's word on rows of a JSON array, read cell by cell."""
    table = read_json(Path("rows.json"), json.dumps(rows).encode(errors="replace"))
    return take_in(table.rows, rates=FewRates(), key=KEY, all_versions=True)


def as_lines(rows: Sequence[dict[str, Any]]) -> Accepted:
    """The same for JSON Lines, which are read all at once where they are alike."""
    text = "\n".join(json.dumps(row) for row in rows)
    table = read_json(Path("rows.jsonl"), text.encode(errors="replace"))
    return take_in(table.rows, rates=FewRates(), key=KEY, all_versions=True)


def assert_one_word(
    rows: Sequence[dict[str, Any]], judge: Callable[[Sequence[dict[str, Any]]], Accepted] = as_array
) -> int:
    """Every row that takes the express door comes out of the full door alike; their number."""
    judged = judge(rows)
    accepted = {row.pop("row_number"): row for row in judged.rows.to_dicts()}
    rejected = set(judged.rejections["row_number"])
    express = {at: made for at, row in enumerate(rows, 1) if (made := DOOR(row)) is not None}
    assert not express.keys() & rejected
    for at, made in express.items():
        if at in accepted:
            assert made == accepted[at]
        else:  # said twice in these rows: the other one stands for both
            assert made in accepted.values()
    numbers = [at for at in express if at in accepted]
    if numbers:
        ours = pl.DataFrame([express[at] for at in numbers], schema=SCHEMA, orient="row")
        theirs = pl.DataFrame({"row_number": numbers}).join(
            judged.rows, on="row_number", how="left", maintain_order="left"
        )
        assert_frame_equal(ours, theirs.drop("row_number"), check_exact=True)
    return len(express)


WORDS = st.sampled_from(
    ["Wilhelmina", "Müller", "mr", "MEVROUW", "Fam.", "KX7RT", "xk2pq9", "Jan3", "12b", "12 B", "7",
     "Dorpsstraat12", "straße", "Łódź", "d'Hondt", "O\u2019Neil", "İpek", "ŉoord", "ǅemal", "½",
     "²", "ªb", "Nguyễn", "unknown", "n/a", "N", "xxxx", "bcdfg", "mickey mouse", "-", "12 bis a",
     "123e4567-e89b-12d3-a456-426614174000", "ΣΑΣ", "Иван", "王", "a\u0301", "\u200b", "a\x1fb"]
)  # fmt: skip
LETTERS = st.characters(max_codepoint=0x300) | st.characters(exclude_categories=["Cs"])
TEXTS = st.one_of(
    st.lists(WORDS, max_size=5).map(" ".join),
    st.lists(WORDS, max_size=3).map("".join),
    st.text(LETTERS, max_size=12),
    st.sampled_from(["", " ", "  a b ", "\u00a0a", "a\n", "a" * 256, "é" * 128, "é" * 129,
                     "a" * 257, "a" * 513, "=1+1", "[1]", "{", "null", "true", "a\tb"]),
)  # fmt: skip
ODD = st.sampled_from([None, True, False, [], {}, ["a"], {"a": 1}, 0, -1, 12345, 2**53, 10**25,
                       1.0, 0.5, -0.0, 1e300, 1e-300, "\ud800"])  # fmt: skip
NUMBERS = st.one_of(
    st.floats(0, 2e5),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-2, 200_000),
    st.floats(0, 2e5).map(str),
    st.decimals(0, 10_000, places=3).map(str),
    st.sampled_from(["1", " 1 ", "+1", "01", "1.", ".5", "1.0", "1e3", "-0", "0", "0.0", "NaN",
                     "inf", "1_000", "1,5", "١", "0.1000000000000000055511151231257827",
                     "999999999999999", "99999.5", "100000.0000001", "0." + "0" * 45 + "1"]),
)  # fmt: skip
CODES = st.one_of(
    st.sampled_from(["EUR", "usd", "CNY", "JPY", "XXX", "cn", " BE ", "be", "B", "BEL", "B\u00c9",
                     "H7", "h6", "H2", "C07", "c07|f48", "C07|", "ﬁ", "ß", "ı", "LGG", "IM12"]),
    TEXTS,
)  # fmt: skip
DATES = st.one_of(
    st.dates().map(str),
    st.sampled_from(["2026-03-02", " 2026-03-02 ", "2026-3-2", "2026-02-30", "2026-03-02T00:00:00",
                     "20260302", "1949-12-31", "2150-12-31", "2151-01-01", "02.03.2026", 20260302]),
)  # fmt: skip
ZONES = st.sampled_from(["", "Z", "+00:00", "-00:00", "+02:00", "-14:59", "+0200", "+15:00", "z"])
INSTANTS = st.one_of(
    st.builds("{}{}".format, st.datetimes().map(datetime.isoformat), ZONES),
    st.builds("{}{}".format, st.datetimes().map(str), ZONES),
    st.sampled_from(["2026-03-02", "2026-03-02T08:00Z", "2026-03-02T08:00:60Z", "T", "0",
                     "2026-03-02T24:00:00Z", "2026-03-02T08:00:00.1234567Z",
                     "1950-01-01T00:30:00+01:00",
                     "2150-12-31T23:30:00-01:00", "2026-03-02t08:00:00Z", "2026-03-02  08:00:00"]),
)  # fmt: skip


def likely(column: dy.Column) -> st.SearchStrategy[Any]:
    """Cells that a column might be sent."""
    if isinstance(column, dy.Date):
        return DATES
    if isinstance(column, dy.Datetime):
        return INSTANTS
    if not isinstance(column, dy.String):
        return NUMBERS
    if column.regex == "^[0-9]{6}$":
        return st.sampled_from(["851310", "85131", 851310, 10511, "8513100", "٨٥١٣١٠", " 010511"])
    return TEXTS if column.regex is None else CODES


CELLS = {
    name: likely(column)
    for name, column in DeclarationRow.columns().items()
    if name != "row_number"
}


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    """A clean row of which a few cells are anything; rarely one is of the wrong kind or absent."""
    row = dict(ROW)
    for name in draw(st.lists(st.sampled_from(sorted(CELLS)), max_size=4)):
        row[name] = draw(CELLS[name])
    oddity = draw(st.sampled_from(["", "", "", "odd", "absent", "unknown"]))
    if oddity == "odd":
        row[draw(st.sampled_from(sorted(CELLS)))] = draw(ODD)
    if oddity == "absent":
        del row[draw(st.sampled_from(sorted(ROW)))]
    if oddity == "unknown":
        row["colour"] = "red"
    return row


@settings(deadline=None, max_examples=40)
@given(st.lists(rows(), min_size=1, max_size=25))
def test_any_row_is_judged_alike_or_left_to_the_full_door(drawn: list[dict[str, Any]]) -> None:
    # One whole row first, so that the table has every column that it must have.
    assert assert_one_word([ROW, *drawn]) >= 1


NUMBER_CELLS = st.fixed_dictionaries(
    {
        "gross_mass_kg": st.floats(0, 2e5),
        "net_mass_kg": st.floats(0, 2e5),
        "intrinsic_value": st.floats(0, 2e8),
        "quantity": st.floats(0, 2e9),
        "transport_insurance_cost": st.integers(0, 100),
        "goods_item_number": st.integers(0, 100_000),
        "intrinsic_value_currency": st.sampled_from(["EUR", "usd", "CNY", "JPY"]),
    }
)


@settings(deadline=None, max_examples=30)
@given(st.lists(NUMBER_CELLS, min_size=1, max_size=40))
def test_numbers_of_json_lines_are_the_same_numbers(drawn: list[dict[str, Any]]) -> None:
    sent = [ROW | {"hawb": "H"}, *(ROW | cells for cells in drawn)]
    assert assert_one_word(sent, as_lines) >= 1


def test_every_letter_in_a_name_and_a_street() -> None:
    letters = [chr(code) for code in [*range(0x3000), 0x1F600, 0x20000] if chr(code).isprintable()]
    sent = [
        ROW | {
            "hawb": f"H{ord(letter)}",
            "importer_name": f"Ab{letter}Cd12 {letter}{letter} x{letter}2 {letter}",
            "importer_street": f"Ab{letter}C12{letter} 3{letter} {letter}",
            "importer_id": f"{letter}1{letter}",
        }
        for letter in letters
    ]  # fmt: skip
    assert assert_one_word(sent) > 1_500


def test_a_world_takes_the_express_door(archive: Archive) -> None:
    lines = pl.concat(list(archive.raw.values())[:4]).head(3_000).write_ndjson().splitlines()
    sent = [json.loads(line) for line in lines]
    filled = [{name: cell for name, cell in row.items() if cell is not None} for row in sent]
    assert assert_one_word(sent, as_lines) > 0.9 * len(sent)
    assert [DOOR(row) for row in filled] == [DOOR(row) for row in sent]


@pytest.mark.parametrize(
    "changes",
    [
        {"hs6": 10511},
        {"hawb": 12345, "goods_item_number": 7},
        {"intrinsic_value": 0.0, "gross_mass_kg": 0.002, "quantity": 3},
        {"intrinsic_value_currency": "usd", "transport_insurance_cost": "3.20"},
        {"transport_insurance_cost": 1, "transport_insurance_currency": "XXX"},
        {"lodged_at": "2026-03-02T08:00:00.25+02:00", "platform": "  ", "lrn": ""},
        {"importer_name": "Zoë Nguyễn-d\u2019Hondt", "importer_street": "Łąkowa 12b", "mrn": None},
        {"exporter_name": "深圳市灯具贸易有限公司", "goods_description": "LED 手电筒"},
        {"importer_name": "-", "importer_street": "...", "importer_id": "#"},
        {"importer_name": "Иван Петров", "importer_street": "ул. Шипка 12б"},
        {"importer_name": "Μαρία Αγγέλου", "importer_street": "Ζοe\u0301 7"},
    ],
)
def test_what_brokers_send_takes_the_express_door(changes: dict[str, Any]) -> None:
    assert assert_one_word([ROW | changes]) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"colour": "red"}, {"row_number": 1}, {"hawb": None}, {"hawb": " "}, {"hawb": True},
        {"flight_date": None}, {"flight_date": "2026-02-30"}, {"flight_date": 20260302},
        {"intrinsic_value_currency": "XXX"}, {"intrinsic_value": -1}, {"gross_mass_kg": 0},
        {"goods_description": ["LED"]}, {"goods_description": "a\nb"}, {"hs6": "85131"},
        {"hs6": 10511.0}, {"importer_name": "ΑΓΓΕΛΟΣ"}, {"importer_name": "王"},
        {"quantity": float("nan")}, {"quantity": float("inf")}, {"platform": "é" * 129},
        {"lodged_at": "yesterday"},
    ],
)  # fmt: skip
def test_what_is_out_of_the_ordinary_is_left_to_the_full_door(changes: dict[str, Any]) -> None:
    assert DOOR(ROW | changes) is None


def test_the_day_begins_where_no_instant_is_given() -> None:
    made = DOOR(ROW)
    assert made is not None
    assert made["lodged_at"] == datetime(2026, 3, 2, tzinfo=UTC)


def test_another_key_makes_other_pseudonyms() -> None:
    one, other = DOOR(ROW), ExpressDoor(FewRates(), b"x" * 32)(ROW)
    assert one is not None
    assert other is not None
    assert not set(one["importer_name_tokens"]) & set(other["importer_name_tokens"])


def test_rates_are_asked_once_for_a_currency_and_day() -> None:
    asked: list[int] = []

    class Counted(FewRates):
        def units_per_euro(self, pairs: pl.DataFrame) -> pl.DataFrame:
            asked.append(pairs.height)
            return super().units_per_euro(pairs)

    door = ExpressDoor(Counted(), KEY)
    asked.clear()
    made = [door(ROW | {"hawb": f"H{at}"}) for at in range(5)]
    assert (None in made, asked) == (False, [1])


def test_a_rule_that_the_door_does_not_know_is_not_overlooked() -> None:
    class Checked(dy.Schema):
        hawb = dy.String(check=lambda cell: cell != "H1")

    assert DeclarationRow._schema_validation_rules() == {}
    with pytest.raises(SettingError, match=r"column hawb asks for.*check"):
        cell_reader("hawb", Checked.columns()["hawb"])


def test_the_least_and_greatest_numbers_are_judged_alike() -> None:
    bounds = [sys.float_info.min, 1e-9, 1e-10, 1e5, 1e8, 1e9, 99_999, 100_000, 0, 0.0, -0.0]
    names = ("gross_mass_kg", "quantity", "intrinsic_value", "number_of_packages",
             "goods_item_number")  # fmt: skip
    sent = [ROW] + [ROW | {name: bound} for name in names for bound in bounds]
    assert_one_word(sent)
