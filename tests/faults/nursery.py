"""A process that has imported the service and forks it: `python -m tests.faults.nursery`.

Starting a worker costs three seconds of imports, which a hundred kills would pay a hundred times.
What is forked here is the same code with the same arguments as `triage serve` starts; like the
supervisor, this process holds the listening sockets. It is told what to do line by line on standard
input, and ends with all that it started when that ends.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import socket
import sys
import threading
import traceback
from contextlib import suppress
from typing import Any

PRELOADED = (
    "uvloop", "httptools", "psycopg", "service.app", "service.http_worker", "service.jobs.runner",
    "service.jobs.dbos_queue", "service.jobs.register", "service.scoring_child",
    "tests.faults.apps",
)  # fmt: skip


def main() -> None:
    """Obey until the input ends."""
    for name in PRELOADED:
        importlib.import_module(name)
    assert threading.active_count() == 1  # a thread would not be there after the fork
    gc.collect()
    gc.freeze()
    sockets: dict[int, socket.socket] = {}
    started: set[int] = set()
    for line in sys.stdin:
        asked = json.loads(line)
        told: int | None
        if asked["do"] == "listen":
            told = _listening(sockets)
        elif asked["do"] == "start":
            told = _forked(asked, sockets)
            started |= {told}
        else:
            told = _ended(asked["pid"], asked["wait"])
            if told is not None:
                started.discard(asked["pid"])
        print(json.dumps(told), flush=True)
    for pid in started:
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


def _listening(sockets: dict[int, socket.socket]) -> int:
    opened = socket.socket()
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    opened.bind(("127.0.0.1", 0))
    opened.listen(2_048)
    port = int(opened.getsockname()[1])
    sockets[port] = opened
    return port


def _ended(pid: int, is_to_wait: bool) -> int | None:
    """How a process ended; None: it lives."""
    try:
        found, status = os.waitpid(pid, 0 if is_to_wait else os.WNOHANG)
    except ChildProcessError:
        return 0
    return os.waitstatus_to_exitcode(status) if found else None


def _forked(asked: dict[str, Any], sockets: dict[int, socket.socket]) -> int:
    parent = os.getpid()
    pid = os.fork()
    if pid:
        with suppress(OSError):
            os.setpgid(pid, pid)
        return pid
    try:
        os.setpgid(0, 0)
        _become(asked, sockets, parent)
        os._exit(0)
    except SystemExit as end:
        os._exit(end.code if isinstance(end.code, int) else 1)
    except BaseException:
        traceback.print_exc()
        os._exit(1)


def _become(asked: dict[str, Any], sockets: dict[int, socket.socket], parent: int) -> None:
    os.environ.clear()
    os.environ.update(asked["environment"])
    log = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    names = {"PARENT": str(parent), "READY": str(os.dup(nothing))}
    if asked.get("port"):
        names["SOCKET"] = str(os.dup(sockets[asked["port"]].fileno()))
    module = asked["module"]
    sys.argv = [module, *(names.get(one, one) for one in asked["arguments"])]
    if "PARENT" not in asked["arguments"]:
        from service.tether import tether

        tether(parent, by_kernel=True)
    importlib.import_module(module).main()


if __name__ == "__main__":
    main()
