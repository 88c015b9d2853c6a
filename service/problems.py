"""Errors as `application/problem+json` (RFC 9457): the only module that knows status codes.

What came is repeated only where it can be nobody's name: never a cell of a private column, never a
whole row, never an unknown field. An error that nobody foresaw tells its request id and nothing
else; the log has the place where it happened.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from engine.acceptance import PRIVATE_COLUMNS
from engine.errors import TriageError

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.types import Scope, Send

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:parcel-triage:problem:"
REQUEST_ID = "triage.request_id"
SLUG = "triage.problem"
"""Places in the scope of a request: its id, and for the log the name of the problem answered."""

MOST_ERRORS = 100
"""Errors of one answer; the rest is counted (estimate: more than anybody reads)."""

LONGEST_VALUE = 80
"""Characters of a value that are repeated."""

_RETRY_SECONDS = 5
"""When to come back where nobody knows better (estimate)."""

_STATUS: dict[str, tuple[int, str, str]] = {
    "MalformedBodyError": (400, "malformed-body", "The body cannot be read"),
    "UnknownCallerError": (401, "unknown-caller", "Who asks is not known"),
    "WrongRoleError": (403, "wrong-role", "Not for this role"),
    "ForgedRequestError": (403, "forged-request", "Not sent by the page"),
    "NotThereError": (404, "not-there", "Not there"),
    "TooSlowError": (408, "too-slow", "The body did not arrive in time"),
    "Overtaken": (409, "overtaken", "Changed meanwhile"),
    "TooLargeError": (413, "too-large", "Too large"),
    "TooManyRowsError": (422, "too-many-rows", "Too many rows"),
    "EncodedBodyError": (415, "encoded-body", "Compressed bodies are not taken"),
    "UnknownFormError": (415, "unknown-form", "A form that is not read here"),
    "UnknownHostError": (421, "unknown-host", "Asked for by another name"),
    "RejectedRowsError": (422, "rejected-rows", "No row could be taken"),
    "MissingColumnsError": (422, "missing-columns", "Required columns are missing"),
    "InputError": (422, "unusable-input", "What came cannot be used"),
    "SettingError": (422, "wrong-setting", "A value makes no sense"),
    "TooManyRequestsError": (429, "too-many-requests", "Too many requests"),
    "TooBusyError": (503, "too-busy", "Too much to do"),
    "TooLongError": (503, "too-long", "Took too long"),
    "ProviderUnavailableError": (503, "provider-unavailable", "The OpenID provider is away"),
    "ScoringUnavailableError": (503, "scoring-unavailable", "Scoring is away"),
    "StorageUnavailable": (503, "storage-unavailable", "The database is away"),
    "StorageDamaged": (503, "storage-damaged", "The database is damaged"),
    "StorageFull": (507, "storage-full", "The disk is full"),
    "NoRoomError": (507, "storage-full", "The disk is full"),
    "StateError": (409, "not-possible-now", "Not possible as things are"),
    "TriageError": (422, "unusable-input", "What came cannot be used"),
}
"""Errors by the name of their class, so that nothing must be loaded to name them: status, slug,
title. The nearest class above an error that stands here decides."""

_PLAIN: dict[int, tuple[str, str, str, str]] = {
    400: ("malformed-request", "The request cannot be read", "The request cannot be read.",
          "Look at /openapi.json for what is taken here."),
    404: ("no-route", "No such address", "Nothing is served at this address.",
          "Look at /openapi.json for the addresses there are."),
    405: ("wrong-method", "Not with this method", "This address does not take this method.",
          "The header Allow names those it takes."),
    413: ("too-large", "Too large", "The body is larger than what is taken here.",
          "Send a file to /v1/manifests."),
    415: ("unknown-form", "A form that is not read here", "This content type is not read here.",
          "Look at /openapi.json for those that are."),
}  # fmt: skip
"""What frameworks answer by themselves: slug, title, detail, way out."""


@dataclass(frozen=True)
class Problem:
    """One error as it is answered.

    Attributes
    ----------
    status, slug, title, detail, way_out : what is wrong and what to do about it.
    errors : single rows and fields: row, column, rule, value, message.
    headers : of the answer, such as `Retry-After`.
    """

    status: int
    slug: str
    title: str
    detail: str
    way_out: str = ""
    errors: Sequence[Mapping[str, Any]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def content(self, request_id: str) -> bytes:
        """The JSON document."""
        told = {
            "type": TYPE + self.slug, "title": self.title, "status": self.status,
            "detail": self.detail, "way_out": self.way_out, "request_id": request_id,
        }  # fmt: skip
        shown = [_plain(one) for one in self.errors[:MOST_ERRORS]]
        more = {"errors": shown} if shown else {}
        if len(self.errors) > MOST_ERRORS:
            more["further_error_count"] = len(self.errors) - MOST_ERRORS  # type: ignore[assignment]
        return orjson.dumps(_plain(told | more))

    def response(self, request: Request) -> Response:
        """The answer to a request."""
        request.scope[SLUG] = self.slug
        content = self.content(request.scope.get(REQUEST_ID, ""))
        return Response(content, self.status, dict(self.headers), MEDIA_TYPE)


def problem_of(error: Exception) -> Problem:
    """The problem of an error; one that nobody foresaw says nothing of itself."""
    if isinstance(error, TriageError):
        return _of_ours(error)
    if isinstance(error, RequestValidationError):
        return _of_fields(error)
    if isinstance(error, HTTPException):
        return _of_framework(error)
    return UNFORESEEN


def install(app: FastAPI) -> None:
    """Let an app answer every error as a problem.

    `app.state.page_answer`, where the page sets it, is a function of a request and a problem that
    gives the page's own answer, or None; it is asked where a browser wants HTML.
    """
    for kind in (TriageError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, _answer)


async def send_problem(scope: Scope, send: Send, problem: Problem, *, is_last: bool = True) -> None:
    """Answer from below the framework; the connection is closed afterwards.

    Parameters
    ----------
    scope, send : of ASGI.
    problem : what is answered.
    is_last : False: the end of the answer is left to the caller, who has yet to read what comes.
    """
    scope[SLUG] = problem.slug
    content = problem.content(scope.get(REQUEST_ID, ""))
    headers = {"content-type": MEDIA_TYPE, "content-length": str(len(content))}
    headers |= {"connection": "close"} | {k.lower(): v for k, v in problem.headers.items()}
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": problem.status, "headers": raw})
    await send({"type": "http.response.body", "body": content, "more_body": not is_last})


UNFORESEEN = Problem(
    500, "unforeseen", "An error of ours",
    "The service made a mistake. Nothing is known of it here but its request id.",
    "Send it again; if it fails again, give the request id to who keeps the service.",
)  # fmt: skip


async def _answer(request: Request, error: Exception) -> Response:
    problem = problem_of(error)
    page_answer = getattr(request.app.state, "page_answer", None)
    if page_answer is not None and "text/html" in request.headers.get("accept", ""):
        answer: Response | None = page_answer(request, problem)
        if answer is not None:
            request.scope[SLUG] = problem.slug
            return answer
    return problem.response(request)


def _of_ours(error: TriageError) -> Problem:
    names = [kind.__name__ for kind in type(error).__mro__]
    status, slug, title = next(_STATUS[name] for name in names if name in _STATUS)
    return Problem(
        status, slug, title, error.message, error.way_out,
        getattr(error, "rejections", None) or (), _headers(status, error),
    )  # fmt: skip


def _headers(status: int, error: TriageError) -> dict[str, str]:
    if status == 401:
        return {"WWW-Authenticate": 'Bearer realm="parcel-triage"'}
    if status in (429, 503, 507):
        return {"Retry-After": str(getattr(error, "retry_after_seconds", _RETRY_SECONDS))}
    return {}


def _of_framework(error: HTTPException) -> Problem:
    headers = dict(error.headers or {})
    if error.status_code >= 500:
        return UNFORESEEN
    plain = _PLAIN.get(error.status_code, _PLAIN[400])
    return Problem(error.status_code, *plain, headers=headers)


def _of_fields(error: RequestValidationError) -> Problem:
    errors = [_field_error(one) for one in error.errors()]
    first = errors[0]["message"] if errors else "A field is wrong."
    return Problem(
        422, "wrong-field", "A field cannot be used", first,
        "Mend what `errors` name; /openapi.json says what is taken.", errors,
    )  # fmt: skip


def _field_error(one: Mapping[str, Any]) -> dict[str, Any]:
    """One field of the query, the path or the body, told without what may be personal."""
    place = list(one.get("loc", ()))
    source = str(place[0]) if place else ""
    column = _short(
        ".".join(str(part) for part in place[1:] if not isinstance(part, int)) or source
    )
    rule = str(one.get("type", "invalid"))
    is_private = source not in ("query", "path") or bool(PRIVATE_COLUMNS & set(map(str, place)))
    value = "" if is_private else _value(one.get("input"))
    rows = [part + 1 for part in place if isinstance(part, int)]
    got = f"; got {value}" if value else ""
    message = "is not valid" if is_private else str(one.get("msg", "is not valid")).lower()
    told = {"column": column, "rule": rule, "value": value, "message": f"{column}: {message}{got}."}
    return {"row": rows[0], **told} if rows else told


def _value(value: object) -> str:
    """A single value in short; rows and lists are never repeated."""
    if isinstance(value, str):
        return repr(_short(value))
    return str(value) if isinstance(value, bool | int | float) and len(str(value)) < 40 else ""


def _short(text: str) -> str:
    kept = text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."
    return "".join(character if character.isprintable() else "?" for character in kept)


def _plain(value: Any) -> Any:
    """A value that JSON can hold: no lone surrogates, no NaN."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return {_plain(str(name)): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    is_whole = isinstance(value, int) and abs(value) < 1 << 63
    return value if value is None or is_whole else _plain(str(value))
