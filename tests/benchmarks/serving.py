"""A manifest of 300,000 items over HTTP, from upload to list, and what others wait meanwhile."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from tests.benchmarks import load
from tests.benchmarks.figures import table, write
from tests.benchmarks.load import Load
from tests.benchmarks.posts import consignments_of, posts
from tests.benchmarks.servers import Server, State, Watch, folder_of_its_own, made_state, serving

ITEMS = 300_000
PROBES_A_SECOND = 20
PATIENCE_SECONDS = 600.0
MIB = 1 << 20


@dataclass
class Listed:
    """One manifest, listed.

    Attributes
    ----------
    upload_seconds, job_seconds, list_seconds : the stages; their sum counts.
    peak_bytes : of all processes of the service.
    probes : what other requests saw meanwhile.
    listed_count : rows of the list.
    """

    upload_seconds: float
    job_seconds: float
    list_seconds: float
    peak_bytes: int
    probes: Load
    listed_count: int

    @property
    def seconds(self) -> float:
        """From the first byte sent to the whole list."""
        return self.upload_seconds + self.job_seconds + self.list_seconds


def main() -> None:
    """List one flight sent as Parquet and another sent as CSV."""
    with folder_of_its_own() as folder:
        state = made_state(folder)
        flights = {"Parquet": state.flight("XB902", "liege-2026", ITEMS)}
        flights["CSV"] = flights["Parquet"].with_columns(flight_number=pl.lit("XB903"))
        requests = _probes(state)
        with serving(state) as server:
            seen = {
                form: _listed(state, server, form, rows, requests) for form, rows in flights.items()
            }
    stages = [
        [form, f"{one.seconds:.1f}", f"{one.upload_seconds:.1f}", f"{one.job_seconds:.1f}",
         f"{one.list_seconds:.1f}", f"{one.peak_bytes / MIB:,.0f}"]
        for form, one in seen.items()
    ]  # fmt: skip
    probes = [
        [form, kind, str(told.count), f"{told.p50_ms:.1f}", f"{told.p99_ms:.1f}",
         f"{told.max_ms:.1f}", str(one.probes.error_count(["200", "201"]))]
        for form, one in seen.items() for kind, told in one.probes.kinds.items()
    ]  # fmt: skip
    body = (
        f"One flight of {ITEMS:,} goods items over HTTP on SQLite, one process; budget of 240 "
        "minutes. Memory is the largest sum over all processes of the service (proportional set "
        "size).\n\n"
        + table(["manifest", "seconds, upload to list", "upload", "job", "list",
                 "peak memory, MiB"], stages)
        + f"\n\nOther requests meanwhile, open loop, {PROBES_A_SECOND} a second, evenly:\n\n"
        + table(["manifest", "request", "count", "p50 ms", "p99 ms", "longest ms", "errors"],
                probes)
    )  # fmt: skip
    write("A manifest of 300,000 items over HTTP", "python -m tests.benchmarks.serving", body)


def _probes(state: State) -> Path:
    """Posts of a declarant for another flight, and questions whether the service lives."""
    bodies = list(consignments_of(state.flight("XB904", "demo", 12_000)))
    asked = posts(bodies, state.key("declarant"), "POST /v1/declarations")
    live = load.request("GET /health/live", "GET", "/health/live", {})
    mixed = [request for post in asked for request in (post, live)]
    return load.write_requests(state.folder / "probes.jsonl", mixed)


def _listed(state: State, server: Server, form: str, rows: pl.DataFrame, requests: Path) -> Listed:
    headers = {"Authorization": f"Bearer {state.key('officer')}"}
    manifest = _written(state, form, rows)
    options = ("--rate", str(PROBES_A_SECOND), "--seconds", str(PATIENCE_SECONDS), "--even",
               "--connections", "16")  # fmt: skip
    with Watch(server) as watch, load.started(requests, server.port, *options) as client:
        started = time.perf_counter()
        job = _uploaded(server, headers, manifest)
        uploaded = time.perf_counter()
        _wait_for_job(server, headers, job)
        done = time.perf_counter()
        number, day = rows["flight_number"][0], state.day
        path = f"/v1/flights/{day}/{number}/inspection-list?budget_minutes=240"
        status, answer = server.ask("GET", path, headers)
        listed = time.perf_counter()
        if status != 200:
            raise SystemExit(f"The list was answered with {status}: {answer}\n{server.told()}")
        probes = load.result(client, is_to_end=True)
    seen = Listed(uploaded - started, done - uploaded, listed - done, watch.peak_bytes, probes,
                  len(answer["rows"]))  # fmt: skip
    print(form, seen, flush=True)
    return seen


def _written(state: State, form: str, rows: pl.DataFrame) -> Path:
    path = state.folder / f"manifest.{form.lower()}"
    if form == "Parquet":
        rows.write_parquet(path)
    else:
        rows.write_csv(path)
    return path


def _uploaded(server: Server, headers: dict[str, str], manifest: Path) -> str:
    content_type = {"Content-Type": "application/octet-stream"}
    length = {"Content-Length": str(manifest.stat().st_size)}
    with manifest.open("rb") as file:
        status, job = server.ask("POST", "/v1/manifests", headers | content_type | length, file)
    if status != 202:
        raise SystemExit(f"The manifest was answered with {status}: {job}\n{server.told()}")
    return str(job["id"])


def _wait_for_job(server: Server, headers: dict[str, str], job_id: str) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    job: Any = None
    while time.monotonic() < until:
        _, job = server.ask("GET", f"/v1/manifests/{job_id}", headers)
        if job["state"] == "done":
            return
        if job["state"] == "failed":
            break
        time.sleep(0.25)
    raise SystemExit(f"The job did not end well: {json.dumps(job)[:2000]}\n{server.told()}")


if __name__ == "__main__":
    main()
