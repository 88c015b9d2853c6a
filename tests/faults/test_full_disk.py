"""R5: the disk is full, or files may not grow any more; and the database is locked."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.counts import count, figure
from tests.faults.serving import (
    Answer,
    Nursery,
    Served,
    assert_whole,
    lines_of,
    row_of,
    until,
)

ROUNDS = count(20, 2)
DISK_BYTES = (24 + 3 * ROUNDS) << 20
LEFT_BYTES = 1 << 20
"""Room that is left: a message or two still find place."""

REFUSED = (503, 507)


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A disk of its own for a folder; only root can mount one."""
    folder.mkdir(parents=True)
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder)], check=False
    )
    if made.returncode:
        pytest.skip("no disk can be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def on_a_small_disk(nursery: Nursery, tmp_path: Path) -> Iterator[Served]:
    if os.getuid() != 0:
        pytest.skip("only root mounts disks; the limit on files below says the same")
    with small_disk(tmp_path / "served" / "state"):
        served = Served(nursery, tmp_path / "served")
        served.start()
        assert served.ask("GET", "/health/ready", None).status == 200
        yield served
        served.stop()


@pytest.fixture
def served(nursery: Nursery, tmp_path: Path) -> Iterator[Served]:
    made = Served(nursery, tmp_path / "served")
    made.start()
    assert made.ask("GET", "/health/ready", None).status == 200
    yield made
    made.stop()


def filled(served: Served) -> Path:
    """A file that takes all the room there is, but for a little."""
    path, disk = served.home.root / "somebody-elses-file", os.statvfs(served.home.root)
    path.write_bytes(b"x" * (disk.f_bavail * disk.f_frsize - LEFT_BYTES))
    return path


def post_until_refused(served: Served, flight: str) -> tuple[list[str], Answer]:
    """Waybills acknowledged until there was no room any more, and the refusal."""
    kept: list[str] = []
    for at in range(5_000):
        told = served.post(*(row_of(f"{flight}-{at}-{n}", flight_number=flight)
                             for n in range(100)))  # fmt: skip
        if told.status != 201:
            return kept, told
        kept += [f"{flight}-{at}-{n}" for n in range(100)]
    raise AssertionError("the disk was never full")


def refuse_and_recover(served: Served, flight: str, give_room: Callable[[], None]) -> list[str]:
    """What a full disk must look like from outside; the waybills that were acknowledged."""
    receipt = served.post(row_of("R", flight_number=f"{flight}R"))
    kept, refused = post_until_refused(served, flight)
    assert refused.status in REFUSED, refused
    assert int(refused.headers["retry-after"]) > 0
    told = served.manifest(lines_of(row_of("M", flight_number=f"{flight}M")) * 20_000)
    assert told.status in REFUSED, told
    assert [one.name for one in (served.home.root / "uploads").glob("*")] == []
    if receipt.status == 201:
        name = receipt.json()["receipt"]
        assert served.ask("GET", f"/v1/receipts/{name}", "declarant").status == 200
    assert served.ask("GET", "/health/live", None).status == 200
    give_room()
    until(lambda: served.post(row_of("AFTER", flight_number=flight)).status == 201, "room")
    stored = served.store.flight(flight, served.store.days()[0])["hawb"].to_list()
    assert sorted(stored) == sorted([*kept, "AFTER"])
    assert_whole(served.database)
    assert served.is_alive()
    return kept


def test_a_full_disk_is_told_and_survived(on_a_small_disk: Served) -> None:
    served, kept = on_a_small_disk, 0
    for at in range(ROUNDS):
        path = filled(served)
        kept += len(refuse_and_recover(served, f"DISK{at}", path.unlink))
    figure("R5", f"small disk filled {ROUNDS} times: 507 or 503, reads answered, no part of "
           f"a manifest left, {kept:,} rows acknowledged and kept, on with room again")  # fmt: skip


def test_files_that_may_not_grow_are_told_and_survived(served: Served) -> None:
    for at in range(ROUNDS):
        largest = max(path.stat().st_size for path in served.home.root.glob("triage.db*"))
        _, hard = resource.prlimit(served.worker, resource.RLIMIT_FSIZE)
        limit = largest + (64 << 10)
        resource.prlimit(served.worker, resource.RLIMIT_FSIZE, (limit, hard))

        def give_room(hard: int = hard) -> None:
            resource.prlimit(served.worker, resource.RLIMIT_FSIZE, (hard, hard))

        refuse_and_recover(served, f"SIZE{at}", give_room)
    figure("R5", f"files held to their size {ROUNDS} times: the same")


def test_a_locked_database_is_waited_for(served: Served) -> None:
    lock = served.database.writing()
    lock.__enter__()
    told = served.post(row_of("L1", flight_number="LOCK"))
    assert told.status == 503, told
    assert int(told.headers["retry-after"]) > 0
    assert served.ask("GET", "/health/ready", None).status == 200  # reading goes on
    lock.__exit__(None, None, None)
    assert served.post(row_of("L1", flight_number="LOCK")).status == 201


def test_a_database_that_went_away_is_never_made_anew(served: Served) -> None:
    assert served.post(row_of("A1", flight_number="AWAY")).status == 201
    away = served.home.root.parent / "away"
    away.mkdir()
    names = [path.name for path in served.home.root.glob("triage.db*")]
    for name in names:
        (served.home.root / name).rename(away / name)
    told = served.post(row_of("A2", flight_number="AWAY"))
    assert told.status == 503, told
    assert served.ask("GET", "/health/ready", None).status == 503
    for name in names:
        (away / name).rename(served.home.root / name)
    assert served.post(row_of("A2", flight_number="AWAY")).status == 201
    kept = served.store.flight("AWAY", served.store.days()[0])["hawb"].to_list()
    assert kept == ["A1", "A2"]
