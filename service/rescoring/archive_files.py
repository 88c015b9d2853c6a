"""The files of an archive: what they hold, and their rows behind the door.

A file in kept form (canonical columns, such as the receipts of a state) is read as it is. Any
other goes through the door once: its rows are kept by flight under the hash of its content, so that
a second rescoring finds them there.
"""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from engine import acceptance, declaration, intake, pseudonym
from engine.errors import InputError, TriageError
from engine.pseudonym import keyed_hash
from service.manifest_file import FORMS
from service.rates import ReferenceRates
from service.receipts import ORDER, ROW_BITS, number_of
from service.reception import declarations_door, receive
from service.rescoring.places import Place, file_name
from service.rescoring.tasks import FileSeen, Flight, Job, LookAt, Part
from service.store import DECLARATION_SCHEMA, Store, as_they_stood

REJECTED = "rejected"
"""Folder of the rejected rows of each file, below that of the canonical rows."""

_DAMAGED = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError)


def files_of(archive: Place) -> tuple[Place, list[Place]]:
    """The folder of the declarations, and its files in order.

    A folder that holds a folder `declarations` (a state, a generated world) means that one.

    Raises
    ------
    InputError
        It is not there, or holds no table.
    """
    if not archive.exists():
        raise InputError(f"There is no archive {archive.url}.", "Check the name.")
    inner = archive.at("declarations")
    folder = inner if inner.exists() else archive
    endings = tuple(e for form in FORMS.values() for e in form if e != ".txt")
    found = [place for place in folder.files() if place.name.lower().endswith(endings)]
    if not found:
        raise InputError(
            f"The archive {folder.url} holds no table.", f"Accepted are {', '.join(endings)}."
        )
    return folder, found


def numbered(folder: Place, files: Sequence[Place]) -> list[LookAt]:
    """What to look at: receipts under the numbers of their receipt, other files in their order."""
    return [
        LookAt(file, file.below(folder), number_of(Path(file.name)) or at)
        for at, file in enumerate(files, start=1)
    ]


def messages_of(job: Job, store: Store) -> list[LookAt]:
    """What came to a state as messages, written as files that can be read like its receipts."""
    tasks = []
    for day, rows in store.messages():
        file = job.work.at("messages", f"{day}.parquet")
        file.keep(rows.sort(ORDER))
        tasks.append(LookAt(file, f"messages of {day}", 0))
    return tasks


def door_mark(key: bytes) -> str:
    """Names the door and its key, without giving the key away."""
    digest = hashlib.sha256(f"{keyed_hash('parcel-triage', key, b'mark'):016x}".encode())
    for module in (acceptance, declaration, intake, pseudonym):
        digest.update(inspect.getsource(module).encode())
    return digest.hexdigest()[:16]


def look_at(job: Job, task: LookAt) -> FileSeen:
    """What a file holds; its rows are there in canonical form afterwards."""
    seen = FileSeen(task.name, task.number, "")
    try:
        seen = replace(seen, sha256=task.file.sha256())
        if _is_canonical(task.file):
            return _as_it_is(seen, task.file)
        return _taken_in(job, seen, task.file)
    except TriageError as problem:
        return replace(seen, error=f"{problem.message} {problem.way_out}")
    except _DAMAGED as problem:
        return replace(seen, error=f"{task.file.url} cannot be read: {problem}.")


def rows_of(flight: Flight) -> pl.DataFrame:
    """All rows of a flight as they stood at the end of its day, in canonical order.

    Parts are read as the receipts of a store are: of two versions of a row lodged at one instant
    that of the later file stands.
    """
    is_flight = (pl.col("flight_number") == flight.number) & (pl.col("flight_date") == flight.on)
    parts = []
    for part in flight.parts:
        parts.append(_ordered(part).filter(is_flight).collect())
    return as_they_stood(pl.concat(parts))


def _ordered(part: Part) -> pl.LazyFrame:
    """The rows of a file, with `ORDER`."""
    source = Place(part.url).source()
    if not part.number:  # messages, which say it themselves
        return pl.scan_parquet(source, hive_partitioning=False)
    rows = pl.scan_parquet(
        source, schema=DECLARATION_SCHEMA, row_index_name=ORDER, hive_partitioning=False,
        missing_columns="insert", extra_columns="ignore",
    )  # fmt: skip
    return rows.with_columns(pl.col(ORDER).cast(pl.Int64) + (part.number << ROW_BITS))


def _is_canonical(file: Place) -> bool:
    with file.as_file() as path:
        try:
            columns = set(pl.read_parquet_schema(path))
        except _DAMAGED:
            return False
    return {"importer_key", "value_cents", "gross_mass_mg"} <= columns


def _as_it_is(seen: FileSeen, file: Place) -> FileSeen:
    keys = pl.read_parquet(
        file.source(), columns=["flight_number", "flight_date"], hive_partitioning=False
    )
    flights = tuple((number, on, count, file.url) for number, on, count in _counted(keys))
    return replace(seen, received_count=keys.height, flights=flights)


def _taken_in(job: Job, seen: FileSeen, file: Place) -> FileSeen:
    """Rows through the door, kept by flight; at once if the same content was taken in before."""
    folder = job.canonical.at(job.door)
    note = folder.at("files", f"{seen.sha256}.json")
    if note.exists():
        return _noted(seen, json.loads(note.read()), folder)
    door = declarations_door(ReferenceRates(), job.key)
    with file.as_file() as path:
        received = receive(path, door)
    flights = []
    for (number, on), part in received.rows.partition_by(
        "flight_number", "flight_date", as_dict=True, maintain_order=True
    ).items():
        way = f"flight_date={on}/{file_name(str(number))}/{seen.sha256}.parquet"
        folder.at(way).keep(part.select(DECLARATION_SCHEMA.keys()))
        flights.append((str(number), str(on), part.height, way))
    if not received.rejections.is_empty():
        rejections = received.rejections.with_columns(file=pl.lit(seen.name))
        folder.at(REJECTED, f"{seen.sha256}.parquet").keep(rejections)
    rules = received.rejections.group_by("rule").len().sort("rule")
    told = {
        "received_count": received.received_count,
        "rejected_count": received.rejected_count,
        "rules": dict(rules.iter_rows()),
        "flights": flights,
    }
    note.write(json.dumps(told).encode())
    return _noted(seen, told, folder)


def _noted(seen: FileSeen, told: dict[str, Any], folder: Place) -> FileSeen:
    flights = tuple(
        (number, date.fromisoformat(on), count, folder.at(way).url)
        for number, on, count, way in told["flights"]
    )
    return replace(
        seen,
        received_count=told["received_count"],
        rejected_count=told["rejected_count"],
        rules=told["rules"],
        flights=flights,
    )


def _counted(keys: pl.DataFrame) -> Iterable[tuple[str, date, int]]:
    counted = keys.group_by("flight_number", "flight_date").len()
    return counted.sort("flight_date", "flight_number").iter_rows()


def rejections_of(job: Job, seen: Iterable[FileSeen]) -> pl.DataFrame | None:
    """All rejected rows with their rules; None if there are none."""
    folder = job.canonical.at(job.door, REJECTED)
    parts = [folder.at(f"{one.sha256}.parquet").frame() for one in seen if one.rejected_count]
    return pl.concat(parts) if parts else None
