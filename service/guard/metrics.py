"""Numbers for those who keep the service running, in Prometheus' form.

With several workers each writes its numbers into files of one folder (`PROMETHEUS_MULTIPROC_DIR`,
set by the supervisor), and whichever is asked adds all of them up.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.gc_collector import GCCollector
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.process_collector import ProcessCollector

if TYPE_CHECKING:
    from service.issued import PostScore

# The instant at which a counter was made is of no use to anybody, and doubles the answer.
disable_created_metrics()  # type: ignore[no-untyped-call]

SECONDS = (0.002, 0.004, 0.008, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
"""Bounds of latencies: close around what is promised for a single POST (8 and 25 ms)."""

COMMIT_SECONDS = (0.0005, 0.001, 0.002, 0.004, 0.008, 0.015, 0.03, 0.06, 0.125, 0.25, 0.5, 1)
COMMIT_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
RISKS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9)
"""Bounds of risks: few consignments are irregular, so the steps are fine where most lie."""

MOST_REASONS = 100
"""Reasons told by name; a label must not grow without bound."""

_MULTI = "PROMETHEUS_MULTIPROC_DIR"

Ask = Callable[[], None]


class Metrics:
    """All metrics of a process. `METRICS` is the one that the service uses."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._asks: dict[str, Ask] = {}
        self._by_request: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._counts_and_times()
        self._states()
        if _MULTI not in os.environ:
            ProcessCollector(registry=self._registry)
            GCCollector(registry=self._registry)

    def _counts_and_times(self) -> None:
        registry = self._registry
        self._requests = Counter(
            "triage_requests", "Requests answered.", ("route", "method", "status"),
            registry=registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "triage_request_seconds", "Time to answer, seconds.", ("route",), registry=registry,
            buckets=SECONDS,
        )  # fmt: skip
        self._rows = Counter("triage_rows", "Rows received.", ("kind", "became"), registry=registry)
        self._commit_size = Histogram(
            "triage_commit_size", "Pieces of work in a transaction.", registry=registry,
            buckets=COMMIT_SIZES,
        )  # fmt: skip
        self._commit_seconds = Histogram(
            "triage_commit_seconds", "Time of a transaction, seconds.", registry=registry,
            buckets=COMMIT_SECONDS,
        )  # fmt: skip
        self._risk = Histogram(
            "triage_risk", "Risks told.", ("head",), registry=registry, buckets=RISKS
        )

    def _states(self) -> None:
        self._jobs = self._gauge("jobs", "Manifests by state.", "state")
        self._queue = self._gauge("queue_length", "Pieces of work that wait for the writer.")
        self._model = self._gauge("model_info", "1 for the version in force.", "version")
        self._degraded = self._gauge("degraded", "1 where rules rank for want of a model.")
        self._drift = self._gauge(
            "drift_psi", "Population stability index beyond chance, last week.", "column"
        )
        self._drift_alert = self._gauge("drift_alert", "1 where something moved beyond chance.")
        self._controls_p = self._gauge(
            "random_controls_p_value", "p-values of the tests on random controls.", "test"
        )
        self._hits = self._gauge(
            "hit_rate_ratio", "Share of final controls that found something.", "reason"
        )

    def _gauge(self, name: str, meaning: str, *labels: str) -> Gauge:
        # Of several workers the one that set a gauge last knows best.
        return Gauge(
            name, meaning, labels, namespace="triage", registry=self._registry,
            multiprocess_mode="mostrecent",
        )  # fmt: skip

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """A request was answered.

        Parameters
        ----------
        route : its template, never its path.
        """
        known = self._by_request.get((route, method, status))
        if known is None:  # looking a label up takes a lock and more time than counting
            known = self._requests.labels(route, method, str(status)), self._seconds.labels(route)
            self._by_request[route, method, status] = known
        known[0].inc()
        known[1].observe(seconds)

    def rows(self, kind: str, accepted_count: int, rejected_count: int) -> None:
        """Rows of `declarations` or `outcomes` came."""
        self._rows.labels(kind, "accepted").inc(accepted_count)
        self._rows.labels(kind, "rejected").inc(rejected_count)

    def commit(self, count: int, seconds: float) -> None:
        """A transaction was committed; what `service.writing.Writer` tells."""
        self._commit_size.observe(count)
        self._commit_seconds.observe(seconds)

    def scored(self, scores: Iterable[PostScore]) -> None:
        """Risks were told."""
        for one in scores:
            self._risk.labels("all").observe(one.risk)
            self._risk.labels("fiscal").observe(one.risk_fiscal)
            self._risk.labels("goods").observe(one.risk_goods)

    def jobs(self, counts: Mapping[str, int]) -> None:
        """Manifests by state."""
        for state, count in counts.items():
            self._jobs.labels(state).set(count)

    def queue_length(self, count: int) -> None:
        """Pieces of work that wait for the writer."""
        self._queue.set(count)

    def model(self, version: str, *, is_degraded: bool) -> None:
        """What scores; the versions before it are 0."""
        for labels in list(_label_values(self._model)):
            self._model.labels(*labels).set(0)
        self._model.labels(version).set(1)
        self._degraded.set(int(is_degraded))

    def drift(
        self, psi_by_column: Mapping[str, float], *, is_alert: bool, p_values: Mapping[str, float]
    ) -> None:
        """What moved; columns that were told before and no longer are go down to 0.

        Parameters
        ----------
        psi_by_column : population stability index beyond chance, of risks and of what moved most.
        is_alert : whether anything moved that somebody should look at.
        p_values : of the tests on random controls that could be made: `share`, `promise`.
        """
        for labels in list(_label_values(self._drift)):
            if labels[0] not in psi_by_column:
                self._drift.labels(*labels).set(0)
        for column, psi in psi_by_column.items():
            self._drift.labels(column).set(psi)
        self._drift_alert.set(int(is_alert))
        self._controls_p.clear()  # a test that can no longer be made has no p-value
        for test, p_value in p_values.items():
            self._controls_p.labels(test).set(p_value)

    def hit_rates(self, rate_by_reason: Mapping[str, float]) -> None:
        """Share of final controls that found something, per reason."""
        for reason, rate in list(rate_by_reason.items())[:MOST_REASONS]:
            self._hits.labels(reason).set(rate)

    def before_exposition(self, name: str, ask: Ask) -> None:
        """Have a function called whenever the numbers are asked for: it sets gauges.

        Parameters
        ----------
        name : what it tells of; another function of that name is forgotten.
        """
        self._asks[name] = ask

    def exposition(self) -> bytes:
        """All numbers in Prometheus' text form. A gauge that cannot be asked stays as it was."""
        for ask in self._asks.values():
            with suppress(Exception):
                ask()
        if _MULTI not in os.environ:
            return generate_latest(self._registry)
        everybody = CollectorRegistry()
        MultiProcessCollector(everybody)  # type: ignore[no-untyped-call]
        return generate_latest(everybody)


def _label_values(gauge: Gauge) -> Iterable[tuple[str, ...]]:
    for metric in gauge.collect():
        for sample in metric.samples:
            yield tuple(sample.labels[name] for name in sample.labels)


METRICS = Metrics()
"""The metrics of this process."""
