"""The service without its scoring children: for faults in which nobody asks for a score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from fastapi import FastAPI

from service.app import create_app
from service.composition import open_parts
from service.inspection import Wish
from service.issued import IssuedList, PostScore
from service.scoring_child import ScoringUnavailableError
from service.scoring_process.state import ScoringState
from tests.faults.counts import drawn


@dataclass
class NobodyScores:
    """What a worker sees of a scoring child that never starts."""

    state: ScoringState = field(default_factory=ScoringState)

    async def start(self) -> None:
        """Nothing starts."""

    async def stop(self) -> None:
        """Nothing ends."""

    async def score_posts(self, rows: Sequence[dict[str, Any]]) -> list[PostScore]:
        raise ScoringUnavailableError

    async def inspection_list(
        self, flight_number: str, flight_date: date, wish: Wish, issued_to: str
    ) -> IssuedList:
        raise ScoringUnavailableError


def without_scoring() -> FastAPI:
    """The application as `triage serve` makes it, but for the children."""
    return create_app(replace(open_parts(), posts=NobodyScores(), lists=NobodyScores()))


def by_a_wild_clock() -> FastAPI:
    """The same, on a machine whose clock jumps up to two days either way at every look."""
    from service.routes import declarations, outcomes

    chance = drawn("R10")

    def now() -> datetime:
        return datetime.now(UTC) + timedelta(hours=chance.uniform(-48, 48))

    for routes in (declarations, outcomes):
        vars(routes)["now"] = now
    return without_scoring()
