"""Functions compiled on this machine, and kept compiled for the next process.

numba keeps a compiled function until the file it stands in changes. But what it calls, and the
constants it reads, may stand in other files: after an upgrade it would go on with the old ones, and
tell other numbers than its sources say. So compiled functions are kept by a fingerprint of all
sources that they are made of, and those of another fingerprint are never looked at.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba

_HERE = Path(__file__).parent


def kernel(function: Callable[..., Any]) -> Any:
    """Compile a function of numbers and arrays when it is first called; it lets other threads run.

    What one process compiled the next one finds, in `folder()`.
    """
    return numba.njit(cache=True, nogil=True)(function)


def fingerprint() -> str:
    """Of the sources of this room, and of those of the room above that are compiled."""
    digest = hashlib.sha256()
    for path in [*sorted(_HERE.rglob("*.py")), *sorted((_HERE.parent / "models").glob("*.py"))]:
        source = path.read_bytes()
        is_compiled = b"numba" in source or b"features.compiled" in source
        if path.is_relative_to(_HERE) or is_compiled:
            digest.update(path.name.encode() + b"\0" + source)
    return digest.hexdigest()[:16]


def folder() -> Path:
    """Where compiled functions are kept: beside the sources, or in the user's cache where these
    cannot be written to; `NUMBA_CACHE_DIR` names another place.
    """
    if os.access(_HERE, os.W_OK):
        return _HERE / "__pycache__" / f"kernels-{fingerprint()}"
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return home / "parcel-triage" / f"kernels-{fingerprint()}"


def _keep_here() -> None:
    """Keep what is compiled from now on in `folder()`, and let go of what older sources left."""
    if numba.config.CACHE_DIR:
        return
    mine = folder()
    if not mine.exists():
        for other in mine.parent.glob("kernels-*"):
            shutil.rmtree(other, ignore_errors=True)
    numba.config.CACHE_DIR = str(mine)


_keep_here()
