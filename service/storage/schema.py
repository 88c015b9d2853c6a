"""The tables brought up to date, and the numbers of receipts kept ahead of the files."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa

from engine.errors import StateError

HEAD = "0002"
"""The last migration in `service/storage/migrations/versions`."""

_KNOWN = frozenset({"0001", "0002"})
_MIGRATIONS = Path(__file__).with_name("migrations")


class _Database(Protocol):
    folder: Path

    def reading(self) -> AbstractContextManager[sa.Connection]: ...

    def writing(self) -> AbstractContextManager[sa.Connection]: ...


def bring_up_to_date(database: _Database) -> None:
    """Make or migrate the tables where needed. Two processes at once do it once.

    Raises
    ------
    StateError
        The tables were made by a newer version of this program.
    """
    with database.reading() as connection:
        is_current = version(connection) == HEAD
    if not is_current:
        with database.writing() as connection:
            if version(connection) != HEAD:  # another process may have been faster
                migrate(connection)
    last_file = _last_number(database.folder)
    with database.reading() as connection:
        is_ahead = _last_drawn(connection) >= last_file
    if not is_ahead:
        with database.writing() as connection:
            _go_on_from(connection, max(last_file, _last_drawn(connection)))


def version(connection: sa.Connection) -> str | None:
    """The migration that the tables are at; None: there are none.

    Raises
    ------
    StateError
        It is none that this program knows.
    """
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    if found is not None and found not in _KNOWN:
        raise StateError(
            f"The database was made by a newer version of this program (its tables are at {found}, "
            f"this program knows {HEAD}).",
            "Use the newer version.",
        )
    return None if found is None else str(found)


def migrate(connection: sa.Connection, to: str = HEAD) -> None:
    """Run the migrations up to one, in the transaction of the connection."""
    # Imported here alone: it costs more than half a second, and is hardly ever needed.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def _last_number(folder: Path) -> int:
    """The greatest number of a file of receipts; before the database, each folder had its own."""
    found = [*folder.glob("declarations/*/*.parquet"), *folder.glob("outcomes/*.parquet")]
    return max((int(path.stem) for path in found if path.stem.isdigit()), default=0)


def _last_drawn(connection: sa.Connection) -> int:
    if connection.dialect.name == "sqlite":
        drawn = "SELECT seq FROM sqlite_sequence WHERE name = 'receipts'"
    else:
        drawn = "SELECT last_value FROM receipts_id_seq WHERE is_called"
    return int(connection.execute(sa.text(drawn)).scalar() or 0)


def _go_on_from(connection: sa.Connection, number: int) -> None:
    """The next receipt gets the number after this one."""
    if connection.dialect.name == "sqlite":
        connection.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = 'receipts'"))
        draw = "INSERT INTO sqlite_sequence (name, seq) VALUES ('receipts', :number)"
    else:
        draw = "SELECT setval('receipts_id_seq', :number)"
    connection.execute(sa.text(draw), {"number": number})
