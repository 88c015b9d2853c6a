"""How many requests at once, and how long each may take."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.guard.faults import TooBusyError, TooLongError
from service.problems import problem_of, send_problem

MOST_AT_ONCE = 512
"""Requests in a worker (estimate: two seconds of the load promised; more would wait in vain)."""


class Patience:
    """Ends what takes too long, and turns away what would have to wait in vain.

    Parameters
    ----------
    request_seconds : longest time of a request; of an upload from its last piece on.
    uploads : addresses that take files.
    most_at_once : requests that are worked on.
    """

    def __init__(
        self, app: ASGIApp, request_seconds: float, uploads: frozenset[str] = frozenset(),
        most_at_once: int = MOST_AT_ONCE,
    ) -> None:  # fmt: skip
        self._app = app
        self._seconds = request_seconds
        self._uploads = uploads
        self._most_at_once = most_at_once
        self._count = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._count >= self._most_at_once:
            await send_problem(scope, send, problem_of(_busy(self._most_at_once)))
            return
        self._count += 1
        try:
            await self._timed(scope, receive, send)
        finally:
            self._count -= 1

    async def _timed(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_started = False

        async def noted(message: Message) -> None:
            nonlocal is_started
            is_started = True
            await send(message)

        try:
            async with asyncio.timeout(self._seconds) as limit:
                heard = receive
                if scope["path"] in self._uploads:
                    heard = self._postponing(receive, limit)
                await self._app(scope, heard, noted)
        except TimeoutError:
            # One of the app's own goes on as an error of ours; so does a half-sent answer, whose
            # connection the server then cuts.
            if not limit.expired() or is_started:
                raise
            await send_problem(scope, send, problem_of(_long(self._seconds)))

    def _postponing(self, receive: Receive, limit: asyncio.Timeout) -> Receive:
        """While an upload arrives its time does not run; how slowly it may is the body's matter."""

        async def heard() -> Message:
            limit.reschedule(None)
            try:
                return await receive()
            finally:
                limit.reschedule(asyncio.get_running_loop().time() + self._seconds)

        return heard


def _busy(count: int) -> TooBusyError:
    return TooBusyError(f"{count} requests are being worked on.", "Try again in a few seconds.")


def _long(seconds: float) -> TooLongError:
    return TooLongError(
        f"The answer took longer than {seconds:g} s.",
        "Ask for less at once, or try again; what was acknowledged is kept.",
    )
