"""Rescoring in real processes, day by day as lists are issued, and with kill -9 on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from service.cli import run
from tests.service.rescoring import told

LEARNED = 6
"""Days of the world that the model learned from; the lists of the others were issued daily."""

BUDGET = ("--budget-controls", "8")
TRIAGE = Path(sys.executable).with_name("triage")
PATIENCE_SECONDS = 300.0


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("daily")


@pytest.fixture(scope="module")
def issued(world: Path, home: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Scores and lists as they were issued, day by day, through the real door."""
    out = tmp_path_factory.mktemp("issued")
    files = sorted((world / "declarations").rglob("*.parquet"))
    days = sorted({file.parent.name for file in files})
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TRIAGE_HOME", str(home))
        past = [str(file) for file in files if file.parent.name in days[:LEARNED]]
        assert run(["ingest", *past]) == 0
        assert run(["outcomes", str(world / "outcomes.parquet")]) == 0
        until = days[LEARNED - 1].partition("=")[2]
        assert run(["train", "--model", "logistic", "--date", until]) == 0
        for file in files:
            if file.parent.name in days[LEARNED:]:
                folder = out / file.parent.name
                folder.mkdir(exist_ok=True)
                assert run(["manifest", str(file), *BUDGET, "--scores", str(folder / file.name),
                            "--out", str(folder / f"{file.stem}.list.csv")]) == 0  # fmt: skip
    return told(out)


@pytest.fixture
def environment(home: Path, issued: dict[str, bytes]) -> dict[str, str]:
    return os.environ | {"TRIAGE_HOME": str(home)}


@pytest.fixture
def command(world: Path, tmp_path: Path) -> list[str]:
    return [str(TRIAGE), "rescore", str(world), "--out", str(tmp_path / "out"), "--workers", "2",
            *BUDGET]  # fmt: skip


def children(process_id: int) -> list[int]:
    """Processes that a process has started to work for it."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            status = (folder / "stat").read_text().rpartition(")")[2].split()
            line = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if status[1] == str(process_id) and b"spawn_main" in line:
            found.append(int(folder.name))
    return found


def until_there(out: Path, pattern: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until a rescoring has written a file of a kind."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not any(out.glob(pattern)):
        assert process.poll() is None, "It ended before anything could be killed."
        assert time.monotonic() < end
        time.sleep(0.01)


def test_the_lists_of_the_days_are_those_that_were_issued(
    issued: dict[str, bytes], command: list[str], environment: dict[str, str], tmp_path: Path
) -> None:
    subprocess.run(command, env=environment, check=True)
    made = told(tmp_path / "out")
    assert len(issued) >= 8
    for name, content in issued.items():
        assert made[name] == content, name


@pytest.mark.parametrize("moment", ["flight_date=*/*.csv", ".work/profiles/20*", ".work/counts/*"])
def test_a_killed_worker_changes_nothing(
    moment: str,
    issued: dict[str, bytes],
    command: list[str],
    environment: dict[str, str],
    tmp_path: Path,
) -> None:
    process = subprocess.Popen(command, env=environment)
    until_there(tmp_path / "out", moment, process)
    os.kill(children(process.pid)[0], signal.SIGKILL)
    assert process.wait(PATIENCE_SECONDS) == 0
    made = told(tmp_path / "out")
    for name, content in issued.items():
        assert made[name] == content, name


def test_a_killed_parent_leaves_no_worker_and_the_next_call_goes_on(
    issued: dict[str, bytes], command: list[str], environment: dict[str, str], tmp_path: Path
) -> None:
    process = subprocess.Popen(command, env=environment)
    until_there(tmp_path / "out", "flight_date=*/*.csv", process)
    workers = children(process.pid)
    assert workers
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    end = time.monotonic() + PATIENCE_SECONDS
    while any(Path(f"/proc/{worker}").exists() for worker in workers):
        assert time.monotonic() < end
        time.sleep(0.1)
    again = subprocess.run(command, env=environment, check=True, capture_output=True)
    assert b"scored before; they are kept" in again.stderr
    made = told(tmp_path / "out")
    for name, content in issued.items():
        assert made[name] == content, name
    assert not list((tmp_path / "out").rglob(".draft-*"))
