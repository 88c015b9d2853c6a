"""CSV with comma, semicolon or tab: read fast where a line is plain, strictly where it is not.

A stray quote makes lenient readers swallow all lines up to the next quote. Here every line that
is a whole record by itself is one; only lines that are not may join the next ones (a quoted
field with a line break), and never across a line that is whole. What stays unreadable is a
rejection that names its line, and the good lines go on.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from engine.errors import InputError
from service.table_file import TableFile, checked_names, syntax_rejections, without_empty_rows

SEPARATORS = (",", ";", "\t")

MOST_LINES_A_RECORD = 100
"""A quoted field with more line breaks is a stray quote (estimate; an address has five)."""

NAMELESS = "nameless_column_"

_Fault = tuple[int, int | None, str]


def read_csv(path: Path, content: bytes) -> TableFile:
    """Read a CSV file; all cells as text, empty ones as null.

    Raises
    ------
    InputError
        The header cannot be used.
    """
    text, notes = _decoded(content)
    lines = _lines(text)
    start = next((at for at, line in enumerate(lines) if line.strip()), len(lines))
    if start == len(lines):
        raise InputError(f"{path} is empty.", "Check that the export is complete.")
    separator, names = _header(path, lines[start])
    records = _Records(lines, start + 1, separator, len(names))
    rows = records.frame(names)
    nameless = [name for name in names if name.startswith(NAMELESS) and rows[name].is_null().all()]
    rows = rows.drop(nameless)
    return TableFile(
        path,
        without_empty_rows(rows.drop("_line")),
        syntax_rejections("csv", records.faults),
        rows.select("row_number", line="_line"),
        notes,
    )


def _decoded(content: bytes) -> tuple[str, tuple[str, ...]]:
    """UTF-8, with or without mark; a line that is not is read as Windows-1252, and said so."""
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        return content.decode(), ()
    except UnicodeDecodeError:
        pass
    decoded, odd = [], []
    for number, line in enumerate(content.split(b"\n"), start=1):
        try:
            decoded.append(line.decode())
        except UnicodeDecodeError:
            decoded.append(line.decode("cp1252", errors="replace"))
            odd.append(number)
    note = (
        f"{len(odd)} line{'s are' if len(odd) > 1 else ' is'} not UTF-8 (the first: line {odd[0]})"
        " and read as Windows-1252; save the file as UTF-8 if letters look wrong."
    )
    return "\n".join(decoded), (note,)


def _lines(text: str) -> list[str]:
    if "\r" in text:
        text = text.replace("\r\n", "\n")
        if "\n" not in text:
            text = text.replace("\r", "\n")
    return text.split("\n")


def _header(path: Path, line: str) -> tuple[str, list[str]]:
    if "\0" in line:
        raise InputError(f"{path} is no text: its first line holds NUL bytes.", "Export it anew.")
    separator = max(SEPARATORS, key=line.count)
    if line.count("|") > line.count(separator):
        raise InputError(
            f"{path} is separated by |; comma, semicolon and tab are read.",
            "Export it with one of these.",
        )
    names = _fields(line, separator)
    if names is None:
        raise InputError(f"{path} has a header with a stray quote.", "Correct the first line.")
    names = checked_names(path, names)
    # A separator at the end of the header makes a column without a name.
    return separator, [name or f"{NAMELESS}{at}" for at, name in enumerate(names, start=1)]


def _fields(record: str, separator: str) -> list[str] | None:
    """The fields of a record; None if it is not well formed."""
    csv.field_size_limit(max(len(record), 131_072))
    try:
        parsed = list(csv.reader(io.StringIO(record), delimiter=separator, strict=True))
    except csv.Error:
        return None
    return parsed[0] if len(parsed) == 1 else None


class _Records:
    """The records of a CSV text: whole lines for the fast reader, others as lists of fields."""

    def __init__(self, lines: list[str], start: int, separator: str, width: int) -> None:
        self.separator = separator
        self.width = width
        self.plain: list[int] = []
        self.quoted: list[int] = []
        self.joined: list[list[str]] = []
        self.number_at: dict[int, int] = {}
        self.joined_at: list[int] = []
        self.faults: list[_Fault] = []
        self.lines = lines
        self._sort(start)

    def _sort(self, start: int) -> None:
        well_formed = _well_formed(self.lines, start, self.separator, self.width)
        at, number, separators, separator = start, 0, self.width - 1, self.separator
        while at < len(self.lines):
            line, taken = self.lines[at], 1
            if not line.strip(" "):
                at += 1
                continue
            number += 1
            if '"' not in line and line.count(separator) == separators and "\0" not in line:
                self.plain.append(at)
            elif at in well_formed:
                self.quoted.append(at)
            else:
                taken = self._odd(self.lines, at, number)
            self.number_at[at] = number
            at += taken

    def _odd(self, lines: list[str], at: int, number: int) -> int:
        """Take the record that starts at a line that is not plain; return how many lines it has."""
        for count, record in self._longer_and_longer(lines, at):
            fields = _fields(record, self.separator)
            if fields is not None and self._fits(fields):
                self.joined.append(fields[: self.width])
                self.joined_at.append(at)
                return count
        self.faults.append((number, at + 1, self._fault(lines[at])))
        return 1

    def _fits(self, fields: list[str]) -> bool:
        """As many fields as the header, or more of which the last are empty."""
        return len(fields) >= self.width and not any(fields[self.width :])

    def _longer_and_longer(self, lines: list[str], at: int) -> Iterator[tuple[int, str]]:
        record = lines[at]
        if "\0" in record:
            return
        yield 1, record
        if record.count('"') % 2 == 0:
            return
        for count, line in enumerate(lines[at + 1 : at + MOST_LINES_A_RECORD], start=2):
            if self._is_whole(line):
                return
            record += "\n" + line
            if line.count('"') % 2 == 1:
                yield count, record

    def _is_whole(self, line: str) -> bool:
        """A line that is a record by itself; a column alone says nothing."""
        if self.width == 1 or "\0" in line:
            return "\0" in line
        if line.count(self.separator) < self.width - 1:
            return False
        fields = _fields(line, self.separator)
        return fields is not None and self._fits(fields)

    def _fault(self, line: str) -> str:
        if "\0" in line:
            return "holds a NUL byte; export it anew as text"
        fields = _fields(line, self.separator)
        if fields is None:
            return (
                "has a quote that is not closed or not doubled; put the field in quotes and write "
                "each quote in it twice"
            )
        way_out = "put a field that holds a separator or a line break in double quotes"
        if len(fields) < self.width:
            way_out = "write every separator, also before an empty field"
        return f"has {len(fields)} fields, the header has {self.width}; {way_out}"

    def frame(self, names: list[str]) -> pl.DataFrame:
        """All records as text, with `row_number` and `_line`, in the file's order."""
        plain = _parsed([self.lines[at] for at in self.plain], names, self.separator, None)
        quoted = _parsed([self.lines[at] for at in self.quoted], names, self.separator, '"')
        joined = pl.DataFrame(self.joined, schema=dict.fromkeys(names, pl.String), orient="row")
        starts = [*self.plain, *self.quoted, *self.joined_at]
        return (
            pl.concat([plain, quoted, joined])
            .with_columns(pl.when(pl.all() != "").then(pl.all()))
            .with_columns(
                row_number=pl.Series([self.number_at[at] for at in starts], dtype=pl.Int64),
                _line=pl.Series([at + 1 for at in starts], dtype=pl.Int64),
            )
            .sort("row_number")
        )


def _well_formed(lines: list[str], start: int, separator: str, width: int) -> set[int]:
    """Lines with quotes that are whole records by themselves (RFC 4180), found all at once."""
    places = [
        at
        for at in range(start, len(lines))
        if '"' in lines[at] and lines[at].count('"') % 2 == 0 and "\0" not in lines[at]
    ]
    if not places:
        return set()
    mark = re.escape(separator)
    field = rf'(?:"(?:[^"]|"")*"|[^"{mark}]*)'
    text = pl.col("text")
    outside = text.str.replace_all(r'"[^"]*"', "")
    frame = pl.DataFrame({"at": places, "text": [lines[at] for at in places]})
    whole = text.str.contains(rf"^{field}(?:{mark}{field})*$")
    fits = outside.str.count_matches(separator, literal=True) == width - 1
    return set(frame.filter(whole & fits)["at"])


def _parsed(lines: list[str], names: list[str], separator: str, quote: str | None) -> pl.DataFrame:
    if not lines:
        return pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    return pl.read_csv(
        "\n".join(lines).encode(),
        has_header=False,
        new_columns=names,
        separator=separator,
        quote_char=quote,
        infer_schema=False,
    )
