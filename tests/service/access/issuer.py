"""An OpenID provider on this machine, as far as the service needs one."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

ALGORITHMS = ["RS256", "ES256", "EdDSA", "RS512"]
SigningKey = RSAKey | ECKey | OKPKey


def signing_keys() -> dict[str, SigningKey]:
    return {
        "RS256": RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"}),
        "ES256": ECKey.generate_key("P-256", {"kid": "ec", "use": "sig"}),
        "EdDSA": OKPKey.generate_key("Ed25519", {"kid": "okp", "use": "sig"}),
    }


class Issuer:
    """Serves discovery and keys; `documents` may be changed while it runs."""

    def __init__(self) -> None:
        issuer = self

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.asked.append(self.path)
                body = issuer.documents.get(self.path)
                self.send_response(404 if body is None else 200)
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.address = f"http://127.0.0.1:{self.server.server_port}/realms/customs"
        self.keys = signing_keys()
        self.asked: list[str] = []
        self.documents: dict[str, bytes] = {}
        self.publish()
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def publish(self, **changes: Any) -> None:
        jwks = f"http://127.0.0.1:{self.server.server_port}/keys"
        about = {"issuer": self.address, "jwks_uri": jwks, **changes}
        keys = KeySet(list(self.keys.values())).as_dict(private=False)
        self.documents["/realms/customs/.well-known/openid-configuration"] = _json(about)
        self.documents["/keys"] = _json(keys)

    def token(
        self, algorithm: str = "RS256", key: SigningKey | None = None, **claims: Any,
    ) -> str:  # fmt: skip
        now = int(time.time())
        told = {"iss": self.address, "aud": "parcel-triage", "sub": "jan.peeters", "iat": now,
                "nbf": now, "exp": now + 300, "triage_role": "officer", **claims}  # fmt: skip
        told = {name: value for name, value in told.items() if value is not None}
        key = key or self.keys[algorithm]
        head = {"alg": algorithm, "kid": key.kid}
        registry = JWSRegistry(algorithms=ALGORITHMS)
        return jwt.encode(head, told, key, registry=registry)

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def _json(document: Any) -> bytes:
    return json.dumps(document).encode()
