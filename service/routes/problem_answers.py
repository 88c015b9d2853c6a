"""The errors of every route, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

_PROBLEM = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "way_out": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "row": {"type": "integer"},
                    "column": {"type": "string"},
                    "rule": {"type": "string"},
                    "value": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
    "required": ["title", "status", "detail"],
}

_MEANINGS = {
    400: "the request cannot be read",
    401: "no key, or one that is not known, has expired or was revoked",
    403: "the key's role may not do this",
    404: "no such thing, or none of the caller's",
    408: "the body did not arrive in time",
    409: "it has changed meanwhile",
    413: "too large",
    415: "a form that is not read here",
    422: "what came cannot be used; `errors` name row, column, rule and value",
    429: "too many requests; `Retry-After` says when to come back",
    503: "not possible at the moment; `Retry-After` says when to come back",
    507: "the disk is full",
}

PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {
        "description": meaning,
        "content": {"application/problem+json": {"schema": _PROBLEM}},
    }
    for status, meaning in _MEANINGS.items()
}
"""Errors by status; each answer is `application/problem+json` (RFC 9457)."""
