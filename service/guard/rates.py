"""How often a caller may ask: one token bucket each.

Twenty lines of our own, because the memory storage of the library `limits` starts a thread for
nearly every request (measured: 56 µs, and 360 to 460 µs one time in a hundred, against 0.4 µs
here), and counts by a clock that can be set back.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

MOST_BUCKETS = 20_000
"""Callers remembered; beyond, those that are full again go (estimate)."""


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Rates:
    """Token buckets: a minute's worth at once, refilled evenly.

    Parameters
    ----------
    per_minute : requests a minute and caller.
    clock : seconds that never go back.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_minute = per_minute
        self._a_second = per_minute / 60
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}

    def take(self, name: str) -> float:
        """Take one token: 0.0 if there was one, else the seconds until there is."""
        bucket = self._filled(name)
        if bucket.tokens >= 1:
            bucket.tokens -= 1
            return 0.0
        return (1 - bucket.tokens) / self._a_second

    def is_empty(self, name: str) -> bool:
        """Whether the next request would be refused; takes nothing."""
        return name in self._buckets and self._filled(name).tokens < 1

    def _filled(self, name: str) -> _Bucket:
        now = self._clock()
        bucket = self._buckets.get(name)
        if bucket is None:
            self._make_room(now)
            bucket = self._buckets[name] = _Bucket(float(self.per_minute), now)
            return bucket
        bucket.tokens = min(
            self.per_minute, bucket.tokens + (now - bucket.at) * self._a_second
        )  # fmt: skip
        bucket.at = now
        return bucket

    def _make_room(self, now: float) -> None:
        if len(self._buckets) < MOST_BUCKETS:
            return
        self._buckets = {
            name: one
            for name, one in self._buckets.items()
            if one.tokens + (now - one.at) * self._a_second < self.per_minute
        }
        if len(self._buckets) >= MOST_BUCKETS:  # everybody is busy: forget rather than grow
            self._buckets.clear()


def whole_seconds(seconds: float) -> int:
    """Seconds for `Retry-After`: rounded up, at least one."""
    return max(1, math.ceil(seconds))
