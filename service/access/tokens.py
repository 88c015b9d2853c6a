"""Bearer tokens of an OpenID provider: JSON Web Tokens, judged by RFC 8725's advice."""

from __future__ import annotations

import base64
import json
import warnings
from typing import Any

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError, SecurityWarning
from joserfc.jws import JWSRegistry

from service.access.faults import UnknownCallerError, WrongRoleError
from service.access.keys import keyed
from service.access.provider import Provider
from service.access.roles import Caller, Role
from service.access.sessions import PERSON

ALGORITHMS = ("RS256", "ES256", "EdDSA", "Ed25519")
"""Signatures taken; `Ed25519` is the newer name of what most providers call `EdDSA` (RFC 9864).
Nothing symmetric and never `none`: a public key must not be mistaken for a shared secret."""

LEEWAY_SECONDS = 60
"""How far the provider's clock may be from ours."""

LONGEST_TOKEN = 16_384
"""Characters (estimate: four times what large providers issue)."""

_WAY_OUT = "Get a new token from the provider, or use an API key."


# The warning is about a name; at every token it would cost more than the signature.
warnings.filterwarnings("ignore", message="EdDSA is deprecated", category=SecurityWarning)


class Tokens:
    """Judges tokens.

    Parameters
    ----------
    provider : whose tokens are taken.
    audience : which tokens must name as theirs.
    role_claim : claim that holds the role; `a.b` reaches into an object.
    pepper : key of the persons' pseudonyms.
    """

    def __init__(self, provider: Provider, audience: str, role_claim: str, pepper: bytes) -> None:
        self._provider = provider
        self._audience = audience
        self._role_claim = role_claim
        self._pepper = pepper
        self._registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)

    def caller(self, text: str) -> Caller:
        """Whom a token speaks of. May wait for the provider: not for the event loop.

        Raises
        ------
        UnknownCallerError
            The token does not hold; the message says which rule it breaks, never what is in it.
        WrongRoleError
            It holds, and names no role here, or several.
        ProviderUnavailableError
            Nobody can say whether it holds.
        """
        key = self._provider.key_set(_key_id(text))
        if key is None:
            raise UnknownCallerError("The token names a key that its provider has not.", _WAY_OUT)
        claims = self._claims(text, key)
        subject = f"{self._provider.issuer}\0{claims['sub']}"
        actor = PERSON + keyed(self._pepper, b"person", subject)[:16]
        return Caller(actor, self._role(claims))

    def _claims(self, text: str, key: Any) -> dict[str, Any]:
        rules = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self._provider.issuer},
            aud={"essential": True, "value": self._audience},
            exp={"essential": True},
            sub={"essential": True},
        )
        try:
            token = jwt.decode(text, key, registry=self._registry)
            rules.validate(token.claims)
        except ExpiredTokenError as error:
            raise UnknownCallerError("The token has expired.", _WAY_OUT) from error
        except (JoseError, ValueError, TypeError) as error:
            rule = type(error).__name__.removesuffix("Error")
            raise UnknownCallerError(f"The token does not hold ({rule}).", _WAY_OUT) from error
        return token.claims

    def _role(self, claims: dict[str, Any]) -> Role:
        value: Any = claims
        for part in self._role_claim.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        named = value if isinstance(value, list) else [value]
        roles = {Role(one) for one in named if isinstance(one, str) and one in set(Role)}
        if len(roles) != 1:
            raise WrongRoleError(
                f"The token must name one role in {self._role_claim}; it names "
                f"{', '.join(sorted(roles)) or 'none'}.",
                f"Roles are {', '.join(Role)}; ask who keeps the provider.",
            )
        return roles.pop()


def looks_like_a_token(text: str) -> bool:
    """Whether a bearer token has the form of a JSON Web Token."""
    return text.count(".") == 2 and text.startswith("ey") and len(text) <= LONGEST_TOKEN


def _key_id(text: str) -> str | None:
    """The key id in the header, which nobody has signed: it only says where to look."""
    head = text.partition(".")[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (ValueError, RecursionError):
        raise UnknownCallerError("The token is not a JSON Web Token.", _WAY_OUT) from None
    kid = header.get("kid") if isinstance(header, dict) else None
    return kid if isinstance(kid, str) else None
