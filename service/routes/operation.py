"""Health and metrics: for those who keep the service running."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import PlainTextResponse, Response
from sqlalchemy import text

from engine.errors import TriageError
from service.access.requires import requires
from service.access.roles import Caller, Role
from service.guard.metrics import METRICS
from service.parts import Parts
from service.routes.answers import Health
from service.routes.json_answer import json_answer
from service.routes.problem_answers import PROBLEMS

PATIENCE_SECONDS = 2.0
"""A database that needs longer than this for a word is not ready (estimate)."""


_EXPOSITION = {"content": {"text/plain": {"schema": {"type": "string"}}}}


def router(parts: Parts) -> APIRouter:
    """The routes of operation."""
    routes = APIRouter(tags=["operation"])

    @routes.get("/health/live", response_model=Health)
    async def live() -> Response:
        """Whether the process answers at all."""
        return json_answer({"status": "alive", "checks": {}})

    @routes.get("/health/ready", response_model=Health, responses={503: {"model": Health}})
    async def ready() -> Response:
        """Whether work can be taken: `degraded` still gives lists, by rules and random controls."""
        database = await _database(parts)
        is_degraded = bool(parts.lists.state.is_degraded)
        model = "rules rank, not a model" if is_degraded else "in force"
        status = "degraded" if is_degraded else "ready"
        if database != "answers":
            status = "unavailable"
        checks = {"database": database, "model": model}
        return json_answer(
            {"status": status, "checks": checks}, status=503 if status == "unavailable" else 200
        )

    @routes.get(
        "/metrics", response_class=PlainTextResponse, responses=PROBLEMS | {200: _EXPOSITION}
    )
    async def metrics(caller: Annotated[Caller, Depends(requires(Role.OPERATOR))]) -> Response:
        """Prometheus' text form."""
        content = await asyncio.to_thread(METRICS.exposition)
        return Response(content, media_type="text/plain; version=0.0.4; charset=utf-8")

    return routes


async def _database(parts: Parts) -> str:
    try:
        await asyncio.wait_for(asyncio.to_thread(_asked, parts), PATIENCE_SECONDS)
    except (TriageError, TimeoutError):
        return "does not answer"
    return "answers"


def _asked(parts: Parts) -> None:
    with parts.database.reading() as connection:
        connection.execute(text("SELECT 1"))
