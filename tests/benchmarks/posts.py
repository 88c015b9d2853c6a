"""Single posts of one consignment at 300 a second, and beside `mlflow models serve`."""

from __future__ import annotations

import json
import os
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from tests.benchmarks import load
from tests.benchmarks.figures import table, write
from tests.benchmarks.load import Load
from tests.benchmarks.servers import (
    Server,
    State,
    folder_of_its_own,
    made_state,
    mlflow_serving,
    postgres,
    serving,
)

RATE = 300
SECONDS = 20
WARM_UP = ("--rate", "50", "--seconds", "4", "--connections", "8")
CLOSED_SECONDS = 8
CLOSED_CONNECTIONS = 8
ROUNDS = 3
ITEMS = 50_000
ROLES = ("declarant", "officer")

_HEAD = ["set-up", "sender", "answers a second", "p50 ms", "p99 ms", "p99.9 ms", "longest ms",
         "errors"]  # fmt: skip


def main() -> None:
    """Open loop on SQLite and PostgreSQL, then the closed loop against MLflow."""
    with folder_of_its_own() as folder, postgres() as url:
        rows = []
        state = made_state(_made(folder / "sqlite"))
        bodies = Bodies(state)
        with serving(state) as server:
            rows += _open_loops("SQLite, one process", state, server, bodies)
            beside = _beside(state, server, bodies)
        other = made_state(_made(folder / "postgres"), url)
        with serving(other, workers=2) as server:
            rows += _open_loops("PostgreSQL, two workers", other, server, Bodies(other))
    body = (
        f"One consignment a message, durable before the answer; open loop, {RATE} a second as a "
        f"Poisson process for {SECONDS} s after a warm-up; latency from the instant the request "
        "was due. The client takes part of the same cores. Officers are told risks and reasons.\n\n"
        + table(_HEAD, rows)
        + f"\n\nClosed loop, {CLOSED_CONNECTIONS} connections, {CLOSED_SECONDS} s, median of "
        f"{ROUNDS} rounds in turn (lowest to highest); both servers run, one is asked at a time; "
        "MLflow answers risks without reasons and keeps nothing.\n\n" + beside
    )
    write("Posts of one consignment", "python -m tests.benchmarks.posts", body)


class Bodies:
    """Consignments of one large flight as bodies of messages, each handed out once.

    Parameters
    ----------
    state : says the day.
    """

    def __init__(self, state: State) -> None:
        self._bodies = list(consignments_of(state.flight("XB901", "demo", ITEMS)))
        self._used_count = 0

    def taken(self, count: int) -> list[list[dict[str, Any]]]:
        """The next ones; an error if there are not so many left."""
        first, self._used_count = self._used_count, self._used_count + count
        if self._used_count > len(self._bodies):
            raise SystemExit(f"{len(self._bodies)} consignments are too few.")
        return self._bodies[first : self._used_count]


def consignments_of(rows: pl.DataFrame) -> Iterator[list[dict[str, Any]]]:
    """The rows of each consignment, as JSON has them; empty cells are left out."""
    for part in rows.partition_by("hawb", maintain_order=True):
        lines = part.write_ndjson().splitlines()
        yield [
            {name: cell for name, cell in json.loads(line).items() if cell is not None}
            for line in lines
        ]


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def posts(
    bodies: Sequence[list[dict[str, Any]]], key: str, kind: str = "post"
) -> list[dict[str, str]]:
    """Requests that post each consignment by itself."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    return [
        load.request(kind, "POST", "/v1/declarations", headers, json.dumps(body).encode())
        for body in bodies
    ]


def _open_loops(set_up: str, state: State, server: Server, bodies: Bodies) -> list[list[str]]:
    rows = []
    for role in ROLES:
        key = state.key(role)
        warm_up = _kept(state, posts(bodies.taken(200), key))
        load.run(warm_up, server.port, *WARM_UP)
        measured = _kept(state, posts(bodies.taken(int(1.05 * RATE * SECONDS)), key))
        seen = load.run(measured, server.port, "--rate", str(RATE), "--seconds", str(SECONDS))
        rows.append(_row(set_up, role, seen))
        print(rows[-1], f"client late by {seen.client_late_ms:.2f} ms (p99)", flush=True)
    return rows


def _row(set_up: str, role: str, seen: Load) -> list[str]:
    post = seen.kinds["post"]
    return [
        set_up, role, f"{seen.per_second:.0f}", f"{post.p50_ms:.1f}", f"{post.p99_ms:.1f}",
        f"{post.p999_ms:.1f}", f"{post.max_ms:.1f}", str(seen.error_count(["201"])),
    ]  # fmt: skip


def _beside(state: State, server: Server, bodies: Bodies) -> str:
    """Answers a second of both servers, in turn."""
    key = state.key("officer")
    consignments = bodies.taken(1_000)
    headers = {"Content-Type": "application/json"}
    theirs = [
        load.request("post", "POST", "/invocations", headers,
                     json.dumps({"dataframe_records": body}).encode())
        for body in consignments
    ]  # fmt: skip
    options = ("--seconds", str(CLOSED_SECONDS), "--connections", str(CLOSED_CONNECTIONS))
    ours_seen, theirs_seen = [], []
    their_requests = _kept(state, theirs)
    with mlflow_serving(state) as mlflow:
        status, answer = mlflow.ask(
            "POST", "/invocations", headers, json.dumps({"dataframe_records": consignments[0]})
        )
        if status != 200:
            raise SystemExit(f"mlflow models serve answered {status}: {answer}")
        for _ in range(ROUNDS):
            our_requests = _kept(state, posts(bodies.taken(4_000), key))
            ours_seen.append(load.run(our_requests, server.port, *options))
            theirs_seen.append(load.run(their_requests, mlflow.port, *options))
            print(ours_seen[-1].per_second, theirs_seen[-1].per_second, flush=True)
    ratios = [
        ours.per_second / their.per_second
        for ours, their in zip(ours_seen, theirs_seen, strict=True)
    ]
    rows = [
        _closed_row("`triage serve`, SQLite, one process, with reasons", ours_seen, "201"),
        _closed_row("`mlflow models serve`, the same model", theirs_seen, "200"),
    ]
    head = ["server", "answers a second", "p50 ms", "p99 ms", "errors"]
    return f"{table(head, rows)}\n\nRatio: {_median(ratios)}."


def _closed_row(name: str, seen: Sequence[Load], expected: str) -> list[str]:
    kinds = [one.kinds["post"] for one in seen]
    return [
        name,
        _median([one.per_second for one in seen]),
        _median([kind.p50_ms for kind in kinds]),
        _median([kind.p99_ms for kind in kinds]),
        str(sum(one.error_count([expected]) for one in seen)),
    ]


def _median(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.1f} ({min(values):.1f} to {max(values):.1f})"


def _kept(state: State, requests: Sequence[dict[str, str]]) -> Path:
    """A file of requests of its own."""
    handle, name = tempfile.mkstemp(dir=state.folder, suffix=".jsonl")
    os.close(handle)
    return load.write_requests(Path(name), requests)


if __name__ == "__main__":
    main()
