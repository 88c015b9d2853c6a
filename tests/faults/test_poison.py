"""R11: poison in cells, bodies and files, through the door."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest

from service.problems import MEDIA_TYPE
from tests.faults.counts import count, drawn, figure, is_all
from tests.faults.poison import Body, File, bodies, cells, damaged, files, made
from tests.faults.serving import DAY, Answer, Served, row_of, until

MOST_MEMORY_BYTES = 3 << 29
"""1.5 GiB (platform.md, row R11)."""

CELLS = count(300, 20)
BODIES = count(1_000, 14)
FILES = count(1_000, 2)
DAMAGED_FILES = count(40, 1)


@pytest.fixture(scope="module", autouse=True)
def unharmed(shared: Served) -> Iterator[None]:
    """At the end of all the same worker is alive, ready, and has not grown."""
    shared.start_runner()
    worker = shared.worker
    yield
    assert shared.worker == worker
    assert shared.is_alive()
    assert shared.ask("GET", "/health/ready", None).status == 200
    peak = shared.peak_memory_bytes()
    assert peak < MOST_MEMORY_BYTES
    assert "Traceback" not in shared.log.read_text()
    figure("R11", f"worker alive and ready, peak memory {peak >> 20} MiB")


def test_a_poisoned_cell_harms_its_own_row_alone(shared: Served) -> None:
    chosen = cells()
    drawn("cells").shuffle(chosen)
    chosen, rejected = chosen[:CELLS], 0
    for at, cell in enumerate(chosen):
        flight = f"PC{at}"
        good = [json.dumps(row_of(f"G{n}", flight_number=flight)) for n in (1, 2)]
        text = f"[{good[0]}, {cell.row('P', flight)}, {good[1]}]"
        told = shared.ask("POST", "/v1/declarations", "declarant", body=text.encode())
        assert told.status == 201, (cell, told)
        answer = told.json()
        for one in answer["rejections"]:
            assert one["row"] == 2, cell
            assert one["column"], cell
            assert one["rule"], cell
            assert one["message"], cell
            assert len(one["value"]) < 200, cell
        rejected += answer["rejected_count"]
        assert answer["accepted_count"] + answer["rejected_count"] == 3
        kept = shared.store.flight(flight, DAY)["hawb"].to_list()
        assert {"G1", "G2"} <= set(kept), cell
    assert shared.database.verify_audit().is_whole
    figure("R11", f"{len(chosen)} poisoned cells: good rows kept in all, {rejected} bad rows "
           "refused with column and rule, the others kept as text")  # fmt: skip


def test_a_poisoned_body_is_refused_in_words(shared: Served) -> None:
    chosen = bodies()
    drawn("bodies").shuffle(chosen)
    for body in chosen[:BODIES]:
        told = sent(shared, body)
        assert told.status in body.statuses, (body.what, told)
        assert told.headers["content-type"] == MEDIA_TYPE
        assert told.json()["way_out"]
        assert len(told.content) < 100_000
    figure("R11", f"{len(chosen[:BODIES])} poisoned bodies: each refused with a sentence")


def sent(shared: Served, body: Body) -> Answer:
    return shared.ask("POST", "/v1/declarations", body=made(body.content), form=body.form,
                      Content_Encoding=body.encoding or "identity")  # fmt: skip


def test_a_poisoned_file_ends_its_job_in_words(shared: Served) -> None:
    chance = drawn("files")
    chosen: list[File] = files(chance)
    if not is_all():
        chosen = chance.sample(chosen, FILES)
    chosen += damaged(chance, DAMAGED_FILES)
    jobs = [(file, shared.manifest(made(file.content), file.form)) for file in chosen]
    for file, told in jobs:
        assert told.status == 202, (file.what, told)
        job = shared.ended(told.json()["id"])
        if job["state"] == "failed":
            assert file.good is None, (file.what, job)
            assert job["report"]["error"], file.what
            assert job["report"]["way_out"], file.what
        else:
            assert file.good in (None, job["accepted_count"]), (file.what, job)
            named = job["report"]["rejections"]
            assert bool(named) == bool(job["rejected_count"]), (file.what, job)
    figure("R11", f"{len(chosen)} poisoned files: each job ended in words or with its good rows")


def line_to(shared: Served) -> socket.socket:
    return socket.create_connection(("127.0.0.1", shared.port), timeout=60)


def test_half_an_upload_leaves_nothing(shared: Served) -> None:
    head = (
        f"POST /v1/manifests HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
        f"{shared.keys['officer']}\r\nContent-Length: 1000000\r\n\r\n"
    )
    with line_to(shared) as line:
        line.sendall(head.encode() + b"x" * 100_000)
        until(lambda: drafts(shared), "the beginning of the upload")
    until(lambda: not drafts(shared), "the end of the draft")


def drafts(shared: Served) -> list[object]:
    return list((shared.home.root / "uploads").glob(".draft-*"))


def test_a_body_without_a_length_is_held_to_the_limit(shared: Served) -> None:
    line = http.client.HTTPConnection("127.0.0.1", shared.port, timeout=60)
    pieces = (b"[" + b" " * 1_000_000 for _ in range(20))
    with suppress(BrokenPipeError, ConnectionResetError):  # refused while we were still talking
        line.request("POST", "/v1/declarations", body=pieces, encode_chunked=True, headers={
                "Authorization": f"Bearer {shared.keys['declarant']}",
                "Content-Type": "application/json", "Transfer-Encoding": "chunked",
            })  # fmt: skip
    assert line.getresponse().status == 413
    line.close()


def test_a_slow_client_is_let_go_and_holds_nobody_up(shared: Served) -> None:
    head = (
        f"POST /v1/declarations HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
        f"{shared.keys['declarant']}\r\nContent-Type: application/json\r\n"
        "Content-Length: 1000\r\n\r\n["
    ).encode()
    lines = [line_to(shared) for _ in range(count(200, 20))]
    for line in lines:
        line.sendall(head)
    assert shared.post(row_of("S1", flight_number="SLOW")).status == 201
    assert lines[0].recv(100).startswith(b"HTTP/1.1 408")
    for line in lines:
        line.close()
