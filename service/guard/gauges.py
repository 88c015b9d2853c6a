"""Numbers that are looked up when the metrics are asked for, not told as they happen."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from service.drift_file import ToldDrift, told_drift
from service.guard.metrics import METRICS
from service.storage.tables import jobs

if TYPE_CHECKING:
    from service.parts import Parts

JOB_STATES = ("received", "reading", "storing", "scoring", "done", "failed")
"""States of a manifest (`service.storage.tables.jobs`); those without any are told as 0."""

MOST_COLUMNS = 10
"""Columns beside the risks whose drift is told: the most moved."""

ANALYSIS_SECONDS = 600.0
"""The analysis reads much, and what it tells changes from day to day (estimate)."""


def watch(parts: Parts) -> None:
    """Tell jobs, queue, model, drift and hit rates of these parts from now on."""
    METRICS.before_exposition("jobs", lambda: METRICS.jobs(_job_counts(parts)))
    METRICS.before_exposition(
        "queue", lambda: METRICS.queue_length(parts.writer.waiting_count)
    )  # fmt: skip
    METRICS.before_exposition("model", lambda: _tell_model(parts))
    METRICS.before_exposition("drift", lambda: _tell_drift(parts.home.root))
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
    rates = found.themes.select("theme", "hit_rate").rows()
    METRICS.hit_rates({str(theme): float(rate) for theme, rate in rates})


def _tell_drift(root: Path) -> None:
    drift = told_drift(root)
    if drift is None:
        return
    tests = {"share": drift.controls.share_p_value, "promise": drift.controls.promise_p_value}
    METRICS.drift(
        _most_moved(drift),
        is_alert=drift.is_alert,
        p_values={name: p for name, p in tests.items() if p is not None},
    )


def _most_moved(drift: ToldDrift) -> dict[str, float]:
    """Risks, and the columns that moved most; numbers alone, no value of theirs."""
    scores = {one.column: one.index for one in drift.columns if one.kind == "score"}
    others = [one for one in drift.columns if one.kind != "score"][:MOST_COLUMNS]
    return scores | {one.column: one.index for one in others}


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
