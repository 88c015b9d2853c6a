"""Files of declarations and outcomes as users have them, read by what they hold.

Parquet, CSV, JSON Lines (or a JSON array) and Excel; single files, folders, and patterns. The
content decides, not the name alone: a file that is not what its name says is an error that names
both, because a program that guesses would one day guess wrong in silence.
"""

from __future__ import annotations

import glob
from collections.abc import Iterable
from pathlib import Path

from engine.errors import InputError
from service.table_file import TableFile

FORMS: dict[str, tuple[str, ...]] = {
    "Parquet": (".parquet", ".pq"),
    "CSV": (".csv", ".tsv", ".txt"),
    "JSON": (".jsonl", ".ndjson", ".json"),
    "Excel": (".xlsx", ".xlsm"),
}
"""Accepted forms and the names they go by."""

_NOT_READ: tuple[tuple[bytes, str, str], ...] = (
    (b"\xd0\xcf\x11\xe0", "an old or password-protected Office file",
     "Save it as .xlsx without a password."),
    (b"\x1f\x8b", "a compressed file (gzip)", "Unpack it first."),
    (b"\x28\xb5\x2f\xfd", "a compressed file (zstd)", "Unpack it first."),
    (b"%PDF", "a PDF document", "Ask for the table behind it."),
    (b"\xff\xfe", "text in UTF-16", "Save it as UTF-8."),
    (b"\xfe\xff", "text in UTF-16", "Save it as UTF-8."),
)  # fmt: skip

_SNIFFED_BYTES = 4096


def read_table(path: Path) -> TableFile:
    """Read one file.

    Raises
    ------
    InputError
        The file is absent, empty, of a form that is not accepted, or not what its name says.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_SNIFFED_BYTES)
            form = _form(path, head)
            content = b"" if form in {"Parquet", "Excel"} else head + file.read()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.", "Check the path.") from error
    _check_name(path, form)
    # The readers are loaded when needed: reading Parquet needs no workbook reader.
    if form == "CSV":
        from service.csv_file import read_csv

        return read_csv(path, content)
    if form == "JSON":
        from service.json_file import read_json

        return read_json(path, content)
    from service.binary_file import read_excel, read_parquet

    return read_parquet(path) if form == "Parquet" else read_excel(path)


def expanded(paths: Iterable[Path]) -> list[Path]:
    """The files that paths name: files as they are, folders and patterns by what is in them.

    Raises
    ------
    InputError
        A path names nothing, or a folder holds no table.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            found |= dict.fromkeys(_tables_in(path))
        elif path.exists() or not glob.has_magic(str(path)):
            found[path] = None
        else:
            matches = sorted(Path(name) for name in glob.glob(str(path), recursive=True))
            if not matches:
                raise InputError(f"No file matches {path}.", "Check the pattern.")
            found |= dict.fromkeys(expanded(matches))
    return list(found)


def _tables_in(folder: Path) -> list[Path]:
    suffixes = {suffix for form in FORMS.values() for suffix in form} - {".txt"}
    tables = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in suffixes and not path.name.startswith((".", "_"))
    )
    if not tables:
        raise InputError(
            f"The folder {folder} holds no table.", f"Accepted are {', '.join(sorted(suffixes))}."
        )
    return tables


def _form(path: Path, head: bytes) -> str:
    if not head.strip():
        raise InputError(f"{path} is empty.", "Check that the export is complete.")
    for mark, what, way_out in _NOT_READ:
        if head.startswith(mark):
            raise InputError(f"{path} is {what}, which is not read.", way_out)
    if head.startswith(b"PAR1"):
        return "Parquet"
    if head.startswith(b"PK\x03\x04"):
        return "Excel"
    if _is_binary(head):
        raise InputError(
            f"{path} holds binary data of no accepted form.",
            f"Accepted are {', '.join(FORMS)}.",
        )
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return "JSON" if text.startswith((b"{", b"[")) else "CSV"


def _is_binary(head: bytes) -> bool:
    """Control characters in the first line, or among more than one byte in twenty."""
    control = bytes(set(range(32)) - set(b"\t\n\r\f\0"))
    first_line = head.split(b"\n", 1)[0]
    odd = len(head) - len(head.translate(None, control + b"\0"))
    return bool(set(first_line) & set(control + b"\0")) or odd * 20 > len(head)


def _check_name(path: Path, form: str) -> None:
    suffix = path.suffix.lower()
    named = next((name for name, suffixes in FORMS.items() if suffix in suffixes), None)
    if named is not None and named != form:
        raise InputError(
            f"{path} is named as {named} ({suffix}) but holds {form}.",
            f"Name it {path.stem}{FORMS[form][0]}, or export it anew.",
        )
