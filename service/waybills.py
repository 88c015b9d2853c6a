"""House waybills that a user names: in the option itself, or in a file."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from engine.errors import InputError

_FILES = frozenset({".csv", ".txt", ".tsv"})


def waybills_of(given: Iterable[str]) -> frozenset[str]:
    """The house waybills of option values: waybills joined with commas, or names of files.

    A file is text with a waybill a line, or a table with a column `hawb`.

    Raises
    ------
    InputError
        A file cannot be read, or names no waybill.
    """
    found: set[str] = set()
    for value in given:
        path = Path(value)
        if path.suffix.lower() in _FILES or path.is_file():
            found |= _of_file(path)
        else:
            named = {part.strip() for part in value.split(",") if part.strip()}
            if not named:
                raise InputError(
                    "The mandatory controls are an empty text.",
                    "Give house waybills joined with commas or a file, or leave the option out.",
                )
            found |= named
    return frozenset(found)


def _of_file(path: Path) -> set[str]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise InputError(
            f"The mandatory controls in {path} cannot be read: {reason}.",
            "Give a text file with one house waybill a line.",
        ) from error
    first = lines[0] if lines else ""
    separator = next((sign for sign in ";\t," if sign in first), ",")
    rows = [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=separator) if row]
    head = [cell.lower() for cell in rows[0]] if rows else []
    at = head.index("hawb") if "hawb" in head else 0
    if len(head) > 1 and "hawb" not in head:
        raise InputError(
            f"{path} is a table without a column hawb; its columns are {', '.join(rows[0])}.",
            "Name the column of house waybills hawb, or give one waybill a line.",
        )
    body = rows[1:] if "hawb" in head else rows
    found = {row[at] for row in body if len(row) > at and row[at]}
    if not found:
        raise InputError(f"{path} names no mandatory control.", "Give one house waybill a line.")
    return found
