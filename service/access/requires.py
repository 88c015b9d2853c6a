"""What a route says about who may call it, and what the page's router needs.

The guard (`service.guard.identity`) has found out who asks before a route is reached; here it is
only read.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from engine.errors import InputError
from service.access.access import nobody
from service.access.faults import ForgedRequestError, WrongRoleError
from service.access.roles import Caller, Role
from service.access.sessions import LONGEST, OpenedSession
from service.access.shown import COOKIE, SECURE_COOKIE, Kind, shown_in

if TYPE_CHECKING:
    from service.access.access import Access

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_HEADER = "x-csrf-token"
CSRF_FIELD = "csrf"

CALLER = "triage.caller"
REFUSAL = "triage.refusal"
"""Places in the scope of a request where the guard leaves who asks, or why nobody knows."""

MOST_FIELDS = 200
"""Fields of a form (estimate: several times the page's largest)."""

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_FORM = "application/x-www-form-urlencoded"


class Requires:
    """A dependency of FastAPI: lets the roles in and gives the caller.

    Parameters
    ----------
    roles : which may call.
    """

    def __init__(self, *roles: Role) -> None:
        self.roles = frozenset(roles)

    async def __call__(self, request: Request) -> Caller:
        """The caller.

        Raises
        ------
        UnknownCallerError
            Nobody knows who asks.
        WrongRoleError
            The caller may not do this.
        ForgedRequestError
            The caller came by cookie and the page's token is missing.
        """
        caller = await caller_of_request(request)
        if caller.role not in self.roles:
            raise WrongRoleError(
                f"This is for the role {' or '.join(sorted(self.roles))}; "
                f"the caller is {caller.role}.",
                "Use a key of that role: `triage keys create --role ...`.",
            )
        await check_not_forged(request, caller)
        return caller


def requires(*roles: Role) -> Requires:
    """The dependency of a route that these roles may call: `Depends(requires(Role.OFFICER))`."""
    return Requires(*roles)


async def caller_of_request(request: Request) -> Caller:
    """Who asks.

    Raises
    ------
    UnknownCallerError
        Nothing was shown, or it does not hold.
    WrongRoleError, StateError
        A token names no role; the database or the provider does not answer.
    """
    caller = request.scope.get(CALLER)
    if caller is not None:
        return cast(Caller, caller)
    refusal = request.scope.get(REFUSAL)
    raise nobody() if refusal is None else refusal


async def check_not_forged(request: Request, caller: Caller) -> None:
    """Let pass what changes nothing, what came without a cookie, and what repeats the token.

    The token comes in the header `X-CSRF-Token` or in the field `csrf` of a form.

    Raises
    ------
    ForgedRequestError
        None of these.
    """
    if caller.csrf is None or request.method in SAFE_METHODS:
        return
    told = request.headers.get(CSRF_HEADER)
    if told is None and request.headers.get("content-type", "").startswith(_FORM):
        told = (await form_of(request)).get(CSRF_FIELD)
    if told is None or not hmac.compare_digest(told.encode(), caller.csrf.encode()):
        raise ForgedRequestError(
            "The request did not come from the page: its CSRF token is missing or wrong.",
            "Load the page again, then repeat what you did.",
        )


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form (`application/x-www-form-urlencoded`); of several alike the last.

    Raises
    ------
    InputError
        There are too many fields.
    """
    text = (await request.body()).decode("utf-8", "replace")
    try:
        fields = parse_qs(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise InputError(
            f"The form has more than {MOST_FIELDS} fields.", "Send what the page's form holds."
        ) from error
    return {name: values[-1] for name, values in fields.items()}


async def open_session(request: Request, text: str) -> OpenedSession:
    """Open a session for who types a key in; `put_cookie` gives it to the browser.

    Raises
    ------
    ForgedRequestError
        Another site sent this: it would log the officer in as somebody else.
    UnknownCallerError, WrongRoleError, StateError
        The key does not hold; the database does not answer.
    """
    _check_own_page(request)
    return await _access(request).open_session(text)


async def close_session(request: Request, response: Response) -> None:
    """Log out: end the session that the cookie names, and take the cookie back."""
    shown = shown_in(one for one in request.headers.raw if one[0] == b"cookie")
    if shown is not None and shown.kind is Kind.COOKIE:
        await _access(request).close_session(shown.text)
    for name in (COOKIE, SECURE_COOKIE):
        response.delete_cookie(
            name, path="/", secure=name == SECURE_COOKIE, httponly=True, samesite="strict"
        )


def put_cookie(request: Request, response: Response, opened: OpenedSession) -> None:
    """Give the browser its session: unreadable for scripts, never sent by other sites."""
    is_secure = request.url.scheme == "https" or request.url.hostname not in _LOOPBACK
    response.set_cookie(
        SECURE_COOKIE if is_secure else COOKIE, opened.cookie, path="/",
        max_age=int(LONGEST.total_seconds()), secure=is_secure, httponly=True, samesite="strict",
    )  # fmt: skip


def _check_own_page(request: Request) -> None:
    # With `Referrer-Policy: no-referrer` a form's Origin is "null" also on our own page, so that
    # Sec-Fetch-Site decides wherever the browser sends it (all of them do to https and loopback).
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        is_own = site in ("same-origin", "none")
    else:
        is_own = origin is None or urlsplit(origin).netloc == request.headers.get("host")
    if not is_own:
        raise ForgedRequestError(
            "The log-in did not come from this page.", "Open the page by its own address."
        )


def _access(request: Request) -> Access:
    return cast("Access", request.app.state.access)
