"""The names the service answers to: a foreign name that points at us gets nothing (DNS rebinding).

A literal address is always let in: to rebind, an attacker needs a name.
"""

from __future__ import annotations

import ipaddress
import socket

from starlette.types import ASGIApp, Receive, Scope, Send

from service.guard.faults import UnknownHostError
from service.problems import problem_of, send_problem

MOST_REMEMBERED = 1_000


class Hosts:
    """Refuses requests for foreign names.

    Parameters
    ----------
    names : in small letters; empty: this machine's own names. `localhost` always counts.
    """

    def __init__(self, app: ASGIApp, names: tuple[str, ...] = ()) -> None:
        self._app = app
        self._names = frozenset(names or _own_names()) | {"localhost"}
        self._known: dict[bytes, bool] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "http":
            asked = [value for name, value in scope["headers"] if name == b"host"]
            if len(asked) != 1 or not self._is_ours(asked[0]):
                await send_problem(scope, send, problem_of(_refusal()))
                return
        await self._app(scope, receive, send)

    def _is_ours(self, host: bytes) -> bool:
        known = self._known.get(host)
        if known is None:
            known = _name_of(host) in self._names or _is_address(_name_of(host))
            if len(self._known) < MOST_REMEMBERED:
                self._known[host] = known
        return known


def _name_of(host: bytes) -> str:
    """The name without its port, in small letters."""
    text = host.decode("latin-1").strip().lower()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0].removesuffix(".")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _own_names() -> tuple[str, ...]:
    """Names of this machine; no question to a name server."""
    return (socket.gethostname().lower(),)


def _refusal() -> UnknownHostError:
    return UnknownHostError(
        "The service was asked for by a name that is not its own.",
        "Use its address, or add the name to TRIAGE_ALLOWED_HOSTS.",
    )
