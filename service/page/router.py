"""The officers' page: all its addresses, served by the process that serves the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter
from fastapi.responses import Response

from service.page.analyst import analyst_routes
from service.page.desk import Desk
from service.page.drawing import assets
from service.page.officer import officer_routes
from service.page.session import session_routes
from service.routes.faults import NotThereError

if TYPE_CHECKING:
    from service.parts import Parts

FOR_GOOD = "public, max-age=31536000, immutable"
"""Addresses of files carry a mark of their content, so that browsers need not ask again."""


def page_router(parts: Parts) -> APIRouter:
    """The routes of the page.

    Parameters
    ----------
    parts : what they stand on.
    """
    routes = APIRouter(include_in_schema=False)

    @routes.get("/page/{name}")
    async def static_file(name: str) -> Response:
        if name not in assets():
            raise NotThereError("There is no such file.", "Load the page again.")
        content, kind = assets()[name]
        return Response(content, media_type=kind, headers={"Cache-Control": FOR_GOOD})

    desk = Desk(parts.database, parts.store)
    for more in (session_routes(), officer_routes(parts, desk), analyst_routes(parts, desk)):
        routes.include_router(more)
    return routes
