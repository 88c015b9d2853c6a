"""Rows that came as messages, read back as frames."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import polars as pl
import sqlalchemy as sa

from engine.declaration import KEY
from service.receipts import ORDER, ROW_BITS
from service.storage.content import Form
from service.storage.kinds import DECLARATION_FORM, NAMES_AT_ONCE, OUTCOME_FORM
from service.storage.tables import arrivals, declarations, outcomes

_OF_MESSAGES = arrivals.c.last_receipt_id > 0


def days(connection: sa.Connection) -> list[date]:
    """Days of arrival for which messages came, in order."""
    found = connection.execute(sa.select(arrivals.c.flight_date).where(_OF_MESSAGES).distinct())
    return sorted(date.fromisoformat(day) for (day,) in found)


def arrived(connection: sa.Connection, day: date) -> list[tuple[str, int, int]]:
    """Flights of a day for which messages came: number, rows kept, last receipt; in order."""
    asked = sa.select(arrivals.c.flight_number, arrivals.c.row_count, arrivals.c.last_receipt_id)
    found = connection.execute(asked.where(arrivals.c.flight_date == day.isoformat(), _OF_MESSAGES))
    return sorted((str(number), int(count), int(last)) for number, count, last in found)


def declarations_of(
    connection: sa.Connection,
    day: date,
    flights: Iterable[str] | None = None,
    hawbs: Iterable[str] | None = None,
) -> pl.DataFrame:
    """All versions of rows of a day, with the column `ORDER`.

    Parameters
    ----------
    day : day of arrival.
    flights, hawbs : only these flights, or these consignments; None: all.
    """
    table = declarations.c
    asked = sa.select(table.receipt_id, table.position, table.content_json)
    asked = asked.where(table.flight_date == day.isoformat())
    if flights is not None:
        asked = asked.where(table.flight_number.in_(list(flights)))
    if hawbs is None:
        return _frame(DECLARATION_FORM, connection.execute(asked).all())
    names = list(hawbs)
    parts = [names[at : at + NAMES_AT_ONCE] for at in range(0, len(names), NAMES_AT_ONCE)]
    rows = [row for part in parts for row in connection.execute(asked.where(table.hawb.in_(part)))]
    return _frame(DECLARATION_FORM, rows)


def keys_of(connection: sa.Connection, day: date) -> pl.DataFrame:
    """Keys of the rows of a day, those of amendments more than once."""
    table = declarations.c
    asked = sa.select(table.flight_number, table.hawb, table.goods_item_number)
    found = connection.execute(asked.where(table.flight_date == day.isoformat())).all()
    schema = {"flight_number": pl.String, "hawb": pl.String, "goods_item_number": pl.Int64}
    rows = pl.DataFrame([tuple(row) for row in found], schema=schema, orient="row")
    return rows.with_columns(flight_date=pl.lit(day)).select(KEY)


def outcomes_after(connection: sa.Connection, receipt_id: int) -> pl.DataFrame:
    """Outcome events of receipts with greater numbers, with the column `ORDER`."""
    table = outcomes.c
    asked = sa.select(table.receipt_id, table.position, table.content_json)
    return _frame(
        OUTCOME_FORM, connection.execute(asked.where(table.receipt_id > receipt_id)).all()
    )


def receipt_of(rows: pl.DataFrame) -> int:
    """The greatest receipt among rows with `ORDER`."""
    last = rows[ORDER].max()
    return int(last) >> ROW_BITS if isinstance(last, int) else 0


def _frame(form: Form, found: Iterable[Any]) -> pl.DataFrame:
    rows = [*found]
    order = [(number << ROW_BITS) + position for number, position, _ in rows]
    frame = form.frame([text for _, _, text in rows])
    return frame.insert_column(0, pl.Series(ORDER, order, dtype=pl.Int64))
