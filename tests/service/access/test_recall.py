from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from service.access.recall import FRESH_SECONDS, USABLE_SECONDS, Recall


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Ring:
    """Keys that answer until they are withdrawn."""

    def __init__(self) -> None:
        self.is_in_force = True
        self.asked = 0

    def __call__(self) -> str | None:
        self.asked += 1
        return "caller" if self.is_in_force else None


def play(story: Callable[[Recall[str], Ring, Clock], Coroutine[Any, Any, None]]) -> None:
    clock = Clock()
    with ThreadPoolExecutor(2) as pool:
        asyncio.run(story(Recall(pool, clock), Ring(), clock))


async def renewed(recall: Recall[str], ring: Ring) -> str | None:
    value = await recall.get("name", ring)
    await asyncio.sleep(0.05)
    return value


def test_many_requests_at_once_ask_once() -> None:
    async def story(recall: Recall[str], ring: Ring, clock: Clock) -> None:
        told = await asyncio.gather(*(recall.get("name", ring) for _ in range(100)))
        assert told == ["caller"] * 100
        assert ring.asked == 1
        assert recall.at_hand("name", ring) == "caller"

    play(story)


def test_a_withdrawn_key_stops_within_five_seconds() -> None:
    async def story(recall: Recall[str], ring: Ring, clock: Clock) -> None:
        await recall.get("name", ring)
        ring.is_in_force = False
        clock.now += FRESH_SECONDS
        assert await renewed(recall, ring) == "caller"  # and is asked for meanwhile
        assert await recall.get("name", ring) is None
        assert USABLE_SECONDS < 5

    play(story)


def test_what_was_not_asked_for_is_not_believed_later() -> None:
    async def story(recall: Recall[str], ring: Ring, clock: Clock) -> None:
        await recall.get("name", ring)
        ring.is_in_force = False
        clock.now += USABLE_SECONDS
        assert recall.at_hand("name", ring) is None
        assert await recall.get("name", ring) is None

    play(story)


def test_a_database_that_is_away_for_a_moment_is_not_noticed() -> None:
    async def story(recall: Recall[str], ring: Ring, clock: Clock) -> None:
        def away() -> str | None:
            raise OSError("away")

        await recall.get("name", ring)
        clock.now += FRESH_SECONDS
        assert recall.at_hand("name", away) == "caller"
        await asyncio.sleep(0.05)
        assert await recall.get("name", ring) == "caller"

    play(story)


def test_who_gives_up_does_not_spoil_it_for_others() -> None:
    async def story(recall: Recall[str], ring: Ring, clock: Clock) -> None:
        first = asyncio.create_task(recall.get("name", ring))
        second = asyncio.create_task(recall.get("name", ring))
        await asyncio.sleep(0)
        first.cancel()
        assert await second == "caller"

    play(story)


def test_what_was_forgotten_is_asked_anew() -> None:
    async def story(recall: Recall[str], ring: Ring, clock: Clock) -> None:
        await recall.get("name", ring)
        recall.forget("name")
        ring.is_in_force = False
        assert await recall.get("name", ring) is None

    play(story)
