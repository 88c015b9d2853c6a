"""R2: the runner of jobs and the step under its hands are killed inside a manifest job."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from service.flights import Flights
from service.home import Home
from service.jobs.steps import READ, ROWS, SCORED, STORED
from service.storage.database import Database
from service.storage.tables import audit, receipts, scorings
from service.store import SOURCE, Store
from tests.faults.counts import count, drawn, figure, is_all
from tests.faults.serving import DAY, Nursery, Served, lines_of, row_of, until

JOBS = count(20, 1)
BOUNDARIES = (ROWS, READ, STORED, SCORED)
"""What the steps leave, in their order: a kill comes at once when it is there."""

RANDOM_KILLS = 1
"""And more in each job, at any moment of it."""

ROWS_OF_THE_JOB = 120
ABOUT_SECONDS = 5.0
"""Some time that a job takes, from which random moments are drawn."""


def manifest() -> bytes:
    return lines_of(*(row_of(f"J{at}", flight_number="JOB1") for at in range(ROWS_OF_THE_JOB)))


def worked_off(served: Served, kills: Sequence[str | float]) -> tuple[dict[str, object], int]:
    """The job when it has ended, and how often the runner was killed in it."""
    job_id = served.manifest(manifest()).json()["id"]
    folder = served.home.root / "uploads" / job_id
    killed = 0
    for kill in kills:
        served.start_runner()
        if isinstance(kill, float):
            time.sleep(kill)
        else:
            left = folder / kill
            until(partial(reached, served, job_id, left), kill)
        if is_over(served, job_id):
            break
        served.kill("runner")
        killed += 1
    if not served.runner:
        served.start_runner()
    job = served.ended(job_id)
    assert served.manifest(manifest()).json()["id"] == job_id
    return job, killed


def reached(served: Served, job_id: str, left: Path) -> bool:
    return left.exists() or is_over(served, job_id)


def is_over(served: Served, job_id: str) -> bool:
    return served.job(job_id)["state"] in ("done", "failed")


def undisturbed(home: Home, served: Served) -> str:
    """Hash of the risks of the same flight, scored without any fault in another state."""
    database = Database.open(None, home.root)
    store = Store(home, database)
    store.add_declarations(served.store.flight("JOB1", DAY))
    made = Flights(home, database, store).scored_flight("JOB1", DAY)
    database.close()
    return made.risks_sha256


def assert_once(served: Served) -> None:
    """Stored, scored and ended once, however often it was begun."""
    assert served.store.versions(DAY).height == ROWS_OF_THE_JOB
    with served.database.reading() as connection:
        told = connection.execute(sa.select(audit.c.action)).scalars().all()
        kept = connection.execute(sa.select(receipts)).all()
        made = connection.execute(sa.select(scorings.c.folder)).scalars().all()
    assert told.count("manifest.done") == told.count("manifest.received") == 1
    of_the_job = [one.stored_count for one in kept if one.source != SOURCE]
    assert sum(of_the_job) == ROWS_OF_THE_JOB
    assert all(one.is_whole for one in kept)
    assert len(made) == 1
    assert served.database.verify_audit().is_whole


def test_a_killed_job_ends_once_with_the_same_scores(
    nursery: Nursery, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    chance, killed = drawn("R2"), 0
    for job in range(JOBS):
        folder, apart = tmp_path / f"{job}", tmp_path / f"{job}-apart"
        for home in (folder / "state", apart):
            if is_all():
                shutil.copytree(request.getfixturevalue("trained"), home)
            else:
                home.mkdir(parents=True)
                (home / "pseudonym.key").write_text("0f" * 32 + "\n")
        served = Served(nursery, folder)
        served.start()
        moments = [chance.random() * ABOUT_SECONDS for _ in range(RANDOM_KILLS)]
        ended, times = worked_off(served, [*moments, *BOUNDARIES])
        assert ended["state"] == "done", ended
        assert_once(served)
        with served.database.reading() as connection:
            scoring = connection.execute(sa.select(scorings)).one()
        risks = (served.home.root / scoring.folder / "risks.parquet").read_bytes()
        assert hashlib.sha256(risks).hexdigest() == scoring.risks_sha256
        assert scoring.risks_sha256 == undisturbed(Home(apart), served)
        assert bool(scoring.is_degraded) is not is_all()
        killed += times
        served.stop()
    assert killed >= JOBS
    figure("R2", f"{killed} kills in {JOBS} jobs, at each step's end and at random: every job "
           "ended once, rows stored once, risks equal to the byte to undisturbed ones")  # fmt: skip
