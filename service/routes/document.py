"""The OpenAPI document: what FastAPI says of the routes, and who may call each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI

from service.access.matrix import EVERYBODY, MATRIX

_SCHEMES = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key (`triage keys create`), or a token of the OpenID provider.",
    }
}


def document_of(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """What `app.openapi` is to be: the document with the roles of the matrix; made once."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        is_made = app.openapi_schema is not None
        told = plain()
        if not is_made:
            told.setdefault("components", {})["securitySchemes"] = _SCHEMES
            for path, methods in told["paths"].items():
                for method, operation in methods.items():
                    _secured(operation, MATRIX.get((method.upper(), path), EVERYBODY))
        return told

    return openapi


def _secured(operation: dict[str, Any], roles: frozenset[Any]) -> None:
    if roles:
        operation["security"] = [{"key": []}]
        who = f"Roles: {', '.join(sorted(roles))}."
        operation["description"] = f"{operation.get('description', '')}\n\n{who}".strip()
