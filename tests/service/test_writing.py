from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.errors import StateError
from service.storage.database import Database
from service.storage.tables import keys
from service.writing import Writer


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database.open(None, tmp_path)
    yield opened
    opened.close()


def add(connection: sa.Connection, name: str) -> str:
    row = {"id": name, "name": name, "role": "officer", "hash": "", "made_at_us": 0}
    connection.execute(sa.insert(keys), row)
    return name


def names(database: Database) -> set[str]:
    with database.reading() as connection:
        return set(connection.execute(sa.select(keys.c.id)).scalars())


def test_what_gathers_while_one_commits_is_one_transaction(database: Database) -> None:
    counts: list[int] = []
    writer = Writer(database, lambda count, seconds: counts.append(count))
    with database.writing():  # the writer waits for the pen, the others for the writer
        done: list[Future[str]] = [
            writer.submit(lambda c, n=f"k{at}": add(c, n)) for at in range(50)
        ]
    assert [one.result(10) for one in done] == [f"k{at}" for at in range(50)]
    writer.close()
    assert sum(counts) == 50
    assert len(counts) <= 3
    assert names(database) == {f"k{at}" for at in range(50)}


def test_one_that_cannot_be_done_takes_nobody_with_it(database: Database) -> None:
    writer = Writer(database)
    with database.writing():
        before = writer.submit(lambda c: add(c, "before"))
        twice = writer.submit(lambda c: add(c, "before"))
        after = writer.submit(lambda c: add(c, "after"))
    assert before.result(10) == "before"
    assert after.result(10) == "after"
    with pytest.raises(sa.exc.IntegrityError):
        twice.result(10)
    writer.close()
    assert names(database) == {"before", "after"}


def test_who_waits_is_served_before_the_end_and_nobody_after(database: Database) -> None:
    async def two() -> list[str]:
        return [await writer.write(lambda c: add(c, "one"))]

    writer = Writer(database)
    assert asyncio.run(two()) == ["one"]
    writer.close()
    with pytest.raises(StateError, match="being stopped"):
        writer.submit(lambda c: add(c, "late"))
