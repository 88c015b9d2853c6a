from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from engine.errors import SettingError, StateError
from service.access.access import Access
from service.access.keys import id_of
from service.access.roles import Role
from service.storage.audit import verify
from service.storage.database import Database
from service.storage.tables import audit
from tests.service.access.tiny import opened, settings_of, tiny_app

NOW = datetime.now(UTC)


@pytest.fixture
def access(tmp_path: Path) -> Iterator[tuple[Access, Database]]:
    access, database = opened(settings_of(tmp_path))
    yield access, database
    access.close()
    database.close()


@pytest.fixture
def client(access: tuple[Access, Database], tmp_path: Path) -> TestClient:
    return TestClient(tiny_app(access[0], settings_of(tmp_path)))


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def test_a_key_opens_by_either_header(access: tuple[Access, Database], client: TestClient) -> None:
    about, key = access[0].key_ring.create(Role.OFFICER, "desk 3", by="test", at=NOW)
    told = client.get("/officers", headers=bearer(key)).json()
    assert told == {"actor": about.id, "role": "officer", "csrf": None}
    assert client.get("/officers", headers={"X-API-Key": key}).status_code == 200


def test_who_shows_nothing_is_401_and_another_role_403(
    access: tuple[Access, Database], client: TestClient
) -> None:
    _, key = access[0].key_ring.create(Role.ANALYST, "a", by="test", at=NOW)
    nobody = client.get("/officers")
    assert nobody.status_code == 401
    assert nobody.headers["www-authenticate"].startswith("Bearer")
    other = client.get("/officers", headers=bearer(key))
    assert other.status_code == 403
    assert "officer" in other.json()["detail"]


@pytest.mark.parametrize("header", ["Basic YWJj", "Bearer", "Bearer ptk_abc", "Bearer é", ""])
def test_what_is_no_key_is_401(client: TestClient, header: str) -> None:
    answer = client.get("/officers", headers={"Authorization": header.encode("latin-1")})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_right_id_with_another_secret_is_401(
    access: tuple[Access, Database], client: TestClient
) -> None:
    _, key = access[0].key_ring.create(Role.OFFICER, "a", by="test", at=NOW)
    wrong = key[:-1] + ("A" if key[-1] != "A" else "B")
    answer = client.get("/officers", headers=bearer(wrong))
    assert answer.status_code == 401
    assert wrong not in answer.text


def test_an_expired_key_is_401(access: tuple[Access, Database], client: TestClient) -> None:
    ring = access[0].key_ring
    _, key = ring.create(
        Role.OFFICER, "a", by="test", at=NOW - timedelta(days=2), expires_days=1
    )  # fmt: skip
    assert client.get("/officers", headers=bearer(key)).status_code == 401
    assert ring.all()[0].state(NOW) == "expired"


def test_a_revoked_key_is_refused_by_a_worker_that_does_not_remember_it(
    access: tuple[Access, Database], client: TestClient
) -> None:
    about, key = access[0].key_ring.create(Role.OFFICER, "a", by="test", at=NOW)
    access[0].key_ring.revoke(about.id, by="test", at=NOW)
    assert client.get("/officers", headers=bearer(key)).status_code == 401


def test_the_database_keeps_no_key_and_the_audit_no_name(
    access: tuple[Access, Database], tmp_path: Path
) -> None:
    about, key = access[0].key_ring.create(Role.OFFICER, "desk of Jan", by="test", at=NOW)
    access[0].key_ring.revoke(about.id, by="test", at=NOW)
    access[0].key_ring.revoke(about.id, by="test", at=NOW)
    secret = key.rpartition("_")[2].encode()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert [path for path in files if secret in path.read_bytes()] == []
    with access[1].reading() as connection:
        events = connection.execute(select(audit).order_by(audit.c.id)).all()
        assert verify(connection).is_whole
    assert [event.action for event in events] == ["key.create", "key.revoke"]
    assert all("Jan" not in event.detail_json for event in events)


def test_the_first_key_is_made_once(access: tuple[Access, Database]) -> None:
    ring = access[0].key_ring
    first = ring.create_first(Role.OFFICER, "first", at=NOW)
    assert first is not None
    assert id_of(first[1]) == first[0].id
    assert ring.create_first(Role.OFFICER, "second", at=NOW) is None


def test_a_lost_pepper_is_said_before_anybody_is_refused(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    access, database = opened(settings)
    assert (tmp_path / "pepper.key").stat().st_mode & 0o777 == 0o600
    (tmp_path / "pepper.key").unlink()
    with pytest.raises(StateError, match="gone"):
        opened(settings)
    with pytest.raises(StateError, match="another pepper"):
        opened(settings_of(tmp_path, pepper=b"x" * 32))
    access.close()
    database.close()


@pytest.mark.parametrize("name", ["", "   ", "a\nb", "x" * 81])
def test_a_name_that_cannot_be_shown_is_refused(access: tuple[Access, Database], name: str) -> None:
    with pytest.raises(SettingError):
        access[0].key_ring.create(Role.OFFICER, name, by="test", at=NOW)


def test_who_revokes_an_unknown_key_is_told(access: tuple[Access, Database]) -> None:
    with pytest.raises(StateError, match="keys list"):
        access[0].key_ring.revoke("nobody22", by="test", at=NOW)
