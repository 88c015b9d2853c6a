"""Manifests as jobs: once in effect, whatever the file holds and whenever the machine stops."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import random
import secrets
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import sqlalchemy as sa

from engine.errors import InputError
from service.composition import open_database, open_home, open_store
from service.home import Home
from service.jobs import limits
from service.jobs.register import Manifests
from service.jobs.runner import alone
from service.storage.audit import verify
from service.storage.database import Database
from service.storage.tables import audit, jobs, scorings
from tests.service.conftest import todays
from tests.service.rows import DAY, table

SECONDS = 120.0


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("TRIAGE_HOME", str(tmp_path / "state"))
    return open_home().made()


@pytest.fixture
def database(home: Home) -> Database:
    return open_database(home)


@pytest.fixture
def manifests(home: Home, database: Database) -> Manifests:
    return Manifests(home, database)


Runs = Callable[[], "subprocess.Popen[bytes]"]


@pytest.fixture
def runs(home: Home) -> Iterator[Runs]:
    """Starts runners, and ends them with the test."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "service.jobs.runner"]
        started.append(subprocess.Popen(command, start_new_session=True))
        return started[-1]

    yield start
    for one in started:
        if one.poll() is None:
            os.killpg(one.pid, signal.SIGKILL)
            one.wait()


def submitted(manifests: Manifests, home: Home, content: bytes, source: str = "o1") -> str:
    upload = home.root / f".draft-{secrets.token_hex(4)}"
    upload.write_bytes(content)
    sha256 = hashlib.sha256(content).hexdigest()
    return manifests.submit_manifest(upload, "upload", source, sha256)


def ended(manifests: Manifests, job_id: str) -> dict[str, Any]:
    """The report of a job once it is done or failed."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        job = manifests.job(job_id)
        assert job is not None
        if job.state in {"done", "failed"}:
            return {"state": job.state} | job.report
        time.sleep(0.05)
    raise AssertionError(f"the job is still {job.state}")


def csv(raw: pl.DataFrame) -> bytes:
    return raw.write_csv().encode()


def test_the_same_file_of_the_same_source_is_one_job(
    manifests: Manifests, home: Home, database: Database
) -> None:
    content = csv(table(3))
    first = submitted(manifests, home, content)
    assert submitted(manifests, home, content) == first
    assert submitted(manifests, home, content, "o2") != first
    assert manifests.unfinished()[0] == first
    with database.reading() as connection:
        assert len(connection.execute(sa.select(jobs)).all()) == 2
        assert verify(connection).is_whole


def test_a_manifest_is_read_stored_and_scored_and_its_names_are_gone(
    manifests: Manifests, home: Home, database: Database, runs: Runs
) -> None:
    raw = table(40).with_columns(
        gross_mass_kg=pl.when(pl.col("hawb") == "H0007").then(-1.0).otherwise("gross_mass_kg"),
        colour=pl.lit("blue"),
    )
    job_id = submitted(manifests, home, csv(raw))
    runs()
    report = ended(manifests, job_id)
    assert report["state"] == "done"
    (rejected,) = report["rejections"]
    assert (rejected["row"], rejected["column"]) == (7, "gross_mass_kg")
    assert report["unknown_columns"] == ["colour"]
    assert report["stored"] == {"new_count": 39, "repeated_count": 0, "amended_count": 0}
    (flight,) = report["flights"]
    assert (flight["flight_number"], flight["item_count"], flight["is_degraded"]) == (
        "XY123", 39, True,
    )  # fmt: skip
    assert open_store(home, database).flight("XY123", DAY).height == 39
    kept = [path for path in home.root.rglob("*") if path.is_file()]
    assert not [path for path in kept if b"Quackelbeen" in path.read_bytes()]
    # The file comes again in another form: nothing is stored twice.
    again = ended(manifests, submitted(manifests, home, raw.write_ndjson().encode()))
    assert again["stored"]["new_count"] == 0


def xlsx_bomb() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (64 << 20))
    return content.getvalue()


def parquet_bomb() -> bytes:
    content = io.BytesIO()
    rows = pl.DataFrame({"a": [0]}).select(pl.col("a").repeat_by(3_000_000).explode())
    rows.select(pl.col("a").alias(f"c{at}") for at in range(60)).write_parquet(content)
    return content.getvalue()


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "workbook bomb": (xlsx_bomb, "would unpack to"),
    "Parquet bomb": (parquet_bomb, "at most 120,000,000 cells"),
    "gzip": (lambda: gzip.compress(b"0" * (32 << 20)), "a compressed file"),
    "nesting": (lambda: b"[" * 200_000, "manifest"),
    "half a Parquet file": (lambda: b"PAR1" + bytes(1_000), "cannot be read"),
    "nothing of ours": (lambda: b"a,b\n1,2\n", "lacks the required columns"),
    "blank": (lambda: b"   \n", "is empty"),
}


def test_files_that_cannot_be_read_fail_alone_and_say_why(
    manifests: Manifests, home: Home, runs: Runs
) -> None:
    names = {submitted(manifests, home, make()): name for name, (make, _) in BAD.items()}
    good = submitted(manifests, home, csv(table(2)))
    runs()
    for job_id, name in names.items():
        report = ended(manifests, job_id)
        assert report["state"] == "failed", name
        assert BAD[name][1] in report["error"], (name, report["error"])
        assert str(home.root) not in report["error"]
        assert report["way_out"]
    assert ended(manifests, good)["state"] == "done"
    assert not list(home.root.rglob("upload"))


def test_a_reader_that_needs_too_much_memory_fails_alone_and_the_file_may_come_again(
    manifests: Manifests, home: Home, runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIAGE_READER_MEMORY_MIB", "400")
    content = csv(table(2))
    job_id = submitted(manifests, home, content)
    first = runs()
    report = ended(manifests, job_id)
    assert (report["state"], "memory" in report["error"]) == ("failed", True)
    first.terminate()
    assert first.wait(30) == 0
    monkeypatch.delenv("TRIAGE_READER_MEMORY_MIB")
    assert submitted(manifests, home, content) == job_id
    runs()
    assert ended(manifests, job_id) | {"attempt": 2, "state": "done"} == ended(manifests, job_id)


def test_a_job_ends_once_however_often_the_machine_stops(
    trained: Path, world: Path, tmp_path: Path, runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / "state"
    shutil.rmtree(state, ignore_errors=True)
    shutil.copytree(trained, state)
    home = open_home()
    database = open_database(home)
    manifests = Manifests(home, database)
    content = todays(world).read_bytes()
    job_id = submitted(manifests, home, content)
    chance = random.Random(7)
    for _ in range(5):
        runner = runs()
        time.sleep(chance.uniform(1.0, 6.0))
        os.killpg(runner.pid, signal.SIGKILL)
        runner.wait()
    runs()
    report = ended(manifests, job_id)
    assert report["state"] == "done"
    (flight,) = report["flights"]
    rows = open_store(home, database).flight(flight["flight_number"], _day(flight))
    assert rows.height == pl.read_parquet(todays(world)).height == flight["item_count"]
    with database.reading() as connection:
        assert verify(connection).is_whole
        told = sa.select(audit.c.action).where(audit.c.subject == job_id)
        actions = list(connection.execute(told).scalars())
        made = connection.execute(sa.select(scorings.c.id)).all()
    assert actions == ["manifest.received", "manifest.done"]
    assert len(made) == 1


def _day(flight: dict[str, Any]) -> Any:
    from datetime import date

    return date.fromisoformat(flight["flight_date"])


def test_a_second_runner_waits_for_the_first(home: Home) -> None:
    import threading

    is_stopping = threading.Event()
    with alone(home, is_stopping) as first:
        assert first
        is_stopping.set()
        with alone(home, is_stopping) as second:
            assert not second


def test_what_uploads_left_behind_is_cleared_away(manifests: Manifests, home: Home) -> None:
    kept = submitted(manifests, home, csv(table(1)))
    orphan, draft = home.root / "uploads" / "nobody", home.root / "uploads" / ".draft-1"
    orphan.mkdir()
    draft.write_bytes(b"half")
    fresh = home.root / "uploads" / ".draft-2"
    fresh.write_bytes(b"just coming")
    long_ago = time.time() - 2 * 3_600
    for path in (orphan, draft, manifests.folder(kept)):
        os.utime(path, (long_ago, long_ago))
    manifests.clear_up()
    assert sorted(path.name for path in (home.root / "uploads").iterdir()) == sorted(
        [".draft-2", kept]
    )


def test_an_honest_workbook_and_a_large_honest_table_pass(tmp_path: Path) -> None:
    table(2_000).write_excel(tmp_path / "w.xlsx")
    limits.look_at(tmp_path / "w.xlsx")
    table(5_000).write_parquet(tmp_path / "p.parquet")
    limits.look_at(tmp_path / "p.parquet")
    with pytest.raises(InputError, match="not there any more"):
        limits.look_at(tmp_path / "gone")
