"""The audit log: who did what, when; each row holds the hash of the one before it.

A row's hash is SHA-256 of the hash before it and the row as canonical JSON, so that nothing in
the middle can be changed, taken out or moved without every later hash being wrong. Triggers refuse
changes and gaps. That the end was cut off, or everything written anew, shows against the heads
that were written down elsewhere (`service.storage.anchor`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa

from service.storage.anchor import Anchor
from service.storage.instants import microseconds
from service.storage.quick import Quick
from service.storage.tables import audit

BEGINNING = "0" * 64
"""What stands for the hash before the first row."""

ROWS_AT_ONCE = 10_000

_LAST = Quick(
    sa.select(audit.c.id, audit.c.hash).where(
        audit.c.id == sa.select(sa.func.max(audit.c.id)).scalar_subquery()
    )
)
_INSERT = Quick(sa.insert(audit))


@dataclass(frozen=True)
class Event:
    """Something that was done.

    Attributes
    ----------
    actor : key id, pseudonym of a person, or the command that did it.
    action : what, in two words with a dot, such as `declarations.kept`.
    subject : the public id or name of what it was done to.
    detail : counts and hashes; never personal data.
    at : when (UTC).
    """

    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True)
class Verdict:
    """What came of walking the chain.

    Attributes
    ----------
    is_whole : nothing was changed, taken out, moved or cut off.
    count : rows that are as they were written, from the first on.
    head : hash of the last of them.
    broken_id : the first row that is not; None where all are.
    why : what is wrong with it, in words; empty where all is well.
    """

    is_whole: bool
    count: int
    head: str
    broken_id: int | None = None
    why: str = ""


def record(
    connection: sa.Connection,
    *,
    actor: str,
    action: str,
    subject: str,
    detail: Mapping[str, Any],
    at: datetime,
) -> None:
    """Append one event, in the transaction of what it tells of.

    Parameters
    ----------
    connection : one that writes (`Database.writing`): only one process may append at a time.
    actor, action, subject, detail, at : see `Event`.
    """
    record_all(connection, [Event(actor, action, subject, detail, at)])


def record_all(connection: sa.Connection, events: Iterable[Event]) -> None:
    """Append events, in the transaction of what they tell of."""
    number, previous = head(connection)
    rows: list[dict[str, Any]] = []
    for event in events:
        row: dict[str, Any] = {
            "id": number + len(rows) + 1,
            "happened_at_us": microseconds(event.at),
            "actor": event.actor,
            "action": event.action,
            "subject": event.subject,
            "detail_json": orjson.dumps(event.detail, option=orjson.OPT_SORT_KEYS).decode(),
        }
        hashed = _hash(previous, row)
        rows.append(row | {"previous_hash": previous, "hash": hashed})
        previous = hashed
    if rows:
        _INSERT.run_all(connection, rows)


def head(connection: sa.Connection) -> tuple[int, str]:
    """Number and hash of the last row; 0 and `BEGINNING` where there is none."""
    for number, hashed in _LAST.run(connection, {}):
        return int(number), str(hashed)
    return 0, BEGINNING


def verify(connection: sa.Connection, anchors: Sequence[Anchor] = ()) -> Verdict:
    """Walk the whole chain, and compare it with heads that were written down.

    Parameters
    ----------
    connection : one state of the database.
    anchors : heads written down earlier, in any order.
    """
    expected: dict[int, set[str]] = {}
    for anchor in anchors:
        expected.setdefault(anchor.id, set()).add(anchor.hash)
    number, previous = 0, BEGINNING
    rows = connection.execution_options(yield_per=ROWS_AT_ONCE).execute(
        sa.select(audit).order_by(audit.c.id)
    )
    for row in rows.mappings():
        why = _wrong(dict(row), number + 1, previous, expected)
        if why:
            return Verdict(False, number, previous, number + 1, why)
        number, previous = number + 1, str(row["hash"])
    cut = sorted(id for id in expected if id > number)
    if cut:
        why = f"the log ends at row {number}, but row {cut[-1]} was written down as its head"
        return Verdict(False, number, previous, number + 1, why)
    return Verdict(True, number, previous)


def _wrong(row: dict[str, Any], number: int, previous: str, expected: dict[int, set[str]]) -> str:
    """What is wrong with a row, if anything."""
    if row["id"] != number:
        return f"row {number} is not there; the next one is row {row['id']}"
    if row["previous_hash"] != previous:
        return f"row {number} does not follow the row before it"
    if row["hash"] != _hash(previous, row):
        return f"row {number} is not as it was written"
    if expected.get(number, {row["hash"]}) != {row["hash"]}:
        return f"row {number} is not the one that was written down as the head of the log"
    return ""


def _hash(previous: str, row: Mapping[str, Any]) -> str:
    content = [row["id"], row["happened_at_us"], row["actor"], row["action"], row["subject"],
               row["detail_json"]]  # fmt: skip
    return hashlib.sha256(previous.encode() + orjson.dumps(content)).hexdigest()
