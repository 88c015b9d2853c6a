"""Rows as canonical JSON: what a message brought, in one text, and back to a frame.

The JSON holds the columns in their declared order, without those that are empty, so that the same
row is the same text; whole numbers of 64 bits stay exact both ways.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import orjson
import polars as pl

from service.storage.instants import microseconds

HASH_BYTES = 16
"""128 bits: among 10^12 rows two different ones meet with a chance below 10^-14."""

ROWS_AT_ONCE = 50_000
"""Rows made into a frame at once; some 75 MB of text."""


class Form:
    """How the rows of one schema are written and read.

    Parameters
    ----------
    schema : the columns of the frame with their kinds, in canonical order.
    """

    def __init__(self, schema: Mapping[str, pl.DataType]) -> None:
        self.schema = dict(schema)
        self._writers = [(name, _writer(kind)) for name, kind in schema.items()]
        self._as_read = {name: _as_read(kind) for name, kind in schema.items()}

    def text(self, row: Mapping[str, Any]) -> bytes:
        """Canonical JSON of a row; columns that the schema does not know are left out."""
        get = row.get
        return orjson.dumps(
            {
                name: value if write is None else write(value)
                for name, write in self._writers
                if (value := get(name)) is not None
            }
        )

    def frame(self, texts: Iterable[str | bytes]) -> pl.DataFrame:
        """Rows of canonical JSON as a frame, in their order."""
        parts = [self._part(chunk) for chunk in _chunks(list(texts), ROWS_AT_ONCE)]
        return pl.concat(parts) if parts else pl.DataFrame(schema=self.schema)

    def _part(self, texts: Sequence[str | bytes]) -> pl.DataFrame:
        lines = b"\n".join(t.encode() if isinstance(t, str) else t for t in texts)
        rows = pl.read_ndjson(lines, schema=self._as_read)
        return rows.select(
            _converted(name, kind, self._as_read[name]) for name, kind in self.schema.items()
        )


def content_hash(text: bytes) -> str:
    """What two rows have in common exactly when they say the same."""
    return hashlib.blake2b(text, digest_size=HASH_BYTES).hexdigest()


def _writer(kind: pl.DataType) -> Callable[[Any], Any] | None:
    if isinstance(kind, pl.Float64):
        return float  # 2 and 2.0 are the same amount
    if isinstance(kind, pl.Datetime):
        return _instant
    if isinstance(kind, pl.Date):
        return date.isoformat
    return None


def _instant(value: datetime) -> int:
    return microseconds(value)


def _as_read(kind: pl.DataType) -> pl.DataType:
    if isinstance(kind, pl.Datetime):
        return pl.Int64()
    return pl.String() if isinstance(kind, pl.Date) else kind


def _converted(name: str, kind: pl.DataType, as_read: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if kind == as_read:
        return column
    return column.str.to_date("%Y-%m-%d") if isinstance(kind, pl.Date) else column.cast(kind)


def _chunks(texts: list[str | bytes], size: int) -> list[list[str | bytes]]:
    return [texts[at : at + size] for at in range(0, len(texts), size)]
