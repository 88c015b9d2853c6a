"""The two kinds of rows that messages bring: where each is kept, and what is known of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol

import polars as pl
import sqlalchemy as sa

from engine import outcome
from engine.declaration import KEY
from engine.intake import in_order
from service.row_schemas import DECLARATION_SCHEMA, OUTCOME_SCHEMA
from service.storage.content import Form
from service.storage.instants import microseconds
from service.storage.quick import Quick
from service.storage.tables import arrivals, declarations, outcomes, receipts

Instance = tuple[Any, ...]
"""The key of a row with the instant it was lodged: versions that share it replace each other."""

DOUBT = ""
"""Stands for a version that a file may have brought; the hash of no row."""

NAMES_AT_ONCE = 500
"""Values in one condition; a database takes some thousands."""

FEW_NAMES = 20
"""So many are asked for one by one, at a tenth of what a condition with a list costs by itself."""

DECLARATION_FORM = Form(DECLARATION_SCHEMA)
OUTCOME_FORM = Form(OUTCOME_SCHEMA)


@dataclass(frozen=True, slots=True)
class Written:
    """A row, ready to be kept.

    Attributes
    ----------
    instance : its key and instant.
    hash, text : of its content.
    row : as it came.
    """

    instance: Instance
    hash: str
    text: str
    row: Mapping[str, Any]


class Kind(Protocol):
    """One kind of rows."""

    name: str
    form: Form

    def instance(self, row: Mapping[str, Any]) -> Instance:
        """Key and instant of a row, as the table holds them."""

    def key(self, instance: Instance) -> Instance:
        """The key alone."""

    def order(self, rows: Sequence[Written]) -> list[int]:
        """The order in which rows of one message count, the last one in force."""

    def known(
        self, connection: sa.Connection, rows: Sequence[Written]
    ) -> dict[Instance, list[str]]:
        """Hashes of all versions of the keys of some rows, the one in force last.

        Where a file came for the flight after the last version, that one may not be in force any
        more, and `DOUBT` comes last: then the row is written again, whatever it says.
        """

    def insert(self, connection: sa.Connection, rows: list[tuple[int, int, Written]]) -> None:
        """Write rows under their receipts and positions."""


_Versions = dict[Instance, tuple[list[str], bool]]
"""Hashes of the versions of a row, and whether a file may have replaced the last one."""


def _add(
    found: _Versions, instance: Instance, hashed: str, receipt: int, last_file: int | None
) -> None:
    versions, _ = found.get(instance, ([], False))
    versions.append(hashed)
    found[instance] = (versions, receipt < (last_file or 0))


def _doubted(found: _Versions) -> dict[Instance, list[str]]:
    return {key: [*versions, DOUBT] if doubt else versions
            for key, (versions, doubt) in found.items()}  # fmt: skip


class _Declarations:
    """Goods items of declarations."""

    name = "declarations"
    form = DECLARATION_FORM

    _OF_FLIGHT = (
        sa.select(
            declarations.c.hawb,
            declarations.c.goods_item_number,
            declarations.c.lodged_at_us,
            declarations.c.content_hash,
            declarations.c.receipt_id,
            sa.select(arrivals.c.last_file_id)
            .where(
                arrivals.c.flight_date == sa.bindparam("day"),
                arrivals.c.flight_number == sa.bindparam("flight"),
            )
            .scalar_subquery(),
        )
        .where(
            declarations.c.flight_date == sa.bindparam("day"),
            declarations.c.flight_number == sa.bindparam("flight"),
        )
        .order_by(declarations.c.receipt_id, declarations.c.position)
    )
    _OF_ONE = Quick(_OF_FLIGHT.where(declarations.c.hawb == sa.bindparam("hawb")))
    _OF_SOME = _OF_FLIGHT.where(declarations.c.hawb.in_(sa.bindparam("hawbs", expanding=True)))
    _INSERT = Quick(sa.insert(declarations))
    _ARRIVED = Quick(
        sa.text(
            "INSERT INTO arrivals (flight_date, flight_number, row_count, last_receipt_id) "
            "VALUES (:flight_date, :flight_number, :row_count, :last_receipt_id) "
            "ON CONFLICT (flight_date, flight_number) DO UPDATE SET "
            "row_count = arrivals.row_count + excluded.row_count, "
            "last_receipt_id = excluded.last_receipt_id"
        )
    )

    def instance(self, row: Mapping[str, Any]) -> Instance:
        return (
            row["flight_date"].isoformat(),
            row["flight_number"],
            row["hawb"],
            row["goods_item_number"],
            microseconds(row["lodged_at"]),
        )

    def key(self, instance: Instance) -> Instance:
        return instance[:4]

    def order(self, rows: Sequence[Written]) -> list[int]:
        if len({row.instance[:4] for row in rows}) == len(rows):
            return list(range(len(rows)))
        # As in a file: by the instant, and what differs in content alone by the content.
        schema = self.form.schema | {"_at": pl.UInt32()}
        plain = [dict(row.row) | {"_at": at} for at, row in enumerate(rows)]
        frame = pl.DataFrame(plain, schema=schema)
        return [int(at) for at in in_order(frame)["_at"]]

    def known(
        self, connection: sa.Connection, rows: Sequence[Written]
    ) -> dict[Instance, list[str]]:
        found: _Versions = {}
        for flight, names in _by_flight(rows).items():
            for hawb, item, lodged, *version in self._of(connection, flight, [*names]):
                _add(found, (*flight, hawb, item, lodged), *version)
        return _doubted(found)

    def _of(
        self, connection: sa.Connection, flight: tuple[str, str], hawbs: list[str]
    ) -> Iterator[Any]:
        """Versions of the rows of some consignments."""
        asked = {"day": flight[0], "flight": flight[1]}
        if len(hawbs) <= FEW_NAMES:
            for hawb in hawbs:
                yield from self._OF_ONE.run(connection, asked | {"hawb": hawb})
            return
        for part in _parts(hawbs):
            yield from connection.execute(self._OF_SOME, asked | {"hawbs": part})

    def insert(self, connection: sa.Connection, rows: list[tuple[int, int, Written]]) -> None:
        columns = ("flight_date", "flight_number", "hawb", "goods_item_number", "lodged_at_us")
        self._INSERT.run_all(
            connection,
            [
                {"receipt_id": number, "position": at, "content_hash": row.hash,
                 "content_json": row.text, **dict(zip(columns, row.instance, strict=True))}
                for number, at, row in rows
            ],
        )  # fmt: skip
        flights: dict[Instance, dict[str, Any]] = {}
        for number, _, row in rows:
            arrived = flights.setdefault(row.instance[:2], {"row_count": 0})
            arrived["row_count"] += 1
            arrived["last_receipt_id"] = number
        self._ARRIVED.run_all(
            connection,
            [
                {"flight_date": day, "flight_number": number, **arrived}
                for (day, number), arrived in flights.items()
            ],
        )


class _Outcomes:
    """Results of controls."""

    name = "outcomes"
    form = OUTCOME_FORM

    _KNOWN = (
        sa.select(
            outcomes.c.control_id,
            outcomes.c.status,
            outcomes.c.recorded_at_us,
            outcomes.c.content_hash,
            outcomes.c.receipt_id,
            sa.select(sa.func.max(receipts.c.id))
            .where(sa.text("kind = 'outcomes' AND form = 'file'"))
            .scalar_subquery(),
        )
        .where(outcomes.c.control_id.in_(sa.bindparam("controls", expanding=True)))
        .order_by(outcomes.c.receipt_id, outcomes.c.position)
    )
    _INSERT = sa.insert(outcomes)

    def instance(self, row: Mapping[str, Any]) -> Instance:
        return (row["control_id"], row["status"], microseconds(row["recorded_at"]))

    def key(self, instance: Instance) -> Instance:
        return instance

    def order(self, rows: Sequence[Written]) -> list[int]:
        return list(range(len(rows)))

    def known(
        self, connection: sa.Connection, rows: Sequence[Written]
    ) -> dict[Instance, list[str]]:
        found: _Versions = {}
        for controls in _parts(dict.fromkeys(row.instance[0] for row in rows)):
            for row in connection.execute(self._KNOWN, {"controls": controls}):
                _add(found, tuple(row[:3]), *row[3:])
        return _doubted(found)

    def insert(self, connection: sa.Connection, rows: list[tuple[int, int, Written]]) -> None:
        connection.execute(
            self._INSERT,
            [
                {
                    "receipt_id": number,
                    "position": at,
                    "control_id": row.instance[0],
                    "status": row.instance[1],
                    "recorded_at_us": row.instance[2],
                    "flight_date": row.row["flight_date"].isoformat(),
                    "flight_number": row.row["flight_number"],
                    "hawb": row.row["hawb"],
                    "content_hash": row.hash,
                    "content_json": row.text,
                }
                for number, at, row in rows
            ],
        )


DECLARATIONS: Kind = _Declarations()
OUTCOMES: Kind = _Outcomes()

assert KEY == ("flight_number", "flight_date", "hawb", "goods_item_number")
assert outcome.KEY == ("control_id", "status", "recorded_at")


def _by_flight(rows: Sequence[Written]) -> dict[tuple[str, str], dict[str, None]]:
    """House waybills of each flight, each once, in a fixed order."""
    flights: dict[tuple[str, str], dict[str, None]] = {}
    for row in rows:
        day, number, hawb = row.instance[:3]
        flights.setdefault((day, number), {})[hawb] = None
    return flights


def _parts(names: Iterable[str]) -> Iterable[list[str]]:
    left = iter(names)
    while part := list(islice(left, NAMES_AT_ONCE)):
        yield part
