"""One HTTP worker: uvicorn on a socket that the supervisor has opened."""

from __future__ import annotations

import argparse
import gc
import os
import resource
import signal
import socket
from contextlib import suppress

import uvicorn

from service.guard.logs import take_over_logging
from service.guard.wire import CarefulProtocol
from service.tether import tether

GRACE_SECONDS = 20
"""Longest wait for requests under way when the worker is asked to stop."""

KEEP_ALIVE_SECONDS = 30
"""An officer's browser keeps its connection between two taps (estimate)."""

MOST_CONNECTIONS = 4_000
"""Connections of a worker, idle ones too (estimate: four times the officers of Liège)."""

BACKLOG = 2_048


class Worker(uvicorn.Server):
    """A server that tells its supervisor when it is ready.

    Parameters
    ----------
    config : of uvicorn.
    ready : file descriptor to write one byte to.
    """

    def __init__(self, config: uvicorn.Config, ready: int) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, tell, and put what was loaded out of the garbage collector's way."""
        await super().startup(sockets)
        gc.collect()
        gc.freeze()
        with suppress(OSError):
            os.write(self._ready, b"1")
            os.close(self._ready)


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    arguments = _arguments()
    tether(arguments.parent, by_kernel=True)
    take_over_logging()
    _allow_connections()
    # uvicorn raises the signal again when it has ended; by then it has done its work.
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: None)
    config = uvicorn.Config(
        arguments.app, factory=True, loop="uvloop", http=CarefulProtocol, ws="none",
        lifespan="on", log_config=None, access_log=False, server_header=False,
        proxy_headers=False, limit_concurrency=MOST_CONNECTIONS, backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_SECONDS, timeout_graceful_shutdown=GRACE_SECONDS,
        ssl_certfile=arguments.tls_cert, ssl_keyfile=arguments.tls_key,
    )  # fmt: skip
    Worker(config, arguments.ready).run(sockets=[socket.socket(fileno=arguments.socket)])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="service.http_worker", description=__doc__)
    for name in ("parent", "socket", "ready"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--app", required=True)
    parser.add_argument("--tls-cert")
    parser.add_argument("--tls-key")
    return parser.parse_args()


def _allow_connections() -> None:
    """As many open files as the system lets us have, for as many connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * MOST_CONNECTIONS if hard == resource.RLIM_INFINITY else hard
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


if __name__ == "__main__":
    main()
