"""Runs side by side, and whether one is really better than another.

Two runs measured on the same days met the same parcels, so their difference is taken day by day:
what a day had to offer cancels out, and the interval is of the difference itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import polars as pl

from engine.errors import StateError
from models.budgets import BUDGETS, CENTS_PER_EUR
from models.curves import ORDERS
from models.flow import Flow
from models.intervals import ANYTHING, Interval, day_draws, ratio_interval
from models.learned_flow import drift_told, load_learned_flow
from models.measures import HEADLINES, MEASURES, Measure
from models.tracking import Run, Tracking

MOST_RUNS = 6
"""Runs that are compared if none are named: as many as a terminal shows side by side."""

CURVES = ("gain", "revenue", "calibration", "frontier")

POLICY = "balanced"
"""The order that differences follow: the default policy, which makes the lists."""

USUAL = ("50", "10_percent_of_controlled")
"""Budgets at which runs are told apart, in the order of preference."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A value with its interval over days."""

    value: float
    over_days: Interval | None
    text: str
    is_best: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """How much more one run finds than another, on the days that both were measured on.

    Parameters
    ----------
    run, other : names; positive values say that `run` finds more.
    what : `hits` or `EUR`.
    unit : what the difference is an average over, `flight` or `day`.
    budget : in words.
    """

    run: str
    other: str
    what: str
    unit: str
    budget: str
    value: float
    over_days: Interval | None
    day_count: int

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves no doubt which of the two finds more."""
        ends = self.over_days
        return ends is not None and (ends.low > 0 or ends.high < 0)

    @property
    def sentence(self) -> str:
        """The difference in words, with its interval."""
        digits = 1 if self.what == "hits" else 0
        more = "more" if self.value >= 0 else "less" if self.what == "EUR" else "fewer"
        text = (
            f"{self.run} finds {abs(self.value):,.{digits}f} {more} {self.what} a {self.unit} "
            f"than {self.other} at {self.budget} with the default policy"
        )
        if self.over_days is None:
            return f"{text} ({_days(self.day_count)}: too few for an interval)."
        sign = 1 if self.value >= 0 else -1
        ends = (sign * self.over_days.low, sign * self.over_days.high)
        low, high = sorted(round(end, digits) + 0.0 for end in ends)  # 0.0 makes -0 a plain 0
        doubt = "" if self.is_clear else "; it may be chance"
        interval = f"95 % {low:,.{digits}f} to {high:,.{digits}f}"
        return f"{text} ({interval}, over {_days(self.day_count)}{doubt})."


@dataclass(frozen=True)
class Comparison:
    """Runs side by side.

    Parameters
    ----------
    runs : in the order in which they are shown.
    by_day : run name to the sums of its evaluation by day.
    curves : run name to the curves of its evaluation.
    drift : what moved between the flow that each registered run learned from and the one that it
        was judged on, in sentences.
    """

    runs: tuple[Run, ...]
    by_day: dict[str, pl.DataFrame]
    curves: dict[str, dict[str, pl.DataFrame]]
    drift: tuple[str, ...] = ()

    @cached_property
    def rows(self) -> list[tuple[Measure, dict[str, Cell]]]:
        """Measures that at least one run has, with a cell for each run that has it."""
        found = [(measure, self._cells(measure)) for measure in MEASURES]
        return [(measure, cells) for measure, cells in found if cells]

    def table(self, *, is_whole: bool = False) -> list[dict[str, object]]:
        """The figures as text for a terminal, one dict a line.

        Parameters
        ----------
        is_whole : every measure, not only the headlines.

        Returns
        -------
        `figure` in words, and under each run's name its value with interval, `-` where it has
        none; the best of a line ends with `*`. The frontier of each run follows.
        """
        figures: list[dict[str, object]] = [
            {"figure": measure.label, **self._texts(cells)}
            for measure, cells in self.rows
            if is_whole or measure.metric in HEADLINES
        ]
        return figures + self.frontier

    @cached_property
    def frontier(self) -> list[dict[str, object]]:
        """Precision against revenue, one dict an order of the list: what each run then finds."""
        points = {name: _points(found["frontier"]) for name, found in self.curves.items()
                  if "frontier" in found}  # fmt: skip
        budgets = {budget for budget, _ in points.values() if budget}
        if len(budgets) != 1:
            return []
        words = BUDGETS[budgets.pop()].words
        return [
            {
                "figure": f"Frontier at {words}: {said}",
                **{run.name: points.get(run.name, ("", {}))[1].get(order, "-")
                   for run in self.runs},
            }
            for order, said in ORDERS.items()
        ]  # fmt: skip

    @property
    def reference(self) -> Run:
        """The run that the others are held against: the champion, or else the last one."""
        return next((run for run in self.runs if run.is_champion), self.runs[-1])

    @cached_property
    def differences(self) -> list[Difference]:
        """Each pair of the reference and another run, in hits and in EUR."""
        others = [run.name for run in self.runs if run is not self.reference]
        found = [
            _difference(self.reference.name, other, self.by_day, what)
            for other in others
            for what in ("hits", "EUR")
        ]
        return [difference for difference in found if difference is not None]

    @property
    def notes(self) -> list[str]:
        """What keeps the figures from being comparable; empty if nothing does."""
        populations = {run.tags.get("population") for run in self.runs}
        notes = []
        if len(populations) > 1:
            notes.append(
                "Some runs were measured on the whole flow and others on controlled parcels "
                "alone; their figures have different names and are not comparable."
            )
        spans = {name: _span(frame) for name, frame in self.by_day.items()}
        if len(set(spans.values())) > 1:
            told = "; ".join(f"{name}: {span}" for name, span in spans.items())
            notes.append(
                f"The runs were measured on different days ({told}). The table is not like for "
                "like; the differences are, over the common days."
            )
        if not all(self._met_the_same(name) for name in self.by_day):
            notes.append(
                "On the same days the runs met different numbers of parcels; the differences are "
                "not of the rankings alone."
            )
        if len({run.tags.get("data_fingerprint") for run in self.runs}) > 1:
            notes.append("The runs learned from different data (see their fingerprints).")
        return notes

    def measured_on(self, name: str) -> str:
        """Days that a run was measured on, in words."""
        return _span(self.by_day[name]) if name in self.by_day else "days not recorded"

    def _texts(self, cells: dict[str, Cell]) -> dict[str, str]:
        return {run.name: _text(cells.get(run.name)) for run in self.runs}

    def _met_the_same(self, name: str) -> bool:
        """Whether a run was measured on as many consignments a day as the reference."""
        if self.reference.name not in self.by_day:
            return True
        keys = ["flight_date", "budget", "ranking"]
        both = self.by_day[name].join(self.by_day[self.reference.name], on=keys, suffix="_other")
        return bool((both["consignments"] == both["consignments_other"]).all())

    def _cells(self, measure: Measure) -> dict[str, Cell]:
        metric = measure.metric
        having = {run.name: run.metrics for run in self.runs if metric in run.metrics}
        best = measure.best({name: values[metric] for name, values in having.items()})
        return {
            name: _cell(measure, values, is_best=name in best) for name, values in having.items()
        }


def compare(tracking: Tracking, names: Sequence[str] = ()) -> Comparison:
    """Runs side by side.

    Parameters
    ----------
    tracking : where they were logged.
    names : versions, run ids or their beginnings, or run names; the newest versions if none.

    Raises
    ------
    StateError
        A name stands for no run, or nothing was trained yet.
    """
    runs = tracking.find(names) if names else tracking.versions()[:MOST_RUNS]
    if not runs:
        raise StateError("There is nothing to compare: no model was trained.", "Train a model.")
    runs = list({run.run_id: run for run in runs}.values())
    by_day: dict[str, pl.DataFrame] = {}
    curves: dict[str, dict[str, pl.DataFrame]] = {}
    for run in runs:
        frames = {name: tracking.frame(run.run_id, name) for name in ("by_day", *CURVES)}
        kept = {name: frame for name, frame in frames.items() if frame is not None}
        if "by_day" in kept:
            by_day[run.name] = kept.pop("by_day")
        curves[run.name] = kept
    return Comparison(tuple(runs), by_day, curves, tuple(drift_lines(tracking, runs)))


def drift_lines(
    tracking: Tracking, runs: Sequence[Run], latest: Flow | None = None, when: str = "when judged"
) -> Iterator[str]:
    """What moved since registered runs learned, a line each.

    Runs of which the same is to be said share a line, as those of one walk over the days do.

    Parameters
    ----------
    tracking : where they were logged.
    runs : those without a version kept no flow and are left out.
    latest : a flow that came later; None: the one that each run was judged on.
    when : names its days.
    """
    told: dict[str, list[str]] = {}
    for run in runs:
        if run.version is not None:
            text = drift_told(load_learned_flow(tracking.artefact(run.version)), latest)
            told.setdefault(text, []).append(run.name)
    for text, names in told.items():
        yield f"{', '.join(names)}, {when}: {text}"


def _text(cell: Cell | None) -> str:
    if cell is None:
        return "-"
    return f"{cell.text} *" if cell.is_best else cell.text


def _cell(measure: Measure, values: dict[str, float], *, is_best: bool) -> Cell:
    metric = measure.metric
    value = values[metric]
    low, high = values.get(f"{metric}_low"), values.get(f"{metric}_high")
    if low is None or high is None:
        return Cell(value, None, measure.said(value), is_best)
    text = f"{measure.said(value)} ({measure.said_between(low, high)})"
    return Cell(value, Interval(low, high), text, is_best)


def _difference(
    run: str, other: str, by_day: dict[str, pl.DataFrame], what: str
) -> Difference | None:
    """The paired difference at the budget that both were measured at; None if there is none."""
    if run not in by_day or other not in by_day:
        return None
    ours, theirs = (frame.filter(ranking=POLICY) for frame in (by_day[run], by_day[other]))
    common = set(ours["budget"]) & set(theirs["budget"])
    usual = [name for name in USUAL if name in common]
    if not usual:
        return None
    budget = BUDGETS[usual[0]]
    days = ours.join(theirs, on=["flight_date", "budget"], suffix="_other").filter(
        budget=budget.name
    )
    if days.is_empty():
        return None
    column, scale = ("hits", 1) if what == "hits" else ("revenue_cents", CENTS_PER_EUR)
    days = days.sort("flight_date").select(
        more=(pl.col(column) - pl.col(f"{column}_other")) / scale,
        units=(pl.col("flights") if budget.unit == "flight" else pl.lit(1)).cast(pl.Float64),
    )
    more, units = days["more"].to_numpy(), days["units"].to_numpy()
    interval = ratio_interval(more, units, day_draws(len(days), seed=0), ANYTHING)
    value = float(more.sum() / units.sum())
    return Difference(run, other, what, budget.unit, budget.words, value, interval, len(days))


def _points(frontier: pl.DataFrame) -> tuple[str, dict[str, str]]:
    """The budget that a frontier is told at, and order -> what it finds there, in words."""
    if "goods_hit_rate" not in frontier.columns:  # a run of an earlier version of the program
        return "", {}
    budget = next((name for name in USUAL if name in set(frontier["budget"])), "")
    rows = frontier.filter(budget=budget).iter_rows(named=True)
    return budget, {
        row["ranking"]: f"{100 * row['hit_rate']:.1f} % hit "
        f"({100 * row['goods_hit_rate']:.1f} % goods), "
        f"EUR {row['revenue_eur_per_control']:.2f} a control"
        for row in rows
    }


def _days(count: int) -> str:
    return "1 common day" if count == 1 else f"{count} common days"


def _span(by_day: pl.DataFrame) -> str:
    days = by_day["flight_date"].unique().sort()
    first, last = days[0], days[-1]
    assert isinstance(first, date)
    if first == last:
        return f"{first}"
    return f"{first} to {last} ({len(days)} days)"
