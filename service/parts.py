"""What the routes stand on: the parts of one HTTP worker, put together once at its start."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from service.home import Home
from service.settings import Settings
from service.store import Store

if TYPE_CHECKING:
    from engine.express import ExpressDoor
    from engine.intake import Rates
    from service.access.access import Access
    from service.inspection import Wish
    from service.issued import IssuedList, PostScore
    from service.storage.database import Database
    from service.writing import Writer


class Scoring(Protocol):
    """A child process that scores; `service.scoring_child` has the real one."""

    async def score_posts(self, rows: Sequence[dict[str, Any]]) -> list[PostScore]:
        """Risks and reasons of the consignments of one message."""

    async def inspection_list(
        self, flight_number: str, flight_date: date, wish: Wish, issued_to: str
    ) -> IssuedList:
        """The list of a flight over everything received for it."""

    @property
    def state(self) -> Any:
        """The version in force, whether rules rank instead, and why."""

    async def start(self) -> None:
        """Start the child."""

    async def stop(self) -> None:
        """End it, whatever it does."""


class Queue(Protocol):
    """Manifests that came by HTTP; `service.jobs` has the real one."""

    def submit_manifest(self, upload: Path, name: str, source: str, file_sha256: str) -> str:
        """Take a whole upload over; the job's id comes back, the same for the same file again."""


@dataclass(frozen=True)
class Parts:
    """The parts of one HTTP worker.

    Attributes
    ----------
    home, settings, database, store : the state.
    writer : commits what came, many messages at once.
    express : the quick door for single clean rows; None: there is only the other.
    rates : reference rates of exchange.
    posts, lists : children that score messages, and flights.
    queue : jobs.
    access : who callers are.
    """

    home: Home
    settings: Settings
    database: Database
    store: Store
    writer: Writer
    express: ExpressDoor | None
    rates: Rates
    posts: Scoring
    lists: Scoring
    queue: Queue
    access: Access

    async def start(self) -> None:
        """Start what runs beside the routes."""
        await self.posts.start()
        await self.lists.start()

    async def stop(self) -> None:
        """Write what waits, and end everything."""
        await self.posts.stop()
        await self.lists.stop()
        await asyncio.to_thread(self.writer.close)
        self.database.close()
