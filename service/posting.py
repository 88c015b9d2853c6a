"""Messages: rows that come one by one or a few at a time, and what their sender is told.

A clean row takes the express door, which makes in a quarter of a millisecond what the door for
files makes of a table; anything out of the ordinary takes the door for files, which also finds the
words for what is wrong. Both doors give the same canonical row: tests compare them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from engine.declaration import KEY
from service.json_file import table_of
from service.reception import Door, received, rejections_told

if TYPE_CHECKING:
    from engine.express import ExpressDoor

MESSAGE = "The message"

MOST_ON_THE_LOOP = 8
"""Rows that are judged without a thread: some two milliseconds (estimate)."""


@dataclass(frozen=True)
class Judged:
    """A message behind the door.

    Attributes
    ----------
    rows : canonical rows to be kept, in order.
    row_numbers : of each, its place in the message; the first row is 1.
    repeats : place in the message of a row that says again what another one of it says, and the
        key of both.
    rejections : as dictionaries: row, column, rule, value, message.
    rejected_count, received_count : rows.
    unknown_columns : left out.
    """

    rows: list[dict[str, Any]]
    row_numbers: list[int]
    received_count: int
    repeats: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    rejections: list[dict[str, Any]] = field(default_factory=list)
    rejected_count: int = 0
    unknown_columns: tuple[str, ...] = ()


class Doors:
    """The two doors for declarations.

    Parameters
    ----------
    express : for single clean rows; None: there is only the other.
    door : for tables.
    """

    def __init__(self, express: ExpressDoor | None, door: Door) -> None:
        self._express = express
        self._door = door
        # The door for tables takes all cores for its 70 ms: one message after the other.
        self._one_by_one = asyncio.Semaphore(1)

    async def judge(self, records: Sequence[Any]) -> Judged:
        """Canonical rows and rejections of a message.

        Raises
        ------
        InputError
            The message cannot be used as a whole.
        """
        if len(records) <= MOST_ON_THE_LOOP:
            quick = self._quickly(records)
        else:
            quick = await asyncio.to_thread(self._quickly, records)
        if quick is not None:
            return quick
        async with self._one_by_one:
            return await asyncio.to_thread(self._thoroughly, list(records))

    def _quickly(self, records: Sequence[Any]) -> Judged | None:
        """By the express door, if every row is clean and no row comes twice."""
        if self._express is None:
            return None
        rows = []
        for record in records:
            row = self._express(record) if isinstance(record, dict) else None
            if row is None:
                return None
            rows.append(row)
        if len({tuple(row[name] for name in KEY) for row in rows}) < len(rows):
            return None
        return Judged(rows, list(range(1, len(rows) + 1)), len(records))

    def _thoroughly(self, records: list[Any]) -> Judged:
        reception = received(table_of(MESSAGE, records), self._door)
        told = rejections_told(reception.rejections)
        rejected = {one["row"] for one in told}
        numbers = reception.rows["row_number"].to_list() if reception.rows.height else []
        rest = sorted(set(range(1, len(records) + 1)) - rejected - set(numbers))
        told += [_nothing_in(number) for number in rest if not _is_filled(records[number - 1])]
        repeats = [number for number in rest if _is_filled(records[number - 1])]
        return Judged(
            reception.rows.drop("row_number", strict=False).to_dicts(),
            numbers,
            len(records),
            {number: _key_of(records[number - 1]) for number in repeats},
            sorted(told, key=lambda one: (one["row"], one["column"])),
            len({one["row"] for one in told}),
            reception.unknown_columns,
        )


def _is_filled(record: Any) -> bool:
    return isinstance(record, dict) and any(cell not in (None, "") for cell in record.values())


def _nothing_in(number: int) -> dict[str, Any]:
    return {
        "row": number,
        "column": "",
        "rule": "row|filled",
        "value": "",
        "message": f"row {number} holds nothing; leave it out, or fill it in.",
    }


def _key_of(record: dict[str, Any]) -> tuple[Any, ...]:
    """The key of an accepted row, in the form of canonical ones."""
    cells = [str(record.get(name, "")).strip() for name in KEY]
    number, day, hawb, item = cells
    return number.upper(), date.fromisoformat(day[:10]), hawb, int(float(item))


def now() -> datetime:
    """The instant it is, UTC."""
    return datetime.now(UTC)
