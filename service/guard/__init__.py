"""What stands around the routes: every request passes it, whatever it asks for.

From the outside in: security headers (`headers`); a request id, the log and the metrics
(`account`); the names the service answers to (`hosts`); how much and how long (`patience`); who
asks and how often (`identity`); how large and how fast a body comes (`body`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import FastAPI

    from service.settings import Settings

UPLOADS = frozenset({"/v1/manifests"})
"""Addresses that take files."""


def install(app: FastAPI, settings: Settings) -> None:
    """Put the guard around an app; `app.state.access` is set before.

    Where `app.state.parts` is set, the metrics tell of these parts, too.
    """
    from service.guard.account import Account
    from service.guard.body import Body
    from service.guard.headers import Headers
    from service.guard.hosts import Hosts
    from service.guard.identity import Identity
    from service.guard.logs import start_logging
    from service.guard.patience import Patience

    # The last one added is the outermost.
    app.add_middleware(Body, limit_bytes=settings.body_limit_bytes,
                       upload_limit_bytes=settings.upload_limit_bytes, uploads=UPLOADS)  # fmt: skip
    app.add_middleware(Identity, rate_per_minute=settings.rate_per_minute)
    app.add_middleware(Patience, request_seconds=settings.request_seconds, uploads=UPLOADS)
    app.add_middleware(Hosts, names=settings.allowed_hosts)
    app.add_middleware(Account)
    app.add_middleware(Headers)
    start_logging()
    if hasattr(app.state, "parts"):
        from service.guard.gauges import watch

        watch(app.state.parts)
