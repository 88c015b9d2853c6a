"""How far a desk's flow has moved away from the one that its model learned from.

Of risks nothing is told: a desk that began a few weeks ago knows more of its senders every week,
and the risks of the same model spread otherwise though nothing moved (index of a risk 0.3 after
three weeks, 1.3 after eight, where traits stay below 0.01).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import polars as pl

from engine.declaration import CONSIGNMENT
from models.drift import Drift, drift_between
from models.examples import labels_known, start_of
from models.flow import Flow, flows_added
from models.random_controls import Draws, draws_of
from models.simulation.fit import Fit
from models.simulation.memory import Memory

LEARNED_DAYS: Final = 28
"""Days that stand for what a model learned from: its last ones (estimate)."""

RECENT_DAYS: Final = 14
"""Days that are held against them (estimate: long enough for a thousand sampled consignments)."""


def drift_on(day: date, memory: Memory, champion: Fit | None) -> Drift:
    """What moved between the last days that the model in force learned from and the last days.

    Parameters
    ----------
    day : the morning on which it is asked.
    memory : what was declared and recorded.
    champion : tells until when it learned. None: the first weeks there are stand for what was
        learned.
    """
    first = memory.flows[0][0]
    until = first + timedelta(days=LEARNED_DAYS - 1) if champion is None else champion.learned_until
    before = (until - timedelta(days=LEARNED_DAYS - 1), until)
    now = (max(day - timedelta(days=RECENT_DAYS), until + timedelta(days=1)),
           day - timedelta(days=1))  # fmt: skip
    return drift_between(
        _flow(memory, before),
        _flow(memory, now),
        _draws(memory, before, day),
        _draws(memory, now, day),
    )


def _flow(memory: Memory, days: tuple[date, date]) -> Flow:
    return flows_added(flow for on, flow in memory.flows if days[0] <= on <= days[1])


def _draws(memory: Memory, days: tuple[date, date], day: date) -> Draws:
    """Random controls of the days with what is known of them on the morning of a day."""
    labels = labels_known(memory.outcomes, before=start_of(day))
    drawn = labels.filter(pl.col("is_random"), pl.col("flight_date").is_between(*days))
    told = memory.told.select(*CONSIGNMENT, "risk")
    return draws_of(drawn.join(told, on=CONSIGNMENT, how="left"))
