"""Training for the outside: where the rows come from, what is logged, what is told."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

import polars as pl

from engine.consignment import roll_up
from engine.declaration import CONSIGNMENT
from engine.errors import InputError, StateError
from models.comparison import MOST_RUNS, Comparison, drift_lines
from models.comparison import compare as put_side_by_side
from models.comparison_page import page
from models.examples import Declarations
from models.flow import flow_of, flows_added
from models.kinds import model_class
from models.plots import plots_of
from models.tracking import Run, Tracking, folder_sha256
from models.training import Lesson, Trained, learn, prepare
from service.bringing_in import ingest, record
from service.console import Step
from service.home import Home
from service.sealing import seal_model, sealed_now
from service.store import Store, StoreAsOf

TOLD: tuple[tuple[str, str], ...] = (
    ("hit_rate_at_10", "hit rate at 10 controls a flight"),
    ("hit_rate_at_50", "hit rate at 50 controls a flight"),
    ("hit_rate_at_150", "hit rate at 150 controls a flight"),
    ("hit_rate_balanced_at_10", "hit rate of the default policy at 10"),
    ("hit_rate_balanced_at_50", "hit rate of the default policy at 50"),
    ("hit_rate_balanced_at_150", "hit rate of the default policy at 150"),
    ("revenue_eur_balanced_at_50", "EUR a flight of the default policy at 50"),
    ("revenue_share_at_50", "share of the best possible revenue at 50"),
    ("hit_rate_at_5_percent_of_controlled", "hit rate in the top 5 % of what was controlled"),
    ("hit_rate_at_25_percent_of_controlled", "hit rate in the top 25 % of what was controlled"),
    ("auc", "AUC"),
    ("auc_of_controlled", "AUC among the controlled"),
    ("calibration_error", "calibration error"),
    ("calibration_error_of_random_controls", "calibration error on random controls"),
)
"""What is told after a training; the run holds everything."""

LATER_DAYS = 14
"""Days after those that runs were measured on, the last ones, that drift is told of: two whole
weeks, for weekdays differ (estimate)."""


@dataclass(frozen=True)
class TrainingReport:
    """What a training gave: the version it registered, and lines to print."""

    version: int
    text: str


def train(
    home: Home,
    store: Store,
    *,
    declarations: list[Path],
    outcomes: list[Path],
    until: date | None,
    kinds: Sequence[str],
    truth: Path | None,
    as_of: date | None = None,
    progress: Step | None = None,
) -> list[TrainingReport]:
    """Fit, judge on later days, log a run and register a version for each kind.

    The first version ever registered becomes champion. The days are walked once for all kinds.

    Parameters
    ----------
    declarations, outcomes : files to learn from instead of the state.
    until : last day to learn from; None: all, judged on the last fifth.
    truth : truth of an invented world, to measure against.
    as_of : nothing later than this day is looked at, not even to judge; None: everything is.
    progress : told what is being done.

    Raises
    ------
    InputError
        Files were given that hold no acceptable row.
    StateError
        There is too little to learn from.
    """
    told = progress or (lambda what, done, total: None)
    for kind in kinds:
        model_class(kind)  # a wrong name is told before an hour of work
    with tempfile.TemporaryDirectory(prefix="triage-train-") as folder:
        source = rows_of(home, store, declarations, outcomes, Path(folder))
        seen = source if as_of is None else StoreAsOf(source, as_of)
        known = seen.outcomes()
        if known.is_empty():
            raise StateError(
                "There are no control results to learn from.",
                "Bring some in with `triage outcomes`, or name them with --outcomes.",
            )
        lesson = prepare(
            seen, known, until=until, truth=_truth(truth) if truth else None,
            progress=partial(told, "Walking the days"),
        )  # fmt: skip
        reports = []
        for at, kind in enumerate(kinds):
            told(f"Fitting and measuring {kind}", at, len(kinds))
            reports.append(_trained(home, lesson, kind, Path(folder) / kind))
        return reports


def _trained(home: Home, lesson: Lesson, kind: str, artefact: Path) -> TrainingReport:
    trained = learn(lesson, kind=kind, key=home.pseudonym_key())
    trained.artifact.save(artefact)
    trained.flow.save(artefact)
    seal_model(home, artefact)
    logged = tracking(home).log_training(
        kind=kind,
        parameters=trained.parameters,
        tags=trained.tags,
        evaluation=trained.evaluation,
        artefact=artefact,
        plots=plots_of(kind, trained.evaluation),
    )
    return TrainingReport(logged.version, _text(trained, logged.version, home))


def _truth(path: Path) -> pl.DataFrame:
    needed = [*CONSIGNMENT, "is_irregular", "finding_types", "revenue_lost_eur"]
    try:
        return pl.read_parquet(path, columns=needed)
    except (OSError, pl.exceptions.PolarsError) as problem:
        raise InputError(
            f"The truth {path} cannot be read: {problem}.",
            "Give the truth.parquet that `triage generate` wrote.",
        ) from problem


def compare(
    home: Home,
    runs: list[str],
    html: Path | None,
    *,
    as_of: date | None = None,
    declarations: Store | None = None,
) -> Comparison:
    """Runs side by side; with pictures as a page if a file is named.

    Parameters
    ----------
    runs : versions or names; the newest if none.
    html : the page.
    as_of : runs that learned from later days, or were measured on them, are not seen; None: all.
    declarations : where days may lie that came after all that the runs were measured on; what moved
        until then is told as well. None: it is not.

    Raises
    ------
    StateError
        A run named is of later days, or there is none to compare.
    """
    store = tracking(home)
    names = runs if as_of is None else _made_by(store, runs, as_of)
    comparison = put_side_by_side(store, names)
    if declarations is not None:
        source = declarations if as_of is None else StoreAsOf(declarations, as_of)
        comparison = _with_later_days(comparison, store, source)
    if html is not None:
        html.parent.mkdir(parents=True, exist_ok=True)
        html.write_text(page(comparison), encoding="utf-8")
    return comparison


def _with_later_days(comparison: Comparison, store: Tracking, source: Declarations) -> Comparison:
    """The same, with what moved since all that the runs were measured on."""
    measured = [run for run in comparison.runs if "judged_on" in run.tags]
    if not measured:
        return comparison
    last = max(_last_day(run, "judged_on") for run in measured)
    days = [day for day in source.days() if day > last][-LATER_DAYS:]
    if not days:
        return comparison
    flow = flows_added(flow_of(roll_up(part)) for day in days for part in source.parts(day))
    since = drift_lines(store, measured, flow, f"{days[0]} to {days[-1]}")
    return replace(comparison, drift=(*comparison.drift, *since))


def promote(home: Home, version: str, *, as_of: date | None = None) -> str:
    """Make a version champion, sealed if it was registered before models were.

    Raises
    ------
    StateError
        There is no such version, it learned from days after `as_of`, or its files are not those
        that were registered.
    """
    store = tracking(home)
    run = store.find([version])[0]
    if run.version is None:
        raise StateError(f"The run {run.name} registered no version.", "Name another.")
    if as_of is not None and _last_day(run, "learned_from") > as_of:
        raise StateError(
            f"Version {run.version} learned from days up to {_last_day(run, 'learned_from')}, "
            f"which nobody had seen on {as_of}.",
            f"Train one with `triage train --date {as_of}`, or name another.",
        )
    before = store.champion()
    folder = store.artefact(run.version)
    sealed_now(home, folder, run.tags["artefact_sha256"], folder_sha256(folder))
    store.promote(run.version)
    was = f" instead of version {before}" if before not in (None, run.version) else ""
    return f"Version {run.version} ({run.kind}) is champion{was}."


def _made_by(store: Tracking, names: list[str], as_of: date) -> list[str]:
    """Ids of the runs named, or of the newest, that saw no day after one."""
    runs = store.find(names) if names else store.versions()
    spans = ("learned_from", "judged_on")
    known = [run for run in runs if max(_last_day(run, span) for span in spans) <= as_of]
    later = [run.name for run in runs if run not in known]
    if (names and later) or not known:
        told = f"{', '.join(later)} saw days after {as_of}" if later else "nothing was trained yet"
        raise StateError(
            f"There is nothing to compare as of {as_of}: {told}.",
            f"Train with `triage train --date {as_of}`, or give a later --date.",
        )
    return [run.run_id for run in known[:MOST_RUNS]]


def _last_day(run: Run, span: str) -> date:
    """The last day of a span such as `2026-09-01 to 2026-09-27`."""
    return date.fromisoformat(run.tags[span].rpartition(" to ")[2])


def tracking(home: Home) -> Tracking:
    """The store of runs and versions of a state folder."""
    return Tracking(home.made().mlflow_database, home.mlruns)


def rows_of(
    home: Home, store: Store, declarations: list[Path], outcomes: list[Path], folder: Path
) -> Store:
    """The state, or a store of its own made from the files given.

    Parameters
    ----------
    declarations, outcomes : files; where there are none of a kind, the state's rows stand.
    folder : where the store of its own may be.

    Raises
    ------
    InputError
        Files were given that hold no acceptable row.
    """
    if not declarations and not outcomes:
        return store
    aside = Store(Home(folder / "rows", home.pseudonym_key()))
    if declarations:
        account = ingest(Home(folder / "rows", home.pseudonym_key()), aside, declarations)
        if not account.accepted_count:
            raise _nothing(account.errors, "declaration")
    else:
        for day in store.days():
            aside.add_declarations(store.versions(day))
    if outcomes:
        account = record(aside, outcomes)
        if not account.accepted_count:
            raise _nothing(account.errors, "outcome")
    else:
        aside.add_outcomes(store.outcomes())
    return aside


def _nothing(errors: tuple[Exception, ...], what: str) -> Exception:
    if errors:
        return errors[0]
    command = "ingest" if what == "declaration" else "outcomes"
    return InputError(
        f"The files hold no acceptable {what} row.", f"See why with `triage {command}`."
    )


def _text(trained: Trained, version: int, home: Home) -> str:
    values = trained.evaluation.values
    of = "the whole flow" if trained.evaluation.population == "flow" else "what was controlled"
    first, last = trained.judged_on
    lines = [
        f"Version {version} ({trained.artifact.kind}), learned from "
        f"{trained.tags['controls_learned_from']} controls on {trained.tags['consignments']} "
        f"consignments, {trained.tags['learned_from']}.",
        f"Judged on {of}, {first} to {last}:",
    ]
    for name, words in TOLD:
        if name in values:
            low, high = values.get(f"{name}_low"), values.get(f"{name}_high")
            span = (
                f" (95 %: {low:.3f} to {high:.3f})" if low is not None and high is not None else ""
            )
            lines.append(f"  {words}: {values[name]:.3f}{span}")
    champion = tracking(home).champion()
    lines.append(
        "It is champion: it ranks from now on."
        if champion == version
        else f"Champion is version {champion}; `triage promote {version}` puts this one in force."
    )
    return "\n".join(lines)
