"""Poison for the doors: cells, bodies and files that no honest sender sends."""

from __future__ import annotations

import gzip
import io
import json
import random
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import polars as pl

from engine.declaration import DeclarationRow
from service.routes.examples import DECLARATION
from tests.faults.serving import lines_of, row_of

TEXTS: dict[str, str] = {
    "SQL": "'; DROP TABLE declarations; --",
    "SQL union": "x' UNION SELECT hash FROM keys --",
    "path": "../../../../etc/passwd",
    "path of the state": "..\\..\\triage.db\x00.parquet",
    "NUL": "before\x00after",
    "bidi": "invoice\u202egnp.exe",
    "zero width": "ta\u200bble\ufeff",
    "lone surrogate": "a\ud800b",
    "formula": '=HYPERLINK("http://x.invalid","click")',
    "command": "=cmd|' /C calc'!A0",
    "script": "<script>alert(1)</script>",
    "template": "{{7*7}}${7*7}",
    "format": "%s%n%x{0.__class__}",
    "escape": "\x1b[2J\x1b]0;title\x07",
    "lines": "one\r\ntwo\nthree\u2028four",
    "combining": "e" + "\u0301" * 300,
    "emoji": "\U0001f469\u200d\U0001f469\u200d\U0001f467" * 20,
    "long": "x" * 100_000,
    "empty": "",
    "blank": " \t\u00a0",
}

NUMBERS: dict[str, str] = {
    "NaN text": '"NaN"', "infinite text": '"-inf"', "1e400": "1e400", "minus": "-1",
    "tiny": "5e-324", "huge": "1" + "0" * 300, "exponent": "1e308", "object": '{"a": 1}',
    "array": "[1, 2]", "true": "true", "hexadecimal": '"0x10"', "Arabic": '"\u0661\u0662"',
    "comma": '"1,5"', "letters": '"twelve"',
}  # fmt: skip
"""As JSON writes them."""

DATES: dict[str, str] = {
    "2099": '"2099-12-31"', "year 0": '"0000-00-00"', "thirtieth": '"2026-02-30"', "number": "0",
    "American": '"11/02/2026"', "instant": '"2026-11-02T25:61:61Z"', "far": '"99999-01-01"',
}  # fmt: skip


Content = bytes | Callable[[], bytes]
"""Large ones are made when their turn comes."""


def made(content: Content) -> bytes:
    """The bytes."""
    return content if isinstance(content, bytes) else content()


@dataclass(frozen=True)
class Cell:
    """One poisoned cell: the column, what is wrong, and the value as JSON."""

    column: str
    what: str
    json: str

    def row(self, hawb: str, flight: str) -> str:
        """A row with it, as JSON."""
        good = {"hawb": hawb, "flight_number": flight}
        told = {name: json.dumps(value) for name, value in (DECLARATION | good).items()}
        told[self.column] = self.json
        return "{" + ", ".join(f'"{name}": {value}' for name, value in told.items()) + "}"


def cells() -> list[Cell]:
    """Every poison in every column that could take it."""
    found: list[Cell] = []
    for name, column in DeclarationRow.columns().items():
        if name == "row_number":
            continue
        kind = column.dtype
        if kind == pl.String:
            found += [Cell(name, what, json.dumps(text)) for what, text in TEXTS.items()]
        elif kind.is_numeric() or kind == pl.Boolean:
            found += [Cell(name, what, text) for what, text in NUMBERS.items()]
        else:
            found += [Cell(name, what, text) for what, text in DATES.items()]
    return found


@dataclass(frozen=True)
class Body:
    """A whole message that must be refused, and the statuses that say so."""

    what: str
    content: Content
    statuses: tuple[int, ...]
    form: str = "application/json"
    encoding: str = ""


def bodies() -> list[Body]:
    """Messages that are wrong as a whole."""
    row = json.dumps([DECLARATION]).encode()
    deep = b"[" * 200_000
    return [
        Body("deep arrays", deep, (400,)),
        Body("deep objects", b'{"a":' * 100_000, (400,)),
        Body("deep and closed", deep + b"]" * 200_000, (400,)),
        Body("many small arrays", lambda: b"[" + b"[]," * 2_000_000 + b"[]]", (413, 422)),
        Body("half a million keys", _many_keys, (422,)),
        Body("ten megabytes in a field",
             lambda: json.dumps([row_of("X", goods_description="x" * 10_000_000)]).encode(),
             (413,)),
        Body("seven megabytes in a field",
             lambda: json.dumps([row_of("X", goods_description="x" * 7_000_000)]).encode(),
             (422,)),
        Body("an endless number", b'[{"quantity": ' + b"9" * 1_000_000 + b"}]", (400,)),
        Body("NaN", b'[{"quantity": NaN}]', (400,)),
        Body("Infinity", b'[{"quantity": -Infinity}]', (400,)),
        Body("a key twice", b'[{"hawb": "A", "hawb": "B"}]', (400,)),
        Body("half a message", row[: len(row) // 2], (400,)),
        Body("two messages", row + row, (400,)),
        Body("a string", b'"hello"', (400,)),
        Body("null", b"null", (400,)),
        Body("rows of null", b"[null, 1, []]", (422,)),
        Body("Latin-1", row.replace(b"Exemple", b"Ex\xe9mple"), (400,)),
        Body("UTF-16", json.dumps([DECLARATION]).encode("utf-16"), (400,)),
        Body("UTF-7", b"+AFs-", (400,)),
        Body("bytes", bytes(range(256)) * 40, (400,)),
        Body("nothing", b"", (400,)),
        Body("a form", b"hawb=1", (415,), "application/x-www-form-urlencoded"),
        Body("multipart", b"--x", (415,), "multipart/form-data; boundary=x"),
        Body("XML", b"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", (415,), "application/xml"),
        Body("text", row, (415,), "text/plain"),
        Body("no type at all", row, (415,), ""),
        Body("gzip", gzip.compress(row), (415,), encoding="gzip"),
        Body("a gzip bomb", lambda: gzip.compress(b" " * 50_000_000), (415,), encoding="gzip"),
        Body("gzip without saying so", gzip.compress(row), (400,)),
        Body("lines with one broken", row[1:-1] + b"\n{", (400,), "application/x-ndjson"),
        Body("too many lines", (row[1:-1] + b"\n") * 1_001, (413, 422), "application/x-ndjson"),
    ]  # fmt: skip


@dataclass(frozen=True)
class File:
    """A manifest, its form, and how many of its rows are good; None: it is refused."""

    what: str
    content: Content
    good: int | None
    form: str = "text/csv"


def csv_of(rows: list[dict[str, object]], end: str = "\n", mark: str = ",") -> str:
    """Rows as CSV, every cell quoted."""
    lines = [mark.join(DECLARATION)]
    for row in rows:
        lines.append(mark.join('"' + str(row[name]).replace('"', '""') + '"' for name in row))
    return end.join(lines) + end


def files(chance: random.Random) -> list[File]:
    """Manifests that are wrong as a whole, or strange and right."""
    rows = [row_of(f"F{at}", flight_number="POI1") for at in range(1, 4)]
    plain = csv_of(rows)
    table = pl.DataFrame(rows)
    parquet = io.BytesIO()
    table.write_parquet(parquet)
    whole = parquet.getvalue()
    sheet = io.BytesIO()
    table.write_excel(sheet)
    book = sheet.getvalue()
    return [
        File("mixed line ends", plain.replace("\n", "\r\n", 2).encode(), 3),
        File("a mark of UTF-8", b"\xef\xbb\xbf" + plain.encode(), 3),
        File("rows in 2099", csv_of([row | {"flight_date": "2099-01-01",
             "lodged_at": "2099-01-01T00:00:00Z"} for row in rows]).encode(), 3),
        File("many columns", (",".join(f"c{n}" for n in range(200_000)) + "\n").encode(), None),
        File("a zip bomb", lambda: _zip({"a": b"\0" * 200_000_000}), None),
        File("a workbook bomb", lambda: _workbook_bomb(book), None),
        File("a gzip bomb", lambda: gzip.compress(plain.encode() + b" " * 300_000_000), None),
        File("gzip of a manifest", gzip.compress(plain.encode()), None),
        File("a Parquet bomb", _parquet_bomb, None),
        File("Latin-1", plain.replace("Exemple", "Ex\xe9mple").encode("latin-1"), 3),
        File("UTF-16", plain.encode("utf-16"), None),
        File("old Mac line ends", plain.replace("\n", "\r").encode(), None),
        File("NUL bytes", plain.encode().replace(b"pocket", b"po\0ket", 1), 2),
        File("an open quote", plain.encode()[:-2], 2),
        File("a quote in the middle", plain.encode().replace(b"pocket", b'po"ket', 1), None),
        File("only the head", plain.splitlines()[0].encode(), None),
        File("a column twice", b"hawb," + plain.encode(), None),
        File("unknown columns only", b"a,b,c\n1,2,3\n", None),
        File("bytes", chance.randbytes(50_000), None, "application/octet-stream"),
        File("half a Parquet file", whole[: len(whole) // 2], None),
        File("a Parquet file without its end", whole[:-8], None),
        File("half a workbook", book[: len(book) // 2], None),
        File("a zip with a path out", _zip({"../../evil": b"x"}), None),
        File("deep JSON", b"[" * 500_000, None, "application/json"),
        File("JSON with a key twice", b'{"hawb": "A", "hawb": "B"}\n', None),
        File("JSON with NaN", b'{"quantity": NaN}\n', None),
        File("one line of ten megabytes", lines_of(*rows)
             + json.dumps(row_of("X", goods_description="x" * 10_000_000)).encode(), 3,
             "application/x-ndjson"),
        File("a field of ten megabytes",
             csv_of([*rows, row_of("X", goods_description="x" * 10_000_000)]).encode(), 3),
    ]  # fmt: skip


def damaged(chance: random.Random, number: int) -> Iterator[File]:
    """A Parquet file and a workbook with bytes flipped or cut, and CSV cells that are poison."""
    rows = [row_of(f"D{at}", flight_number="POI2") for at in range(1, 4)]
    parquet = io.BytesIO()
    pl.DataFrame(rows).write_parquet(parquet)
    for at in range(number):
        content = bytearray(parquet.getvalue())
        for _ in range(chance.randint(1, 20)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        cut = chance.randrange(len(content)) if at % 3 == 0 else len(content)
        yield File(f"a damaged Parquet file ({at})", bytes(content[:cut]), None, "application/x")


def _many_keys() -> bytes:
    return b"[{" + b",".join(b'"k%d":1' % n for n in range(500_000)) + b"}]"


def _zip(parts: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return made.getvalue()


def _workbook_bomb(book: bytes) -> bytes:
    """A workbook whose sheet unpacks to half a gigabyte."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(made, "w", 8) as new:
        for part in old.infolist():
            content = old.read(part)
            if part.filename.endswith("sheet1.xml"):
                content = content.replace(b"</sheetData>", b" " * 500_000_000 + b"</sheetData>")
            new.writestr(part.filename, content)
    return made.getvalue()


def _parquet_bomb() -> bytes:
    """Some kilobytes that declare little and hold 150 million values."""
    made = io.BytesIO()
    columns = {name: pl.repeat("x", 5_000_000, eager=True) for name in list(DECLARATION)[:1]}
    table = pl.DataFrame(columns)
    table = table.with_columns(pl.col(next(iter(columns))).alias(f"c{n}") for n in range(29))
    table.write_parquet(made, compression="zstd", row_group_size=5_000_000)
    return made.getvalue()
