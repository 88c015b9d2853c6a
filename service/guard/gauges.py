"""Numbers that are looked up when the metrics are asked for, not told as they happen."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import sqlalchemy as sa

from service.guard.metrics import METRICS
from service.storage.tables import jobs

if TYPE_CHECKING:
    from service.page.analysis import Analysis
    from service.parts import Parts

JOB_STATES = ("received", "reading", "storing", "scoring", "done", "failed")
"""States of a manifest (`service.storage.tables.jobs`); those without any are told as 0."""

ANALYSIS_SECONDS = 600.0
"""The analysis reads much, and what it tells changes from day to day (estimate)."""


def watch(parts: Parts) -> None:
    """Tell jobs, queue, model, drift and hit rates of these parts from now on."""
    METRICS.before_exposition("jobs", lambda: METRICS.jobs(_job_counts(parts)))
    METRICS.before_exposition(
        "queue", lambda: METRICS.queue_length(parts.writer.waiting_count)
    )  # fmt: skip
    METRICS.before_exposition("model", lambda: _tell_model(parts))
    METRICS.before_exposition("analysis", _seldom(lambda: _tell_analysis(parts)))


def _job_counts(parts: Parts) -> dict[str, int]:
    query = sa.select(jobs.c.state, sa.func.count()).group_by(jobs.c.state)
    with parts.database.reading() as connection:
        found = {str(state): int(count) for state, count in connection.execute(query)}
    return dict.fromkeys(JOB_STATES, 0) | found


def _tell_model(parts: Parts) -> None:
    state = parts.lists.state
    METRICS.model(state.version, is_degraded=state.is_degraded)


def _tell_analysis(parts: Parts) -> None:
    # Loaded when first asked for: a service that nobody measures needs none of it.
    from service.page.analysis import Analyses
    from service.page.desk import Desk

    found = Analyses(parts.home, parts.database, Desk(parts.database, parts.store)).now()
    METRICS.drift(_newest_drift(found))
    rates = found.themes.select("theme", "hit_rate").rows()
    METRICS.hit_rates({str(theme): float(rate) for theme, rate in rates})


def _newest_drift(found: Analysis) -> dict[str, float]:
    newest = found.drift_of_risks.sort("week").group_by("column").last()
    return {str(head): float(index) for head, index in newest.select("column", "index").rows()}


def _seldom(ask: Callable[[], None]) -> Callable[[], None]:
    """The same, but not again within ten minutes, whether it succeeds or not."""
    asked_at = float("-inf")

    def asked() -> None:
        nonlocal asked_at
        now = time.monotonic()
        if now - asked_at >= ANALYSIS_SECONDS:
            asked_at = now
            ask()

    return asked
