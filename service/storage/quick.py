"""Statements of the hottest path, written out once and handed straight to the driver.

SQLAlchemy spends 40 microseconds on every execution, the database itself three; a message takes six
of them, three hundred times a second. What the statements are is still said in SQLAlchemy's words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa


class Quick:
    """One statement without parts that grow.

    Parameters
    ----------
    statement : what it is; its parameters are named.
    """

    def __init__(self, statement: sa.Executable) -> None:
        self._statement = statement
        self._written: dict[str, tuple[str, list[str] | None]] = {}

    def run(self, connection: sa.Connection, values: Mapping[str, Any]) -> list[Any]:
        """Execute it once; the rows it returns, if any."""
        text, names = self._text(connection.dialect)
        cursor = connection.connection.cursor()
        try:
            cursor.execute(text, values if names is None else [values[name] for name in names])
            return [*cursor.fetchall()] if cursor.description else []
        finally:
            cursor.close()

    def run_all(self, connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Execute it once a row."""
        text, names = self._text(connection.dialect)
        given: Any = rows if names is None else [[row[name] for name in names] for row in rows]
        cursor = connection.connection.cursor()
        try:
            cursor.executemany(text, given)
        finally:
            cursor.close()

    def _text(self, dialect: sa.Dialect) -> tuple[str, list[str] | None]:
        """The statement in the words of a database, and its parameters where they go by place."""
        if dialect.name not in self._written:
            compiled: Any = self._statement.compile(dialect=dialect)  # type: ignore[attr-defined]
            names = compiled.positiontup if dialect.positional else None
            self._written[dialect.name] = (str(compiled), names)
        return self._written[dialect.name]
