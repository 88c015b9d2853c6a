"""The wire: request heads that are too large, too slow, or no HTTP at all.

uvicorn waits for ever for the rest of a head and takes one of any size; both are limited here.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from service.problems import Problem

HEAD_SECONDS = 10.0
"""Longest time from the first byte of a head, or from the connection, to its end."""

LARGEST_HEAD_BYTES = 65_536
"""Address and headers together (estimate: four times what large cookies and tokens need)."""

_NO_HTTP = Problem(
    400, "malformed-request", "The request cannot be read",
    "What came is not HTTP, or its head is larger than 64 KiB.",
    "Look at /openapi.json for what is taken here.",
)  # fmt: skip


class _TooLargeHead(Exception):  # noqa: N818 - caught by the parser
    pass


class CarefulProtocol(HttpToolsProtocol):
    """uvicorn's protocol with limits on heads."""

    head_seconds = HEAD_SECONDS

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._deadline: asyncio.TimerHandle | None = None
        self._head_size = 0
        self._is_in_head = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A connection: its first head must come soon."""
        super().connection_made(transport)
        self._start_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._end_deadline()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes; too many of an unfinished head end the connection."""
        was_in_head = self._is_in_head
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._is_in_head and was_in_head:
            self._head_size += len(data)  # also of a header that has not ended
            if self._head_size > 2 * LARGEST_HEAD_BYTES:
                self.send_400_response("")
        elif self._deadline is None and self._is_idle():
            self._start_deadline()

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._is_in_head, self._head_size = True, 0
        if self._deadline is None:
            self._start_deadline()

    def on_url(self, url: bytes) -> None:
        """A part of the head's address."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header of the head."""
        self._count(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._is_in_head = False
        self._end_deadline()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP as a problem, and close."""
        if self.cycle is not None and not self.cycle.response_complete:
            self.transport.close()  # an answer is on its way; nothing can be put between
            return
        content = _NO_HTTP.content("")
        head = (
            "HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json\r\n"
            f"content-length: {len(content)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + content)
        self.transport.close()

    def _count(self, size: int) -> None:
        self._head_size += size
        if self._head_size > LARGEST_HEAD_BYTES:
            raise _TooLargeHead

    def _is_idle(self) -> bool:
        """Nothing is asked and nothing is being answered, and no other clock runs."""
        is_done = self.cycle is None or self.cycle.response_complete
        return is_done and self.timeout_keep_alive_task is None

    def _start_deadline(self) -> None:
        self._deadline = self.loop.call_later(self.head_seconds, self._give_up)

    def _end_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        self.transport.close()
