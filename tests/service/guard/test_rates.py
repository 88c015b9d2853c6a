from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from service.guard.rates import MOST_BUCKETS, Rates, whole_seconds


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@given(
    st.integers(1, 600),
    st.lists(st.floats(0, 5, allow_nan=False), min_size=1, max_size=200),
)
def test_never_more_than_the_rate_and_a_minute_in_advance(
    per_minute: int, pauses: list[float]
) -> None:
    clock = Clock()
    rates = Rates(per_minute, clock)
    taken = 0
    for pause in pauses:
        clock.now += pause
        taken += rates.take("a") == 0.0
    assert taken <= per_minute + sum(pauses) * per_minute / 60 + 1e-6


@given(st.integers(1, 60))
def test_who_waits_as_told_gets_in(per_minute: int) -> None:
    clock = Clock()
    rates = Rates(per_minute, clock)
    waits = [rates.take("a") for _ in range(per_minute + 1)]
    assert waits[:-1] == [0.0] * per_minute
    assert rates.is_empty("a")
    clock.now += whole_seconds(waits[-1])
    assert not rates.is_empty("a")
    assert rates.take("a") == 0.0


def test_callers_do_not_pay_for_one_another_and_are_forgotten() -> None:
    clock = Clock()
    rates = Rates(1, clock)
    assert rates.take("a") == 0.0
    assert rates.take("b") == 0.0
    assert rates.take("a") > 0
    for number in range(2 * MOST_BUCKETS):
        clock.now += 0.01
        rates.take(str(number))
    assert len(rates._buckets) <= MOST_BUCKETS
