"""What is known of drift, as a small file in the state folder.

Whoever scores flights writes it (`service.drift_watch`); pages and metrics read it, and need none
of what it takes to work it out. It may name brokers, never a consignee.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

VERSION = 1

FILE = "drift.json"


@dataclass(frozen=True, slots=True)
class ToldColumn:
    """How far a trait, a score or a feature moved: its index beyond chance."""

    column: str
    kind: str
    index: float


@dataclass(frozen=True, slots=True)
class ToldMovement:
    """A value whose share of the flow changed beyond chance."""

    column: str
    value: str
    before: float
    now: float


@dataclass(frozen=True, slots=True)
class ToldWeek:
    """How far a score moved from the week before to a week (its Monday)."""

    week: date
    column: str
    index: float


@dataclass(frozen=True, slots=True)
class ToldControls:
    """Random controls of the two periods: how many, in how many something was found, and tests.

    Attributes
    ----------
    share_p_value : that the share found is the same; None: too few for a test.
    promised_count, promised, kept_count : controls with a risk told on a list, findings to be
        expected of them, findings there were.
    promise_p_value : that all risks told are true; None: too few for a test.
    is_changed, is_broken : beyond chance.
    """

    before_count: int
    before_found_count: int
    now_count: int
    now_found_count: int
    share_p_value: float | None
    is_changed: bool
    promised_count: int
    promised: float
    kept_count: int
    promise_p_value: float | None
    is_broken: bool


@dataclass(frozen=True, slots=True)
class ToldDrift:
    """Everything the file tells.

    Attributes
    ----------
    before, now : first and last day of the two periods.
    columns : the most moved first; empty where there is too little to say.
    movements : those that are told, by column, the weightiest first.
    changed_scores : scores that moved so far that it must be looked at.
    controls : what the random controls say.
    weeks : scores from week to week.
    alert : all of it in one English sentence; empty where nothing moved.
    """

    before: tuple[date, date]
    now: tuple[date, date]
    columns: tuple[ToldColumn, ...]
    movements: tuple[ToldMovement, ...]
    changed_scores: tuple[str, ...]
    controls: ToldControls
    weeks: tuple[ToldWeek, ...]
    alert: str

    @property
    def is_alert(self) -> bool:
        """Whether anything moved that somebody should look at."""
        return bool(self.alert)

    def save(self, root: Path) -> None:
        """Put it in the place of what was told before, whole or not at all."""
        draft = root / f".drift-{os.getpid()}-{secrets.token_hex(4)}"
        told = {"version": VERSION} | asdict(self)
        try:
            draft.write_text(json.dumps(told, default=date.isoformat) + "\n", encoding="utf-8")
            os.replace(draft, root / FILE)
        finally:
            draft.unlink(missing_ok=True)


def told_drift(root: Path) -> ToldDrift | None:
    """What the state folder tells of drift; None: nothing was scored yet, or by another version
    of the program, and the next scoring tells it.
    """
    try:
        told = json.loads((root / FILE).read_text(encoding="utf-8"))
        return _read(told) if told["version"] == VERSION else None
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _read(told: dict[str, Any]) -> ToldDrift:
    return ToldDrift(
        _days(told["before"]),
        _days(told["now"]),
        tuple(ToldColumn(**one) for one in told["columns"]),
        tuple(ToldMovement(**one) for one in told["movements"]),
        tuple(told["changed_scores"]),
        ToldControls(**told["controls"]),
        tuple(
            ToldWeek(date.fromisoformat(one["week"]), one["column"], one["index"])
            for one in told["weeks"]
        ),
        told["alert"],
    )


def _days(told: list[str]) -> tuple[date, date]:
    first, last = map(date.fromisoformat, told)
    return first, last
