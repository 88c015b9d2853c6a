from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from service.access.access import Access
from service.access.roles import Role
from service.storage.database import Database
from service.storage.instants import microseconds
from service.storage.tables import sessions
from tests.service.access.tiny import opened, settings_of, tiny_app

NOW = datetime.now(UTC)
Desk = tuple[TestClient, Access, Database, str]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    access, database = opened(settings_of(tmp_path))
    app = tiny_app(access, settings_of(tmp_path))
    _, key = access.key_ring.create(Role.OFFICER, "desk", by="test", at=NOW)
    yield TestClient(app, base_url="http://127.0.0.1"), access, database, key
    access.close()
    database.close()


def log_in(client: TestClient, key: str, **headers: str) -> int:
    return client.post("/session", data={"key": key}, headers=headers).status_code


def aged(database: Database, **columns: timedelta) -> None:
    now = datetime.now(UTC)
    values = {f"{name}_at_us": microseconds(now - age) for name, age in columns.items()}
    with database.writing() as connection:
        connection.execute(update(sessions).values(**values))


def test_a_cookie_opens_what_the_key_opens(desk: Desk) -> None:
    client, _, _, key = desk
    answer = client.post("/session", data={"key": key})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "secure" not in cookie
    assert client.get("/officers").json()["role"] == "officer"


def test_the_cookie_is_secure_away_from_this_machine(desk: Desk) -> None:
    client, _, _, key = desk
    answer = client.post("https://testserver/session", data={"key": key})
    assert answer.headers["set-cookie"].startswith("__Host-triage_session=")
    assert "; Secure" in answer.headers["set-cookie"]
    assert client.get("https://testserver/officers").status_code == 200


def test_what_changes_something_needs_the_token_of_the_page(desk: Desk) -> None:
    client, _, _, key = desk
    log_in(client, key)
    csrf = client.get("/officers").json()["csrf"]
    assert client.post("/officers").status_code == 403
    assert client.post("/officers", headers={"X-CSRF-Token": "x" * 32}).status_code == 403
    assert client.post("/officers", headers={"X-CSRF-Token": csrf}).status_code == 200
    assert client.post("/officers", data={"csrf": csrf}).status_code == 200
    assert client.post("/officers", data={"csrf": "é"}).status_code == 403


def test_another_site_cannot_log_anybody_in(desk: Desk) -> None:
    client, _, _, key = desk
    assert log_in(client, key, **{"Sec-Fetch-Site": "cross-site"}) == 403
    assert log_in(client, key, Origin="http://elsewhere.example") == 403
    assert log_in(client, key, Origin="null", **{"Sec-Fetch-Site": "same-origin"}) == 200


def test_a_wrong_key_opens_no_session(desk: Desk) -> None:
    client, _, _, key = desk
    assert log_in(client, key[:-2] + "zz") == 401
    assert not client.cookies


def test_who_logs_out_is_out_at_once(desk: Desk) -> None:
    client, _, _, key = desk
    log_in(client, key)
    cookie = dict(client.cookies)
    csrf = client.get("/officers").json()["csrf"]
    answer = client.post("/logout", headers={"X-CSRF-Token": csrf})
    assert answer.status_code == 200
    assert client.get("/officers", cookies=cookie).status_code == 401


@pytest.mark.parametrize(
    "columns", [{"seen": timedelta(minutes=16)}, {"made": timedelta(hours=8, minutes=1)}]
)
def test_a_session_ends_when_idle_and_after_a_shift(
    desk: Desk, columns: dict[str, timedelta]
) -> None:
    client, _, database, key = desk
    log_in(client, key)
    aged(database, **columns)
    answer = client.get("/officers")
    assert answer.status_code == 401
    assert "session" in answer.json()["detail"]


def test_a_session_is_noted_while_it_is_used(desk: Desk) -> None:
    client, _, database, key = desk
    log_in(client, key)
    aged(database, seen=timedelta(minutes=14))
    assert client.get("/officers").status_code == 200
    with database.reading() as connection:
        seen = connection.execute(sessions.select()).one().seen_at_us
    assert seen >= microseconds(NOW)


def test_a_session_ends_with_its_key(desk: Desk) -> None:
    client, access, _, key = desk
    log_in(client, key)
    access.key_ring.revoke(key[4:12], by="test", at=NOW)
    assert client.get("/officers").status_code == 401


def test_sessions_long_over_are_cleared_away(desk: Desk) -> None:
    client, _, database, key = desk
    log_in(client, key)
    aged(database, seen=timedelta(minutes=16))
    client.cookies.clear()
    log_in(client, key)
    with database.reading() as connection:
        assert len(connection.execute(sessions.select()).all()) == 1
