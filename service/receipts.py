"""Receipts: append-only Parquet files in a folder, each on disk before it is acknowledged.

A receipt never changes. A row that is already there is not written again; a row of a known key
with other content is an amendment and is kept beside the first. Written by one process at a
time; read by anyone at any time, for a file appears whole under its name or not at all.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

DRAFT_PREFIX = ".draft-"
ORDER = "_order"
"""Column that counts the rows of a folder's receipts in the order in which they came."""


@dataclass(frozen=True)
class Receipt:
    """What became of the rows that came.

    Attributes
    ----------
    new_count : rows of keys never seen before.
    repeated_count : rows already known to the letter; written nowhere again.
    amended_count : rows of a known key with other content, kept beside the first.
    """

    new_count: int = 0
    repeated_count: int = 0
    amended_count: int = 0

    def __add__(self, other: Receipt) -> Receipt:
        return Receipt(
            self.new_count + other.new_count,
            self.repeated_count + other.repeated_count,
            self.amended_count + other.amended_count,
        )


@contextmanager
def writing(root: Path) -> Iterator[None]:
    """Hold the folder's pen: one writer at a time. The system takes it back from the dead."""
    _made(root)
    with (root / "lock").open("w") as pen:
        fcntl.flock(pen, fcntl.LOCK_EX)
        yield


def files(folder: Path) -> list[Path]:
    """Receipts of a folder, the first one first."""
    return sorted(path for path in folder.glob("*.parquet") if not path.name.startswith("."))


def scan(paths: list[Path], schema: dict[str, pl.DataType]) -> pl.LazyFrame:
    """All rows of receipts, amendments too, with the column `ORDER`.

    Columns that an older version did not know come as null, columns of a newer one are left out.
    """
    if not paths:
        return pl.LazyFrame(schema={ORDER: pl.UInt32, **schema})
    return pl.scan_parquet(
        paths,
        schema=schema,
        row_index_name=ORDER,
        hive_partitioning=False,
        missing_columns="insert",
        extra_columns="ignore",
    )


def append(folder: Path, rows: pl.DataFrame, key: tuple[str, ...]) -> Receipt:
    """Write what is new in `rows` as one receipt. The caller holds the pen.

    Parameters
    ----------
    folder : where the receipts are; made if absent.
    rows : rows of one schema, all columns; of one key in the order in which they were lodged.
    key : columns that name a row.
    """
    _made(folder)
    for draft in folder.glob(f"{DRAFT_PREFIX}*"):
        draft.unlink()  # of a writer that died; nobody was told of it
    known_files = files(folder)
    keys = rows.lazy().select(key).unique()
    known = scan(known_files, dict(rows.schema)).drop(ORDER)
    known_rows = known.join(keys, on=key, how="semi").collect()
    marked, known_marked = _with_mark(rows), _with_mark(known_rows)
    fresh = marked.unique(["_mark", *key], keep="first", maintain_order=True)
    fresh = fresh.join(known_marked, on=["_mark", *key], how="anti", maintain_order="left")
    first = fresh.unique(key, keep="first")
    new_count = first.join(known_rows, on=key, how="anti").height
    if not fresh.is_empty():
        number = int(known_files[-1].stem) + 1 if known_files else 1
        _write(
            fresh.drop("_mark").sort(key, maintain_order=True), folder / f"{number:012d}.parquet"
        )
    return Receipt(new_count, rows.height - fresh.height, fresh.height - new_count)


def _with_mark(rows: pl.DataFrame) -> pl.DataFrame:
    # A hash is enough here: it is compared within one call, per key, and never stored.
    return rows.with_columns(_mark=pl.struct(rows.columns).hash())


def _write(rows: pl.DataFrame, path: Path) -> None:
    """Write a file that is there whole, and on the disk, or not at all."""
    draft = path.with_name(f"{DRAFT_PREFIX}{path.name}")
    rows.write_parquet(draft, compression="zstd", statistics=True)
    _sync(draft)
    os.replace(draft, path)
    _sync(path.parent)


def _made(folder: Path) -> None:
    if not folder.is_dir():
        _made(folder.parent)
        folder.mkdir(exist_ok=True)
        _sync(folder.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
