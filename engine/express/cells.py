"""Cells of a message as typed values, or the word that the full door must judge them.

What is read here reads the same at `engine.acceptance`, which is the rule; the forms below are
those that surely do. Everything else is left to it, also what it would reject: it has the words.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import dataframely as dy
import polars as pl

from engine.acceptance import POSSIBLE_YEARS
from engine.declaration import CODE_COLUMNS, DEFAULTS
from engine.errors import SettingError

Reader = Callable[[Any], Any]
"""From a cell as JSON has it to the value of its column; raises `Unusual`."""

LARGEST_EXACT = 2**53
"""From here on a whole number may not be what was written (IEEE 754 binary64)."""

LEAST_PLAIN = 1e-9
"""Below, a number written out is longer than the 40 characters that the full door looks at."""

_WHOLE = re.compile(r"(?:0|[1-9][0-9]{0,14})\Z")
_DECIMAL = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,12})?\Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?"
    r"(?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])?\Z"
)

_KNOWN_RULES = frozenset(
    {"nullability", "regex", "max_length", "min", "min_exclusive", "max", "nan", "inf"}
)
"""Rules of a column that the readers below keep; NaN and infinity are no JSON and never read."""

LONGEST_CODE = 512
"""Characters of a text that only its form bounds (estimate: 128 procedure codes)."""

SIX_DIGIT_COLUMNS = frozenset({"hs6"})
"""Commodity codes: sent as numbers they have lost their leading zeros."""


class Unusual(Exception):  # noqa: N818 (no error: the full door takes over)
    """A cell or a row that the full door must judge."""


def cell_reader(name: str, column: dy.Column) -> Reader:
    """The reader of one column of `DeclarationRow`.

    Parameters
    ----------
    name : of the column.
    column : says type, form and bounds; a rule that no reader keeps must not be overlooked.

    Raises
    ------
    SettingError
        The column has a type or a rule that is not known here.
    """
    unknown = set(column.validation_rules(pl.col(name))) - _KNOWN_RULES
    if unknown or not isinstance(column, dy.String | dy.Int64 | dy.Float64 | dy.Date | dy.Datetime):
        raise SettingError(
            f"The express door does not know what the column {name} asks for: "
            f"{type(column).__name__} {sorted(unknown)}.",
            "Teach engine.express.cells that rule.",
        )
    if isinstance(column, dy.String):
        return _text(name, column)
    if isinstance(column, dy.Date):
        return _filled_or(_day, None)
    if isinstance(column, dy.Datetime):
        return _filled_or(_instant, None)
    number = _whole if isinstance(column, dy.Int64) else _decimal
    return _filled_or(_bounded(number, column), DEFAULTS.get(name), is_needed=not column.nullable)


def _filled_or(read: Reader, default: object, *, is_needed: bool = False) -> Reader:
    """What is in the cell, or its default; blanks around a text do not matter."""
    must_be_there = is_needed and default is None

    def reader(cell: Any) -> Any:
        if type(cell) is str:
            cell = cell.strip(" ")
        if cell is not None and cell != "":
            return read(cell)
        if must_be_there:
            raise Unusual
        return default

    return reader


def _text(name: str, column: dy.String) -> Reader:
    """Text in one form; codes are read in capitals."""
    digits = "06d" if name in SIX_DIGIT_COLUMNS else "d"
    longest_bytes = column.max_length if column.max_length is not None else LONGEST_CODE
    form = re.compile(column.regex or "").search

    def read(text: str) -> str:
        if len(text) > longest_bytes or form(text) is None:
            raise Unusual
        if not text.isascii() and len(text.encode()) > longest_bytes:
            raise Unusual
        return text

    def read_code(text: str) -> str:
        if not text.isascii():
            raise Unusual
        return read(text.upper())

    reader = _filled_or(
        read_code if name in CODE_COLUMNS else read,
        DEFAULTS.get(name),
        is_needed=not column.nullable,
    )
    return lambda cell: reader(cell if cell is None else _printable(cell, digits))


def _printable(cell: Any, digits: str) -> str:
    """Printable text: of all blanks only the plain one is, so that all doors trim alike."""
    if type(cell) is str and cell.isprintable():
        return cell
    if type(cell) is int and 0 <= cell < LARGEST_EXACT:
        return format(cell, digits)
    raise Unusual


def _bounded(read: Reader, column: dy.Int64 | dy.Float64) -> Reader:
    least = float("-inf") if column.min is None else column.min
    above = float("-inf") if column.min_exclusive is None else column.min_exclusive
    most = float("inf") if column.max is None else column.max

    def reader(cell: Any) -> Any:
        number = read(cell)
        if not (least <= number <= most and number > above):
            raise Unusual
        return number

    return reader


def _whole(cell: Any) -> int:
    if type(cell) is int and abs(cell) < LARGEST_EXACT:
        return cell
    if type(cell) is str and _WHOLE.match(cell):
        return int(cell)
    raise Unusual


def _decimal(cell: Any) -> float:
    """A number of zero or more, written without sign and exponent."""
    if type(cell) is float and (LEAST_PLAIN <= cell < LARGEST_EXACT or repr(cell) == "0.0"):
        return cell
    if type(cell) is int and 0 <= cell < LARGEST_EXACT:
        return float(cell)
    if type(cell) is str and _DECIMAL.match(cell):
        return float(cell)
    raise Unusual


def _day(cell: Any) -> date:
    if type(cell) is not str or not _DATE.match(cell):
        raise Unusual
    try:
        day = date.fromisoformat(cell)
    except ValueError as error:
        raise Unusual from error
    if not POSSIBLE_YEARS[0] <= day.year <= POSSIBLE_YEARS[1]:
        raise Unusual
    return day


def _instant(cell: Any) -> datetime:
    """An instant in UTC; without a zone it is meant so."""
    if type(cell) is not str or not _INSTANT.match(cell):
        raise Unusual
    try:
        instant = datetime.fromisoformat(cell)
    except ValueError as error:
        raise Unusual from error
    instant = instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    if not POSSIBLE_YEARS[0] <= instant.year <= POSSIBLE_YEARS[1]:
        raise Unusual
    return instant
