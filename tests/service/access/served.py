"""A tiny application as `triage serve` starts one."""

from __future__ import annotations

import os

from fastapi import FastAPI, Response

from service.access.access import Access
from service.composition import open_database, open_home
from service.guard.metrics import METRICS
from service.settings import read_settings
from tests.service.access.tiny import tiny_app


def create() -> FastAPI:
    settings = read_settings()
    home = open_home()
    app = tiny_app(Access(home, settings, open_database(home)), settings)

    @app.get("/process")
    async def process() -> int:
        return os.getpid()

    @app.get("/numbers")
    async def numbers() -> Response:
        return Response(METRICS.exposition())

    return app
