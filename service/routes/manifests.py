"""`POST /v1/manifests`: a file streamed to the disk, and the job that makes scores of it."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi import Path as InPath
from fastapi.responses import Response
from sqlalchemy import select

from service.access.requires import requires
from service.access.roles import Caller, Role
from service.parts import Parts
from service.routes.answers import Job
from service.routes.examples import MANIFEST_CSV
from service.routes.faults import MalformedBodyError, NoRoomError, NotThereError
from service.routes.json_answer import json_answer
from service.routes.problem_answers import PROBLEMS
from service.storage.faults import StorageUnavailable
from service.storage.instants import instant_of
from service.storage.tables import jobs

PIECE_BYTES = 1 << 20
"""Written to the disk at once, in a thread (estimate)."""

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

_FORMS = (
    "text/csv", "application/json", "application/x-ndjson", "application/vnd.apache.parquet",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/octet-stream",
)  # fmt: skip
_FILE = {"type": "string", "format": "binary", "minLength": 1}
_BODY = {
    "requestBody": {
        "required": True,
        "description": "The file itself, in any accepted form; what it holds decides, not its name",
        "content": {
            name: {"schema": {} if name == "application/json" else _FILE}
            | ({"examples": {"one row": {"value": MANIFEST_CSV}}} if name == "text/csv" else {})
            for name in _FORMS
        },
    }
}


def router(parts: Parts) -> APIRouter:
    """The routes of manifests."""
    routes = APIRouter(tags=["manifests"])
    folder = parts.home.root / "uploads"

    @routes.post(
        "/v1/manifests",
        status_code=202,
        response_model=Job,
        responses=PROBLEMS,
        openapi_extra=_BODY,
        summary="Send a flight's manifest as a file",
    )
    async def post_manifest(
        request: Request, caller: Annotated[Caller, Depends(requires(Role.OFFICER))]
    ) -> Response:
        """Answered as soon as the file is on the disk; the job goes on whatever happens to the
        service. Safe to repeat: the same file again is the same job.
        """
        with _faults_of_the_disk():
            path, digest = await _kept(request, folder)
            try:
                job_id = await asyncio.to_thread(
                    parts.queue.submit_manifest, path, "upload", caller.actor, digest
                )
            finally:
                with suppress(OSError):
                    path.unlink(missing_ok=True)
        answer = await asyncio.to_thread(_told, parts, job_id)
        response = json_answer(answer, status=202)
        response.headers["Location"] = f"/v1/manifests/{job_id}"
        return response

    @routes.get(
        "/v1/manifests/{id}",
        response_model=Job,
        responses=PROBLEMS,
        summary="State and progress of a manifest",
    )
    def get_manifest(
        job_id: Annotated[str, InPath(alias="id", max_length=64)],
        caller: Annotated[Caller, Depends(requires(Role.OFFICER))],
    ) -> Response:
        """Counts of accepted and rejected rows, and rejected rows with the names of the rules."""
        return json_answer(_told(parts, job_id))

    return routes


async def _kept(request: Request, folder: Path) -> tuple[Path, str]:
    """The body as a file on the disk, and its SHA-256; nothing is left of half an upload."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    path = folder / f".draft-{secrets.token_hex(16)}"
    digest, waiting, total = hashlib.sha256(), bytearray(), 0
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        async for piece in request.stream():
            waiting += piece
            total += len(piece)
            if len(waiting) >= PIECE_BYTES:
                await asyncio.to_thread(_write, handle, digest, bytes(waiting))
                waiting.clear()
        await asyncio.to_thread(_write, handle, digest, bytes(waiting))
        await asyncio.to_thread(os.fsync, handle)
        if not total:
            raise MalformedBodyError("The manifest is empty.", "Send the file as the body.")
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    finally:
        os.close(handle)
    return path, digest.hexdigest()


@contextmanager
def _faults_of_the_disk() -> Iterator[None]:
    """Say what a disk that does not take an upload means to its sender."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise NoRoomError from error
        raise StorageUnavailable(f"the upload cannot be kept ({error.strerror})") from error


def _write(handle: int, digest: Any, piece: bytes) -> None:
    digest.update(piece)
    view = memoryview(piece)
    while view:
        view = view[os.write(handle, view) :]


def _told(parts: Parts, job_id: str) -> dict[str, Any]:
    with parts.database.reading() as connection:
        row = connection.execute(select(jobs).where(jobs.c.id == job_id)).mappings().one_or_none()
    if row is None:
        raise NotThereError("There is no such job.", "Give the id that the upload was answered.")
    counts = ("done_count", "total_count", "received_count", "accepted_count", "rejected_count")
    return {
        "id": row["id"],
        "state": row["state"],
        **{name: row[name] for name in counts},
        "submitted_at": instant_of(row["submitted_at_us"]),
        "changed_at": instant_of(row["changed_at_us"]),
        "report": json.loads(row["report_json"]),
    }
