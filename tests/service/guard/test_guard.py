"""The guard through the door: a tiny application behind all of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.access.access import Access
from service.access.roles import Role
from service.guard.identity import REFUSED_PER_MINUTE, UNKNOWN_PER_MINUTE
from service.guard.metrics import METRICS
from tests.service.access.tiny import opened, settings_of, tiny_app

MIB = 1 << 20
ROW = b'{"consignee": "Jan Peeters"}'


@pytest.fixture
def access(tmp_path: Path) -> Iterator[Access]:
    access, database = opened(settings_of(tmp_path))
    yield access
    access.close()
    database.close()


@pytest.fixture
def key(access: Access) -> dict[str, str]:
    _, key = access.key_ring.create(Role.OFFICER, "a", by="test", at=datetime.now(UTC))
    return {"X-API-Key": key}


@pytest.fixture
def client(access: Access, tmp_path: Path) -> Iterator[TestClient]:
    settings = settings_of(
        tmp_path, body_limit_bytes=MIB, upload_limit_bytes=4 * MIB, request_seconds=3,
        rate_per_minute=50,
    )  # fmt: skip
    with TestClient(tiny_app(access, settings), raise_server_exceptions=False) as client:
        yield client


def problem(answer: Any, status: int, slug: str) -> dict[str, Any]:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    told: dict[str, Any] = answer.json()
    assert told["type"].endswith(f":{slug}")
    assert told["status"] == status
    assert told["request_id"] == answer.headers["x-request-id"]
    assert told["detail"]
    assert told["way_out"]
    return told


def pieces(count: int, size: int = 65_536) -> Iterator[bytes]:
    yield from (b"x" * size for _ in range(count))


def test_a_body_that_says_it_is_too_large(client: TestClient, key: dict[str, str]) -> None:
    problem(client.post("/officers", content=b"x" * (MIB + 1), headers=key), 413, "too-large")
    assert client.post("/officers", content=b"x" * MIB, headers=key).json() == {"length": MIB}


def test_a_body_that_does_not_say_how_large_it_is(client: TestClient, key: dict[str, str]) -> None:
    problem(client.post("/officers", content=pieces(17), headers=key), 413, "too-large")
    assert client.post("/officers", content=pieces(16), headers=key).json() == {"length": MIB}


def test_an_upload_may_be_larger(client: TestClient) -> None:
    assert client.post("/v1/manifests", content=pieces(64)).json() == {"length": 4 * MIB}
    told = problem(client.post("/v1/manifests", content=pieces(65)), 413, "too-large")
    assert "4 MiB" in told["detail"]


@pytest.mark.parametrize("encoding", ["gzip", "br", "identity, gzip", "GZIP"])
def test_a_compressed_body_is_refused(
    client: TestClient, key: dict[str, str], encoding: str
) -> None:
    answer = client.post("/officers", content=b"x", headers=key | {"Content-Encoding": encoding})
    problem(answer, 415, "encoded-body")


def test_what_takes_too_long_is_ended(client: TestClient) -> None:
    answer = client.get("/slow")
    told = problem(answer, 503, "too-long")
    assert answer.headers["retry-after"]
    assert "3 s" in told["detail"]


def test_an_error_of_ours_tells_its_id_and_nothing_else(
    client: TestClient, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = client.get("/broken")
    problem(answer, 500, "unforeseen")
    assert "Peeters" not in answer.text
    assert "Traceback" not in answer.text


def test_a_sane_request_id_is_kept_and_another_replaced(client: TestClient) -> None:
    def told(given: str) -> str:
        return str(client.get("/open/a", headers={"X-Request-Id": given}).headers["x-request-id"])

    assert told("broker-7.2026_1") == "broker-7.2026_1"
    assert told("short") != "short"
    assert told("x" * 65) != "x" * 65
    assert told('a"b{c}d,e') != 'a"b{c}d,e'


def test_every_answer_makes_browsers_careful(client: TestClient) -> None:
    for path in ("/open/a", "/nowhere", "/broken", "/officers"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert "strict-transport-security" not in headers
    secure = client.get("https://testserver/open/a").headers
    assert secure["strict-transport-security"]


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "", "testserver@x"])
def test_a_foreign_name_gets_nothing(client: TestClient, host: str) -> None:
    problem(client.get("/open/a", headers={"Host": host}), 421, "unknown-host")


@pytest.mark.parametrize("host", ["testserver:8080", "LOCALHOST", "127.0.0.1:1", "[::1]:8080"])
def test_own_names_and_addresses_are_let_in(client: TestClient, host: str) -> None:
    assert client.get("/open/a", headers={"Host": host}).status_code == 200


def test_a_key_has_its_rate_and_nobody_else_pays_for_it(
    client: TestClient, access: Access, key: dict[str, str]
) -> None:
    answers = [client.get("/officers", headers=key) for _ in range(60)]
    statuses = [answer.status_code for answer in answers]
    assert statuses[:50] == [200] * 50
    refused = next(answer for answer in answers if answer.status_code == 429)
    problem(refused, 429, "too-many-requests")
    assert int(refused.headers["retry-after"]) >= 1
    _, other = access.key_ring.create(Role.OFFICER, "b", by="test", at=datetime.now(UTC))
    assert client.get("/officers", headers={"X-API-Key": other}).status_code == 200


def test_who_tries_keys_is_slowed_down_and_others_are_not(
    client: TestClient, key: dict[str, str]
) -> None:
    assert client.get("/officers", headers=key).status_code == 200
    wrong = {"Authorization": "Bearer ptk_aaaaaaaa_" + "a" * 43}
    statuses = [
        client.get("/officers", headers=wrong).status_code for _ in range(REFUSED_PER_MINUTE + 20)
    ]
    assert statuses[0] == 401
    assert statuses[-1] == 429
    assert client.get("/officers", headers=key).status_code == 200
    assert client.get("/open/a").status_code == 200


def test_who_shows_nothing_is_counted_by_address(client: TestClient) -> None:
    statuses = {client.get("/open/a").status_code for _ in range(UNKNOWN_PER_MINUTE + 200)}
    assert statuses == {200, 429}


def test_what_the_framework_refuses_is_a_problem_too(client: TestClient) -> None:
    problem(client.get("/nowhere"), 404, "no-route")
    wrong = client.delete("/officers")
    problem(wrong, 405, "wrong-method")
    assert "GET" in wrong.headers["allow"] or "POST" in wrong.headers["allow"]
    told = problem(client.get("/open/a?count=many"), 422, "wrong-field")
    assert told["errors"][0]["column"] == "count"
    assert "many" in told["errors"][0]["value"]


def test_requests_are_logged_without_anything_that_was_sent(
    client: TestClient, key: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    client.get("/open/JanPeeters?street=Dorpsstraat", headers=key)
    client.post("/officers", content=ROW, headers=key)
    client.get("/broken")
    lines = _log_lines(capfd, 4)
    assert not any(word in line for line in lines for word in ("Peeters", "Dorpsstraat", "ptk_"))
    told = [json.loads(line) for line in lines]
    requests = [one for one in told if one["event"] == "request"]
    assert [one["route"] for one in requests] == ["/open/{word}", "/officers", "/broken"]
    assert requests[1]["received_bytes"] == len(ROW)
    assert requests[0]["actor"] == key["X-API-Key"][4:12]
    unforeseen = next(one for one in told if one["event"] == "unforeseen")
    assert unforeseen["problem"] == "ValueError"
    assert unforeseen["places"][-1].endswith(" broken")
    assert unforeseen["request_id"] == requests[2]["request_id"]


def test_requests_are_counted_by_route(client: TestClient) -> None:
    client.get("/open/first")
    client.get("/open/second")
    client.request("BREW", "/nowhere/at/all")
    told = METRICS.exposition().decode()
    assert 'triage_requests_total{method="GET",route="/open/{word}",status="200"}' in told
    assert 'method="other",route="unmatched"' in told
    assert "first" not in told
    assert "triage_request_seconds_bucket" in told


def _log_lines(capfd: pytest.CaptureFixture[str], count: int) -> list[str]:
    """Lines on stderr, once the pen has written them."""
    import time

    text = ""
    for _ in range(200):
        text += capfd.readouterr().err
        lines = [line for line in text.splitlines() if line.startswith("{")]
        if len(lines) >= count:
            return lines
        time.sleep(0.02)
    raise AssertionError(text)
