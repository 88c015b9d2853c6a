"""Scoring for the outside: the model in force, what was known, and the risks of the flights."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, partial
from pathlib import Path

import polars as pl

from engine.declaration import CONSIGNMENT
from engine.errors import TriageError
from features.catalogue import day_of
from features.history import History
from models.artifact import Artifact, load_artifact
from models.champion import Champion, champion_of
from models.expert import Expert
from models.explanation import reasons
from models.promises import Promises
from models.scorer import ScoredFlights, Scorer
from service.archive import Known, known_before, short_id
from service.console import Step
from service.home import Home
from service.sealing import check_model
from service.store import Store


@dataclass(frozen=True)
class InForce:
    """What ranks: the champion, or the expert's signs for want of one.

    Attributes
    ----------
    artifact : the model with what it knew; None: no usable model.
    base_id : names it, so that what was computed for two models is never mixed up.
    version : its name, such as `3 (ensemble)`.
    note : why there is none, and the way out.
    folder : where it lies.
    """

    artifact: Artifact | None = None
    base_id: str = "nothing"
    version: str = "none"
    note: str = ""
    folder: Path | None = None

    @property
    def is_degraded(self) -> bool:
        """Whether rules rank."""
        return self.artifact is None

    @cached_property
    def promises(self) -> Promises:
        """What answers for risks."""
        return self.artifact.promises if self.artifact else Promises(Expert())

    @property
    def history(self) -> History:
        """What it brings along of the past."""
        return self.artifact.history if self.artifact else History.empty()

    @property
    def ledger(self) -> pl.DataFrame | None:
        """The controls it brings along; None: none."""
        return self.artifact.ledger if self.artifact else None


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
        return reasons(self.promises.model, self.flights, self.rows_of(chosen))

    def rows_of(self, chosen: pl.DataFrame) -> list[int]:
        """Positions of consignments in the flights."""
        at = self.flights.risks.select(CONSIGNMENT).with_row_index("at")
        rows = chosen.select(CONSIGNMENT).join(
            at, on=CONSIGNMENT, how="left", maintain_order="left"
        )
        return rows["at"].to_list()


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
    model = in_force(home)
    known = known_before(
        home, store, model.history, model.base_id, model.ledger, limit,
        keeps=keeps, progress=partial(told, "Rolling the history forward"),
    )  # fmt: skip
    told("Scoring", 0, 0)
    return scored(model, known, items)


def scored(model: InForce, known: Known, items: pl.DataFrame) -> Scored:
    """Score flights of one day with a model and what was known before."""
    flights = Scorer(model.promises).score_day(items, known.history, known.ledger)
    return Scored(flights, model.promises, model.version, model.is_degraded, model.note, known.note)


def in_force(home: Home) -> InForce:
    """The champion, read after a look at its seal; or why no model can rank."""
    champion = champion_of(home.mlflow_database, home.mlruns)
    if champion is None:
        return InForce(note="no model is in force yet. Make one with `triage train`.")
    try:
        check_model(home, champion.artefact)
        return loaded(champion)
    except (TriageError, OSError) as problem:
        return refused(champion, problem)


def loaded(champion: Champion) -> InForce:
    """The champion, read; the caller has looked at its seal.

    Raises
    ------
    StateError
        It was learned with another feature catalogue, other rules or another expert.
    """
    artifact = load_artifact(champion.artefact)
    name = f"{champion.version} ({artifact.kind})"
    return InForce(artifact, short_id(str(champion.run_id)), name, folder=champion.artefact)


def refused(champion: Champion, problem: TriageError | OSError) -> InForce:
    """Why the champion cannot rank, and the two steps that bring one that can."""
    why = problem.message if isinstance(problem, TriageError) else f"{problem}."
    way_out = (
        "Train again with `triage train`, then put the new version in force with `triage promote`; "
        "a version that this program has trained already needs the second alone."
    )
    if isinstance(problem, TriageError) and "triage promote VERSION" in problem.way_out:
        way_out = problem.way_out.replace("VERSION", str(champion.version))
    told = f"version {champion.version}, which is champion, cannot be used. {why} {way_out}"
    return InForce(note=told)
