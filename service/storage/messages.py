"""What came as a message, kept as rows of the database.

A row that is in force already is not written again; a row of a known key with other content is an
amendment, kept beside the first; sending the first again puts it in force again. The same holds
for files (`service.receipts`); the tests compare the two.

Rows are compared with what came as messages. What files brought is not looked up, for that takes
too long: a row whose flight got a file since it came is written again to be in force for sure. It
is one row in every view.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa

from service.storage import kinds
from service.storage.audit import Event, record_all
from service.storage.content import content_hash
from service.storage.instants import microseconds
from service.storage.kinds import DOUBT, Instance, Kind, Written
from service.storage.quick import Quick
from service.storage.tables import receipts

CanonicalRow = dict[str, Any]
"""The columns of `engine.declaration.Declaration`, or of an outcome, as Python values."""

STORED, REPEATED, AMENDED = "stored", "repeated", "amended"


@dataclass(frozen=True)
class Message:
    """One message, as it came through the door.

    Attributes
    ----------
    rows : accepted rows.
    source : key id or pseudonym of who sent it.
    at : when it was received (UTC).
    rejected_count : rows that were refused at the door.
    answer : what the sender is answered, without any score.
    """

    rows: Sequence[CanonicalRow]
    source: str
    at: datetime
    rejected_count: int = 0
    answer: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Kept:
    """What became of a message.

    Attributes
    ----------
    receipt_id : its number among all receipts.
    public_id : its name for the outside; random, 128 bits.
    statuses : for each of its rows `stored`, `repeated` or `amended`, in their order.
    """

    receipt_id: int
    public_id: str
    statuses: list[str]


def keep_declarations(
    connection: sa.Connection,
    rows: Sequence[CanonicalRow],
    *,
    source: str,
    at: datetime,
    rejected_count: int = 0,
    answer: Mapping[str, Any] | None = None,
) -> Kept:
    """Keep the declarations of one message; on disk when the transaction is committed.

    Parameters
    ----------
    connection : one that writes (`Database.writing`).
    rows, source, at, rejected_count, answer : see `Message`.
    """
    message = Message(rows, source, at, rejected_count, answer)
    return keep_all(connection, kinds.DECLARATIONS, [message])[0]


def keep_outcomes(
    connection: sa.Connection,
    rows: Sequence[CanonicalRow],
    *,
    source: str,
    at: datetime,
    rejected_count: int = 0,
    answer: Mapping[str, Any] | None = None,
) -> Kept:
    """Keep the control results of one message; on disk when the transaction is committed.

    Parameters
    ----------
    connection : one that writes (`Database.writing`).
    rows, source, at, rejected_count, answer : see `Message`.
    """
    message = Message(rows, source, at, rejected_count, answer)
    return keep_all(connection, kinds.OUTCOMES, [message])[0]


def keep_all(connection: sa.Connection, kind: Kind, messages: Sequence[Message]) -> list[Kept]:
    """Keep several messages, as if one after the other, at less than the cost of each alone.

    Parameters
    ----------
    connection : one that writes (`Database.writing`).
    kind : `kinds.DECLARATIONS` or `kinds.OUTCOMES`.
    messages : in the order in which they were received.
    """
    written = [[_written(kind, row) for row in message.rows] for message in messages]
    known = kind.known(connection, [row for rows in written for row in rows])
    keys = {kind.key(instance) for instance in known}
    judged = [_judged(kind, rows, known, keys) for rows in written]
    public_ids = [secrets.token_hex(16) for _ in messages]
    drafts = [_receipt(kind, *parts) for parts in zip(messages, judged, public_ids, strict=True)]
    numbers = _numbered(connection, drafts)
    fresh = [
        (number, at, row)
        for number, part in zip(numbers, judged, strict=True)
        for at, row in enumerate(part.fresh)
    ]
    if fresh:
        kind.insert(connection, fresh)
    record_all(
        connection,
        (_event(kind, *parts) for parts in zip(messages, numbers, public_ids, judged, strict=True)),
    )
    return [
        Kept(number, public_id, part.statuses)
        for number, public_id, part in zip(numbers, public_ids, judged, strict=True)
    ]


@dataclass
class _Judged:
    """The rows of a message: what to write, in order, and what to tell of each."""

    statuses: list[str] = field(default_factory=list)
    fresh: list[Written] = field(default_factory=list)

    def count(self, status: str) -> int:
        return self.statuses.count(status)


def _written(kind: Kind, row: CanonicalRow) -> Written:
    text = kind.form.text(row)
    return Written(kind.instance(row), content_hash(text), text.decode(), row)


def _judged(
    kind: Kind, rows: list[Written], known: dict[Instance, list[str]], keys: set[Instance]
) -> _Judged:
    """Judge the rows of one message, and make them and their keys known to the next."""
    judged = _Judged([REPEATED] * len(rows))
    order = kind.order(rows)
    wanted = _wanted([rows[at] for at in order], known)
    for at, is_wanted in zip(order, wanted, strict=True):
        if not is_wanted:
            continue
        row = rows[at]
        key = kind.key(row.instance)
        versions = known.setdefault(row.instance, [])
        if key not in keys:
            judged.statuses[at] = STORED
        elif versions[-2:] != [row.hash, DOUBT]:
            judged.statuses[at] = AMENDED
        keys.add(key)
        versions.append(row.hash)
        judged.fresh.append(row)
    return judged


def _wanted(rows: list[Written], known: Mapping[Instance, list[str]]) -> list[bool]:
    """Which rows to write, so that of each instance the last of them is in force afterwards."""
    if len({row.instance for row in rows}) == len(rows):  # the usual case
        return [known.get(row.instance, [""])[-1] != row.hash for row in rows]
    last_of: dict[Instance, str] = {row.instance: row.hash for row in rows}
    last_at = {(row.instance, row.hash): at for at, row in enumerate(rows)}
    never_seen = [row.hash not in known.get(row.instance, ()) for row in rows]
    brings_new = {row.instance for row, is_new in zip(rows, never_seen, strict=True) if is_new}

    def is_wanted(at: int, row: Written) -> bool:
        if last_at[row.instance, row.hash] != at:
            return False
        if never_seen[at]:
            return True
        # A known one that comes after a new one of the same message must come after it here too.
        in_force = known[row.instance][-1]
        return row.hash == last_of[row.instance] and (
            row.hash != in_force or row.instance in brings_new
        )

    return [is_wanted(at, row) for at, row in enumerate(rows)]


def _receipt(kind: Kind, message: Message, judged: _Judged, public_id: str) -> dict[str, Any]:
    answer = message.answer
    return {
        "public_id": public_id,
        "kind": kind.name,
        "form": "message",
        "source": message.source,
        "received_at_us": microseconds(message.at),
        "row_count": len(message.rows),
        "stored_count": judged.count(STORED),
        "repeated_count": judged.count(REPEATED),
        "amended_count": judged.count(AMENDED),
        "rejected_count": message.rejected_count,
        "is_whole": True,
        "answer_json": None if answer is None else orjson.dumps(answer).decode(),
    }


_COLUMNS = ("public_id", "kind", "form", "source", "received_at_us", "row_count", "stored_count",
            "repeated_count", "amended_count", "rejected_count", "is_whole",
            "answer_json")  # fmt: skip
_NEW_RECEIPT = Quick(
    sa.insert(receipts)
    .values({name: sa.bindparam(name) for name in _COLUMNS})
    .returning(receipts.c.id)
)


def _numbered(connection: sa.Connection, drafts: list[dict[str, Any]]) -> list[int]:
    """The numbers of new receipts, in their order."""
    return [int(_NEW_RECEIPT.run(connection, draft)[0][0]) for draft in drafts]


def _event(kind: Kind, message: Message, number: int, public_id: str, judged: _Judged) -> Event:
    """What the audit log says: counts, and a hash of what was written."""
    hashes = "".join(row.hash for row in judged.fresh)
    detail = {
        "receipt": number,
        STORED: judged.count(STORED),
        REPEATED: judged.count(REPEATED),
        AMENDED: judged.count(AMENDED),
        "rejected": message.rejected_count,
        "content_sha256": hashlib.sha256(hashes.encode()).hexdigest(),
    }
    return Event(message.source, f"{kind.name}.kept", public_id, detail, message.at)
