"""A service that runs in processes of its own, to be killed; and clients that note what they
were told.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from service.access.keyring import KeyRing
from service.access.pepper import pepper_of
from service.access.roles import Role
from service.home import Home
from service.routes.examples import DECLARATION
from service.settings import read_settings
from service.storage.database import Database
from service.store import Store

PATIENCE_SECONDS = 120.0
DAY = date.fromisoformat(DECLARATION["flight_date"])
WITHOUT_SCORING = "tests.faults.apps:without_scoring"
WHOLE = "service.app:create_app_from_environment"


def until(told: Callable[[], Any], what: str, seconds: float = PATIENCE_SECONDS) -> Any:
    """Wait for something to become true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = told()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"waited in vain for {what}")


class Nursery:
    """Starts processes of the service by forking (`tests.faults.nursery`)."""

    def __init__(self) -> None:
        self._pen = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nursery"], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def ask(self, **asked: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._pen:
            self._process.stdin.write(json.dumps(asked) + "\n")
            self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(PATIENCE_SECONDS)


@dataclass
class Answer:
    """What was answered: status, headers by small names, and the body."""

    status: int
    headers: dict[str, str]
    content: bytes

    def json(self) -> Any:
        return json.loads(self.content)


class Served:
    """One HTTP worker and, if wanted, a job runner, on a state folder.

    Parameters
    ----------
    nursery : starts the processes.
    folder : for the state, and the logs beside it.
    url : address of PostgreSQL; None: SQLite.
    app : the application's factory.
    environment : more variables.
    """

    def __init__(
        self, nursery: Nursery, folder: Path, url: str | None = None, *,
        app: str = WITHOUT_SCORING, **environment: str,
    ) -> None:  # fmt: skip
        self._nursery = nursery
        self._app = app
        folder.mkdir(exist_ok=True)
        self.home = Home(folder / "state").made()
        self.log = folder / "log"
        self.url = url
        self.environment = dict(os.environ) | {"TRIAGE_HOME": str(self.home.root)} | environment
        self.environment.pop("TRIAGE_DATABASE_URL", None)
        if url is not None:
            self.environment["TRIAGE_DATABASE_URL"] = url
        self.port = int(nursery.ask(do="listen"))
        self.worker = self.runner = 0
        self.database = Database.open(url, self.home.root)
        self.store = Store(self.home, self.database)
        self.keys = {str(role): self.key(role) for role in Role}

    def key(self, role: Role) -> str:
        """A new key."""
        ring = KeyRing(self.database, pepper_of(self.home, read_settings(self.environment)))
        return ring.create(role, f"a {role}", by="a test", at=datetime.now(UTC))[1]

    def start(self) -> None:
        """Start the worker; requests wait in the socket until it is ready."""
        arguments = ["--parent", "PARENT", "--socket", "SOCKET", "--ready", "READY"]
        self.worker = self._started("service.http_worker", [*arguments, "--app", self._app])

    def start_runner(self) -> None:
        """Start the job runner."""
        self.runner = self._started("service.jobs.runner", [])

    def _started(self, module: str, arguments: list[str]) -> int:
        return int(self._nursery.ask(
            do="start", module=module, arguments=arguments, environment=self.environment,
            log=str(self.log), port=self.port,
        ))  # fmt: skip

    def kill(self, which: str = "worker", *, is_whole_group: bool = True) -> None:
        """SIGKILL to the worker or the runner, and to the steps that it has started."""
        pid = getattr(self, which)
        setattr(self, which, 0)
        if pid:
            (os.killpg if is_whole_group else os.kill)(pid, signal.SIGKILL)
            self._nursery.ask(do="end", pid=pid, wait=True)

    def stop(self) -> None:
        """Ask all to end, and wait for them."""
        for pid in (self.runner, self.worker):
            if pid:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGTERM)
                self._nursery.ask(do="end", pid=pid, wait=True)
        self.worker = self.runner = 0
        self.database.close()

    def is_alive(self) -> bool:
        """Whether the worker that was started is still the one that runs."""
        return self._nursery.ask(do="end", pid=self.worker, wait=False) is None

    def ask(
        self, method: str, path: str, role: str | None = "officer", *, body: Any = None,
        form: str = "application/json", timeout: float = PATIENCE_SECONDS, **headers: str,
    ) -> Answer:  # fmt: skip
        """One request on a connection of its own."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            return asked(line, self, method, path, role, body=body, form=form, **headers)
        finally:
            line.close()

    def post(self, *rows: dict[str, Any], role: str = "declarant") -> Answer:
        return self.ask("POST", "/v1/declarations", role, body=list(rows))

    def manifest(self, content: bytes, form: str = "application/x-ndjson") -> Answer:
        return self.ask("POST", "/v1/manifests", body=content, form=form)

    def job(self, job_id: str) -> dict[str, Any]:
        """How far a job is."""
        return dict(self.ask("GET", f"/v1/manifests/{job_id}").json())

    def ended(self, job_id: str) -> dict[str, Any]:
        """A job once it has ended."""
        states = ("done", "failed")
        return dict(until(
            lambda: (told := self.job(job_id))["state"] in states and told, f"job {job_id}"
        ))  # fmt: skip

    def memory_bytes(self) -> int:
        """Resident memory of the worker."""
        return _resident(self.worker, "VmRSS")

    def peak_memory_bytes(self) -> int:
        """The most that the worker ever had."""
        return _resident(self.worker, "VmHWM")


def _resident(pid: int, name: str) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return 1024 * int(status.partition(f"{name}:")[2].split()[0])


def asked(
    line: http.client.HTTPConnection, served: Served, method: str, path: str, role: str | None,
    *, body: Any = None, form: str = "application/json", **headers: str,
) -> Answer:  # fmt: skip
    """One request on a connection that stays open."""
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    if role is not None:
        told["Authorization"] = f"Bearer {served.keys[role]}"
    content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    if content is not None:
        told.setdefault("Content-Type", form)
    line.request(method, path, body=content, headers=told)
    answer = line.getresponse()
    names = {name.lower(): value for name, value in answer.getheaders()}
    return Answer(answer.status, names, answer.read())


def row_of(hawb: str, **changes: Any) -> dict[str, Any]:
    """A row that is accepted."""
    return DECLARATION | {"hawb": hawb} | changes


def lines_of(*rows: dict[str, Any]) -> bytes:
    """Rows as JSON Lines."""
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


@dataclass
class Clients:
    """Posting clients: each posts one row after the other, again and again until it is told that
    the row is kept.

    Attributes
    ----------
    acknowledged : waybills that were answered with 201, with the receipt.
    others : statuses of other answers, and errors of the line.
    """

    served: Served
    flight: str
    number: int = 4
    pause_seconds: float = 0.0
    acknowledged: dict[str, str] = field(default_factory=dict)
    others: list[Answer | str] = field(default_factory=list)
    _is_over: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def posting(self) -> Iterator[Clients]:
        """Post as long as the block lasts; at its end each brings its last row home."""
        threads = [threading.Thread(target=self._post, args=(at,)) for at in range(self.number)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._is_over.set()
            for thread in threads:
                thread.join(PATIENCE_SECONDS)
            assert not any(thread.is_alive() for thread in threads)

    def wait_for(self, more: int) -> None:
        """Wait until some more rows are acknowledged."""
        wanted = len(self.acknowledged) + more
        until(lambda: len(self.acknowledged) >= wanted, f"{more} acknowledgements")

    def _post(self, who: int) -> None:
        line = self._line()
        at = 0
        while not self._is_over.is_set():
            at += 1
            hawb = f"{self.flight}-{who}-{at}"
            row = row_of(hawb, flight_number=self.flight)
            while hawb not in self.acknowledged:
                try:
                    told = asked(line, self.served, "POST", "/v1/declarations", "declarant",
                                 body=[row])  # fmt: skip
                except (OSError, http.client.HTTPException) as broken:
                    self.others.append(type(broken).__name__)
                    line.close()
                    line = self._line()
                    time.sleep(0.01)
                    continue
                if told.status == 201:
                    self.acknowledged[hawb] = told.json()["receipt"]
                else:
                    self.others.append(told)
                    time.sleep(0.05)
            time.sleep(self.pause_seconds)
        line.close()

    def _line(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.served.port, timeout=PATIENCE_SECONDS)


def assert_nothing_lost(served: Served, clients: Clients) -> None:
    """What was acknowledged is there, once; the audit log is whole, and so is the file."""
    kept = served.store.flight(clients.flight, DAY)["hawb"]
    assert set(clients.acknowledged) - set(kept.to_list()) == set()
    assert kept.len() == kept.n_unique() == len(clients.acknowledged)
    versions = served.store.versions(DAY).filter(flight_number=clients.flight)
    assert versions.height == kept.len()  # sent twice, kept once
    assert_whole(served.database)


def assert_whole(database: Database) -> None:
    """The audit log and the database are whole."""
    verdict = database.verify_audit()
    assert verdict.is_whole, verdict
    if database.is_embedded:
        with database.reading() as connection:
            told = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
        assert told == ["ok"]


def wait_a_moment(chance: random.Random, most_seconds: float) -> None:
    """A random moment."""
    time.sleep(chance.random() * most_seconds)
