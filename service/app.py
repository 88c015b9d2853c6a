"""The HTTP application: parts put together, routes hung up, guards around them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from service import guard, problems
from service.composition import open_parts
from service.page.refusals import page_answer
from service.page.router import page_router
from service.parts import Parts
from service.posting import Doors
from service.reception import declarations_door
from service.routes import declarations, knowledge, lists, manifests, operation, outcomes
from service.routes.document import document_of

TITLE = "Parcel Triage"
VERSION = "1"
"""Of the interface: the `v1` of its addresses."""


def create_app_from_environment() -> FastAPI:
    """The application of one worker process; what `triage serve` starts."""
    return create_app(open_parts())


def create_app(parts: Parts) -> FastAPI:
    """The application on its parts.

    Parameters
    ----------
    parts : opened; the application starts the scoring children and ends everything when it stops.
    """

    @asynccontextmanager
    async def living(_: FastAPI) -> AsyncIterator[None]:
        await parts.start()
        try:
            yield
        finally:
            await parts.stop()

    app = FastAPI(
        title=TITLE,
        version=VERSION,
        description="From a flight's declarations to a ranked, explained inspection list. Errors "
        "are `application/problem+json` and say row, column, rule, value and way out.",
        lifespan=living,
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
    )
    app.state.parts = parts
    doors = Doors(parts.express, declarations_door(parts.rates, parts.home.pseudonym_key()))
    for router in (
        declarations.router(parts, doors),
        manifests.router(parts),
        lists.router(parts),
        outcomes.router(parts),
        knowledge.router(parts),
        operation.router(parts),
        page_router(parts),
    ):
        app.include_router(router)
    app.openapi = document_of(app)  # type: ignore[method-assign]
    app.state.page_answer = page_answer
    app.state.access = parts.access
    problems.install(app)
    guard.install(app, parts.settings)
    return app
