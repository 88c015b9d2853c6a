"""Headers that make a browser careful with our answers."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; manifest-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
"""Nothing from elsewhere, and nothing written into a page runs."""

_ALWAYS: tuple[tuple[bytes, bytes], ...] = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
)
_NO_STORE = (b"cache-control", b"no-store")
_NAMES = frozenset(name for name, _ in _ALWAYS)
_TRANSPORT = (b"strict-transport-security", b"max-age=31536000")
"""A year, as hstspreload.org asks; without sub-domains, which are not ours to decide on."""


class Headers:
    """Adds the headers to every answer; a route that sets one of them itself keeps its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_secure = scope["scheme"] == "https"

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _completed(message.get("headers", ()), is_secure)
            await send(message)

        await self._app(scope, receive, with_headers)


def _completed(given: object, is_secure: bool) -> list[tuple[bytes, bytes]]:
    headers: list[tuple[bytes, bytes]] = list(given)  # type: ignore[call-overload]
    names = {name for name, _ in headers}
    if names.isdisjoint(_NAMES):
        headers += _ALWAYS
    else:
        headers += [one for one in _ALWAYS if one[0] not in names]
    if b"cache-control" not in names:
        headers.append(_NO_STORE)
    if is_secure:
        headers.append(_TRANSPORT)
    return headers
