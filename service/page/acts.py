"""What an officer does with a row: skip it, record a result, take that back.

Each act is one transaction: the event in `decisions`, the outcome in the store, the line of the
audit. Whoever acts says which event of the row was the last he saw; so a second tap, or two
officers at one parcel, cannot record twice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from engine.errors import InputError, StateError
from service.page.results import Found, control_id_of, event_of, next_instant, taken_back
from service.page.sheet import Decision, KeptList, Trail, trails
from service.storage.audit import record as record_audit
from service.storage.instants import instant_of, microseconds
from service.storage.messages import keep_outcomes
from service.storage.tables import decisions, outcomes
from service.store import OUTCOME_SCHEMA

LONGEST_REASON = 200
"""Characters of why a row was skipped."""


class Overtaken(StateError):  # noqa: N818 - names say what is so
    """Something was done with the row since it was shown."""


@dataclass(frozen=True)
class Act:
    """Who acts on which row, when, and what he saw of it.

    Attributes
    ----------
    kept : the list.
    told : its row as issued.
    by : key id, or pseudonym of a person.
    at : when (UTC).
    seen : number of the last event that was shown with the row; 0: none.
    """

    kept: KeptList
    told: Mapping[str, Any]
    by: str
    at: datetime
    seen: int

    @property
    def hawb(self) -> str:
        """The consignment."""
        return str(self.told["hawb"])

    @property
    def control_id(self) -> str:
        """The key of its control."""
        return control_id_of(self.kept.flight_number, self.kept.flight_date, self.hawb)


def checked_reason(reason: str) -> str:
    """Why a row is skipped, in one line.

    Raises
    ------
    InputError
        It is empty or too long.
    """
    reason = " ".join(reason.split())
    if not 0 < len(reason) <= LONGEST_REASON:
        raise InputError(
            f"The reason for skipping has {len(reason)} characters.",
            f"Give 1 to {LONGEST_REASON}.",
        )
    return reason


def skip(connection: sa.Connection, act: Act, reason: str) -> None:
    """Leave a row out, with a reason.

    Raises
    ------
    Overtaken
        The row is not as it was shown.
    """
    _trail(connection, act)
    _keep(connection, act, "skip", act.at, reason=reason)


def record(connection: sa.Connection, act: Act, found: Found) -> None:
    """Record a result; a second one of the same control stands beside the first.

    Raises
    ------
    Overtaken
        The row is not as it was shown.
    """
    _trail(connection, act)
    at = next_instant(_events(connection, act.control_id), act.at)
    keep_outcomes(connection, [event_of(act.kept, act.told, found, at)], source=act.by, at=act.at)
    _keep(connection, act, "record", at, control_id=act.control_id)


def undo(connection: sa.Connection, act: Act) -> None:
    """Take the last act on a row back, so that what stood before it stands again.

    Raises
    ------
    Overtaken
        The row is not as it was shown, or nothing stands that could be taken back.
    """
    trail = _trail(connection, act)
    last = trail.last
    if last is None:
        raise Overtaken("Nothing was done with this parcel.", "There is nothing to undo.")
    at = act.at
    if last.what == "record":
        events = _events(connection, last.control_id)
        at = next_instant(events, act.at)
        before = trail.records[-2] if len(trail.records) > 1 else None
        rows = taken_back(events, last, before, at)
        keep_outcomes(connection, rows, source=act.by, at=act.at)
    _keep(connection, act, "undo", at, undoes_id=last.id, control_id=last.control_id)


def trails_of(connection: sa.Connection, number: str, day: date) -> dict[str, Trail]:
    """What was done with the consignments of a flight, as the connection sees it."""
    of_flight = (decisions.c.flight_date == day.isoformat()) & (decisions.c.flight_number == number)
    rows = connection.execute(sa.select(decisions).where(of_flight).order_by(decisions.c.id))
    return trails((_decision(row), row.undoes_id) for row in rows)


def _decision(row: sa.Row[Any]) -> Decision:
    return Decision(
        id=row.id,
        hawb=row.hawb,
        what=row.what,
        reason=row.reason,
        control_id=row.control_id,
        decided_by=row.decided_by,
        decided_at_us=row.decided_at_us,
    )


def _trail(connection: sa.Connection, act: Act) -> Trail:
    """What was done with the row, which must be what was seen."""
    known = trails_of(connection, act.kept.flight_number, act.kept.flight_date)
    trail = known.get(act.hawb, Trail())
    if trail.seen != act.seen:
        raise Overtaken(
            "Something was done with this parcel since you saw it.",
            "Look at the row again; it is shown as it stands now.",
        )
    return trail


def _keep(connection: sa.Connection, act: Act, what: str, at: datetime, **more: Any) -> None:
    """Write the event, and its line of the audit."""
    values = {
        "list_id": act.kept.id,
        "flight_date": act.kept.flight_date.isoformat(),
        "flight_number": act.kept.flight_number,
        "hawb": act.hawb,
        "what": what,
        "undoes_id": None,
        "reason": "",
        "control_id": "",
        "decided_by": act.by,
        "decided_at_us": microseconds(at),
    }
    connection.execute(sa.insert(decisions).values(values | more))
    # Not the reason: free text may name people, and the audit is kept longest.
    detail = {"list": act.kept.public_id} | {k: v for k, v in more.items() if k != "reason"}
    record_audit(
        connection, actor=act.by, action=f"row.{what}", subject=act.hawb, detail=detail, at=act.at
    )


def _events(connection: sa.Connection, control_id: str) -> list[dict[str, Any]]:
    """Outcomes in force of a control that came as messages, oldest first."""
    rows = connection.execute(
        sa.select(outcomes)
        .where(outcomes.c.control_id == control_id)
        .order_by(outcomes.c.receipt_id, outcomes.c.position)
    )
    in_force = {(row.recorded_at_us, row.status): row.content_json for row in rows}
    return [_typed(json.loads(in_force[key])) for key in sorted(in_force)]


def _typed(content: dict[str, Any]) -> dict[str, Any]:
    """The columns of an outcome again, of which JSON leaves the empty ones out."""
    typed: dict[str, Any] = dict.fromkeys(OUTCOME_SCHEMA) | content
    typed["flight_date"] = date.fromisoformat(content["flight_date"])
    for name in ("controlled_at", "recorded_at"):
        typed[name] = instant_of(content[name])
    return typed
