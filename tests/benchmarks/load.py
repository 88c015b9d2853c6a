"""A load client in a process of its own: `python -m tests.benchmarks.load REQUESTS --port N ...`.

Raw HTTP/1.1 over connections that stay open, one thread and `select`, whose time-outs are exact to
some 0.1 ms (those of `epoll` and of asyncio are whole milliseconds). In the open loop requests go
out when they are due, whether or not earlier ones were answered, and latency counts from the
instant that was due (no coordinated omission); in the closed loop each connection asks again as
soon as it was answered. Ends at the time given or when its standard input ends.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import select
import socket
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

PATIENCE_SECONDS = 15.0
"""What was not answered so long after the last request never will be."""

CONNECTION_FAILED = "connection"


@dataclass
class Asked:
    """One request: its kind in the figures, and its bytes."""

    kind: str
    content: bytes


@dataclass
class Connection:
    """A connection that stays open; one request at a time."""

    port: int
    sock: socket.socket = field(init=False)
    received: bytearray = field(default_factory=bytearray)
    asked: Asked | None = None
    due_at: float = 0.0

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        """Connect, again if it was connected before."""
        self.sock = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_SECONDS)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, asked: Asked, due_at: float) -> None:
        """Send a request; it was due at this instant of the monotonic clock."""
        self.asked, self.due_at = asked, due_at
        self.received.clear()
        if select.select([self.sock], [], [], 0)[0]:  # closed by the other side while idle
            self.sock.close()
            self.open()
        self.sock.sendall(asked.content)

    def status(self) -> int | None:
        """Read what is there; the status once the answer is whole.

        Raises
        ------
        ConnectionError
            The other side closed the connection.
        """
        piece = self.sock.recv(1 << 18)
        if not piece:
            raise ConnectionResetError
        self.received += piece
        end = self.received.find(b"\r\n\r\n")
        if end < 0 or not _is_whole(bytes(self.received[:end]).lower(), self.received, end + 4):
            return None
        return int(self.received[9:12])


def _is_whole(head: bytes, received: bytearray, body_from: int) -> bool:
    if b"transfer-encoding: chunked" in head:
        return received.endswith(b"0\r\n\r\n")
    _, _, after = head.partition(b"content-length:")
    length = int(after.partition(b"\r\n")[0]) if after else 0
    return len(received) - body_from >= length


@dataclass
class Kind:
    """Figures of one kind of request; latencies in milliseconds."""

    count: int
    p50_ms: float
    p99_ms: float
    p999_ms: float
    max_ms: float
    statuses: dict[str, int]


@dataclass
class Load:
    """What a run of the client saw.

    Attributes
    ----------
    kinds : figures of each kind of request.
    seconds : from the first request to the last answer.
    per_second : answers a second.
    unanswered_count : requests that were never answered.
    client_late_ms : 99th percentile of how late the client itself was, which latencies include.
    """

    kinds: dict[str, Kind]
    seconds: float
    per_second: float
    unanswered_count: int
    client_late_ms: float

    def error_count(self, expected: Sequence[str]) -> int:
        """Requests that were not answered as expected."""
        wrong = sum(
            number
            for kind in self.kinds.values()
            for status, number in kind.statuses.items()
            if status not in expected
        )
        return wrong + self.unanswered_count


def percentile(sorted_values: Sequence[float], share: float) -> float:
    """The value that this share of the values does not exceed (nearest rank); 0 of none."""
    if not sorted_values:
        return 0.0
    rank = max(0, min(len(sorted_values) - 1, -(-len(sorted_values) * share // 1) - 1))
    return sorted_values[int(rank)]


class Client:
    """Sends requests in turn and takes note of the answers.

    Parameters
    ----------
    requests : taken one after the other, from the first again after the last.
    port : of the server on this machine.
    connection_count : connections that are kept open.
    """

    def __init__(self, requests: Sequence[Asked], port: int, connection_count: int) -> None:
        self._requests = requests
        self._idle = deque(Connection(port) for _ in range(connection_count))
        self._busy: dict[socket.socket, Connection] = {}
        self._due: deque[tuple[Asked, float]] = deque()
        self._latencies: dict[str, list[float]] = {asked.kind: [] for asked in requests}
        self._statuses: dict[str, Counter[str]] = {asked.kind: Counter() for asked in requests}
        self._late: list[float] = []
        self._sent_count = 0

    def open_loop(self, rate: float, seconds: float, *, seed: int, is_even: bool) -> Load:
        """Requests at a rate a second, evenly or as a Poisson process."""
        draw = random.Random(seed)
        started = due_at = time.perf_counter()
        until = started + seconds
        while (due_at := due_at + (1 / rate if is_even else draw.expovariate(rate))) < until:
            if not self._wait_until(due_at):
                break
            self._late.append(time.perf_counter() - due_at)
            self._due.append((self._next(), due_at))
            self._send_due()
        return self._finished(started)

    def closed_loop(self, seconds: float) -> Load:
        """Every connection asks as soon as it was answered."""
        started = time.perf_counter()
        until = started + seconds
        while (now := time.perf_counter()) < until:
            self._due.extend((self._next(), now) for _ in self._idle)
            self._send_due()
            if not self._take_answers(min(0.05, until - now)):
                break
        return self._finished(started)

    def _next(self) -> Asked:
        asked = self._requests[self._sent_count % len(self._requests)]
        self._sent_count += 1
        return asked

    def _wait_until(self, due_at: float) -> bool:
        """Take answers meanwhile; False if the client was told to end."""
        while (left := due_at - time.perf_counter()) > 0:
            if not self._take_answers(left):
                return False
        return True

    def _send_due(self) -> None:
        while self._due and self._idle:
            connection = self._idle.popleft()
            connection.send(*self._due.popleft())
            self._busy[connection.sock] = connection

    def _take_answers(self, timeout: float) -> bool:
        readable, _, _ = select.select([sys.stdin, *self._busy], [], [], max(0.0, timeout))
        now = time.perf_counter()
        goes_on = True
        for sock in readable:
            if isinstance(sock, socket.socket):
                self._take_answer(self._busy[sock], now)
            else:
                goes_on = bool(sys.stdin.read(1))
        self._send_due()
        return goes_on

    def _take_answer(self, connection: Connection, now: float) -> None:
        assert connection.asked is not None
        sock = connection.sock
        try:
            status = connection.status()
            told = None if status is None else str(status)
        except OSError:
            told = CONNECTION_FAILED
            sock.close()
            connection.open()
        if told is None:
            return
        self._statuses[connection.asked.kind][told] += 1
        self._latencies[connection.asked.kind].append(1_000 * (now - connection.due_at))
        self._idle.append(self._busy.pop(sock))

    def _finished(self, started: float) -> Load:
        last = time.perf_counter() + PATIENCE_SECONDS
        while (self._busy or self._due) and time.perf_counter() < last:
            self._send_due()
            readable, _, _ = select.select([*self._busy], [], [], 0.1)
            now = time.perf_counter()
            for sock in readable:
                self._take_answer(self._busy[sock], now)
        seconds = time.perf_counter() - started
        kinds = {kind: self._kind(kind) for kind in self._latencies}
        return Load(
            kinds,
            seconds,
            sum(kind.count for kind in kinds.values()) / seconds,
            len(self._busy) + len(self._due),
            1_000 * percentile(sorted(self._late), 0.99),
        )

    def _kind(self, kind: str) -> Kind:
        values = sorted(self._latencies[kind])
        p50, p99, p999, most = (percentile(values, share) for share in (0.5, 0.99, 0.999, 1.0))
        return Kind(len(values), p50, p99, p999, most, dict(self._statuses[kind]))


def request(
    kind: str, method: str, path: str, headers: dict[str, str], body: bytes = b""
) -> dict[str, str]:
    """A request as a line of the file that the client reads."""
    told = {"Host": "127.0.0.1", **headers}
    if method != "GET":
        told["Content-Length"] = str(len(body))
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items())]
    head = "\r\n".join(lines) + "\r\n\r\n"
    return {"kind": kind, "content": head + body.decode()}


def write_requests(path: Path, requests: Sequence[dict[str, str]]) -> Path:
    """Keep requests for the client."""
    path.write_text("".join(json.dumps(line) + "\n" for line in requests))
    return path


def run(requests: Path, port: int, *options: str) -> Load:
    """Run the client in a process of its own to its end."""
    with started(requests, port, *options) as client:
        return result(client)


@contextmanager
def started(requests: Path, port: int, *options: str) -> Iterator[subprocess.Popen[str]]:
    """The client, running beside; `result` ends it."""
    command = [sys.executable, "-m", "tests.benchmarks.load", str(requests), "--port", str(port)]
    client = subprocess.Popen(
        [*command, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    try:
        yield client
    finally:
        client.kill()
        client.wait()


def result(client: subprocess.Popen[str], *, is_to_end: bool = False) -> Load:
    """What a client saw, once it is done.

    Parameters
    ----------
    is_to_end : end it now rather than at its time.
    """
    assert client.stdin is not None
    assert client.stdout is not None
    if is_to_end:
        client.stdin.close()
    told: dict[str, Any] = json.loads(client.stdout.read())
    kinds = {name: Kind(**kind) for name, kind in told.pop("kinds").items()}
    return Load(kinds=kinds, **told)


def main() -> None:
    """Send what the file holds and print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("requests", type=Path)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--rate", type=float, help="open loop: requests a second")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--even", action="store_true", help="a fixed rate instead of Poisson's")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    lines = asked.requests.read_text().splitlines()
    requests = [Asked(line["kind"], line["content"].encode()) for line in map(json.loads, lines)]
    client = Client(requests, asked.port, asked.connections)
    gc.disable()
    with suppress(OSError):  # what the client waits for a core is nothing that the server does
        os.nice(-10)
    if asked.rate is None:
        load = client.closed_loop(asked.seconds)
    else:
        load = client.open_loop(asked.rate, asked.seconds, seed=asked.seed, is_even=asked.even)
    print(json.dumps(asdict(load)))


if __name__ == "__main__":
    main()
