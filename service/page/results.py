"""What an officer enters about a control, and the outcome rows that come of it.

An undo takes nothing out: the result it takes back stays in the store, amended under the same key
(`control_id`, `status`, `recorded_at`) to say that the parcel was not presented, which is no
label. Where an earlier result of the same control stood before it, such as a provisional one, that
is told anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from engine.errors import InputError
from engine.finding import CONTROL_TYPES, FINDING_TYPES, STATUSES
from service.page.sheet import Decision, KeptList
from service.storage.instants import instant_of

MOST_EUR = 10_000_000.0
MOST_MINUTES = 10_000.0
"""Larger numbers are slips of the pen (estimates)."""

_ANSWERED_LATER = frozenset({"IPR_INFRINGEMENT", "PRODUCT_SAFETY"})
"""Findings that a right holder or a laboratory still has to confirm (domain report 4.3)."""

_SURE = frozenset({"physical", "sampling"})
"""Controls after which satisfactory is A1; after papers or a picture alone it is A2."""

_DETAILS = ("finding_types", "found_hs6", "found_value_eur", "revenue_recovered_eur", "minutes")


@dataclass(frozen=True)
class Found:
    """What an officer enters.

    Attributes
    ----------
    finding_types : empty: nothing was found.
    is_minor : a minor discrepancy (A5) instead of B1.
    is_presented : False: the parcel had already gone.
    control_type : how it was controlled.
    status : provisional or final; None: what is usual for the finding.
    found_hs6, found_value_eur, revenue_recovered_eur, minutes : optional details.

    Raises
    ------
    InputError
        A value is none that the contract knows.
    """

    finding_types: tuple[str, ...] = ()
    is_minor: bool = False
    is_presented: bool = True
    control_type: str = "physical"
    status: str | None = None
    found_hs6: str | None = None
    found_value_eur: float | None = None
    revenue_recovered_eur: float | None = None
    minutes: float | None = None

    def __post_init__(self) -> None:
        _check(set(self.finding_types) <= set(FINDING_TYPES), "finding type", self.finding_types)
        _check(self.control_type in CONTROL_TYPES, "control type", self.control_type)
        _check(self.status is None or self.status in STATUSES, "status", self.status)
        code = self.found_hs6
        is_code = code is None or (len(code) == 6 and code.isascii() and code.isdigit())
        _check(is_code, "commodity code found (six digits)", code)
        for name in ("found_value_eur", "revenue_recovered_eur"):
            amount = getattr(self, name)
            _check(amount is None or 0 <= amount <= MOST_EUR, name, amount)
        _check(self.minutes is None or 0 < self.minutes <= MOST_MINUTES, "minutes", self.minutes)

    @property
    def result_code(self) -> str:
        """The control result: A1, A2, A5 or B1."""
        if self.finding_types and self.is_presented:
            return "A5" if self.is_minor else "B1"
        return "A1" if self.is_presented and self.control_type in _SURE else "A2"

    @property
    def settled_status(self) -> str:
        """The status given, else provisional where others still have to answer."""
        if self.status is not None:
            return self.status
        waits = bool(_ANSWERED_LATER & set(self.finding_types)) or self.control_type == "sampling"
        return "provisional" if waits and self.is_presented else "final"


def control_id_of(number: str, day: date, hawb: str) -> str:
    """The key of the control of a consignment from the page; always the same one."""
    name = json.dumps([number, day.isoformat(), hawb])
    return f"page-{hashlib.sha256(name.encode()).hexdigest()[:24]}"


def event_of(
    kept: KeptList, told: Mapping[str, Any], found: Found, recorded_at: datetime
) -> dict[str, Any]:
    """The outcome row of a result.

    Parameters
    ----------
    kept : the list.
    told : its row as issued; says who selected the consignment, and with which probability.
    found : what the officer entered.
    recorded_at : when (UTC).
    """
    is_found = bool(found.finding_types) and found.is_presented
    details: dict[str, Any] = dict.fromkeys(_DETAILS)
    if is_found:
        details |= {name: getattr(found, name) for name in _DETAILS[1:-1]}
        details["finding_types"] = "|".join(found.finding_types)
    return {
        "control_id": control_id_of(kept.flight_number, kept.flight_date, told["hawb"]),
        "hawb": told["hawb"],
        "flight_number": kept.flight_number,
        "flight_date": kept.flight_date,
        "goods_item_number": None,
        "selected_by": told["selected_by"],
        "selection_probability": told["selection_probability"],
        "control_type": found.control_type,
        "controlled_at": recorded_at,
        "recorded_at": recorded_at,
        "presented": found.is_presented,
        "result_code": found.result_code,
        **details,
        "minutes": found.minutes,
        "status": found.settled_status,
    }


def taken_back(
    events: list[dict[str, Any]], undone: Decision, before: Decision | None, now: datetime
) -> list[dict[str, Any]]:
    """Rows that make the store right after an undo.

    Parameters
    ----------
    events : outcomes in force of the control, oldest first.
    undone : the record that is taken back.
    before : the record that stands again; None: none does.
    now : when the undo happens (UTC).
    """
    corrected = [
        event | {"presented": False, "result_code": "A2"} | dict.fromkeys(_DETAILS)
        for event in events
        if event["recorded_at"] >= instant_of(undone.decided_at_us)
    ]
    if before is None:
        return corrected
    again = [event for event in events if event["recorded_at"] == instant_of(before.decided_at_us)]
    return corrected + [event | {"recorded_at": now} for event in again]


def next_instant(events: list[dict[str, Any]], now: datetime) -> datetime:
    """Now, or just after the last event of the control if the clock was set back."""
    last = max((event["recorded_at"] for event in events), default=None)
    return now if last is None or now > last else last + timedelta(microseconds=1)


def _check(is_fine: bool, what: str, value: Any) -> None:
    if not is_fine:
        raise InputError(f"The {what} {value!r} is none that is known.", "Choose one of the form.")
