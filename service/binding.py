"""Where `triage serve` listens: checked before anything starts, and only once for a folder."""

from __future__ import annotations

import errno
import fcntl
import ipaddress
import os
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import SettingError, StateError
from service.home import Home

TAKEN_SECONDS = 3.0
"""How long a taken port is waited for: a killed service needs a moment to let go (estimate)."""


def check_binding(host: str, tls: tuple[str, str] | None, *, is_open_wanted: bool) -> None:
    """Let nobody listen in: beyond this machine only with TLS, or by an explicit wish.

    Parameters
    ----------
    host : address or name to listen at.
    tls : files of certificate and key.
    is_open_wanted : `--insecure-bind` was given.

    Raises
    ------
    SettingError
        Neither; or the host is unknown; or the certificate cannot be used.
    """
    if tls is not None:
        _check_certificate(*tls)
    elif not is_open_wanted and not all(_is_loopback(one) for one in _addresses(host)):
        raise SettingError(
            f"At {host} others could listen in: keys and declarations would travel in clear.",
            "Give --tls-cert and --tls-key; or --insecure-bind if something in front of the "
            "service speaks TLS.",
        )


def listen(host: str, port: int) -> socket.socket:
    """A listening socket.

    Raises
    ------
    StateError
        The port is taken.
    SettingError
        The host is unknown or not ours, or the port needs other rights.
    """
    family = socket.AF_INET6 if ":" in _addresses(host)[0] else socket.AF_INET
    until = time.monotonic() + TAKEN_SECONDS
    while True:
        opened = socket.socket(family, socket.SOCK_STREAM)
        try:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            opened.bind((_addresses(host)[0], port))
            opened.listen(2_048)
            return opened
        except OSError as error:
            opened.close()
            if error.errno != errno.EADDRINUSE:
                raise SettingError(
                    f"Port {port} at {host} cannot be listened at: {error.strerror}.",
                    "Give another --host or --port.",
                ) from error
            if time.monotonic() > until:
                raise StateError(
                    f"Port {port} at {host} is taken by another program.",
                    "End it, or give another --port.",
                ) from error
        time.sleep(0.2)


@contextmanager
def only_one(home: Home) -> Iterator[None]:
    """Hold the state folder: a second service on the same SQLite file is refused.

    Raises
    ------
    StateError
        Another one runs.
    """
    path = home.made().root / "serve.lock"
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StateError(
                f"Another `triage serve` {_told(path)}uses the state folder {home.root}.",
                "Use that one, end it, or give another TRIAGE_HOME; several services at once need "
                "PostgreSQL (TRIAGE_DATABASE_URL).",
            ) from error
        file.seek(0)
        file.truncate()
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def address_of(listening: socket.socket, host: str, *, is_secure: bool) -> str:
    """The address to open in a browser."""
    port = listening.getsockname()[1]
    shown = {"0.0.0.0": socket.gethostname(), "::": socket.gethostname()}.get(host, host)
    shown = f"[{shown}]" if ":" in shown else shown
    return f"http{'s' if is_secure else ''}://{shown}:{port}/"


def _addresses(host: str) -> list[str]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise SettingError(
            f"The host {host!r} is not known to this machine.", "Give one of its addresses."
        ) from error
    return [str(one[4][0]) for one in found]


def _is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback


def _check_certificate(certificate: str, key: str) -> None:
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError, ValueError) as error:
        why = getattr(error, "strerror", None) or getattr(error, "reason", None) or "unreadable"
        raise SettingError(
            f"The certificate {certificate} cannot be used with the key {key}: {why}.",
            "Give two PEM files that belong together.",
        ) from error


def _told(path: Path) -> str:
    text = path.read_text(errors="replace").strip()
    return f"(process {text}) " if text.isdigit() else ""
