from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import RSAKey
from starlette.testclient import TestClient

from engine.errors import SettingError
from service.access.faults import ProviderUnavailableError
from service.access.provider import AGAIN_SECONDS, KEPT_SECONDS, USABLE_SECONDS, Provider
from tests.service.access.issuer import Issuer
from tests.service.access.tiny import opened, settings_of, tiny_app


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    issuer = Issuer()
    yield issuer
    issuer.close()


@pytest.fixture
def client(issuer: Issuer, tmp_path: Path) -> Iterator[TestClient]:
    settings = settings_of(tmp_path, oidc_issuer=issuer.address)
    access, database = opened(settings)
    yield TestClient(tiny_app(access, settings))
    access.close()
    database.close()


def ask(client: TestClient, token: str) -> Any:
    return client.get("/officers", headers={"Authorization": f"Bearer {token}"})


def part(head: dict[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(head).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
def test_a_token_opens_what_its_role_may(
    client: TestClient, issuer: Issuer, algorithm: str
) -> None:
    told = ask(client, issuer.token(algorithm)).json()
    assert told["role"] == "officer"
    assert told["actor"].startswith("person-")
    assert "peeters" not in told["actor"]


def test_one_person_is_one_actor(client: TestClient, issuer: Issuer) -> None:
    first, again = (ask(client, issuer.token(a)).json()["actor"] for a in ("RS256", "ES256"))
    other = ask(client, issuer.token(sub="els")).json()["actor"]
    assert first == again != other


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "http://elsewhere.example"},
        {"iss": None},
        {"aud": "another-service"},
        {"aud": None},
        {"exp": int(time.time()) - 120},
        {"exp": None},
        {"exp": "never"},
        {"exp": float("nan")},
        {"nbf": int(time.time()) + 86_400},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
    ],
)
def test_a_token_that_breaks_a_rule_is_401(
    client: TestClient, issuer: Issuer, claims: dict[str, Any]
) -> None:
    token = issuer.token(**claims)
    answer = ask(client, token)
    assert answer.status_code == 401
    assert token not in answer.text


@pytest.mark.parametrize(("claim", "seconds"), [("exp", -20), ("nbf", 50)])
def test_clocks_may_differ_by_a_minute(
    client: TestClient, issuer: Issuer, claim: str, seconds: int
) -> None:
    token = issuer.token(**{claim: int(time.time()) + seconds})
    assert ask(client, token).status_code == 200


def test_nobody_else_can_sign(client: TestClient, issuer: Issuer) -> None:
    stranger = RSAKey.generate_key(2048, {"kid": "rsa"})
    assert ask(client, issuer.token(key=stranger)).status_code == 401
    unknown = RSAKey.generate_key(2048, {"kid": "other"})
    assert ask(client, issuer.token(key=unknown)).status_code == 401


def test_a_public_key_is_no_shared_secret(client: TestClient, issuer: Issuer) -> None:
    public = issuer.keys["RS256"].as_pem(private=False)
    body = issuer.token().split(".")[1]
    signed = f"{part({'alg': 'HS256', 'kid': 'rsa'})}.{body}"
    seal = base64.urlsafe_b64encode(hmac.digest(public, signed.encode(), "sha256"))
    assert ask(client, f"{signed}.{seal.rstrip(b'=').decode()}").status_code == 401


def test_other_algorithms_and_none_at_all_are_refused(client: TestClient, issuer: Issuer) -> None:
    assert ask(client, issuer.token("RS512", issuer.keys["RS256"])).status_code == 401
    body = issuer.token().split(".")[1]
    assert ask(client, f"{part({'alg': 'none', 'kid': 'rsa'})}.{body}.").status_code == 401


@pytest.mark.parametrize("token", ["ey.a.b", "eyJ.eyJ.x", "ey" + "a" * 20_000 + ".b.c", "a.b.c"])
def test_what_is_no_token_is_401(client: TestClient, token: str) -> None:
    assert ask(client, token).status_code == 401


@pytest.mark.parametrize(
    ("role", "status"),
    [(["officer", "offline_access"], 200), ("analyst", 403), (None, 403), ("chief", 403),
     (["officer", "analyst"], 403), ({"a": 1}, 403)],
)  # fmt: skip
def test_a_token_must_name_one_role(
    client: TestClient, issuer: Issuer, role: Any, status: int
) -> None:
    assert ask(client, issuer.token(triage_role=role)).status_code == status


def test_a_role_may_lie_deeper(issuer: Issuer, tmp_path: Path) -> None:
    settings = settings_of(
        tmp_path, oidc_issuer=issuer.address, oidc_role_claim="realm_access.roles"
    )
    access, database = opened(settings)
    client = TestClient(tiny_app(access, settings))
    token = issuer.token(realm_access={"roles": ["officer"]})
    assert ask(client, token).status_code == 200
    access.close()
    database.close()


def test_without_a_provider_no_token_is_taken(issuer: Issuer, tmp_path: Path) -> None:
    access, database = opened(settings_of(tmp_path))
    client = TestClient(tiny_app(access, settings_of(tmp_path)))
    assert ask(client, issuer.token()).status_code == 401
    access.close()
    database.close()


def test_a_provider_that_is_away_is_503(tmp_path: Path, issuer: Issuer) -> None:
    token = issuer.token()
    issuer.close()
    settings = settings_of(tmp_path, oidc_issuer=issuer.address)
    access, database = opened(settings)
    answer = ask(TestClient(tiny_app(access, settings)), token)
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    access.close()
    database.close()


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_new_keys_are_found_and_invented_ones_do_not_make_us_knock(issuer: Issuer) -> None:
    clock = Clock()
    provider = Provider(issuer.address, clock)
    assert provider.key_set("rsa") is not None
    asked = len(issuer.asked)
    assert all(provider.key_set(f"invented-{n}") is None for n in range(50))
    assert len(issuer.asked) == asked
    issuer.keys = {"RS256": RSAKey.generate_key(2048, {"kid": "new", "use": "sig"})}
    issuer.publish()
    clock.now += AGAIN_SECONDS
    assert provider.key_set("new") is not None
    assert provider.key_set("rsa") is None


def test_known_keys_outlive_the_provider_for_a_day(issuer: Issuer) -> None:
    clock = Clock()
    provider = Provider(issuer.address, clock)
    assert provider.key_set("rsa") is not None
    issuer.documents.clear()
    clock.now += KEPT_SECONDS + 1
    assert provider.key_set("rsa") is not None
    clock.now += USABLE_SECONDS
    with pytest.raises(ProviderUnavailableError):
        provider.key_set("rsa")


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"keys": 7}', b'{"keys": [7, {"kty": "RSA"}]}', b" " * (2 << 20)]
)
def test_a_provider_that_talks_nonsense_harms_nobody(issuer: Issuer, body: bytes) -> None:
    issuer.documents["/keys"] = body
    provider = Provider(issuer.address)
    try:
        assert provider.key_set("rsa") is None
    except ProviderUnavailableError:
        assert len(issuer.asked) == 2


def test_another_issuer_in_the_discovery_document_is_not_believed(issuer: Issuer) -> None:
    issuer.publish(issuer="http://127.0.0.1/another")
    with pytest.raises(ProviderUnavailableError):
        Provider(issuer.address).key_set("rsa")


@pytest.mark.parametrize("address", ["http://idp.example", "ftp://localhost", "idp", "file:///x"])
def test_a_provider_is_asked_over_https_alone(address: str) -> None:
    with pytest.raises(SettingError, match="https"):
        Provider(address)
