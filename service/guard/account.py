"""Every request gets an id, a line in the log, its numbers in the metrics, and an answer."""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from typing import Any

import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.access.requires import CALLER
from service.guard.logs import REQUEST_ID as LOGGED_ID
from service.guard.logs import log_line, places_of
from service.guard.metrics import METRICS
from service.problems import REQUEST_ID, SLUG, UNFORESEEN, send_problem

GONE = 499
"""Status, for log and metrics alone, of a caller who left before the answer (as nginx has it)."""

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Methods counted by name; anything else is `other`: nobody can fill the metrics."""

UNMATCHED = "unmatched"

_SANE_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_LOG = structlog.get_logger()


class Account:
    """Keeps account of every request, and answers where the app failed."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        await _Entry(scope, receive, send).run(self._app)


class _Entry:
    """One request's account. No path, query, body or name goes into it."""

    __slots__ = ("id", "receive", "received", "scope", "send", "sent", "started_at", "status")

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.id = _id_of(scope)
        self.scope, self.receive, self.send = scope, receive, send
        self.status = self.received = self.sent = 0
        self.started_at = time.perf_counter()
        scope[REQUEST_ID] = self.id

    async def run(self, app: ASGIApp) -> None:
        token = LOGGED_ID.set(self.id)
        try:
            await app(self.scope, self.hear, self.tell)
        except asyncio.CancelledError:
            self.status = self.status or GONE
            raise
        except ClientDisconnect:
            self.status = GONE
        except Exception as error:
            await self._failed(error)
        finally:
            self._close()
            LOGGED_ID.reset(token)

    async def hear(self) -> Message:
        message = await self.receive()
        self.received += len(message.get("body", b""))
        return message

    async def tell(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message.get("headers", ()), (b"x-request-id", self.id.encode())]
        else:
            self.sent += len(message.get("body", b""))
        await self.send(message)

    async def _failed(self, error: Exception) -> None:
        _LOG.error("unforeseen", problem=type(error).__name__, places=places_of(error))
        if not self.status:
            await send_problem(self.scope, self.tell, UNFORESEEN)

    def _close(self) -> None:
        seconds = time.perf_counter() - self.started_at
        scope = self.scope
        method = scope["method"] if scope["method"] in METHODS else "other"
        route = _route_of(scope)
        METRICS.request(route, method, self.status, seconds)
        caller = scope.get(CALLER)
        told: dict[str, Any] = {
            "event": "request", "method": method, "route": route, "status": self.status,
            "milliseconds": round(seconds * 1000, 2), "received_bytes": self.received,
            "sent_bytes": self.sent, "actor": caller.actor if caller is not None else None,
        }  # fmt: skip
        if SLUG in scope:
            told["problem"] = scope[SLUG]
        log_line("info", told)


def _id_of(scope: Scope) -> str:
    """The id that the caller sent, if it is a sane one; else a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _SANE_ID.fullmatch(value):
            return str(value.decode("ascii"))
    return secrets.token_hex(12)


def _route_of(scope: Scope) -> str:
    """The template of the route, never the path that was asked for."""
    route = scope.get("route")
    return getattr(route, "path_format", None) or getattr(route, "path", None) or UNMATCHED
