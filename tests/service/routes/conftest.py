"""The service on a trained state, asked through its routes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import polars as pl
import pytest
from starlette.testclient import TestClient

from service.access.roles import Role
from service.app import create_app
from service.composition import open_parts
from service.home import Home
from service.parts import Parts
from tests.service.conftest import todays


@dataclass
class Service:
    """An application that runs, and a caller of each role."""

    client: TestClient
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
        with TestClient(create_app(parts), base_url="http://127.0.0.1:8080") as client:
            yield Service(client, parts, keys)
        runner.terminate()
        runner.wait(30)


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
