"""The analyst's address: sums and pictures, no parcel and no person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from service.access.requires import requires
from service.access.roles import Caller, Role
from service.page.analysis import Analyses
from service.page.desk import Desk
from service.page.drawing import drawn
from service.page.drift_told import alert_in
from service.page.visit import visit_of

if TYPE_CHECKING:
    from service.parts import Parts

Analyst = Annotated[Caller, Depends(requires(Role.ANALYST, Role.OPERATOR))]


def analyst_routes(parts: Parts, desk: Desk) -> APIRouter:
    """Addresses for analysts."""
    routes = APIRouter(include_in_schema=False)
    analyses = Analyses(parts.home, parts.database, desk)

    @routes.get("/analysis")
    def analysis(request: Request, caller: Analyst) -> Response:
        from service.page import charts  # what it stands on is loaded when first looked at

        visit, found = visit_of(request, caller), analyses.now()
        return drawn(
            "analysis.html",
            visit,
            analysis=found,
            alert=alert_in(visit.t, found.drift),
            charts=charts,
            mlflow_page=parts.settings.mlflow_page,
        )

    return routes
