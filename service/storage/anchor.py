"""Heads of the audit log, written down beside the database.

Whoever can write to the database could cut the end of the log off, or write all of it anew. The
file of heads shows both, and does so best where the database's owner cannot write: set
TRIAGE_AUDIT_ANCHOR to a file on another machine's share.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

FILE_NAME = "audit-head.txt"

_LINE = re.compile(r"^([0-9]{1,18}) ([0-9a-f]{64})$", re.MULTILINE)


@dataclass(frozen=True)
class Anchor:
    """A head of the log, as it was at some time.

    Attributes
    ----------
    id : number of the last row.
    hash : its hash.
    """

    id: int
    hash: str


def write_down(path: Path, anchor: Anchor) -> None:
    """Append a head to the file, unless it is its last line already; on disk at the return."""
    line = f"{anchor.id} {anchor.hash}\n".encode()
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        end = os.fstat(handle).st_size
        last = os.pread(handle, len(line), max(0, end - len(line)))
        if last != line:
            is_torn = not last.endswith(b"\n") and end > 0
            os.write(handle, b"\n" * is_torn + line)
            os.fsync(handle)
    finally:
        os.close(handle)


def written_down(path: Path) -> list[Anchor]:
    """All heads in the file, the first one first; none where there is no file.

    A line that is no head vouches for nothing: it was torn when the disk was full.
    """
    if not path.exists():
        return []
    found = _LINE.findall(path.read_text(encoding="ascii", errors="replace"))
    return [Anchor(int(number), hash) for number, hash in found]
