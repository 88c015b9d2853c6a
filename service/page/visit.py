"""A visit: who looks at the page, in which language and light, and what he is to be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from starlette.requests import Request

from service.access.roles import Caller, Role
from service.page.language import Language, language_for

LANGUAGE_COOKIE = "triage_language"
THEME_COOKIE = "triage_theme"
KEEP_SECONDS = 365 * 24 * 3600
"""How long a browser remembers language and light."""

THEMES = ("auto", "light", "dark")

SAID = frozenset({"recorded", "skipped", "undone", "listed", "logged_out", "session_over"})
"""What the page says of itself after a step; anything else in an address is not shown."""


@dataclass(frozen=True)
class Message:
    """A line that is shown and read aloud.

    Attributes
    ----------
    text : in the visitor's language.
    kind : `good` or `bad`.
    """

    text: str
    kind: Literal["good", "bad"] = "good"


@dataclass(frozen=True)
class Visit:
    """One request as the templates see it.

    Attributes
    ----------
    caller : who asks; None before the log-in.
    t : words and numbers in the visitor's language.
    theme : light or dark; `auto` follows the device.
    here : path and query of this page.
    message : what is to be said; None: nothing.
    """

    caller: Caller | None
    t: Language
    theme: str
    here: str
    message: Message | None

    @property
    def csrf(self) -> str:
        """The token that forms repeat."""
        return (self.caller.csrf if self.caller else None) or ""

    @property
    def home_link(self) -> str:
        """Where this visitor begins."""
        return beginning_of(self.caller)


def visit_of(request: Request, caller: Caller | None, message: Message | None = None) -> Visit:
    """The visit behind a request."""
    t = language_for(request.cookies.get(LANGUAGE_COOKIE), request.headers.get("accept-language"))
    theme = request.cookies.get(THEME_COOKIE, "")
    said = request.query_params.get("said")
    if message is None and said in SAID:
        message = Message(t(f"said.{said}"), "bad" if said == "session_over" else "good")
    query = f"?{request.url.query}" if request.url.query else ""
    here = request.url.path + query if request.method == "GET" else "/"
    return Visit(caller, t, theme if theme in THEMES else "auto", here, message)


def beginning_of(caller: Caller | None) -> str:
    """The page that a role begins with."""
    is_officer = caller is None or caller.role == Role.OFFICER
    return "/" if is_officer else "/analysis"


def own_path(path: str | None, otherwise: str = "/") -> str:
    """A path of this page; never another site, whatever the form says."""
    if not path or not path.startswith("/") or path.startswith(("//", "/\\")):
        return otherwise
    parts = urlsplit(path)
    has_control = any(ord(sign) < 32 for sign in path)
    return otherwise if parts.netloc or parts.scheme or has_control else path


def is_fragment(request: Request) -> bool:
    """Whether the page's script asks, which puts pieces into the page itself."""
    return request.headers.get("x-fragment") == "row"
