"""Limits on what an untrusted file may cost: looked at before it is read, and held while it is.

What a file declares of its size says little (a Parquet file of half a megabyte can declare as much
and hold 120 million values), so that rows times columns count; and whatever slips through meets the
limits of the process that reads it.
"""

from __future__ import annotations

import resource
import zipfile
from pathlib import Path

from engine.errors import InputError

MOST_CELLS = 120_000_000
"""Rows times columns of a table: two million items of sixty columns (estimate: six times the
largest flight)."""

MOST_UNPACKED_BYTES = 4 << 30
"""Of a workbook; 300,000 items are 0.7 GiB (measured)."""

MOST_RATIO = 400
"""Times that a workbook grows when unpacked; spreadsheets grow 5 to 30 times (measured)."""

MOST_PARTS = 2_000
"""Files inside a workbook (estimate: a sheet has ten)."""

CPU_SECONDS = 600
FILE_BYTES = 4 << 30
"""Processor time, and the largest file written, of the process that reads."""


def limit_this_process(memory_bytes: int) -> None:
    """Hold this process and what it starts to the limits.

    Parameters
    ----------
    memory_bytes : address space. It is some three times what is used: the allocators of polars and
        Arrow reserve in advance.
    """
    _limit(resource.RLIMIT_AS, memory_bytes)
    _limit(resource.RLIMIT_CPU, CPU_SECONDS)
    _limit(resource.RLIMIT_FSIZE, FILE_BYTES)
    _limit(resource.RLIMIT_CORE, 0)


def _limit(what: int, most: int) -> None:
    _, hard = resource.getrlimit(what)
    value = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (value, value))


def look_at(path: Path) -> None:
    """Refuse a file that would unpack to more than any manifest holds.

    Raises
    ------
    InputError
        It holds too many cells, or is packed as no honest table is.
    """
    try:
        with path.open("rb") as file:
            head = file.read(4)
    except OSError as problem:
        raise InputError("The upload is not there any more.", "Send the file again.") from problem
    if head == b"PAR1":
        _look_at_parquet(path)
    elif head == b"PK\x03\x04":
        _look_at_archive(path)


def _look_at_parquet(path: Path) -> None:
    import pyarrow
    import pyarrow.parquet

    try:
        about = pyarrow.parquet.read_metadata(path)
    except (pyarrow.ArrowException, OSError, ValueError):
        return  # the reader finds the words for what is wrong with it
    if about.num_rows * about.num_columns > MOST_CELLS:
        raise InputError(
            f"The manifest holds {about.num_rows:,} rows of {about.num_columns:,} columns; at most "
            f"{MOST_CELLS:,} cells are read.",
            "Send each flight in a file of its own.",
        )


def _look_at_archive(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return
    unpacked = sum(part.file_size for part in parts)
    ratio = unpacked / max(path.stat().st_size, 1)
    if unpacked > MOST_UNPACKED_BYTES or ratio > MOST_RATIO or len(parts) > MOST_PARTS:
        raise InputError(
            f"The workbook would unpack to {unpacked >> 20:,} MiB in {len(parts):,} parts, "
            f"{ratio:,.0f} times its size.",
            "Save the table anew as .xlsx, or send it as CSV.",
        )
