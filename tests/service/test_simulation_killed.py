"""`triage simulate` in real processes, with kill -9 on the way: the same report, byte for byte."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.service.test_rescore_killed import children

TRIAGE = Path(sys.executable).with_name("triage")
PATIENCE_SECONDS = 600.0
LEFT = {"simulation.json", "weekly.parquet", "typologies.parquet", "behaviour.parquet",
        "report.html"}  # fmt: skip


def _command(out: Path) -> list[str]:
    return [str(TRIAGE), "simulate", "--out", str(out), "--weeks", "4", "--parcels", "200",
            "--flights-per-week", "2", "--budget-controls", "20", "--policy", "random",
            "--policy", "mixed-10", "--model", "informed", "--retrain-days", "7", "--seed", "107",
            "--workers", "2"]  # fmt: skip


def _files(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return os.environ | {"TRIAGE_HOME": str(tmp_path_factory.mktemp("home"))}


@pytest.fixture(scope="module")
def straight(
    environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, bytes]:
    out = tmp_path_factory.mktemp("straight") / "out"
    subprocess.run(_command(out), env=environment, check=True, timeout=PATIENCE_SECONDS)
    files = _files(out)
    assert set(files) == LEFT
    return files


def _until(out: Path, pattern: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not any(out.glob(pattern)):
        assert process.poll() is None, "it was done before it could be killed"
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize("when", ["work/seed-107/.draft-before", "work/seed-107/*/week-002"])
def test_killed_with_its_parent_it_goes_on(
    when: str, straight: dict[str, bytes], environment: dict[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    process = subprocess.Popen(_command(out), env=environment)
    _until(out, when, process)
    process.send_signal(signal.SIGKILL)
    process.wait()
    subprocess.run(_command(out), env=environment, check=True, timeout=PATIENCE_SECONDS)
    assert _files(out) == straight


def test_a_killed_worker_is_replaced(
    straight: dict[str, bytes], environment: dict[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    process = subprocess.Popen(_command(out), env=environment)
    _until(out, "work/seed-107/*/week-002", process)
    for worker in children(process.pid):
        os.kill(worker, signal.SIGKILL)
    assert process.wait(PATIENCE_SECONDS) == 0
    assert _files(out) == straight
