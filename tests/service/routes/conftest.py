"""The service on a trained state, asked through its routes."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import polars as pl
import pytest
import uvicorn
from fastapi import FastAPI

from service.access.roles import Role
from service.app import create_app
from service.composition import open_parts
from service.home import Home
from service.parts import Parts
from tests.service.conftest import todays


@dataclass
class Service:
    """An application that runs, and a caller of each role."""

    client: httpx.Client
    app: FastAPI
    parts: Parts
    keys: dict[str, str]

    def ask(self, method: str, path: str, role: str = "officer", **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.keys[role]}"} | more.pop("headers", {})
        return self.client.request(method, path, headers=headers, **more)

    def post(self, rows: list[dict[str, Any]], role: str = "declarant") -> httpx.Response:
        return self.ask("POST", "/v1/declarations", role, json=rows)


@pytest.fixture(scope="module")
def service(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    home = tmp_path_factory.mktemp("served") / "state"
    shutil.copytree(trained, home)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TRIAGE_HOME", str(home))
        parts = open_parts()
        keys = {}
        for role in [*Role, "other declarant"]:
            kind = Role(role.removeprefix("other "))
            _, keys[str(role)] = parts.access.key_ring.create(
                kind, f"key of a {role}", at=datetime.now(UTC), by="tests"
            )
        runner = subprocess.Popen([sys.executable, "-m", "service.jobs.runner"])
        app = create_app(parts)
        with answering(app) as address, httpx.Client(base_url=address, timeout=60) as client:
            yield Service(client, app, parts, keys)
        runner.terminate()
        runner.wait(30)


@contextmanager
def answering(app: FastAPI) -> Iterator[str]:
    """The address of an application that runs in a thread."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="on"))
    thread = threading.Thread(target=server.run)
    thread.start()
    until = time.monotonic() + 90
    while not server.started and time.monotonic() < until:
        time.sleep(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def home(service: Service) -> Home:
    return service.parts.home


@pytest.fixture(scope="session")
def rows(world: Path) -> list[dict[str, Any]]:
    """The declarations of a flight that the state has not received, as JSON has them."""
    table = pl.read_parquet(todays(world))
    instants = pl.col("lodged_at").dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    table = table.with_columns(pl.col("flight_date").cast(pl.String), instants)
    return [{name: cell for name, cell in row.items() if cell is not None}
              for row in table.to_dicts()]  # fmt: skip
