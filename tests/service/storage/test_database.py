from __future__ import annotations

import multiprocessing
import os
import re
import shutil
from pathlib import Path

import pysqlite3
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from engine.errors import SettingError, StateError
from service.receipts import Receipt
from service.storage.audit import verify
from service.storage.database import Database
from service.storage.engines import check_sqlite, embedded_engine, is_sound, server_engine
from service.storage.faults import StorageFull, StorageUnavailable
from service.storage.filed import announce
from service.storage.schema import HEAD, migrate, version
from service.storage.tables import METADATA, arrivals, keys
from tests import postgres
from tests.service.killed_writer import open_and_write

KEY = {"id": "k1", "name": "n", "role": "officer", "hash": "h", "made_at_us": 1}


def count(database: Database) -> int:
    with database.reading() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(keys)).scalar_one()


def test_the_migrations_make_exactly_the_tables_that_are_declared(database: Database) -> None:
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_the_embedded_tables_are_declared_to_the_letter(tmp_path: Path) -> None:
    """Strict tables and counted numbers are nothing that Alembic compares."""
    declared = sa.create_engine("sqlite://", module=pysqlite3)
    METADATA.create_all(declared)
    asked = sa.text("SELECT name, sql FROM sqlite_master WHERE type <> 'trigger'")

    def words(connection: sa.Connection) -> dict[str, list[str]]:
        found = connection.execute(asked).all()
        return {name: sorted(re.findall(r"\w+", sql or "")) for name, sql in found}

    with declared.connect() as connection:
        expected = words(connection)
    with Database.open(None, tmp_path).reading() as connection:
        made = {name: sql for name, sql in words(connection).items() if "alembic" not in name}
    assert made == expected


def test_what_is_written_is_there_and_what_failed_is_not(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(sa.insert(keys), KEY)
    with pytest.raises(sa.exc.IntegrityError), database.writing() as connection:
        connection.execute(sa.insert(keys), [KEY | {"id": "k2"}, KEY])
    assert count(database) == 1


def test_a_reader_sees_one_state_while_another_writes(database: Database) -> None:
    asked = sa.select(sa.func.count()).select_from(keys)
    with database.reading() as reader:
        assert reader.execute(asked).scalar_one() == 0
        with database.writing() as connection:
            connection.execute(sa.insert(keys), KEY)
        assert reader.execute(asked).scalar_one() == 0
    assert count(database) == 1


def test_processes_that_open_and_write_at_once_do_not_fail(url: str | None, tmp_path: Path) -> None:
    context = multiprocessing.get_context("forkserver")
    processes = [context.Process(target=open_and_write, args=(url, tmp_path, at)) for at in (1, 2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0
    assert count(Database.open(url, tmp_path)) == 40


def test_a_database_of_an_older_version_is_brought_up_to_date(
    url: str | None, tmp_path: Path
) -> None:
    engine = server_engine(url) if url else embedded_engine(tmp_path / "triage.db")
    with engine.begin() as connection:
        migrate(connection, "0001")
        connection.execute(sa.text("INSERT INTO arrivals VALUES ('2026-03-02', 'XY1', 3, 7)"))
    database = Database.open(url, tmp_path)
    with database.reading() as connection:
        assert version(connection) == HEAD
        assert connection.execute(sa.select(arrivals)).one() == ("2026-03-02", "XY1", 3, 7, 0)


def test_a_database_of_a_newer_version_is_left_alone(url: str | None, tmp_path: Path) -> None:
    database = Database.open(url, tmp_path)
    with database.writing() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StateError, match="newer version"):
        Database.open(url, tmp_path)
    with database.reading() as connection, pytest.raises(StateError):
        version(connection)


def test_the_embedded_database_is_set_as_decided(tmp_path: Path) -> None:
    database = Database.open(None, tmp_path)
    with database.reading() as connection:
        pragmas = ("journal_mode", "synchronous", "busy_timeout", "foreign_keys", "trusted_schema")
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in pragmas]
    assert found == ["wal", 2, 5000, 1, 0]
    assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.glob("triage.db*"))


@pytest.mark.parametrize(
    ("found", "trusted"),
    [((3, 53, 4), True), ((3, 51, 3), True), ((3, 51, 2), False), ((3, 50, 7), True),
     ((3, 50, 6), False), ((3, 44, 6), True), ((3, 44, 5), False), ((3, 45, 9), False),
     ((3, 40, 1), False), ((3, 7, 0), False), ((3, 6, 23), True)],
)  # fmt: skip
def test_a_sqlite_that_can_damage_its_file_is_refused(
    found: tuple[int, int, int], trusted: bool
) -> None:
    assert is_sound(found) == trusted
    if not trusted:
        with pytest.raises(StateError, match="WAL-reset"):
            check_sqlite(found)


@pytest.mark.parametrize("url", ["mysql://host/name", "sqlite:///x.db", "nonsense", "://"])
def test_an_address_of_something_else_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="TRIAGE_DATABASE_URL"):
        Database.open(url, tmp_path)


def test_a_server_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable):
        Database.open("postgresql+psycopg://nobody@127.0.0.1:1/none", tmp_path)


def cut_off_and_write(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(sa.insert(keys), KEY | {"id": "cut"})
        process = connection.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()
        with database.reading() as other:
            other.execute(sa.text(f"SELECT pg_terminate_backend({process})"))
        connection.execute(sa.insert(keys), KEY)


def test_a_connection_cut_in_the_middle_is_unavailable_and_the_next_one_works(
    reused_url: str, tmp_path: Path
) -> None:
    postgres.emptied(reused_url)
    database = Database.open(reused_url, tmp_path)
    with pytest.raises(StorageUnavailable):
        cut_off_and_write(database)
    assert count(database) == 0
    with database.writing() as connection:
        connection.execute(sa.insert(keys), KEY)
    assert count(database) == 1


def test_a_database_taken_away_is_unavailable_and_works_when_it_is_back(tmp_path: Path) -> None:
    database = Database.open(None, tmp_path)
    with database.writing() as connection:
        connection.execute(sa.insert(keys), KEY)
    aside = tmp_path / "aside"
    aside.mkdir()
    for path in tmp_path.glob("triage.db*"):
        shutil.move(path, aside)
    with pytest.raises(StorageUnavailable), database.writing():
        pass
    assert not (tmp_path / "triage.db").exists()
    for path in aside.iterdir():
        shutil.copy(path, tmp_path)
    assert count(database) == 1


def test_a_locked_database_is_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = Database.open(None, tmp_path), Database.open(None, tmp_path)
    with second.reading() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=50")
    with first.writing(), pytest.raises(StorageUnavailable), second.writing():
        pass
    with second.writing() as connection:
        connection.execute(sa.insert(keys), KEY)


def test_a_full_database_says_so_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    database = Database.open(None, tmp_path)

    def limited(pages: int) -> None:
        with database.reading() as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    with database.reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    limited(pages + 1)
    with pytest.raises(StorageFull), database.writing() as connection:
        connection.execute(sa.insert(keys), KEY | {"name": "x" * 100_000})
    limited(1_000_000)
    with database.writing() as connection:
        connection.execute(sa.insert(keys), KEY | {"name": "x" * 100_000})
    assert count(database) == 1


def test_a_damaged_database_is_named_with_a_way_out(tmp_path: Path) -> None:
    Database.open(None, tmp_path).close()
    (tmp_path / "triage.db").write_bytes(os.urandom(8192))
    with pytest.raises(StateError, match="backup"):
        Database.open(None, tmp_path)


def test_numbers_go_on_behind_files_of_a_folder_without_a_database(
    url: str | None, tmp_path: Path
) -> None:
    folder = tmp_path / "declarations" / "flight_date=2026-03-02"
    folder.mkdir(parents=True)
    (folder / "000000000041.parquet").write_bytes(b"")
    for _ in range(2):
        database = Database.open(url, tmp_path)
    number, path = announce(
        database, kind="declarations", folder=folder, source="s", receipt=Receipt(1)
    )
    assert (number, path.name) == (42, "000000000042.parquet")
    with database.reading() as connection:
        assert verify(connection).is_whole
