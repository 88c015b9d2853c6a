"""Lines that send too much, too slowly, or nothing that is HTTP; over real sockets."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
import uvicorn
from fastapi import FastAPI, Request

from service import problems
from service.guard.body import Body
from service.guard.wire import LARGEST_HEAD_BYTES, CarefulProtocol

MIB = 1 << 20
PLAIN = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


class HastyProtocol(CarefulProtocol):
    head_seconds = 1.0


def app() -> FastAPI:
    made = FastAPI()

    @made.get("/")
    async def hello() -> str:
        return "hello"

    @made.post("/")
    async def length(request: Request) -> int:
        return len(await request.body())

    problems.install(made)
    made.add_middleware(Body, limit_bytes=MIB, upload_limit_bytes=MIB, piece_seconds=1.0)
    return made


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[str, int]]:
    config = uvicorn.Config(app(), http=HastyProtocol, ws="none", log_config=None, port=0,
                            timeout_keep_alive=30)  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()
    server.should_exit = True
    thread.join()


@pytest.fixture
def line(address: tuple[str, int]) -> Iterator[socket.socket]:
    with socket.create_connection(address, timeout=20) as line:
        yield line


def everything(line: socket.socket) -> bytes:
    """What is answered until the other side hangs up."""
    told = b""
    while part := line.recv(65_536):
        told += part
    return told


def test_a_silent_line_is_closed(line: socket.socket) -> None:
    assert everything(line) == b""


def test_half_a_head_is_closed(line: socket.socket) -> None:
    line.sendall(PLAIN[:-4])
    assert everything(line) == b""


def test_a_head_that_drips_is_closed_too(line: socket.socket) -> None:
    with suppress(OSError):
        for _ in range(200):
            line.sendall(b"G" if _ == 0 else b"E")
            time.sleep(0.02)
    with suppress(OSError):
        assert b"200 OK" not in everything(line)


def test_blank_lines_before_a_head_win_no_time(line: socket.socket) -> None:
    line.sendall(PLAIN)
    assert b"hello" in line.recv(65_536)
    line.sendall(b"\r\n")
    assert everything(line) == b""


def test_a_line_between_two_requests_may_rest(line: socket.socket) -> None:
    for _ in range(2):
        line.sendall(PLAIN)
        assert b"hello" in line.recv(65_536)
        time.sleep(1.2)


@pytest.mark.parametrize(
    "head",
    [
        b"GET /" + b"a" * LARGEST_HEAD_BYTES + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nA: " + b"a" * LARGEST_HEAD_BYTES + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"A: aaaaaaaaaa\r\n" * (LARGEST_HEAD_BYTES // 10) + b"\r\n",
        b"GET / HTTP/1.1\r\nA: " + b"a" * (4 * LARGEST_HEAD_BYTES),
        b"no HTTP at all\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        "GET /é HTTP/1.1\r\nHost: a\r\n\r\n".encode(),
    ],
)
def test_what_is_no_request_is_a_problem(line: socket.socket, head: bytes) -> None:
    with suppress(OSError):
        line.sendall(head)
    told = everything(line)
    assert told.startswith(b"HTTP/1.1 400")
    assert b"application/problem+json" in told


def test_a_body_that_stops_coming_is_408(line: socket.socket) -> None:
    line.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
    told = everything(line)
    assert told.startswith(b"HTTP/1.1 408")
    assert b"too-slow" in told


def test_a_body_in_small_pieces_is_taken(line: socket.socket) -> None:
    line.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 6\r\n\r\n")
    for letter in b"abcdef":
        time.sleep(0.2)
        line.sendall(bytes([letter]))
    assert everything(line).endswith(b"6")


def test_a_body_without_end_is_413_and_its_sender_gets_to_read_so(line: socket.socket) -> None:
    line.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
    piece = b"100000\r\n" + b"x" * MIB + b"\r\n"
    for _ in range(2):
        line.sendall(piece)
    told = line.recv(65_536)
    assert told.startswith(b"HTTP/1.1 413")


def test_who_asks_first_is_refused_before_sending(line: socket.socket) -> None:
    line.sendall(
        b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 99999999\r\n\r\n"
    )
    assert line.recv(65_536).startswith(b"HTTP/1.1 413")


def test_half_an_upload_harms_nobody(address: tuple[str, int], line: socket.socket) -> None:
    line.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
    line.close()
    with socket.create_connection(address, timeout=20) as another:
        another.sendall(PLAIN)
        assert b"hello" in another.recv(65_536)
