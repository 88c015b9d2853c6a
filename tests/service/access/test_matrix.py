"""The table of who may call what, against the application itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

import pytest
from fastapi import Depends, FastAPI
from starlette.testclient import TestClient

from service.access.matrix import EVERYBODY, MATRIX, deviations
from service.access.requires import requires
from service.access.roles import Caller, Role
from service.app import create_app_from_environment

WORDS = {"id": "x", "flight_date": "2026-09-21", "flight_number": "XX1", "day": "2026-09-21",
         "number": "XX1", "name": "x"}  # fmt: skip


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRIAGE_HOME", str(tmp_path_factory.mktemp("state")))
        app = create_app_from_environment()
    yield app
    app.state.parts.writer.close()
    app.state.parts.database.close()


def test_the_routes_ask_for_what_the_matrix_says(app: FastAPI) -> None:
    assert deviations(app) == []


def test_a_route_that_nobody_thought_of_is_found() -> None:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    @app.get("/v1/models")
    async def wrong(caller: Annotated[Caller, Depends(requires(Role.DECLARANT))]) -> None: ...

    @app.get("/forgotten")
    async def forgotten() -> None: ...

    found = deviations(app)
    assert any("/forgotten is not in the matrix" in one for one in found)
    assert any("/v1/models asks for declarant" in one for one in found)
    assert any("POST /v1/declarations is in the matrix and not served" in one for one in found)


def test_nobody_else_gets_in_by_any_door(app: FastAPI) -> None:
    client = TestClient(app, base_url="http://127.0.0.1", follow_redirects=False)
    ring = app.state.access.key_ring
    keys = {role: ring.create(role, role, by="test", at=datetime.now(UTC))[1] for role in Role}
    wrong = []
    for (method, template), roles in MATRIX.items():
        if roles == EVERYBODY:
            continue
        path = template.format(**WORDS)
        if client.request(method, path).status_code != 401:
            wrong.append(f"nobody: {method} {path}")
        for role in set(Role) - roles:
            answer = client.request(method, path, headers={"X-API-Key": keys[role]})
            if answer.status_code != 403:
                wrong.append(f"{role}: {method} {path} {answer.status_code}")
    assert wrong == []


def test_no_role_is_forgotten() -> None:
    assert {role for roles in MATRIX.values() for role in roles} == set(Role)
