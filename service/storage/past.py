"""Old rows of the database, taken out or changed a few at a time, so that no post waits long.

On SQLite what is deleted is overwritten too (`service.storage.engines`); PostgreSQL gives its place
to other rows when it cleans up.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import orjson
import polars as pl
import sqlalchemy as sa

from engine.declaration import CONSIGNMENT
from service.storage.content import content_hash
from service.storage.database import Database
from service.storage.erasure import Eraser
from service.storage.kinds import DECLARATION_FORM
from service.storage.tables import (
    arrivals,
    decisions,
    declarations,
    erased_days,
    jobs,
    lists,
    outcomes,
    receipts,
    scores,
    scorings,
)

ROWS_AT_ONCE = 1_000
"""Rows of one transaction: some 50 ms, and what posts wait for at the most."""

Place = tuple[int, int]
"""Receipt and position of a row."""


def selected_of(database: Database, day: date) -> pl.DataFrame:
    """Consignments of a day that are on a list as issued, or of which an officer decided."""
    found: set[tuple[str, str]] = set()
    with database.reading() as connection:
        asked = sa.select(lists.c.rows_json).where(lists.c.flight_date == day.isoformat())
        for (rows,) in connection.execute(asked):
            found.update((row["flight_number"], row["hawb"]) for row in orjson.loads(rows))
        told = sa.select(decisions.c.flight_number, decisions.c.hawb)
        told = told.where(decisions.c.flight_date == day.isoformat())
        found.update((str(number), str(hawb)) for number, hawb in connection.execute(told))
    schema = {"flight_number": pl.String, "hawb": pl.String}
    rows = pl.DataFrame(sorted(found), schema=schema, orient="row")
    return rows.with_columns(flight_date=pl.lit(day)).select(CONSIGNMENT)


def erase_consignees(
    database: Database, day: date, eraser: Eraser, kept: pl.DataFrame
) -> pl.DataFrame:
    """Take the consignees out of the messages of a day.

    Parameters
    ----------
    day : day of arrival.
    eraser : of this run.
    kept : keys of consignments that keep theirs.

    Returns
    -------
    Keys of the rows from which something was taken.
    """
    table = declarations.c
    done = [
        pl.DataFrame(schema=dict.fromkeys(CONSIGNMENT, pl.String)).cast({"flight_date": pl.Date})
    ]
    change = (
        sa.update(declarations)
        .where(table.receipt_id == sa.bindparam("of"), table.position == sa.bindparam("at"))
        .values(content_json=sa.bindparam("text"), content_hash=sa.bindparam("hash"))
    )
    for places in _places(database, day):
        with database.writing() as connection:
            asked = sa.select(table.receipt_id, table.position, table.content_json)
            found = connection.execute(asked.where(*_between(day, places))).all()
            rows = DECLARATION_FORM.frame([row.content_json for row in found])
            erased, goes = eraser.erased(rows, kept)
            texts = [
                DECLARATION_FORM.text(row) for row in erased.filter(goes).iter_rows(named=True)
            ]
            at = [place for place, is_gone in zip(found, goes, strict=True) if is_gone]
            changes = [
                {"of": place.receipt_id, "at": place.position, "text": text.decode(),
                 "hash": content_hash(text)}
                for place, text in zip(at, texts, strict=True)
            ]  # fmt: skip
            if changes:
                connection.execute(change, changes)
            done.append(rows.filter(goes).select(CONSIGNMENT))
    return pl.concat(done)


def delete_day(database: Database, day: date) -> int:
    """Delete what messages brought for a day, and every answer to it; rows of declarations."""
    count = 0
    for places in _places(database, day):
        with database.writing() as connection:
            connection.execute(sa.delete(declarations).where(*_between(day, places)))
            count += len(places)
    with database.writing() as connection:
        for table in (decisions, lists, scorings, scores, arrivals, erased_days):
            connection.execute(sa.delete(table).where(table.c.flight_date == day.isoformat()))
    return count


def days_kept(database: Database) -> list[date]:
    """Days of arrival of which the database holds anything but outcomes."""
    asked = sa.union(
        *(
            sa.select(table.c.flight_date)
            for table in (arrivals, scores, scorings, lists, decisions)
        )
    )
    with database.reading() as connection:
        return sorted(date.fromisoformat(day) for (day,) in connection.execute(asked))


def delete_outcomes(database: Database, before: date) -> int:
    """Delete the results of controls of flights before a day; rows."""
    with database.writing() as connection:
        old = outcomes.c.flight_date < before.isoformat()
        return connection.execute(sa.delete(outcomes).where(old)).rowcount


def delete_receipts(database: Database, before_us: int) -> int:
    """Delete receipts and jobs older than an instant of which no row is kept any more."""
    this = receipts.c.id
    tables = (declarations, outcomes, scores)
    is_empty = [~sa.exists().where(table.c.receipt_id == this) for table in tables]
    old = sa.and_(
        receipts.c.received_at_us < before_us,
        receipts.c.form == "message",
        *is_empty,
    )
    with database.writing() as connection:
        connection.execute(sa.delete(jobs).where(jobs.c.submitted_at_us < before_us))
        return connection.execute(sa.delete(receipts).where(old)).rowcount


def delete_file_receipt(database: Database, file: str) -> None:
    """Delete the receipt of a file that was let go."""
    with database.writing() as connection:
        connection.execute(sa.delete(receipts).where(receipts.c.file == file))


def _places(database: Database, day: date) -> Iterator[list[Place]]:
    """Places of the rows of a day, in order and in parts."""
    table = declarations.c
    asked = sa.select(table.receipt_id, table.position).where(table.flight_date == day.isoformat())
    with database.reading() as connection:
        found = sorted((int(of), int(at)) for of, at in connection.execute(asked))
    for at in range(0, len(found), ROWS_AT_ONCE):
        yield found[at : at + ROWS_AT_ONCE]


def _between(day: date, places: list[Place]) -> tuple[sa.ColumnElement[bool], ...]:
    """The rows of a day from the first to the last of some places, in the order of the table."""
    table = declarations.c
    place = sa.tuple_(table.receipt_id, table.position)
    # The plain condition is what SQLite looks up; the pairs cut off what is too much of it.
    return (
        table.receipt_id.between(places[0][0], places[-1][0]),
        place.between(sa.tuple_(*places[0]), sa.tuple_(*places[-1])),
        table.flight_date == day.isoformat(),
    )
