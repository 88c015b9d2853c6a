"""Who was known a moment ago: callers are looked up every few seconds, not for every request.

What is remembered is renewed in the background from its first second on and thrown away after the
fourth, so that a withdrawn key stops within five seconds and no request waits for a renewal.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

FRESH_SECONDS = 1.0
"""Younger ones are taken as they are (estimate: one look-up a second and caller is nothing)."""

USABLE_SECONDS = 4.0
"""Older ones are never used: below the five seconds in which a withdrawn key must stop."""

MOST_REMEMBERED = 10_000
"""Callers remembered; beyond, the old ones go (estimate: ten times the officers of Liège)."""


@dataclass(slots=True)
class _Known(Generic[T]):
    value: T
    asked_at: float


class Recall(Generic[T]):
    """Answers of a slow look-up, for a few seconds. Only for the event loop.

    Parameters
    ----------
    pool : threads that look up.
    clock : seconds that never go back.
    """

    def __init__(
        self, pool: ThreadPoolExecutor, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._pool = pool
        self._clock = clock
        self._known: dict[str, _Known[T]] = {}
        self._asking: dict[str, asyncio.Task[T | None]] = {}

    def at_hand(self, name: str, look_up: Callable[[], T | None]) -> T | None:
        """What is remembered, without waiting; None where it must be looked up.

        Parameters
        ----------
        name : keyed hash of the secret.
        look_up : runs in a thread where it is time to renew.
        """
        known = self._known.get(name)
        if known is None:
            return None
        age = self._clock() - known.asked_at
        if age >= USABLE_SECONDS:
            return None
        if age >= FRESH_SECONDS and name not in self._asking:
            self._ask(name, look_up)
        return known.value

    async def get(self, name: str, look_up: Callable[[], T | None]) -> T | None:
        """The answer; None (which is not remembered) where there is none.

        Raises
        ------
        Exception
            Whatever the look-up raises.
        """
        value = self.at_hand(name, look_up)
        if value is not None:
            return value
        asking = self._asking.get(name) or self._ask(name, look_up)
        # A caller who gives up must not spoil it for those who wait for the same answer.
        return await asyncio.shield(asking)

    def forget(self, name: str) -> None:
        """Look up anew at the next request."""
        self._known.pop(name, None)
        self._asking.pop(name, None)  # whoever asks at this moment gets, but does not keep

    def _ask(self, name: str, look_up: Callable[[], T | None]) -> asyncio.Task[T | None]:
        task = asyncio.get_running_loop().create_task(self._asked(name, look_up))
        self._asking[name] = task
        task.add_done_callback(_read)
        return task

    async def _asked(self, name: str, look_up: Callable[[], T | None]) -> T | None:
        asked_at = self._clock()
        try:
            value = await asyncio.get_running_loop().run_in_executor(self._pool, look_up)
            if self._asking.get(name) is asyncio.current_task():
                self._keep(name, value, asked_at)
            return value
        finally:
            if self._asking.get(name) is asyncio.current_task():
                del self._asking[name]

    def _keep(self, name: str, value: T | None, asked_at: float) -> None:
        if value is None:
            self._known.pop(name, None)
            return
        self._make_room()
        self._known[name] = _Known(value, asked_at)

    def _make_room(self) -> None:
        if len(self._known) < MOST_REMEMBERED:
            return
        now = self._clock()
        young = {n: k for n, k in self._known.items() if now - k.asked_at < USABLE_SECONDS}
        self._known = young if len(young) < MOST_REMEMBERED else {}


def _read(task: asyncio.Task[T | None]) -> None:
    """Nobody may wait for a renewal that fails; the next request finds out by itself."""
    if not task.cancelled():
        task.exception()
