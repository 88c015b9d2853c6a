"""Keep a library's own lines off the standard output, where results go."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock
from typing import Final

_STDOUT: Final = 1
_ONE_AT_A_TIME = Lock()


@contextmanager
def quiet_stdout() -> Iterator[None]:
    """Send what is written to file descriptor 1 nowhere, for as long as the block runs.

    HiGHS (inside scipy 1.17) prints a line of its own debugging there however silent it is told
    to be, past Python's `sys.stdout`; in a list that is piped on it would be a broken row. What
    other threads print meanwhile is lost as well, so the block should be short.
    """
    with _ONE_AT_A_TIME:
        try:
            sys.stdout.flush()
            kept = os.dup(_STDOUT)
        except (OSError, ValueError, AttributeError):  # there is no standard output to keep clean
            yield
            return
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, _STDOUT)
            yield
        finally:
            with suppress(OSError, AttributeError, TypeError):
                ctypes.CDLL(None).fflush(None)  # what C still holds back belongs there, too
            os.dup2(kept, _STDOUT)
            os.close(kept)
            os.close(nowhere)
