"""Who may do what: API keys, tokens of an OpenID provider, sessions of the page, roles.

`Access` answers who a request comes from; `requires` is what a route says about who may call it;
`matrix` is the table of both, which a test holds against the routes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.access.access import Access
from service.access.requires import (
    caller_of_request,
    check_not_forged,
    close_session,
    form_of,
    open_session,
    put_cookie,
    requires,
)
from service.access.roles import Caller, Role

if TYPE_CHECKING:
    from fastapi import FastAPI

    from service.parts import Parts

__all__ = [
    "Access",
    "Caller",
    "Role",
    "caller_of_request",
    "check_not_forged",
    "close_session",
    "form_of",
    "install",
    "open_session",
    "put_cookie",
    "requires",
]


def install(app: FastAPI, parts: Parts) -> None:
    """Give an app its callers."""
    app.state.access = parts.access
