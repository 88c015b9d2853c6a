"""The OpenID provider's public keys, from its discovery document (OpenID Connect Discovery 1.0).

They are fetched in a thread, with a time and a size limit, kept for an hour, and fetched anew for
a key that nobody knows at most twice a minute: a sender of invented key ids cannot make us knock.
While the provider is away its last keys go on for a day.
"""

from __future__ import annotations

import ipaddress
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from engine.errors import SettingError
from service.access.faults import ProviderUnavailableError

FETCH_SECONDS = 5.0
"""Longest time for one document (estimate: the provider stands in the same house)."""

LARGEST_BYTES = 1 << 20
"""Largest document that is read; real ones have some ten kilobytes."""

KEPT_SECONDS = 3_600.0
"""Keys younger than this are not asked for again (estimate)."""

USABLE_SECONDS = 86_400.0
"""Older keys are never used, even if the provider does not answer (estimate)."""

AGAIN_SECONDS = 30.0
"""Shortest time between two questions to the provider."""

_KINDS: dict[str, type[RSAKey] | type[ECKey] | type[OKPKey]] = {
    "RSA": RSAKey,
    "EC": ECKey,
    "OKP": OKPKey,
}
"""Kinds of public keys. A shared secret (`oct`) has no place in a public document."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The address comes from the settings, and no answer may send us elsewhere."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


class Provider:
    """One OpenID provider. Safe to share between threads.

    Parameters
    ----------
    issuer : its address, as its tokens name it.
    clock : seconds that never go back.

    Raises
    ------
    SettingError
        The address is neither https nor on this machine.
    """

    def __init__(self, issuer: str, clock: Callable[[], float] = time.monotonic) -> None:
        _check_address(issuer, "TRIAGE_OIDC_ISSUER")
        self.issuer = issuer
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: dict[str | None, RSAKey | ECKey | OKPKey] = {}
        self._fetched_at = float("-inf")
        self._asked_at = float("-inf")
        self._opener = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))

    def key_set(self, kid: str | None) -> KeySet | None:
        """The key of an id; None where the provider has none such. May wait for the provider.

        Raises
        ------
        ProviderUnavailableError
            There are no keys, or only old ones, and it does not answer.
        """
        with self._lock:
            age = self._clock() - self._fetched_at
            if age > KEPT_SECONDS or kid not in self._keys:
                self._refresh()
            if self._clock() - self._fetched_at > USABLE_SECONDS:
                raise ProviderUnavailableError(
                    "The OpenID provider does not say its keys, so that no token can be judged.",
                    "Try again in a minute, or use an API key.",
                )
            key = self._keys.get(kid)
        return None if key is None else KeySet([key])

    def _refresh(self) -> None:
        if self._clock() - self._asked_at < AGAIN_SECONDS:
            return
        self._asked_at = self._clock()
        try:
            about = self._fetch(self.issuer.rstrip("/") + "/.well-known/openid-configuration")
            if about.get("issuer") != self.issuer:
                return
            address = about.get("jwks_uri")
            _check_address(address, "The provider's jwks_uri")
            self._keys = _public_keys(self._fetch(str(address)))
            self._fetched_at = self._clock()
        except (OSError, ValueError, SettingError, urllib.error.URLError):
            return  # what is known goes on; key_set says so when it is too old

    def _fetch(self, address: str) -> dict[str, Any]:
        until = self._clock() + FETCH_SECONDS
        body = b""
        with self._opener.open(address, timeout=FETCH_SECONDS) as answer:
            while part := answer.read1(65_536):
                body += part
                if len(body) > LARGEST_BYTES or self._clock() > until:
                    raise ValueError("too large, or too slow")
        document = json.loads(body)
        if not isinstance(document, dict):
            raise ValueError("not an object")
        return document


def _public_keys(document: dict[str, Any]) -> dict[str | None, RSAKey | ECKey | OKPKey]:
    """Keys by id, those for encryption and those we cannot read left out.

    A set of one key is also found without an id (RFC 7517 makes the id optional).
    """
    found: dict[str | None, RSAKey | ECKey | OKPKey] = {}
    described = document.get("keys")
    for one in described if isinstance(described, list) else []:
        kind = _KINDS.get(str(one.get("kty"))) if isinstance(one, dict) else None
        if kind is None or one.get("use", "sig") != "sig":
            continue
        try:
            key = kind.import_key(one)
        except (JoseError, ValueError, TypeError):
            continue
        found[one.get("kid") if isinstance(one.get("kid"), str) else None] = key
    if len(found) == 1:
        found[None] = next(iter(found.values()))
    return found


def _check_address(address: object, what: str) -> None:
    parts = urlsplit(address if isinstance(address, str) else "")
    if parts.hostname and (parts.scheme == "https" or (
        parts.scheme == "http" and _is_this_machine(parts.hostname)
    )):  # fmt: skip
        return
    raise SettingError(
        f"{what} must be an https address (http on this machine only); got {str(address)[:200]!r}.",
        "Give the issuer exactly as the provider's discovery document names it.",
    )


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
