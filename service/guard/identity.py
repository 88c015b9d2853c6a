"""Who asks, found out once for every request, and how often that caller may ask.

Whoever shows nothing, or something that does not hold, is counted by address. A route that needs
no caller is served all the same.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable
from typing import TYPE_CHECKING, cast

from starlette.types import ASGIApp, Receive, Scope, Send

from engine.errors import TriageError
from service.access.requires import CALLER, REFUSAL
from service.access.shown import shown_in
from service.guard.faults import TooManyRequestsError
from service.guard.rates import Rates, whole_seconds
from service.problems import problem_of, send_problem

if TYPE_CHECKING:
    from service.access.access import Access
    from service.access.roles import Caller

UNKNOWN_PER_MINUTE = 1_200
"""Requests a minute and address of callers who show nothing (estimate: log-in pages of a hall)."""

REFUSED_PER_MINUTE = 120
"""Keys, tokens and cookies a minute and address that do not hold (estimate). It keeps the database
and the signatures from being asked too often; a key cannot be guessed at any rate."""


class Identity:
    """Leaves the caller, or why there is none, in the scope.

    Parameters
    ----------
    rate_per_minute : requests of one caller.
    """

    def __init__(self, app: ASGIApp, rate_per_minute: int) -> None:
        self._app = app
        self._known = Rates(rate_per_minute)
        self._unknown = Rates(UNKNOWN_PER_MINUTE)
        self._refused = Rates(REFUSED_PER_MINUTE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        shown = shown_in(scope["headers"])
        if shown is None:
            wait = self._unknown.take(_address(scope))
        else:
            access = cast("Access", scope["app"].state.access)
            caller = access.at_hand(shown)
            if caller is None:
                wait = self._wait_of_refused(scope)
                if not wait:
                    caller = await self._found(scope, access.caller(shown))
            if caller is not None:
                scope[CALLER] = caller
                wait = self._known.take(caller.actor)
        if wait:
            await send_problem(scope, send, problem_of(_too_many(wait)))
            return
        await self._app(scope, receive, send)

    def _wait_of_refused(self, scope: Scope) -> float:
        address = _address(scope)
        return self._refused.take(address) if self._refused.is_empty(address) else 0.0

    async def _found(self, scope: Scope, asked: Awaitable[Caller]) -> Caller | None:
        try:
            return await asked
        except TriageError as refusal:
            scope[REFUSAL] = refusal
            self._refused.take(_address(scope))
            return None


def _address(scope: Scope) -> str:
    """Whose line it is: an IPv4 address, or the network of an IPv6 address, which one line has."""
    client = scope.get("client")
    if client is None:
        return ""
    host = str(client[0])
    if ":" not in host:
        return host
    try:
        return str(ipaddress.ip_network((host.partition("%")[0], 64), strict=False))
    except ValueError:
        return host


def _too_many(wait_seconds: float) -> TooManyRequestsError:
    seconds = whole_seconds(wait_seconds)
    return TooManyRequestsError(
        "Too many requests came from this caller.",
        f"Wait {seconds} s; send up to 1,000 rows in one message.",
        seconds,
    )
