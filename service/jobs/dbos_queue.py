"""Jobs as durable workflows: DBOS 3.4 behind the port `JobQueue`.

DBOS writes down which step of which job is done, in `jobs.db` beside the database (or in the schema
`dbos` of the PostgreSQL database), and goes on there after a crash. A job's id is its workflow's,
so that submitting it twice is once. Its interface moves between majors: nothing else imports it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pysqlite3  # type: ignore[import-untyped]
import sqlalchemy as sa
from dbos import DBOS, DBOSConfig, SetWorkflowID
from dbos._error import DBOSMaxStepRetriesExceeded  # it is raised, but not exported

from engine.errors import InputError, StateError, TriageError
from service.jobs.register import Manifests
from service.jobs.work import Work
from service.storage.engines import check_sqlite

FILE_NAME = "jobs.db"

APPLICATION_VERSION = "1"
"""Jobs begun by another version are not taken up by DBOS. The steps look themselves what is done,
so that this changes only when their order does."""

FIRST_PAUSE_SECONDS, PAUSE_GROWTH, MOST_TRIES = 1.0, 2.0, 11
"""A step whose fault may pass (the database is away, the disk full, the process was killed) is
tried again for a quarter of an hour (estimate)."""

MOST_RECOVERIES = 100_000
"""A job is taken up again however often the machine stops: each step has its own end."""

_work: list[Work] = []
"""What does the steps; set by `DbosQueue`, for workflows are functions of the module."""


class DbosQueue:
    """Works jobs off, one at a time.

    Parameters
    ----------
    folder : the state folder.
    database_url : PostgreSQL; None: SQLite in the folder.
    manifests : the register.
    work : does the steps.
    """

    def __init__(
        self, folder: Path, database_url: str | None, manifests: Manifests, work: Work
    ) -> None:
        self._manifests = manifests
        _work[:] = [work]
        config: DBOSConfig = {
            "name": "parcel-triage",
            "application_version": APPLICATION_VERSION,
            "executor_id": "manifests",
            "log_level": "ERROR",
        }
        if database_url is None:
            path = folder / FILE_NAME
            config["system_database_url"] = f"sqlite:///{path}"
            config["system_database_engine"] = _engine(path)
        else:
            config["system_database_url"] = database_url
        DBOS(config=config)
        DBOS.launch()

    def submit(self, job_id: str) -> None:
        """Work a job off to its end; returns when it is there, or when this process is to stop."""
        job = self._manifests.job(job_id)
        if job is None or job.state in {"done", "failed"}:
            return
        name = job_id if job.attempt == 1 else f"{job_id}.{job.attempt}"
        with SetWorkflowID(name):
            DBOS.start_workflow(manifest, job_id).get_result()

    def close(self) -> None:
        """Stop; what is not done is taken up at the next start."""
        DBOS.destroy()


def _engine(path: Path) -> sa.Engine:
    check_sqlite()
    engine = sa.create_engine(f"sqlite:///{path}", module=pysqlite3)

    @sa.event.listens_for(engine, "connect")
    def set_up(connection: Any, record: Any) -> None:
        connection.isolation_level = "IMMEDIATE"
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000"):
            connection.execute(f"PRAGMA {pragma}")

    return engine


@DBOS.workflow(name="manifest", max_recovery_attempts=MOST_RECOVERIES)
def manifest(job_id: str) -> None:
    """Read, store and score one manifest."""
    try:
        for step in (read, store, score, end):
            step(job_id)
    except InputError as refused:
        fail(job_id, refused.message, refused.way_out)
    except DBOSMaxStepRetriesExceeded as exceeded:
        told = [one for one in exceeded.errors if isinstance(one, TriageError)]
        why = told[-1].message if told else "A step failed again and again."
        fail(job_id, why, "Put right what is told, and send the same file again.")


def _may_pass(problem: BaseException) -> bool:
    return not isinstance(problem, InputError)


def _step(name: str, do: Callable[[str], None]) -> Callable[[str], None]:
    def step(job_id: str) -> None:
        do(job_id)

    step.__qualname__ = step.__name__ = name
    return DBOS.step(
        name=name, retries_allowed=True, interval_seconds=FIRST_PAUSE_SECONDS,
        max_attempts=MOST_TRIES, backoff_rate=PAUSE_GROWTH, should_retry=_may_pass,
    )(step)  # fmt: skip


read = _step("read", lambda job_id: _work[0].read(job_id))
store = _step("store", lambda job_id: _work[0].store(job_id))
score = _step("score", lambda job_id: _work[0].score(job_id))
end = _step("end", lambda job_id: _work[0].end(job_id))


@DBOS.step(
    name="fail", retries_allowed=True, interval_seconds=FIRST_PAUSE_SECONDS,
    max_attempts=MOST_TRIES, backoff_rate=PAUSE_GROWTH,
)  # fmt: skip
def fail(job_id: str, why: str, way_out: str) -> None:
    """Say why a job cannot be done."""
    _work[0].fail(job_id, StateError(why, way_out))
