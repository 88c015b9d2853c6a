"""Children that do not outlive their parent, even if it is killed without a word.

`python -m service.tether PARENT_ID MODULE` runs a module so tied; `tether` ties the own process.
"""

from __future__ import annotations

import ctypes
import os
import runpy
import signal
import sys
import threading
import time
from contextlib import suppress

PATIENCE_SECONDS = 25.0
"""From the first word to the end: a little longer than the graceful end of a worker."""

LOOK_SECONDS = 0.5
"""How often the parent is looked for (estimate)."""

_PR_SET_PDEATHSIG = 1
"""Linux, prctl(2)."""


def tether(parent_id: int, *, by_kernel: bool = False) -> None:
    """End this process, with SIGTERM first, when its parent has ended.

    Parameters
    ----------
    parent_id : process id of the parent; told by it, as it may be gone already.
    by_kernel : also have Linux send the signal at once. Only where the parent's main thread has
        started this process: the kernel takes the end of the starting thread for its death.
    """
    if by_kernel and sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
    if os.getppid() != parent_id:
        os._exit(0)
    threading.Thread(target=_watch, args=(parent_id,), name="tether", daemon=True).start()


def _watch(parent_id: int) -> None:
    while os.getppid() == parent_id:
        time.sleep(LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(PATIENCE_SECONDS)
    os._exit(1)


def main() -> None:
    """Tie this process to its parent and run the module that the arguments name."""
    parent_id, module, *rest = sys.argv[1:]
    tether(int(parent_id), by_kernel=True)
    sys.argv = [module, *rest]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
