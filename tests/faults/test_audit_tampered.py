"""R15: the audit log is tampered with by somebody who may do everything in the database."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from service.storage.anchor import Anchor
from service.storage.audit import Event, head, record_all, verify
from service.storage.database import Database
from service.storage.tables import audit
from tests.faults.counts import count, drawn, figure

TAMPERINGS = count(1_000, 100)
ROWS = 40
AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
COLUMNS = ("happened_at_us", "actor", "action", "subject", "detail_json", "previous_hash", "hash")


class Undone(Exception):  # noqa: N818 - never leaves this module
    """Takes a tampering back."""


def delete(connection: sa.Connection, chance: random.Random) -> None:
    connection.execute(sa.delete(audit).where(audit.c.id == chance.randint(1, ROWS)))


def edit(connection: sa.Connection, chance: random.Random) -> None:
    name = chance.choice(COLUMNS)
    value = chance.randrange(1 << 40) if name == "happened_at_us" else f"{chance.random()}"
    this = audit.c.id == chance.randint(1, ROWS)
    connection.execute(sa.update(audit).where(this).values({name: value}))


def swap(connection: sa.Connection, chance: random.Random) -> None:
    one, other = chance.sample(range(1, ROWS + 1), 2)
    for old, new in ((one, -1), (other, one), (-1, other)):
        connection.execute(sa.update(audit).where(audit.c.id == old).values(id=new))


def truncate(connection: sa.Connection, chance: random.Random) -> None:
    connection.execute(sa.delete(audit).where(audit.c.id > chance.randint(0, ROWS - 1)))


def double(connection: sa.Connection, chance: random.Random) -> None:
    row = connection.execute(sa.select(audit).where(audit.c.id == chance.randint(1, ROWS))).one()
    connection.execute(sa.insert(audit).values(row._asdict() | {"id": ROWS + 1}))


def write_anew(connection: sa.Connection, chance: random.Random) -> None:
    """The whole chain from some row on, with right hashes: only the anchor shows it."""
    first = chance.randint(1, ROWS)
    connection.execute(sa.delete(audit).where(audit.c.id >= first))
    record_all(connection, [event(at, "somebody else") for at in range(first, ROWS + 1)])


def event(at: int, actor: str) -> Event:
    return Event(actor, "list.issued", f"s{at}", {"at": at}, AT)


WAYS: list[Callable[[sa.Connection, random.Random], None]] = [
    delete, edit, swap, truncate, double, write_anew,
]  # fmt: skip


def test_every_tampering_is_found(tmp_path: Path) -> None:
    database, chance = Database.open(None, tmp_path), drawn("R15")
    with database.writing() as connection:
        record_all(connection, [event(at, "k") for at in range(1, ROWS + 1)])
        anchor = Anchor(*head(connection))
        for trigger in ("audit_is_not_changed", "audit_is_not_deleted", "audit_has_no_gap"):
            connection.execute(sa.text(f"DROP TRIGGER {trigger}"))
    found = 0
    for at in range(TAMPERINGS):
        way = WAYS[at % len(WAYS)]
        try:
            with database.writing() as connection:
                way(connection, chance)
                assert not verify(connection, [anchor]).is_whole, way.__name__
                found += 1
                raise Undone
        except Undone:
            continue
    with database.reading() as connection:
        assert verify(connection, [anchor]).is_whole
    database.close()
    assert found == TAMPERINGS
    figure("R15", f"{found:,} of {TAMPERINGS:,} tamperings found (delete, edit, swap, truncate, "
           "double, write anew against the head written down)")  # fmt: skip
