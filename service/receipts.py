"""Receipts: append-only Parquet files in a folder, each on disk before it is acknowledged.

What comes as a file is kept as one; its number is drawn from the database, where messages draw
theirs, so that the numbers alone say what came before what. A receipt never changes. A row that is
in force already is not written again; a row of a known key with other content is an amendment and
is kept beside the first; and who takes an amendment back by sending the first again puts the first
in force. Written by one process at a time; read by anyone at any time, for a file appears whole
under its name or not at all.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from engine.errors import StateError
from service.on_disk import sync

DRAFT_PREFIX = ".draft-"
ORDER = "_order"
"""Column that says in which order rows came: number of the receipt, then row of the receipt."""

_NO_ROOM = os.strerror(errno.ENOSPC)
"""Polars tells the system's reason in the text of its own error, if at all."""

ROW_BITS = 32
"""Bits of `ORDER` that count the rows of one receipt; those above hold its number."""


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


def name_of(number: int) -> str:
    """Name of the file of a receipt."""
    return f"{number:012d}.parquet"


def number_of(path: Path) -> int:
    """Number of the receipt that a file holds."""
    return int(path.stem) if path.stem.isdigit() else 0


def scan(paths: list[Path], schema: dict[str, pl.DataType]) -> pl.LazyFrame:
    """All rows of receipts, amendments too, with the column `ORDER`.

    Columns that an older version did not know come as null, columns of a newer one are left out.
    """
    if not paths:
        return pl.LazyFrame(schema={ORDER: pl.Int64, **schema})
    return pl.concat([_scan(path, schema) for path in paths])


def _scan(path: Path, schema: dict[str, pl.DataType]) -> pl.LazyFrame:
    rows = pl.scan_parquet(
        path,
        schema=schema,
        row_index_name=ORDER,
        hive_partitioning=False,
        missing_columns="insert",
        extra_columns="ignore",
    )
    return rows.with_columns(pl.col(ORDER).cast(pl.Int64) + (number_of(path) << ROW_BITS))


def collected(rows: pl.LazyFrame, paths: list[Path]) -> pl.DataFrame:
    """The rows of a scan.

    Raises
    ------
    StateError
        A receipt among `paths` is damaged.
    """
    try:
        return rows.collect()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as problem:
        damaged = [str(path) for path in paths if not _is_readable(path)]
        raise StateError(
            f"What was received cannot be read: {', '.join(damaged) or problem} "
            "is damaged or may not be read.",
            "Bring it back from your backup, or move it away and bring its rows in again.",
        ) from problem


def _is_readable(path: Path) -> bool:
    try:
        pl.read_parquet(path, hive_partitioning=False)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError):
        return False
    return True


def fresh_of(
    rows: pl.DataFrame, known: pl.DataFrame, key: tuple[str, ...], instance: tuple[str, ...]
) -> tuple[pl.DataFrame, Receipt]:
    """What is to be written of some rows, ordered by key, and what became of all of them.

    Parameters
    ----------
    rows : rows of one schema, all columns; of one key in the order in which they were lodged.
    known : what is known of their keys, in the order in which it was received.
    key : columns that name a row.
    instance : the key with the instant, if rows have one; of two rows of one instance the one
        received later is in force.
    """
    fresh = _fresh(_with_mark(rows), _with_mark(known.select(rows.columns)), instance)
    new_count = fresh.unique(key).join(known, on=key, how="anti").height
    receipt = Receipt(new_count, rows.height - fresh.height, fresh.height - new_count)
    return fresh.drop("_mark").sort(key, maintain_order=True), receipt


def _fresh(rows: pl.DataFrame, known: pl.DataFrame, instance: tuple[str, ...]) -> pl.DataFrame:
    """Rows to write, so that of each instance the last of `rows` is in force afterwards."""
    rows = rows.unique(["_mark", *instance], keep="last", maintain_order=True)
    rows = rows.with_row_index("_at")
    never_seen = rows.join(known, on=["_mark", *instance], how="anti")
    last = rows.unique(instance, keep="last")
    in_force = known.unique(instance, keep="last", maintain_order=True)
    replacing = last.join(in_force, on=["_mark", *instance], how="anti")
    # Known ones that come after a new one of the same batch must come after it in the store too.
    pushed = last.join(never_seen, on=instance, how="semi")
    wanted = pl.concat([part["_at"] for part in (never_seen, replacing, pushed)]).unique()
    return rows.filter(pl.col("_at").is_in(wanted.implode())).drop("_at")


def _with_mark(rows: pl.DataFrame) -> pl.DataFrame:
    # A hash is enough here: it is compared within one call, per key, and never stored.
    return rows.with_columns(_mark=pl.struct(rows.columns).hash())


def made(folder: Path) -> None:
    """Make a folder for receipts, and clear away the drafts of a writer that died.

    The caller holds the pen; nobody was told of a draft.
    """
    _made(folder)
    for draft in folder.glob(f"{DRAFT_PREFIX}*"):
        draft.unlink()


def write(rows: pl.DataFrame, path: Path) -> None:
    """Write a file that is there whole, and on the disk, or not at all.

    Raises
    ------
    StorageFull
        There is no room left on the disk.
    """
    draft = path.with_name(f"{DRAFT_PREFIX}{path.name}")
    try:
        rows.write_parquet(draft, compression="zstd", statistics=True)
        sync(draft)
        os.replace(draft, path)
        sync(path.parent)
    except (OSError, pl.exceptions.PolarsError) as problem:
        from service.storage.faults import StorageFull, has_no_room

        is_full = _NO_ROOM in str(problem) or has_no_room(path.parent)
        draft.unlink(missing_ok=True)
        if is_full:
            raise StorageFull from problem
        raise


def _made(folder: Path) -> None:
    if not folder.is_dir():
        _made(folder.parent)
        folder.mkdir(exist_ok=True)
        sync(folder.parent)
