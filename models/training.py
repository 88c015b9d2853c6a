"""One training: walk the days, fit, judge on later days, keep what is needed to score."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from engine.declaration import CONSIGNMENT
from engine.errors import StateError
from engine.finding import FISCAL_FINDINGS, GOODS_FINDINGS
from engine.harm import expected_harm, expected_yield
from features.catalogue import NAMES, fingerprint
from models.artifact import Artifact
from models.examples import Declarations, Progress, Seen, after, examples_of, labels_known, walk
from models.flow import flow_of, flows_added
from models.kinds import model_class
from models.learned_flow import LearnedFlow, Period
from models.metrics import Evaluation, evaluate
from models.promises import Promises, fitted
from models.random_controls import draws_of
from models.risk_model import Examples

_END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)

LATER_SHARE = 0.2
"""Share of the controls, the latest, on which a training is judged."""

FEWEST_EXAMPLES = 10
"""Fewer controls than this teach nothing."""


@dataclass(frozen=True)
class Trained:
    """A training: the model to keep, and how its like did on later days.

    Attributes
    ----------
    artifact : the model to keep, with history and ledger.
    evaluation : measured on `judged_on`.
    judged_on : the first and last day of the evaluation.
    parameters, tags : what the run is logged with.
    flow : what it learned from and what it was judged on, to be kept beside the model.
    """

    artifact: Artifact
    evaluation: Evaluation
    judged_on: tuple[date, date]
    parameters: dict[str, Any]
    tags: dict[str, Any]
    flow: LearnedFlow


@dataclass(frozen=True)
class Lesson:
    """What models can be fitted and judged on, seen once for all kinds.

    Attributes
    ----------
    seen : the walk over the days.
    outcomes : all outcome events.
    cut : last day that the judged model learns from.
    keep_until : last day that the kept model learns from; the cut itself if a day was given.
    later : first and last day of those it is judged on.
    truth : what is really inside, if it is known.
    """

    seen: Seen
    outcomes: pl.DataFrame
    cut: date
    keep_until: date
    later: tuple[date, date]
    truth: pl.DataFrame | None


def prepare(
    declarations: Declarations,
    outcomes: pl.DataFrame,
    *,
    until: date | None = None,
    truth: pl.DataFrame | None = None,
    progress: Progress | None = None,
) -> Lesson:
    """Walk the days and see what was controlled.

    Parameters
    ----------
    declarations, outcomes : what to learn from.
    until : last day to learn from; what was recorded later is not known. The days after it are
        those a model is judged on. If it is None, or no day comes after it, a model is judged as
        if the last fifth of the controls had not come yet, and the one that is kept learns from
        all of them.
    truth : what is really inside, of every consignment (synthetic worlds only); then the figures
        speak of the whole flow, otherwise of the controlled part of it.

    Raises
    ------
    StateError
        Too little to learn from, or no day left to judge on.
    """
    days = declarations.days()
    later = [day for day in days if until is not None and day > until]
    if until is not None and later:
        cut = keep_until = until
    else:
        days = [day for day in days if until is None or day <= until]
        if not days:
            raise StateError("There are no declarations to learn from.",
                             "Bring some in with `triage ingest`, or name them.")  # fmt: skip
        keep_until = until or days[-1]
        cut = _default_cut(days, outcomes.filter(pl.col("recorded_at") < after(keep_until)))
        later = [day for day in days if day > cut]
    seen = walk(
        declarations,
        outcomes,
        until=later[-1],
        whole_from=later[0] if truth is not None else None,
        snapshot_on=keep_until,
        progress=progress,
    )
    return Lesson(seen, outcomes, cut, keep_until, (later[0], later[-1]), truth)


def learn(lesson: Lesson, *, kind: str, key: bytes) -> Trained:
    """Fit a model of a kind, and judge it on later days.

    Parameters
    ----------
    lesson : from `prepare`.
    kind : a name of `models.kinds`.
    key : secret of the installation, for ties in rankings.
    """
    seen, outcomes = lesson.seen, lesson.outcomes
    fit = _fitter(kind)
    judged = fit(_examples(seen, outcomes, lesson.cut))
    evaluation = _judged(judged, lesson, key)
    examples = _examples(seen, outcomes, lesson.keep_until)
    kept = judged if lesson.keep_until == lesson.cut else fit(examples)
    first, last = lesson.later
    tags = {
        "feature_fingerprint": fingerprint(),
        "data_fingerprint": _fingerprint(outcomes, seen),
        "learned_from": f"{seen.days[0]} to {lesson.keep_until}",
        "judged_on": f"{first} to {last}",
        "items": seen.item_count,
        "consignments": seen.consignment_count,
        "controls_learned_from": len(examples),
    }
    parameters: dict[str, Any] = {
        "kind": kind,
        "until": str(lesson.keep_until),
        "judged_after": str(lesson.cut),
    }
    known = seen.ledger.filter(pl.col("recorded_at") < after(lesson.keep_until))
    artifact = Artifact(kept, seen.history, known, {name: str(v) for name, v in tags.items()})
    return Trained(
        artifact,
        evaluation,
        lesson.later,
        parameters | _settings(kept),
        tags,
        _learned_flow(judged, lesson),
    )


def train(
    declarations: Declarations,
    outcomes: pl.DataFrame,
    *,
    kind: str,
    key: bytes,
    until: date | None = None,
    truth: pl.DataFrame | None = None,
    progress: Progress | None = None,
) -> Trained:
    """`prepare` and `learn` in one go, for a single kind."""
    lesson = prepare(declarations, outcomes, until=until, truth=truth, progress=progress)
    return learn(lesson, kind=kind, key=key)


def _default_cut(days: list[date], outcomes: pl.DataFrame) -> date:
    """The last day before the latest fifth of the controls."""
    controlled = outcomes.filter(pl.col("presented") & pl.col("flight_date").is_in(days))
    dates = controlled["flight_date"].sort()
    distinct = dates.unique().sort()
    if len(distinct) < 2:
        raise StateError(
            "Learning needs control results on declarations of at least two days, the later ones "
            f"to judge on; got {len(distinct)}.",
            "Bring in more with `triage ingest` and `triage outcomes`.",
        )
    first_later = max(dates[int(len(dates) * (1 - LATER_SHARE))], distinct[1])
    return max(day for day in days if day < first_later)


def _fitter(kind: str) -> Callable[[Examples], Promises]:
    known = model_class(kind)
    return lambda examples: fitted(known, examples)


def _examples(seen: Seen, outcomes: pl.DataFrame, until: date) -> Examples:
    """Controls known by the end of a day, of consignments up to that day."""
    labels = labels_known(outcomes, before=after(until))
    is_past = pl.col("flight_date") <= until
    background = seen.background.filter(is_past)
    examples = examples_of(seen.features, labels.filter(is_past), background)
    if len(examples) < FEWEST_EXAMPLES:
        raise StateError(
            f"Only {len(examples)} controls with a known result up to {until}; "
            f"{FEWEST_EXAMPLES} are the least to learn from.",
            "Bring in outcomes with `triage outcomes`.",
        )
    return examples


def _judged(promises: Promises, lesson: Lesson, key: bytes) -> Evaluation:
    first, truth = lesson.later[0], lesson.truth
    features = lesson.seen.features.filter(pl.col("flight_date") >= first)
    last_word = labels_known(lesson.outcomes, before=_END_OF_TIME)
    if truth is None:
        answers = features.join(last_word, on=CONSIGNMENT, how="semi", maintain_order="left")
        if answers.is_empty():
            raise StateError(f"No control since {first} has a result to judge a model on.",
                             "Bring in later outcomes, or give an earlier --until.")  # fmt: skip
    else:
        answers = features
    scored = (
        pl.concat([answers.select(CONSIGNMENT), promises.of(answers)], how="horizontal")
        .with_columns(expected_harm())
        .with_columns(expected_yield())
    )
    real = reality(last_word) if truth is None else _truth(truth)
    scored = scored.join(real, on=CONSIGNMENT, how="inner")
    return evaluate(scored, population="controlled" if truth is None else "flow", key=key)


def reality(labels: pl.DataFrame) -> pl.DataFrame:
    """What controls found, as `models.metrics.evaluate` takes it.

    A random control of unknown probability stands for an unknown number of parcels: it does not
    count as random.
    """
    probability = pl.col("selection_probability")
    is_weighted = pl.col("is_random") & (probability > 0).fill_null(False)
    return labels.select(
        *CONSIGNMENT, "is_irregular", "is_fiscal_irregular", "is_goods_irregular",
        revenue_eur="recovered_eur",
        is_random_control=is_weighted,
        weight=pl.when(is_weighted).then(1 / probability).otherwise(1.0),
    )  # fmt: skip


def _learned_flow(judged: Promises, lesson: Lesson) -> LearnedFlow:
    """The days up to the cut and those after it; risks and features are those of the background,
    which the walk drew evenly from every day that had a control.
    """
    is_learned = pl.col("flight_date") <= lesson.cut
    known = labels_known(lesson.outcomes, before=after(lesson.cut)).filter(is_learned)
    last_word = labels_known(lesson.outcomes, before=_END_OF_TIME).filter(
        pl.col("flight_date").is_between(*lesson.later)
    )
    return LearnedFlow(
        _period(judged, lesson.seen, lesson.cut, known, is_learned=True),
        _period(judged, lesson.seen, lesson.cut, last_word, is_learned=False),
    )


def _period(
    judged: Promises, seen: Seen, cut: date, labels: pl.DataFrame, *, is_learned: bool
) -> Period:
    flow = flows_added(
        one for day, one in zip(seen.days, seen.flows, strict=True) if (day <= cut) == is_learned
    )
    rows = seen.background.filter((pl.col("flight_date") <= cut) == is_learned)
    drawn = labels.filter("is_random")
    if not rows.is_empty():
        risks = pl.concat([rows.select(CONSIGNMENT), judged.of(rows)], how="horizontal")
        flow = flow.beside(flow_of(rows, risks=risks, features=rows))
    if not is_learned and not drawn.is_empty():  # of what it learned from it knew the answers
        met = seen.features.join(drawn, on=CONSIGNMENT, how="semi", maintain_order="left")
        told = pl.concat(
            [met.select(CONSIGNMENT), judged.of(met).select("risk")], how="horizontal"
        )  # fmt: skip
        drawn = drawn.join(told, on=CONSIGNMENT, how="left", maintain_order="left")
    return Period(flow, draws_of(drawn))


def _truth(truth: pl.DataFrame) -> pl.DataFrame:
    found = pl.col("finding_types").fill_null("")
    return truth.select(
        *CONSIGNMENT,
        "is_irregular",
        is_fiscal_irregular=found.str.contains("|".join(FISCAL_FINDINGS)),
        is_goods_irregular=found.str.contains("|".join(GOODS_FINDINGS)),
        revenue_eur=pl.col("revenue_lost_eur"),
        is_random_control=pl.lit(False),
        weight=pl.lit(1.0),
    )


def _settings(promises: Promises) -> dict[str, Any]:
    settings = getattr(promises.model, "settings", None)
    return dict(vars(settings)) if settings is not None else {}


def _fingerprint(outcomes: pl.DataFrame, seen: Seen) -> str:
    """Fingerprint of what was learned from: every day's declarations, and every outcome event."""
    digest = hashlib.sha256()
    digest.update(f"{seen.days}{seen.item_count}{seen.consignment_count}{NAMES}".encode())
    digest.update("".join(seen.digests).encode())
    digest.update(outcomes.select(sorted(outcomes.columns)).pipe(_canonical).encode())
    return digest.hexdigest()[:16]


def _canonical(table: pl.DataFrame) -> str:
    """The rows as text, in an order that does not depend on how they came."""
    return table.sort(table.columns, nulls_last=True).write_csv()
