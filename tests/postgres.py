"""A PostgreSQL of the tests: their own, started from `initdb` in a temporary folder.

TRIAGE_TEST_POSTGRES names another one, as postgresql+psycopg://user:password@host/postgres; its
user must be allowed to make databases.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

SET_UP = "postgresql-15 is not here (Debian: apt install postgresql-15), nor TRIAGE_TEST_POSTGRES"


def binaries() -> Path | None:
    """Where PostgreSQL's programs are, if they are."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))  # where Debian puts them
    on_path = shutil.which("initdb")
    return found[0].parent if found else Path(on_path).parent if on_path else None


@dataclass
class Server:
    """A PostgreSQL server of our own. A killed process loses nothing; only the machine's end would,
    for it does not wait for the disk.

    Attributes
    ----------
    folder : of its data.
    port : on the loopback address.
    """

    folder: Path
    port: int

    @classmethod
    def made(cls, folder: Path) -> Server:
        """A new server in an empty folder, not started yet."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            server = cls(folder, free.getsockname()[1])
        if os.getuid() == 0:
            os.chown(folder, *_user())
        server._run("initdb", "-D", str(folder / "data"), "-U", "triage", "-A", "trust", "-E",
                    "UTF8", "--locale=C", "--no-sync")  # fmt: skip
        return server

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://triage@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= "
            "-c max_connections=200 -c shared_buffers=32MB -c fsync=off"
        )
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-l", str(self.folder / "log"),
                  "-w", "-t", "60", "-o", options, "start")  # fmt: skip

    def stop(self, mode: str = "immediate") -> None:
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", mode, "-w", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        found = binaries()
        assert found is not None, SET_UP
        uid, gid = _user()
        as_user = (
            ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups"]
            if os.getuid() == 0
            else []
        )
        command = [*as_user, str(found / program), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, cwd="/", timeout=120)
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stdout[-500:]} {done.stderr[-500:]}")


def _user() -> tuple[int, int]:
    """PostgreSQL refuses to run as root."""
    if os.getuid() != 0:
        return (os.getuid(), os.getgid())
    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return (found.pw_uid, found.pw_gid)
    raise RuntimeError("there is no user to run PostgreSQL as")


@contextmanager
def running() -> Iterator[Server]:
    """A server, started; gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="triage-postgres-"))
    server = Server.made(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def shared(folder: Path) -> Iterator[str]:
    """The address of one server that all workers of a test run share; the last one stops it.

    Parameters
    ----------
    folder : of the whole run; the same for all its workers.
    """
    given = os.environ.get("TRIAGE_TEST_POSTGRES")
    if given:
        yield given
        return
    place = folder / "postgres"
    place.mkdir(exist_ok=True)
    with _locked(place):
        users = sorted(place.glob("user-*"))
        if users:
            where, port = users[0].read_text().split("\n")
            server = Server(Path(where), int(port))
        else:
            server = Server.made(Path(tempfile.mkdtemp(prefix="triage-postgres-")))
            server.start()
        mine = place / f"user-{os.getpid()}"
        mine.write_text(f"{server.folder}\n{server.port}")
    try:
        yield server.url
    finally:
        with _locked(place):
            mine.unlink()
            if not [*place.glob("user-*")]:
                server.stop()
                shutil.rmtree(server.folder, ignore_errors=True)


@contextmanager
def _locked(place: Path) -> Iterator[None]:
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def fresh_database(url: str) -> str:
    """The address of a new, empty database on a server."""
    name = f"triage_{secrets.token_hex(6)}"
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name} TEMPLATE template0"))
    engine.dispose()
    return sa.make_url(url).set(database=name).render_as_string(hide_password=False)


def dropped(url: str) -> None:
    """Take a database away, whoever is connected to it."""
    address = sa.make_url(url)
    engine = sa.create_engine(address.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE IF EXISTS {address.database} WITH (FORCE)"))
    engine.dispose()


def emptied(url: str) -> None:
    """Take everything out of a database: some ten times quicker than making another."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP SCHEMA public CASCADE"))
        connection.execute(sa.text("CREATE SCHEMA public"))
    engine.dispose()
