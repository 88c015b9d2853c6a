from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from polars.testing import assert_frame_equal

from service.home import Home
from service.receipts import Receipt, write
from service.storage.database import Database
from service.storage.filed import announce
from service.storage.tables import receipts
from service.store import Store
from tests.service.rows import DAY, canonical, table


@pytest.fixture
def store(database: Database) -> Store:
    return Store(Home(database.folder), database)


def told(database: Database) -> list[tuple[int, bool, int]]:
    asked = sa.select(receipts.c.id, receipts.c.is_whole, receipts.c.stored_count)
    with database.reading() as connection:
        return [tuple(row) for row in connection.execute(asked.order_by(receipts.c.id))]


def announced(database: Database) -> Path:
    """The file of a writer that died right after it drew a number."""
    folder = database.folder / "declarations" / f"flight_date={DAY}"
    folder.mkdir(parents=True, exist_ok=True)
    _, path = announce(database, kind="declarations", folder=folder, source="s", receipt=Receipt(3))
    return path


def test_a_file_announced_and_never_written_is_taken_back(database: Database, store: Store) -> None:
    path = announced(database)
    path.with_name(f".draft-{path.name}").write_bytes(b"half a fi")
    assert store.day(DAY).is_empty()
    assert store.add_declarations(canonical(table(2))) == Receipt(2, 0, 0)
    assert told(database) == [(2, True, 2)]
    assert not [*database.folder.rglob(".draft-*")]


def test_a_file_written_and_not_yet_acknowledged_counts_once(
    database: Database, store: Store
) -> None:
    rows = canonical(table(3))
    write(rows.drop("row_number"), announced(database))
    assert store.add_declarations(rows) == Receipt(0, 3, 0)
    assert store.add_declarations(canonical(table(4))) == Receipt(1, 3, 0)
    assert told(database) == [(1, True, 3), (2, True, 1)]
    assert store.versions(DAY).height == 4
    assert database.verify_audit().count == 2


def test_a_folder_of_before_the_database_goes_on(url: str | None, tmp_path: Path) -> None:
    home = Home(tmp_path / "state")
    days = [DAY, date(2026, 3, 3)]
    for day in days:
        Store(home).add_declarations(canonical(table(2, flight_date=day.isoformat())))
    for path in home.declarations.glob("*/*.parquet"):  # each folder numbered its own
        path.rename(path.with_name("000000000001.parquet"))
    for path in home.root.glob("triage.db*"):
        path.unlink()
    if url is None:
        store = Store(home)
        assert [store.day(day).height for day in days] == [2, 2]
        assert not (home.root / "triage.db").exists()
    database = Database.open(url, home.root)
    store = Store(home, database)
    amended = canonical(table(2, intrinsic_value=99))
    assert store.add_declarations(amended) == Receipt(0, 0, 2)
    assert store.day(DAY)["value_cents"].to_list() == [9900, 9900]
    names = sorted(path.name for path in home.declarations.glob(f"flight_date={DAY}/*"))
    assert names == ["000000000001.parquet", "000000000002.parquet"]


def test_a_lost_database_takes_no_file_with_it(tmp_path: Path) -> None:
    home = Home(tmp_path / "state")
    Store(home).add_declarations(canonical(table(2)))
    before = Store(home).day(DAY)
    for path in home.root.glob("triage.db*"):
        path.unlink()
    assert_frame_equal(Store(home).day(DAY), before)
    assert Store(home).add_declarations(canonical(table(3))) == Receipt(1, 2, 0)


def test_a_whole_state_can_be_copied_and_goes_on(tmp_path: Path) -> None:
    home, copy = Home(tmp_path / "state"), Home(tmp_path / "copy")
    store = Store(home)
    store.add_declarations(canonical(table(2)))
    shutil.copytree(home.root, copy.root)
    store.add_declarations(canonical(table(3)))
    assert Store(copy).add_declarations(canonical(table(4))) == Receipt(2, 2, 0)
