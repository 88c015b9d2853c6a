"""What the benchmarks of the service stand on: a trained state, servers, and a clean end of all."""

from __future__ import annotations

import http.client
import json
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from synthetic.generate import write_world
from synthetic.scenario import PRESETS
from tests.postgres import SET_UP, binaries

TRIAGE = Path(sys.executable).with_name("triage")
START_SECONDS = 180.0
STOP_SECONDS = 30.0

PAST_DAYS = 14
PAST_SEED, FLIGHT_SEED = 21, 22


@dataclass(frozen=True)
class State:
    """A trained state and the environment of its commands.

    Attributes
    ----------
    folder : of the benchmark; the state lies in `home` within it.
    environment : of commands and servers.
    day : the day after the last one that is known.
    """

    folder: Path
    environment: dict[str, str]
    day: date

    def triage(self, *arguments: str) -> str:
        """What a command of `triage` prints."""
        done = subprocess.run(
            [TRIAGE, *arguments], env=self.environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"triage {arguments[0]} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def key(self, role: str) -> str:
        """A new key of a role."""
        printed = self.triage("keys", "create", "--role", role, "--name", f"benchmark {role}")
        found = re.search(r"ptk_\w{8}_[\w-]{43}", printed)
        if found is None:
            raise SystemExit(f"triage keys create printed no key: {printed}")
        return found.group()

    def flight(self, name: str, preset: str, item_count: int) -> pl.DataFrame:
        """Declarations of one large flight of the day, as they come."""
        scenario = replace(
            PRESETS[preset], flights_per_day=1, parcels_per_flight=int(0.75 * item_count) + 100
        )
        write_world(scenario, days=1, seed=FLIGHT_SEED, out=self.folder / name)
        parts = self.folder / name / "declarations/**/*.parquet"
        rows = pl.read_parquet(parts, hive_partitioning=False).head(item_count)
        later = self.day - rows["flight_date"][0]
        return rows.with_columns(
            flight_number=pl.lit(name), flight_date=self.day, lodged_at=pl.col("lodged_at") + later
        )


def made_state(folder: Path, database_url: str | None = None) -> State:
    """A demo world of two weeks, received and learned from."""
    environment = dict(os.environ) | {
        "TRIAGE_HOME": str(folder / "home"),
        "TRIAGE_RATE_PER_MINUTE": "10000000",
    }
    environment.pop("TRIAGE_DATABASE_URL", None)
    if database_url is not None:
        environment["TRIAGE_DATABASE_URL"] = database_url
    if not (folder / "past").exists():
        write_world(PRESETS["demo"], days=PAST_DAYS, seed=PAST_SEED, out=folder / "past")
    last = max(path.name for path in (folder / "past/declarations").iterdir())
    day = date.fromisoformat(last.partition("=")[2]) + timedelta(days=1)
    state = State(folder, environment, day)
    state.triage("ingest", str(folder / "past/declarations"))
    state.triage("outcomes", str(folder / "past/outcomes.parquet"))
    state.triage("train")
    return state


@dataclass
class Server:
    """A server that runs as a child of this process.

    Attributes
    ----------
    port : on this machine's loopback.
    process : its first process; it leads a process group of its own.
    log : what it printed.
    """

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def ask(
        self, method: str, path: str, headers: dict[str, str] | None = None, body: Any = None
    ) -> tuple[int, Any]:
        """One request on a connection of its own: status, and the answer as JSON if it is."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        try:
            return answer.status, json.loads(content)
        except ValueError:
            return answer.status, content.decode(errors="replace")

    def told(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-4_000:]


def wait_for(what: str, is_there: Callable[[], bool], server: Server, seconds: float) -> None:
    """Wait until something is there; the end of the benchmark if it does not come."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if server.process.poll() is not None:
            raise SystemExit(f"{what}: the server ended with {server.process.returncode}.\n"
                             f"{server.told()}")  # fmt: skip
        with suppress(OSError, http.client.HTTPException):
            if is_there():
                return
        time.sleep(0.25)
    raise SystemExit(f"{what}: not there after {seconds:.0f} seconds.\n{server.told()}")


@contextmanager
def folder_of_its_own() -> Iterator[Path]:
    """A temporary folder; SIGTERM ends the benchmark as Ctrl-C does, with all that it started."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit("The benchmark was ended."))
    try:
        with tempfile.TemporaryDirectory(prefix="triage-benchmark-") as name:
            yield Path(name)
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def serving(state: State, *, workers: int = 1) -> Iterator[Server]:
    """`triage serve` on a state, once a model is in force."""
    port = free_port()
    command = [str(TRIAGE), "serve", "--port", str(port)]
    command += ["--workers", str(workers)] if workers > 1 else []
    with _running(command, state.environment, port, state.folder / "serve.log") as server:

        def is_ready() -> bool:
            status, answer = server.ask("GET", "/health/ready")
            return status == 200 and answer["status"] == "ready"

        wait_for("triage serve", is_ready, server, START_SECONDS)
        yield server


@contextmanager
def mlflow_serving(state: State) -> Iterator[Server]:
    """`mlflow models serve` with the model in force and the installation's pseudonym key."""
    home = Path(state.environment["TRIAGE_HOME"])
    port = free_port()
    environment = state.environment | {
        "MLFLOW_TRACKING_URI": f"sqlite:///{home / 'mlflow.db'}",
        "TRIAGE_PSEUDONYM_KEY": (home / "pseudonym.key").read_text().strip(),
        "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}",
    }
    command = [
        sys.executable, "-m", "mlflow", "models", "serve", "-m", "models:/parcel-triage@champion",
        "--env-manager", "local", "--host", "127.0.0.1", "--port", str(port),
    ]  # fmt: skip
    with _running(command, environment, port, state.folder / "mlflow.log") as server:
        wait_for(
            "mlflow models serve",
            lambda: server.ask("GET", "/ping")[0] == 200,
            server,
            START_SECONDS,
        )
        yield server


@contextmanager
def _running(
    command: list[str], environment: dict[str, str], port: int, log: Path
) -> Iterator[Server]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=output,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        yield Server(port, process, log)
    finally:
        _end(process, signal.SIGTERM)


def _end(process: subprocess.Popen[bytes], with_signal: signal.Signals) -> None:
    """Ask a server to end, and end by force what is left of it and its children."""
    children = family(process.pid)
    if process.poll() is None:
        process.send_signal(with_signal)
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
    for pid in children:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()


@contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL as it is installed, waiting for the disk at every commit; its URL.

    That of the tests (`tests.postgres`) does not wait for the disk.
    """
    owner = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    folder = Path(tempfile.mkdtemp(prefix="triage-postgres-"))
    shutil.chown(folder, owner)
    data, port = folder / "data", free_port()
    as_owner: dict[str, Any] = {"cwd": folder}
    if os.geteuid() == 0:
        as_owner |= {"user": owner, "group": pwd.getpwnam(owner).pw_gid, "extra_groups": []}
    programs = binaries()
    if programs is None:
        raise SystemExit(SET_UP)
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", "triage", "-A", "trust", "-E", "UTF8",
         "--locale", "C.UTF-8"], check=True, capture_output=True, **as_owner,
    )  # fmt: skip
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [programs / "postgres", "-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", folder],
            stdout=output, stderr=subprocess.STDOUT, **as_owner,
        )  # fmt: skip
    try:
        server = Server(port, process, log)
        wait_for("PostgreSQL", lambda: b"ready to accept" in log.read_bytes(), server, 60)
        yield f"postgresql+psycopg://triage@127.0.0.1:{port}/postgres"
    finally:
        _end(process, signal.SIGINT)  # its fast shutdown
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def family(pid: int) -> set[int]:
    """A process and all that descend from it."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                after_name = (folder / "stat").read_text().rpartition(")")[2]
                parents[int(folder.name)] = int(after_name.split()[1])
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def pss_bytes(pids: set[int]) -> int:
    """Memory of processes, what they share counted once (proportional set size)."""
    total = 0
    for pid in pids:
        with suppress(OSError):
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            total += 1024 * int(rollup.partition("\nPss:")[2].split()[0])
    return total


@dataclass
class Watch:
    """Follows the memory of a server and all its processes in a thread.

    Attributes
    ----------
    peak_bytes : the most that was seen.
    """

    server: Server
    every_seconds: float = 0.5
    peak_bytes: int = 0
    _is_over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Watch:
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _follow(self) -> None:
        while not self._is_over.wait(self.every_seconds):
            seen = pss_bytes(family(self.server.process.pid))
            self.peak_bytes = max(self.peak_bytes, seen)
