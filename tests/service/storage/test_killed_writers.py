from __future__ import annotations

import multiprocessing
import time
from contextlib import suppress
from pathlib import Path

import pytest
import sqlalchemy as sa

from service.home import Home
from service.storage.database import Database
from service.storage.tables import receipts
from service.store import Store
from tests.service.killed_writer import write_until_killed
from tests.service.rows import DAY, canonical, table

KILLS = 10
ROWS = 20


def killed_after(
    seconds: float, state: Path, url: str | None, rows: Path, name: str, as_files: bool
) -> list[str]:
    """What a writer acknowledged before it was killed, some time after its first receipt."""
    context = multiprocessing.get_context("forkserver")
    heard, told = context.Pipe(duplex=False)
    arguments = (state, url, rows, name, as_files, told)
    process = context.Process(target=write_until_killed, args=arguments)
    process.start()
    told.close()
    acknowledged = [heard.recv()]
    time.sleep(seconds)
    process.kill()
    process.join()
    with suppress(EOFError):
        while True:
            acknowledged.append(heard.recv())
    return acknowledged


@pytest.mark.parametrize("as_files", [True, False], ids=["files", "messages"])
def test_killed_writers_lose_nothing_they_acknowledged_and_double_nothing(
    url: str | None, tmp_path: Path, as_files: bool
) -> None:
    state, rows = tmp_path / "state", tmp_path / "rows.parquet"
    canonical(table(ROWS)).write_parquet(rows)
    acknowledged: set[str] = set()
    for kill in range(KILLS):
        acknowledged |= set(killed_after(0.007 * kill, state, url, rows, f"K{kill}", as_files))
    database = Database.open(url, state)
    store = Store(Home(state), database)
    store.add_declarations(canonical(table(1)))
    stored = store.versions(DAY)["hawb"]
    batches = {name.split("-")[0] for name in stored if "-" in name}
    assert acknowledged <= batches
    assert len(batches - acknowledged) <= KILLS  # written, and killed before it could say so
    assert stored.len() == stored.n_unique() == ROWS * len(batches) + 1
    assert not list(state.rglob(".draft-*"))
    assert database.verify_audit().is_whole
    with database.reading() as connection:
        told = connection.execute(sa.select(receipts)).all()
    assert all(row.is_whole for row in told)
    assert sum(row.row_count for row in told) == stored.len()
