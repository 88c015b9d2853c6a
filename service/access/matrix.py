"""Who may call what, as a table that can be read; `deviations` holds the routes against it.

A route that is not in the table is a deviation: what nobody thought of is not open.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from service.access.roles import Role

if TYPE_CHECKING:
    from fastapi import FastAPI

EVERYBODY: frozenset[Role] = frozenset()
"""No caller is asked for."""

_SENDERS = frozenset({Role.DECLARANT, Role.OFFICER})
_OFFICER = frozenset({Role.OFFICER})
_ANALYST = frozenset({Role.ANALYST, Role.OPERATOR})
_OPERATOR = frozenset({Role.OPERATOR})

MATRIX: dict[tuple[str, str], frozenset[Role]] = {
    ("POST", "/v1/declarations"): _SENDERS,
    ("GET", "/v1/receipts/{id}"): _SENDERS,  # a declarant its own ones only
    ("POST", "/v1/manifests"): _OFFICER,
    ("GET", "/v1/manifests/{id}"): _OFFICER,
    ("GET", "/v1/flights/{flight_date}/{flight_number}/inspection-list"): _OFFICER,
    ("POST", "/v1/outcomes"): _OFFICER,
    ("GET", "/v1/models"): _ANALYST,
    ("GET", "/v1/features"): _ANALYST,
    ("GET", "/v1/policies"): _ANALYST,
    ("GET", "/metrics"): _OPERATOR,
    ("GET", "/health/live"): EVERYBODY,
    ("GET", "/health/ready"): EVERYBODY,
    ("GET", "/openapi.json"): EVERYBODY,
    ("GET", "/"): _OFFICER,
    ("GET", "/jobs"): _OFFICER,
    ("GET", "/flights/{day}/{number}"): _OFFICER,
    ("POST", "/flights/{day}/{number}/list"): _OFFICER,
    ("POST", "/flights/{day}/{number}/decisions"): _OFFICER,
    ("GET", "/analysis"): _ANALYST,
    ("GET", "/login"): EVERYBODY,
    ("POST", "/session"): EVERYBODY,  # who shows a key that holds is let in
    ("POST", "/session/close"): EVERYBODY,
    ("POST", "/preferences"): EVERYBODY,  # language and light, in cookies
    ("GET", "/page/{name}"): EVERYBODY,  # the page's own files
}
"""Method and route template → roles (contract, section 5)."""


def deviations(app: FastAPI) -> list[str]:
    """What the routes of an app ask for otherwise than the table says, one sentence each."""
    found: list[str] = []
    seen: set[tuple[str, str]] = set()
    for method, path, roles in _asked(app):
        seen.add((method, path))
        if (method, path) not in MATRIX:
            found.append(f"{method} {path} is not in the matrix; it asks for {_words(roles)}.")
        elif MATRIX[method, path] != roles:
            told = _words(MATRIX[method, path])
            found.append(f"{method} {path} asks for {_words(roles)}; the matrix says {told}.")
    gone = sorted(MATRIX.keys() - seen)
    return found + [f"{method} {path} is in the matrix and not served." for method, path in gone]


def _asked(app: FastAPI) -> Iterator[tuple[str, str, frozenset[Role]]]:
    from fastapi.routing import iter_route_contexts

    for route in iter_route_contexts(app.routes):
        path = route.path_format or route.path or ""
        for method in sorted((route.methods or {"GET"}) - {"HEAD", "OPTIONS"}):
            yield method, path, _roles(getattr(route, "dependant", None))


def _roles(dependant: Any) -> frozenset[Role]:
    """Roles that a route's dependencies ask for; where several do, those that all let in."""
    from service.access.requires import Requires

    roles: frozenset[Role] | None = None
    open_ones = [dependant] if dependant is not None else []
    while open_ones:
        one = open_ones.pop()
        if isinstance(one.call, Requires):
            roles = one.call.roles if roles is None else roles & one.call.roles
        open_ones.extend(one.dependencies)
    return EVERYBODY if roles is None else roles


def _words(roles: frozenset[Role]) -> str:
    return " or ".join(sorted(roles)) or "nobody in particular"
