"""A child process that scores, seen from the process that serves.

The event loop never waits for polars or LightGBM, and a model that ends the process that reads it
ends a child: it is started anew, what was asked of it is asked once more, and only what ends it
twice is told to the caller.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Literal

from engine.errors import StateError
from service.home import Home
from service.issued import IssuedList, PostScore
from service.scoring_process.frames import HEAD_BYTES, error_of, framed, length_of
from service.scoring_process.state import ScoringState

if TYPE_CHECKING:
    from service.inspection import Wish

Purpose = Literal["posts", "lists"]

PATIENCE_SECONDS: dict[Purpose, float] = {"posts": 60.0, "lists": 600.0}
"""A request that takes longer than this will not end: the child is started anew (estimates: a
second is usual for messages, half a minute for a flight of 300,000 items)."""

START_SECONDS = 120.0
"""So long a start waits for the first word of the child; it goes on starting after that. A few
seconds are usual; the first start on a machine compiles for about a minute of processor time
(`features.compiled`), and without a model nobody would be told a risk meanwhile."""

BACK_OFF_SECONDS = (0.0, 0.5, 1.0, 2.0, 5.0)
"""Pauses before a child is started again, by how often it ended without answering in between."""

ATTEMPTS = 2

MEMORY_SETTINGS = {"_RJEM_MALLOC_CONF": "dirty_decay_ms:500,muzzy_decay_ms:0"}
"""For children that need much memory now and then: polars' allocator (jemalloc) gives back soon
what is free, not after ten seconds and in part."""


class ScoringUnavailableError(StateError):
    """The child ended over a request, or does not start."""

    def __init__(self) -> None:
        super().__init__(
            "Scoring does not answer at the moment; what was received is kept.",
            "Try again in a few seconds.",
        )


@dataclass
class _Asked:
    """A request on its way."""

    message: dict[str, Any]
    answer: asyncio.Future[Any]
    attempt: int = 1


@dataclass
class _Life:
    """One child process and what reads from it."""

    process: asyncio.subprocess.Process
    reader: asyncio.Task[None] | None = None
    has_answered: bool = False
    first_word: asyncio.Event = field(default_factory=asyncio.Event)


class ScoringProcess:
    """A scoring child and what is asked of it. To be used in one event loop.

    Parameters
    ----------
    home : the state folder.
    database_url : PostgreSQL; None: SQLite in the state folder.
    purpose : `posts` (messages, many at once, one core) or `lists` (flights).
    """

    def __init__(self, home: Home, database_url: str | None, purpose: Purpose) -> None:
        self._home = home
        self._database_url = database_url
        self._purpose: Purpose = purpose
        self._asked: dict[int, _Asked] = {}
        self._count = 0
        self._life: _Life | None = None
        self._is_stopping = False
        self._deaths = 0
        self.restart_count = 0
        self.state = ScoringState()

    @property
    def waiting_count(self) -> int:
        """Requests that wait for an answer."""
        return len(self._asked)

    async def start(self) -> None:
        """Start the child, and wait until it says what ranks."""
        self._is_stopping = False
        await self._spawn()
        assert self._life is not None
        with suppress(TimeoutError):
            await asyncio.wait_for(self._life.first_word.wait(), START_SECONDS)

    async def stop(self) -> None:
        """End the child, whatever it does."""
        self._is_stopping = True
        life, self._life = self._life, None
        if life is not None:
            with suppress(ProcessLookupError):
                life.process.kill()
            await life.process.wait()
            if life.reader is not None:
                await life.reader
        self._give_up(list(self._asked))

    async def score_posts(self, rows: Sequence[dict[str, Any]]) -> list[PostScore]:
        """Risks and reasons of the consignments of one message, in the order of their keys.

        Parameters
        ----------
        rows : canonical rows as Python values.

        Raises
        ------
        ScoringUnavailableError
            The child ended over this message twice, or does not start.
        """
        if not rows:
            return []
        told = await self._ask({"what": "posts", "rows": [_plain(row) for row in rows]})
        return [
            PostScore(**one | {"flight_date": date.fromisoformat(one["flight_date"])})
            for one in told
        ]

    async def inspection_list(
        self, flight_number: str, flight_date: date, wish: Wish, issued_to: str
    ) -> IssuedList:
        """The list of a flight over everything received for it (`service.flights`).

        Raises
        ------
        NotThereError
            Nothing was received for the flight.
        SettingError, InputError
            The wish cannot be met by this flight.
        ScoringUnavailableError
            The child ended over this flight twice, or does not start.
        """
        from service.wishes import wish_json

        told = await self._ask(
            {
                "what": "list",
                "flight_number": flight_number,
                "flight_date": flight_date.isoformat(),
                "wish": wish_json(wish),
                "issued_to": issued_to,
            }
        )
        for row in told["rows"]:
            row["flight_date"] = date.fromisoformat(row["flight_date"])
        return IssuedList(**told)

    async def _ask(self, message: dict[str, Any]) -> Any:
        self._count += 1
        number = self._count
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._asked[number] = _Asked(message | {"id": number}, answer)
        try:
            await self._send(self._asked[number])
            return await asyncio.wait_for(answer, PATIENCE_SECONDS[self._purpose])
        except TimeoutError as late:
            if self._life is not None:  # it is stuck; what else was asked is asked once more
                with suppress(ProcessLookupError):
                    self._life.process.kill()
            raise ScoringUnavailableError from late
        finally:
            self._asked.pop(number, None)

    async def _send(self, asked: _Asked) -> None:
        """Hand a request to the child; where there is none, it is sent when one starts."""
        if self._is_stopping:
            raise ScoringUnavailableError
        life = self._life
        if life is None or life.process.stdin is None or life.process.stdin.is_closing():
            return
        with suppress(ConnectionError):
            life.process.stdin.write(framed(asked.message))
            await life.process.stdin.drain()

    async def _spawn(self) -> None:
        environment = MEMORY_SETTINGS | os.environ | {"TRIAGE_HOME": str(self._home.root)}
        if self._database_url is not None:
            environment["TRIAGE_DATABASE_URL"] = self._database_url
        if self._home.given_key is not None:
            environment["TRIAGE_PSEUDONYM_KEY"] = self._home.given_key.hex()
        if self._purpose == "posts":
            # Small tables are done sooner by one thread than shared out to several.
            environment["POLARS_MAX_THREADS"] = "1"
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "service.scoring_process.child", self._purpose,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, env=environment,
            start_new_session=True,
        )  # fmt: skip
        self._life = _Life(process)
        self._life.reader = asyncio.create_task(self._listen(self._life))

    async def _listen(self, life: _Life) -> None:
        """Take answers from a child until it ends; then start the next."""
        pipe = life.process.stdout
        assert pipe is not None
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await pipe.readexactly(HEAD_BYTES)
                self._take(life, await pipe.readexactly(length_of(head)))
        await life.process.wait()
        if not self._is_stopping:
            await self._start_again(life)

    def _take(self, life: _Life, content: bytes) -> None:
        import orjson

        told = orjson.loads(content)
        if "state" in told:
            self.state = ScoringState(**told["state"])
            life.first_word.set()
            return
        life.has_answered = True
        self._deaths = 0
        asked = self._asked.get(told["id"])
        if asked is None or asked.answer.done():
            return  # whoever asked has gone
        if "error" in told:
            asked.answer.set_exception(error_of(told["error"]))
        else:
            asked.answer.set_result(told["answer"])

    async def _start_again(self, life: _Life) -> None:
        self.restart_count += 1
        print(
            f"{datetime.now(UTC):%H:%M:%S} the scoring child for {self._purpose} ended "
            f"({life.process.returncode}) and is started again.", file=sys.stderr, flush=True,
        )  # fmt: skip
        self._life = None
        given_up = [number for number, one in self._asked.items() if one.attempt >= ATTEMPTS]
        self._give_up(given_up)
        for one in self._asked.values():
            one.attempt += 1
            one.message["alone"] = True
        pause = BACK_OFF_SECONDS[min(self._deaths, len(BACK_OFF_SECONDS) - 1)]
        self._deaths += 1
        await asyncio.sleep(pause)
        if self._is_stopping:
            return
        await self._spawn()
        for one in list(self._asked.values()):
            await self._send(one)

    def _give_up(self, numbers: Sequence[int]) -> None:
        for number in numbers:
            asked = self._asked.pop(number)
            if not asked.answer.done():
                asked.answer.set_exception(ScoringUnavailableError())


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """A canonical row for the pipe: the instant in microseconds, the date as text."""
    from service.storage.instants import microseconds

    lodged_at: datetime = row["lodged_at"]
    return row | {
        "flight_date": row["flight_date"].isoformat(),
        "lodged_at": microseconds(lodged_at),
    }
