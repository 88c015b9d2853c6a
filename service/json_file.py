"""JSON Lines, a JSON array of objects, or one JSON object: read as text, cell by cell.

Typed numbers are fine; they become the text they are written as, so that one check at the door
(`engine.acceptance`) judges all forms of file alike.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl

from engine.errors import InputError
from service.table_file import (
    TableFile,
    checked_names,
    nested_rejections,
    syntax_rejections,
    without_empty_rows,
)

CODE_COLUMNS = ("hs6", "found_hs6")
"""Codes that lose their leading zeros when a program writes them as numbers."""

PART_LINES = 20_000
"""Lines read at once: one odd line slows no more than its part (estimate)."""

_KINDS: dict[type, str] = {
    list: "an array", dict: "an object", str: "a text", bool: "a truth value", type(None): "null",
}  # fmt: skip

_Line = tuple[int | None, str]
"""Line of the file, if it has lines, and the text of one record."""


def read_json(path: Path, content: bytes) -> TableFile:
    """Read a JSON file.

    Raises
    ------
    InputError
        The file is not UTF-8, or holds an array that cannot be read.
    """
    text = _decoded(path, content.removeprefix(b"\xef\xbb\xbf"))
    document = _document(path, text)
    if document is not None:
        return _table(path, [(None, value) for value in document])
    lines: list[_Line] = [
        (at, line) for at, line in enumerate(text.split("\n"), start=1) if line.strip()
    ]
    parts = [
        _part(path, lines[at : at + PART_LINES], at) for at in range(0, len(lines), PART_LINES)
    ]
    checked_names(path, list(dict.fromkeys(name for part in parts for name in part.rows.columns)))
    return TableFile(
        path,
        pl.concat([part.rows for part in parts], how="diagonal"),
        pl.concat([part.rejections for part in parts]),
        pl.DataFrame({"line": [at for at, _ in lines]}).select(
            pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("row_number"), "line"
        ),
        nested=pl.concat([part.nested for part in parts]),
    )


def table_of(name: str, records: list[Any]) -> TableFile:
    """Rows of a message that was parsed already, as if each had been an element of a JSON array.

    Parameters
    ----------
    name : stands for the file's name in messages.
    records : what came; what is no object is a rejection.

    Raises
    ------
    InputError
        Two columns have one name but for blanks around it.
    """
    return _table(Path(name), [(None, record) for record in records])


def _part(path: Path, lines: list[_Line], before: int) -> TableFile:
    """Some lines, all at once or, if one of them needs a closer look, one by one."""
    fast = _fast([line for _, line in lines])
    if fast is None:
        return _table(path, [(at, _value(line)) for at, line in lines], before)
    rows, nested = fast
    rows = rows.with_columns(
        row_number=pl.int_range(before + 1, before + 1 + pl.len(), dtype=pl.Int64)
    )
    cells = [
        (number, name, what)
        for name, what in nested.items()
        for number in rows.filter(pl.col(name).is_not_null())["row_number"]
    ]
    return TableFile(path, without_empty_rows(rows), nested=nested_rejections(cells))


def _decoded(path: Path, content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{path} is not UTF-8: line {line} holds the byte {content[error.start]:#04x}.",
            "JSON is UTF-8 by its standard; save the file so.",
        ) from error


def _document(path: Path, text: str) -> list[Any] | None:
    """The elements, if the text is one array or one object over several lines."""
    first, _, more = text.strip().partition("\n")
    if more and not isinstance(_value(first.rstrip()), ValueError):
        return None  # whole in one line: JSON Lines
    if not more and not first.startswith("["):
        return None
    value = _value(text)
    if first.startswith("[") and isinstance(value, ValueError):
        raise InputError(
            f"{path} holds a JSON array that cannot be read: {value}.",
            "Write it anew, or one object a line (JSON Lines), of which good lines go on.",
        )
    if isinstance(value, list):
        return value
    return [value] if isinstance(value, dict) else None


def _value(text: str) -> Any:
    """What a JSON text says, NaN and Infinity as words; the fault if it cannot be read."""
    try:
        return json.loads(text, parse_constant=str)
    except (ValueError, RecursionError) as error:
        return error if isinstance(error, ValueError) else ValueError("nested too deeply")


def _fast(lines: list[str]) -> tuple[pl.DataFrame, dict[str, str]] | None:
    """All lines as text at once, and the columns that hold arrays or objects and nothing else.

    None if any line needs a closer look.
    """
    content = "\n".join(lines).encode()
    try:
        kinds = pl.read_ndjson(content, infer_schema_length=None).schema
        rows = pl.read_ndjson(content, schema=dict.fromkeys(kinds, pl.String))
    except pl.exceptions.PolarsError:
        return None
    if rows.height != len(lines):
        return None
    nested = {
        name: "an object" if isinstance(kind, pl.Struct) else "an array"
        for name, kind in kinds.items()
        if kind.is_nested() and name != "row_number"
    }
    texts = [pl.col(name) for name, kind in kinds.items() if kind == pl.String]
    opening = [text.str.starts_with(sign).any() for text in texts for sign in "[{"]
    if opening and rows.select(pl.any_horizontal(opening)).item():
        return None  # a text, or an array among texts: polars tells both alike
    codes = [name for name in CODE_COLUMNS if name in kinds and kinds[name].is_integer()]
    return rows.with_columns(pl.col(codes).str.zfill(6)), nested


def _table(path: Path, records: list[tuple[int | None, Any]], before: int = 0) -> TableFile:
    """Rows one by one; what is no object is a rejection."""
    good, faults, nested = [], [], []
    for number, (line, value) in enumerate(records, start=before + 1):
        if isinstance(value, dict):
            good.append(_cells(value) | {"row_number": number})
            nested += [
                (number, name, _KINDS[type(cell)])
                for name, cell in value.items()
                if isinstance(cell, list | dict) and name != "row_number"
            ]
        else:
            faults.append((number, line, _fault(value)))
    names = list(dict.fromkeys(name for row in good for name in row if name != "row_number"))
    checked_names(path, names)
    schema = {"row_number": pl.Int64, **dict.fromkeys(names, pl.String)}
    rows = without_empty_rows(pl.DataFrame(good, schema=schema, orient="row"))
    return TableFile(
        path, rows, syntax_rejections("json", faults), nested=nested_rejections(nested)
    )


def _fault(value: Any) -> str:
    if isinstance(value, ValueError):
        return f"is no JSON: {value}; write one object a line"
    return f"must be an object, not {_KINDS.get(type(value), 'a number')}; write one object a row"


def _cells(record: dict[str, Any]) -> dict[str, str | None]:
    return {name: _cell(name, value) for name, value in record.items()}


def _cell(name: str, value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if name in CODE_COLUMNS and type(value) is int:
        return f"{value:06d}"
    return json.dumps(value)
