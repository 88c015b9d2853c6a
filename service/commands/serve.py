"""`triage serve`: the HTTP service and its job runner."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from service.home import Home
    from service.settings import Settings

APP = "service.app:create_app_from_environment"
RUNNER = "service.jobs.runner"


def serve(
    host: Annotated[str, typer.Option(metavar="HOST", help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="N", min=0, max=65_535, help="Port.")] = 8080,
    workers: Annotated[
        int,
        typer.Option(
            metavar="N", min=1, max=64, help="HTTP processes; more than one needs PostgreSQL."
        ),
    ] = 1,
    tls_cert: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Certificate chain, PEM.")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option(metavar="FILE", help="Its key, PEM.")] = None,
    insecure_bind: Annotated[
        bool,
        typer.Option(
            "--insecure-bind",
            help="Listen beyond this machine without TLS, where "
            "something in front of the service speaks it.",
        ),
    ] = False,
    app: Annotated[str, typer.Option(hidden=True)] = APP,
    runner: Annotated[str, typer.Option(hidden=True)] = RUNNER,
) -> None:
    """Serve declarations, manifests, lists and the officers' page. Ctrl-C ends it gracefully.

    At the first start a key for an officer is made and shown once.

    Example: triage serve --port 8080
    """  # fmt: skip
    from contextlib import ExitStack

    from service import serving
    from service.binding import address_of, check_binding, listen, only_one
    from service.composition import open_home
    from service.console import say
    from service.settings import read_settings

    settings, tls = read_settings(), _tls(tls_cert, tls_key)
    _check_workers(workers, settings)
    check_binding(host, tls, is_open_wanted=insecure_bind)
    with ExitStack() as held:
        home = open_home()
        if settings.database_url is None:
            held.enter_context(only_one(home))
        listening = held.enter_context(listen(host, port))
        address = address_of(listening, host, is_secure=tls is not None)
        _make_first_key(home, settings, address)
        children = [serving.worker(app, listening, tls, n + 1) for n in range(workers)]
        children += [serving.runner(runner)] if runner else []
        environment = held.enter_context(_environment(host, settings, workers))
        serving.Supervisor(
            children, environment, say,
            lambda: say(f"The service is ready at {address} (officers' page); Ctrl-C ends it."),
        ).run()  # fmt: skip
    say("The service has ended.")


def _tls(certificate: Path | None, key: Path | None) -> tuple[str, str] | None:
    from engine.errors import SettingError

    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        raise SettingError(
            "TLS needs a certificate and its key; only one of them was given.",
            "Give both --tls-cert and --tls-key.",
        )
    return str(certificate), str(key)


def _check_workers(workers: int, settings: Settings) -> None:
    from engine.errors import SettingError

    if workers > 1 and settings.database_url is None:
        raise SettingError(
            f"{workers} workers need PostgreSQL; SQLite has one writer, which one worker is.",
            "Leave out --workers, or set TRIAGE_DATABASE_URL.",
        )


def _make_first_key(home: Home, settings: Settings, address: str) -> None:
    """Bring the database up to date; where nobody could log in yet, make a key and show it."""
    from datetime import UTC, datetime

    from service.access.keyring import KeyRing
    from service.access.pepper import pepper_of
    from service.access.roles import Role
    from service.composition import open_database
    from service.console import program, say

    database = open_database(home)
    try:
        ring = KeyRing(database, pepper_of(home, settings))
        if settings.oidc_issuer is not None:
            return
        made = ring.create_first(Role.OFFICER, "first officer", at=datetime.now(UTC))
    finally:
        database.close()
    if made is not None:
        say("This is the first start: an officer's key was made, shown this once and kept nowhere:")
        typer.echo(f"\n    {made[1]}\n", err=True)
        say(f"Log in with it at {address} ; make further keys with `{program()} keys create`.")


@contextmanager
def _environment(host: str, settings: Settings, workers: int) -> Iterator[dict[str, str]]:
    """What the children see: our environment, the names we answer to, a folder for the metrics."""
    environment = dict(os.environ)
    if settings.allowed_hosts or not _is_name(host):
        names = settings.allowed_hosts
    else:
        import socket

        names = (host.lower(), socket.gethostname().lower())
    environment["TRIAGE_ALLOWED_HOSTS"] = ",".join(names)
    if workers == 1:
        yield environment
        return
    with tempfile.TemporaryDirectory(prefix="triage-metrics-") as folder:
        yield environment | {"PROMETHEUS_MULTIPROC_DIR": folder}


def _is_name(host: str) -> bool:
    import ipaddress

    try:
        ipaddress.ip_address(host)
    except ValueError:
        return True
    return False
