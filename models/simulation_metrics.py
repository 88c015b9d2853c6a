"""What of a simulation goes into the store of runs: series by week, and totals."""

from __future__ import annotations

from typing import NamedTuple

from models.simulation_measures import against, caught_by_typology, figures, spread
from models.simulation_series import band, series
from models.simulation_tables import Simulated

_SERIES = (
    "recovered_eur", "hits", "escaped_eur", "precision", "stopped_share",
    "typologies_caught_share", "true_rate", "estimated_rate", "random_share", "drift_index",
)  # fmt: skip


class Point(NamedTuple):
    """A value of a metric at a step, which is a week; totals stand at 0."""

    metric: str
    value: float
    week: int


def points(simulated: Simulated) -> dict[str, list[Point]]:
    """Policy -> its metrics, all of them medians over seeds.

    Returns
    -------
    Series such as `hits` by week; totals such as `hits_last` (of `all`, `first` and `last` weeks),
    `hits_last_times_greedy` and `caught_last.SPLITTING`.
    """
    found: dict[str, list[Point]] = {policy: [] for policy in simulated.policies}
    by_week = series(simulated)
    for metric in _SERIES:
        for row in band(by_week, metric).iter_rows(named=True):
            found[row["policy"]].append(Point(metric, row["median"], row["week"]))
    table = figures(simulated)
    for (policy, span, figure), over in spread(table).items():
        found[policy].append(Point(f"{figure}_{span}", over.median, 0))
    for (policy, span, figure), over in spread(against(table)).items():
        found[policy].append(Point(f"{figure}_{span}_times_greedy", over.median, 0))
    for (policy, span, kind), over in spread(caught_by_typology(simulated)).items():
        found[policy].append(Point(f"caught_{span}.{kind}", over.median, 0))
    return found
