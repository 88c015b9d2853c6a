"""What a request shows to say who it comes from: a key, a token or a cookie."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

COOKIE = "triage_session"
"""Name of the cookie on loopback."""

SECURE_COOKIE = "__Host-triage_session"
"""Its name elsewhere: browsers take `__Host-` only with Secure, for this host and path `/`."""

LONGEST_COOKIE = 64
"""Characters of a cookie; ours have 43."""

_COOKIES = (SECURE_COOKIE.encode() + b"=", COOKIE.encode() + b"=")


class Kind(Enum):
    """How a caller says who it is."""

    BEARER = "bearer"  # an API key or a token
    COOKIE = "cookie"
    OTHER = "other"  # a scheme that is not spoken here


@dataclass(frozen=True, slots=True)
class Shown:
    """A secret as it was shown; never to be logged."""

    kind: Kind
    text: str


def shown_in(headers: Iterable[tuple[bytes, bytes]]) -> Shown | None:
    """What the headers (names in small letters) show; None: nothing.

    `Authorization` goes before `X-API-Key`, and both before the cookie, which a browser sends by
    itself.
    """
    key = cookie = None
    for name, value in headers:
        if name == b"authorization":
            return _authorization(value)
        if name == b"x-api-key":
            key = value
        elif name == b"cookie":
            cookie = _cookie(value) or cookie
    if key is not None:
        return Shown(Kind.BEARER, key.decode("latin-1").strip())
    return None if cookie is None else Shown(Kind.COOKIE, cookie)


def _authorization(value: bytes) -> Shown:
    scheme, _, text = value.decode("latin-1").strip().partition(" ")
    if scheme.lower() != "bearer":
        return Shown(Kind.OTHER, "")
    return Shown(Kind.BEARER, text.strip())


def _cookie(value: bytes) -> str | None:
    for part in value.split(b";"):
        part = part.strip()
        for name in _COOKIES:
            if part.startswith(name) and len(part) - len(name) <= LONGEST_COOKIE:
                return part[len(name) :].decode("latin-1")
    return None
