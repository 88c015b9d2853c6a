from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from engine.errors import SettingError
from service.binding import check_binding, listen
from service.cli import run
from tests import postgres

ROOT = Path(__file__).resolve().parents[3]
APP = "tests.service.access.served:create"
RUNNER = "tests.service.access.resting"
PATIENCE_SECONDS = 120.0


def until(told: Callable[[], Any], what: str) -> Any:
    """Wait for something to become true."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        with_value = told()
        if with_value:
            return with_value
        time.sleep(0.05)
    raise AssertionError(f"waited in vain for {what}")


class Served:
    """`triage serve` in a folder of its own."""

    def __init__(
        self, folder: Path, *options: str, app: str = APP, port: int = 0,
        variables: dict[str, str] | None = None,
    ) -> None:  # fmt: skip
        folder.mkdir(exist_ok=True)
        self.errors = folder / "stderr"
        self.home = folder / "state"
        environment = os.environ | {"TRIAGE_HOME": str(self.home)} | (variables or {})
        start = "from service.cli import main; main()"
        command = [sys.executable, "-c", start, "serve", "--port", str(port)]
        with self.errors.open("wb") as errors:
            self.process = subprocess.Popen(
                [*command, "--app", app, "--runner", RUNNER, *options],
                cwd=ROOT, env=environment, stderr=errors, stdout=subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip

    @property
    def said(self) -> str:
        return self.errors.read_text()

    @property
    def address(self) -> str:
        found = until(lambda: re.search(r"ready at (\S+)", self.said), f"ready in: {self.said}")
        return str(found.group(1))

    @property
    def key(self) -> str:
        return str(re.search(r"ptk_\S+", self.said)[0])  # type: ignore[index]

    def worker(self) -> int:
        return int(httpx.get(self.address + "process", verify=False).text)

    def children(self) -> list[int]:
        return [int(pid) for pid in re.findall(r"\d+", _children_of(self.process.pid))]

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(PATIENCE_SECONDS)


@contextmanager
def serving(folder: Path, *options: str, **named: Any) -> Iterator[Served]:
    served = Served(folder, *options, **named)
    try:
        yield served
    finally:
        served.stop()


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def _children_of(pid: int) -> str:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text()


def refused(home: Path, monkeypatch: pytest.MonkeyPatch, *options: str) -> int:
    """`triage serve` in this process, where it must not get as far as starting anything."""
    monkeypatch.setenv("TRIAGE_HOME", str(home))
    return run(["serve", *options])


def test_a_day_of_a_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(tmp_path / "a") as served:
        address, key = served.address, served.key
        headers = {"X-API-Key": key}
        assert httpx.get(address + "officers", headers=headers).json()["actor"] == key[4:12]

        assert refused(served.home, monkeypatch) == 1
        assert f"process {served.process.pid}" in capsys.readouterr().err
        port = address.rstrip("/").rpartition(":")[2]
        assert refused(tmp_path / "other", monkeypatch, "--port", port) == 1
        assert "is taken" in capsys.readouterr().err

        before = served.worker()
        runner = next(pid for pid in served.children() if pid != before)
        os.kill(before, signal.SIGKILL)
        os.kill(runner, signal.SIGKILL)
        # The supervisor holds the socket: the request waits for the new worker.
        assert int(httpx.get(address + "process", timeout=PATIENCE_SECONDS).text) != before
        until(lambda: len(served.children()) == 2, "a new runner")
        assert runner not in served.children()
        assert "SIGKILL" in served.said

        children = served.children()
        with socket.create_connection(("127.0.0.1", int(port))) as line:
            line.sendall(b"POST /v1/manifests HTTP/1.1\r\nHost: localhost\r\n"
                         b"Content-Length: 4\r\n\r\nab")  # fmt: skip
            time.sleep(0.3)
            served.process.terminate()
            time.sleep(0.3)
            line.sendall(b"cd")  # a request under way is answered before the end
            assert b'{"length":4}' in _everything(line)
        assert served.stop() == 0
        assert [pid for pid in children if is_alive(pid)] == []
        logs = [line for line in served.said.splitlines() if line.startswith("{")]
        assert logs
        assert [line for line in logs if "ptk_" in line] == []


def test_a_killed_supervisor_leaves_nobody_behind_and_can_be_started_at_once(
    tmp_path: Path,
) -> None:
    with serving(tmp_path / "a") as served:
        address, children, key = served.address, served.children(), served.key
        served.process.kill()
        port = int(address.rstrip("/").rpartition(":")[2])
        certificate, secret = _certificate(tmp_path)
        tls = ["--tls-cert", certificate, "--tls-key", secret]
        with serving(tmp_path / "a", *tls, port=port) as again:
            assert again.address == address.replace("http", "https")
            until(lambda: not any(map(is_alive, children)), "the children's end")
            headers = {"X-API-Key": key}
            answer = httpx.get(again.address + "officers", headers=headers, verify=False)
            assert answer.json()["actor"] == key[4:12]
            assert answer.headers["strict-transport-security"]
            assert "ptk_" not in again.said
            with pytest.raises(httpx.TransportError):  # in clear it does not speak
                httpx.get(address + "open/a")


@pytest.mark.skipif(
    postgres.binaries() is None and "TRIAGE_TEST_POSTGRES" not in os.environ,
    reason=postgres.SET_UP,
)
def test_two_workers_on_postgresql_share_keys_and_numbers(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    base = tmp_path_factory.getbasetemp()
    with postgres.shared(base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) as server:
        variables = {"TRIAGE_DATABASE_URL": postgres.fresh_database(server)}
        with serving(tmp_path / "a", "--workers", "2", variables=variables) as served:
            assert served.address
            until(lambda: len({served.worker() for _ in range(8)}) == 2, "both workers")
            headers = {"X-API-Key": served.key}

            def statuses() -> set[int]:
                officers = served.address + "officers"
                return {httpx.get(officers, headers=headers).status_code for _ in range(8)}

            assert statuses() == {200}
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("TRIAGE_HOME", str(served.home))
                patch.setenv("TRIAGE_DATABASE_URL", variables["TRIAGE_DATABASE_URL"])
                assert run(["keys", "revoke", served.key[4:12]]) == 0
            until(lambda: statuses() == {401}, "the end of the key everywhere")
            before = httpx.get(served.address + "numbers").text
            counted = re.search(r'route="/officers",status="401"} (\d+)', before)
            assert counted is not None
            assert int(counted[1]) >= 8  # of both workers


def test_an_app_that_never_starts_is_given_up(tmp_path: Path) -> None:
    with serving(tmp_path / "a", app="tests.service.access.broken:create") as served:
        assert served.process.wait(PATIENCE_SECONDS) == 1
        assert "before it was ready" in served.said
        assert "Peeters" not in served.said


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--host", "0.0.0.0"], "--insecure-bind"),
        (["--host", "no.such.host.invalid"], "not known"),
        (["--workers", "2"], "PostgreSQL"),
        (["--tls-cert", "cert.pem"], "--tls-key"),
        (["--tls-cert", "no.pem", "--tls-key", "no.pem"], "cannot be used"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    options: list[str], words: str,
) -> None:  # fmt: skip
    assert refused(tmp_path / "state", monkeypatch, *options) == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "state").exists()


def test_only_this_machine_is_safe_without_tls() -> None:
    for host in ("127.0.0.1", "localhost", "::1", "127.8.8.8"):
        check_binding(host, None, is_open_wanted=False)
    for host in ("0.0.0.0", "::", "192.0.2.7"):
        with pytest.raises(SettingError):
            check_binding(host, None, is_open_wanted=False)
        check_binding(host, None, is_open_wanted=True)


def test_an_address_of_another_machine_cannot_be_listened_at() -> None:
    with pytest.raises(SettingError, match="cannot be listened at"):
        listen("192.0.2.7", 0)


def _everything(line: socket.socket) -> bytes:
    told = b""
    while part := line.recv(65_536):
        told += part
    return told


def _certificate(folder: Path) -> tuple[str, str]:
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name)
        .public_key(key.public_key()).serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    files = folder / "cert.pem", folder / "key.pem"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )  # fmt: skip
    return str(files[0]), str(files[1])
