"""How large a body may be, and how slowly it may come.

Bytes are counted as they arrive, so that a body without a length is held to the same limit. A
compressed body is refused: nobody can say how large it is before it is too late.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import NoReturn

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.errors import InputError
from service.guard.faults import EncodedBodyError, TooLargeError, TooSlowError
from service.problems import problem_of, send_problem

PIECE_SECONDS = 10.0
"""Longest time without a single byte."""

SLOWEST_BYTES_A_SECOND = 16_384
"""Slowest body on average (estimate: a poor mobile line), once `GRACE_SECONDS` are over."""

GRACE_SECONDS = 30.0

LEFT_SECONDS = 1.0
LEFT_BYTES = 4 << 20
"""What is still read of a refused body, so that its sender gets to read the answer: a connection
closed on unread bytes is reset, and the reset overtakes the answer (estimates)."""


class Body:
    """Holds bodies to their limits.

    Parameters
    ----------
    limit_bytes, upload_limit_bytes : largest body; of uploads.
    uploads : addresses that take files.
    piece_seconds : longest time without a single byte.
    """

    def __init__(
        self, app: ASGIApp, limit_bytes: int, upload_limit_bytes: int,
        uploads: frozenset[str] = frozenset(), piece_seconds: float = PIECE_SECONDS,
    ) -> None:  # fmt: skip
        self._app = app
        self._limit = limit_bytes
        self._upload_limit = upload_limit_bytes
        self._uploads = uploads
        self._piece_seconds = piece_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        length, encoding, has_body = _announced(scope)
        if not has_body:
            await self._app(scope, receive, send)
            return
        is_upload = scope["path"] in self._uploads
        limit = self._upload_limit if is_upload else self._limit
        refusal: InputError | None = None
        if encoding not in ("", "identity"):
            refusal = _encoded()
        elif length is not None and length > limit:
            refusal = _too_large(limit, is_upload)
        if refusal is not None:
            await _refuse(scope, receive, send, refusal)
            return
        await _Watch(limit, is_upload, self._piece_seconds, receive, send).run(self._app, scope)


class _Refused(Exception):  # noqa: N818 - never leaves this module
    """Ends the app's reading; the answer is the watch's."""


class _Watch:
    """One body on its way."""

    def __init__(
        self, limit: int, is_upload: bool, piece_seconds: float, receive: Receive, send: Send
    ) -> None:
        self._piece_seconds = piece_seconds
        self._limit = limit
        self._is_upload = is_upload
        self._receive = receive
        self._send = send
        self._count = 0
        self._started_at = time.monotonic()
        self._is_whole = False
        self._is_answered = False
        self._refusal: InputError | None = None

    async def run(self, app: ASGIApp, scope: Scope) -> None:
        """The app, hearing the body through us; a refusal goes before its own answer."""
        try:
            await app(scope, self.hear, self.tell)
        except _Refused:
            if self._is_answered:  # half of an answer is out: only cutting the line is left
                raise
        if self._refusal is not None and not self._is_answered:
            await _refuse(scope, self._receive, self._send, self._refusal)

    async def hear(self) -> Message:
        """The next piece."""
        if self._refusal is not None:
            raise _Refused
        if self._is_whole:
            return await self._receive()  # only news of the line can come now
        try:
            async with asyncio.timeout(self._piece_seconds):
                message = await self._receive()
        except TimeoutError:
            self._refuse(_too_slow())
        if message["type"] == "http.request":
            self._count_in(len(message.get("body", b"")))
            self._is_whole = not message.get("more_body", False)
        return message

    async def tell(self, message: Message) -> None:
        """The app's answer, unless the body was refused meanwhile."""
        if self._refusal is not None and not self._is_answered:
            return
        self._is_answered = True
        await self._send(message)

    def _count_in(self, count: int) -> None:
        self._count += count
        if self._count > self._limit:
            self._refuse(_too_large(self._limit, self._is_upload))
        seconds = time.monotonic() - self._started_at
        if seconds > GRACE_SECONDS and self._count < seconds * SLOWEST_BYTES_A_SECOND:
            self._refuse(_too_slow())

    def _refuse(self, refusal: InputError) -> NoReturn:
        self._refusal = refusal
        raise _Refused


def _announced(scope: Scope) -> tuple[int | None, str, bool]:
    """Length told in advance, encoding, and whether there is a body at all."""
    length: int | None = None
    encoding, has_body = "", False
    for name, value in scope["headers"]:
        if name == b"content-length":
            length = int(value) if value.isdigit() else None
            has_body = has_body or length != 0
        elif name == b"transfer-encoding":
            has_body = True
        elif name == b"content-encoding":
            encoding = value.decode("latin-1").strip().lower()
    return length, encoding, has_body


async def _refuse(scope: Scope, receive: Receive, send: Send, refusal: InputError) -> None:
    await send_problem(scope, send, problem_of(refusal), is_last=False)
    await _read_on(receive)
    await send({"type": "http.response.body", "body": b""})


async def _read_on(receive: Receive) -> None:
    """Read a little of what is still coming, and throw it away."""
    count = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(LEFT_SECONDS):
            while count < LEFT_BYTES:
                message = await receive()
                count += len(message.get("body", b""))
                if not message.get("more_body", False):
                    return


def _encoded() -> EncodedBodyError:
    return EncodedBodyError(
        "The body is compressed (Content-Encoding); only plain bodies are taken.",
        "Send it as it is. Parquet files are small without it.",
    )


def _too_large(limit: int, is_upload: bool) -> TooLargeError:
    return TooLargeError(
        f"The body is larger than {limit >> 20:,} MiB, the most that is taken here.",
        "Send the manifest in several files, or raise TRIAGE_UPLOAD_LIMIT_MIB."
        if is_upload
        else "Send fewer rows at once, or a file to /v1/manifests.",
    )


def _too_slow() -> TooSlowError:
    return TooSlowError(
        "The body did not arrive in time.", "Send it again over a line that carries it."
    )
