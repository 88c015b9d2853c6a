"""Scoring for the outside: the model in force, what was known, and the risks of the flights."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

import polars as pl

from engine.declaration import CONSIGNMENT
from engine.errors import TriageError
from features.catalogue import day_of
from features.history import History
from features.ledger import ledger_rows
from features.sight import prepared
from models.artifact import Artifact, load_artifact
from models.champion import champion_of
from models.examples import start_of
from models.expert import Expert
from models.explanation import reasons
from models.promises import Promises
from models.scorer import ScoredFlights, Scorer
from service.archive import history_before, ledger_with, short_id, without_a_past
from service.console import Step
from service.home import Home
from service.store import Store


@dataclass(frozen=True)
class Scored:
    """The consignments of some flights with their risks.

    Attributes
    ----------
    flights : risks, features and what they were made of.
    promises : the model that scored.
    version : its name, such as `3 (ensemble)`.
    is_degraded : no usable model: the expert's signs rank.
    note : why, and the way out, where it is degraded.
    past_note : why nothing is known of the past, where that is so.
    """

    flights: ScoredFlights
    promises: Promises
    version: str
    is_degraded: bool
    note: str = ""
    past_note: str = ""

    @property
    def consignments(self) -> pl.DataFrame:
        """One row a consignment: key, place, risks, expected revenue and harm."""
        return self.flights.risks

    def reasons(self, chosen: pl.DataFrame) -> list[list[str]]:
        """Sentences an officer can check, in the order of `chosen`."""
        if chosen.is_empty():
            return []
        at = self.flights.risks.select(CONSIGNMENT).with_row_index("at")
        rows = chosen.select(CONSIGNMENT).join(
            at, on=CONSIGNMENT, how="left", maintain_order="left"
        )
        return reasons(self.promises.model, self.flights, rows["at"].to_list())


def score(
    home: Home,
    store: Store,
    items: pl.DataFrame,
    *,
    as_of: date | None,
    keeps: bool = True,
    progress: Step | None = None,
) -> Scored:
    """Score the flights of one day with the model in force.

    Parameters
    ----------
    items : canonical rows of whole flights: everything received for them.
    as_of : the day whose evening the list is made as of, if earlier than the flights' own morning.
    keeps : whether what was computed of the past may be kept in the state folder.
    progress : told what is being done.
    """
    told = progress or (lambda what, done, total: None)
    told("Looking for the model", 0, 0)
    day = day_of(items)
    limit = day if as_of is None else min(day, as_of + timedelta(days=1))
    artifact, base_id, version, note = _in_force(home)
    base = artifact.history if artifact else History.empty()
    history = history_before(
        home, store, base, base_id, limit,
        keeps=keeps, progress=partial(told, "Rolling the history forward"),
    )  # fmt: skip
    told("Scoring", 0, 0)
    ledger = ledger_with(store, artifact.ledger if artifact else _empty_ledger(store, items))
    ledger = ledger.filter(pl.col("recorded_at") < start_of(limit))
    promises = artifact.promises if artifact else Promises(Expert())
    flights = Scorer(promises).score_day(items, history, ledger)
    past_note = without_a_past(store, base, limit)
    return Scored(flights, promises, version, artifact is None, note, past_note)


def _in_force(home: Home) -> tuple[Artifact | None, str, str, str]:
    """The model in force with its id and name, or None and why there is none."""
    champion = champion_of(home.mlflow_database, home.mlruns)
    if champion is None:
        return None, "nothing", "none", "no model is in force yet. Make one with `triage train`."
    try:
        artifact = load_artifact(champion.artefact)
    except (TriageError, OSError) as problem:
        return None, "nothing", "none", _refused(champion.version, problem)
    name = f"{champion.version} ({artifact.kind})"
    return artifact, short_id(str(champion.run_id)), name, ""


def _refused(version: int, problem: TriageError | OSError) -> str:
    """Why the champion cannot rank, and the two steps that bring one that can."""
    why = problem.message if isinstance(problem, TriageError) else f"{problem}."
    return (
        f"version {version}, which is champion, cannot be used. {why} Train again with "
        "`triage train`, then put the new version in force with `triage promote`; a version that "
        "this program has trained already needs the second alone."
    )


def _empty_ledger(store: Store, items: pl.DataFrame) -> pl.DataFrame:
    return ledger_rows(store.outcomes().head(0), *prepared(items.head(1)))
