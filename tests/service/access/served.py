"""A tiny application as `triage serve` starts one, and what a job runner looks like."""

from __future__ import annotations

import os
import time

from fastapi import FastAPI, Response

from service.access import Access
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


def create_nothing() -> FastAPI:
    raise ValueError("Jan Peeters cannot be started")


if __name__ == "__main__":
    while True:
        time.sleep(1)
