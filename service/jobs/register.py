"""The register of jobs: a row of the database each, and a folder with the upload.

Whoever takes an upload in writes the row, and with that the job is there: the runner finds it by
looking, so that nothing can be lost between two places.
"""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Protocol

import orjson
import sqlalchemy as sa

from service.home import Home
from service.on_disk import sync
from service.storage.audit import record
from service.storage.database import Database
from service.storage.instants import microseconds
from service.storage.tables import jobs

State = Literal["received", "reading", "storing", "scoring", "done", "failed"]
ENDED: tuple[State, ...] = ("done", "failed")

UPLOAD = "upload"
"""Name of the upload in its job's folder; taken away as soon as it is read, for it holds names."""

OLD_SECONDS = 3_600.0
"""A folder without a job that is older than this belongs to an upload that was broken off."""


class JobQueue(Protocol):
    """What works jobs off; `service.jobs.dbos_queue` has the real one."""

    def submit(self, job_id: str) -> None:
        """Have a job worked off to its end, once in effect however often it is submitted."""


@dataclass(frozen=True)
class Job:
    """A manifest on its way.

    Attributes
    ----------
    id : random, 128 bits.
    file_sha256, source : what makes it one job however often it comes.
    state : where it stands.
    report : counts, flights, rejections; or the error and the way out.
    """

    id: str
    file_sha256: str
    source: str
    state: State
    report: dict[str, Any]

    @property
    def attempt(self) -> int:
        """How often it was begun: a job that failed is begun again when its file comes again."""
        return int(self.report.get("attempt", 1))


class Manifests:
    """Takes uploads in, and knows how far they are.

    Parameters
    ----------
    home, database : the state.
    """

    def __init__(self, home: Home, database: Database) -> None:
        self._home = home
        self._database = database

    def folder(self, job_id: str) -> Path:
        """Where the files of a job are."""
        return self._home.root / "uploads" / job_id

    def submit_manifest(self, upload: Path, name: str, source: str, file_sha256: str) -> str:
        """Take a whole upload over.

        Parameters
        ----------
        upload : a file on the state folder's disk; it is moved, unless the job is known.
        name : the name it came by, for people.
        source : who sent it.
        file_sha256 : its hash.

        Returns
        -------
        The job's id; the same for the same file of the same source. One that failed is begun anew.
        """
        known = self._known(file_sha256, source)
        if known is not None and known.state != "failed":
            return known.id
        job_id = known.id if known else secrets.token_hex(16)
        folder = self.folder(job_id)
        folder.mkdir(parents=True, exist_ok=True)
        if known is not None:
            _emptied(folder)
        os.replace(upload, folder / UPLOAD)
        sync(folder)
        sync(folder.parent)
        taken = self._begun(job_id, name, source, file_sha256, known)
        if taken != job_id:
            shutil.rmtree(folder, ignore_errors=True)
        return taken

    def job(self, job_id: str) -> Job | None:
        """A job by its id."""
        with self._database.reading() as connection:
            found = sa.select(jobs).where(jobs.c.id == job_id)
            return _job(connection.execute(found).mappings().one_or_none())

    def unfinished(self) -> list[str]:
        """Ids of the jobs to be worked off, the first come first."""
        asked = sa.select(jobs.c.id).where(jobs.c.state.not_in(ENDED))
        asked = asked.order_by(jobs.c.submitted_at_us, jobs.c.id)
        with self._database.reading() as connection:
            return list(connection.execute(asked).scalars())

    def change(self, job_id: str, **values: Any) -> None:
        """Write down how far a job is; `report` is added to what is told already."""
        now = microseconds(datetime.now(UTC))
        with self._database.writing() as connection:
            if "report" in values:
                values["report_json"] = _added(connection, job_id, values.pop("report"))
            this = sa.update(jobs).where(jobs.c.id == job_id)
            connection.execute(this.values(**values, changed_at_us=now))

    def end(self, job_id: str, state: State, report: Mapping[str, Any]) -> None:
        """Bring a job to its end, and say so in the audit log; once, however often it is called."""
        at = datetime.now(UTC)
        with self._database.writing() as connection:
            found = sa.select(jobs).where(jobs.c.id == job_id)
            row = connection.execute(found).mappings().one()
            if row["state"] in ENDED:
                return
            told = _added(connection, job_id, report)
            ended = sa.update(jobs).where(jobs.c.id == job_id)
            connection.execute(
                ended.values(state=state, report_json=told, changed_at_us=microseconds(at))
            )
            detail = {
                "file_sha256": row["file_sha256"],
                "received": row["received_count"],
                "accepted": row["accepted_count"],
                "rejected": row["rejected_count"],
            }
            record(
                connection,
                actor=row["source"],
                action=f"manifest.{state}",
                subject=job_id,
                detail=detail,
                at=at,
            )

    def clear_up(self) -> None:
        """Take away what uploads that were broken off left behind."""
        uploads = self._home.root / "uploads"
        before = time.time() - OLD_SECONDS
        for path in uploads.glob("*") if uploads.is_dir() else ():
            if path.stat().st_mtime > before:
                continue
            if path.is_file():
                path.unlink(missing_ok=True)
            elif self.job(path.name) is None:
                shutil.rmtree(path, ignore_errors=True)

    def _known(self, file_sha256: str, source: str) -> Job | None:
        asked = sa.select(jobs).where(jobs.c.file_sha256 == file_sha256, jobs.c.source == source)
        with self._database.reading() as connection:
            return _job(connection.execute(asked).mappings().one_or_none())

    def _begun(
        self, job_id: str, name: str, source: str, file_sha256: str, known: Job | None
    ) -> str:
        """Write the row of a job, or begin a failed one anew; the id of the one that stands."""
        at = datetime.now(UTC)
        fresh: dict[str, Any] = {
            "state": "received", "done_count": 0, "total_count": 0, "received_count": 0,
            "accepted_count": 0, "rejected_count": 0, "changed_at_us": microseconds(at),
            "report_json": _json({"attempt": known.attempt + 1 if known else 1}),
        }  # fmt: skip
        same = sa.select(jobs.c.id).where(
            jobs.c.file_sha256 == file_sha256, jobs.c.source == source
        )
        with self._database.writing() as connection:
            there = connection.execute(same).scalar_one_or_none()
            if there is not None and known is None:
                return str(there)  # it came twice at the same moment
            if known is not None:
                again = sa.update(jobs).where(jobs.c.id == job_id)
                connection.execute(again.values(**fresh))
            else:
                connection.execute(
                    sa.insert(jobs).values(
                        **fresh, id=job_id, file_sha256=file_sha256, file_name=name[:256],
                        source=source, submitted_at_us=microseconds(at),
                    )
                )  # fmt: skip
            record(connection, actor=source, action="manifest.received", subject=job_id,
                   detail={"file_sha256": file_sha256}, at=at)  # fmt: skip
        return job_id


def _job(row: Any) -> Job | None:
    if row is None:
        return None
    report = orjson.loads(row["report_json"])
    return Job(row["id"], row["file_sha256"], row["source"], row["state"], report)


def _added(connection: sa.Connection, job_id: str, report: Mapping[str, Any]) -> str:
    told = sa.select(jobs.c.report_json).where(jobs.c.id == job_id)
    return _json(orjson.loads(connection.execute(told).scalar_one()) | dict(report))


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _emptied(folder: Path) -> None:
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
