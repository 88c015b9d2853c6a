"""The desk of one strategy: it lists, learns from what comes back, and renews its model."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl

from engine.budget import Budget
from engine.consignment import roll_up
from engine.declaration import CONSIGNMENT
from engine.harm import expected_yield
from engine.selection import NUMBER_COLUMNS, Selection, select
from engine.strategy import Signals, Strategy
from engine.times import DEFAULT_TIMES, parcel_minutes
from models.artifact import load_promises, save_promises
from models.examples import labels_known, start_of
from models.kinds import model_class
from models.promises import Promises, fitted
from models.rules import Rules
from models.scorer import Scorer
from models.simulation.drifting import drift_on
from models.simulation.fit import Fit
from models.simulation.memory import Looked, Memory
from models.simulation.promotion import duel

SIGNAL_WEEKS: Final = 4
"""Weeks of controls that a service judges itself by (as long as shippers are watched in domain
report 7)."""


@dataclass(frozen=True)
class Terms:
    """What all desks of a simulation have in common.

    Attributes
    ----------
    budget : of each flight.
    kind : of the models.
    retrain_days : days between two challengers.
    key : secret of draws and ties; the same for all desks, so that the same parcels are drawn.
    """

    budget: Budget
    kind: str
    retrain_days: int
    key: bytes


@dataclass
class Desk:
    """One strategy at work.

    Attributes
    ----------
    strategy : how the budget is used.
    terms : what it has in common with the others.
    memory : what it knows; its own from the first day on.
    champion : the model in force; None where none is used.
    challenger : the newer model in the shadow, if there is one.
    drift_index : what drift was last measured at.
    """

    strategy: Strategy
    terms: Terms
    memory: Memory
    champion: Fit | None = None
    challenger: Fit | None = None
    drift_index: float | None = None
    _shares: dict[date, float] = field(default_factory=dict)

    def look(self, items: pl.DataFrame, day: date) -> Looked | None:
        """See a flight as of a day; None where nothing is looked at, because chance chooses."""
        return None if self.strategy.scored_by == "nothing" else self.memory.look(items, day)

    def choose(self, items: pl.DataFrame, looked: Looked | None, day: date) -> Selection:
        """Make the list of a flight."""
        scored = _alike(items) if looked is None else self._scored(looked)
        return select(
            scored,
            self.terms.budget,
            self.strategy.policy,
            random_share=self.share_on(day),
            key=self.terms.key,
            chosen_by="rule" if self.strategy.scored_by == "rules" else "model",
        )

    def record(
        self, items: pl.DataFrame, looked: Looked | None, chosen: pl.DataFrame, events: pl.DataFrame
    ) -> None:
        """Take what the controls of a flight gave; events count from when they are recorded."""
        # Points of a rule list and the nought of chance promise nothing.
        risk = pl.when(pl.lit(self.strategy.scored_by == "model")).then("risk").alias("risk")
        told = chosen.select(*CONSIGNMENT, risk, "selected_by", "selection_probability")
        if looked is None:
            self.memory.note(items, told, events)
        else:
            self.memory.keep(looked, told, events)

    def share_on(self, day: date) -> float:
        """Share of the budget drawn at random on a day, worked out once."""
        if day not in self._shares:
            self._shares = {day: self.strategy.random_share(self._signals(day))}
        return self._shares[day]

    def renew(self, day: date) -> bool:
        """On the morning of a day: judge the challenger, and train a new one when it is time.

        Returns
        -------
        Whether the challenger was put in force.
        """
        if self.champion is None:
            return False
        newest = self.challenger or self.champion
        if (day - newest.learned_until).days <= self.terms.retrain_days:
            return False
        is_promoted = False
        if self.challenger is not None:
            controls = self.memory.examples(start_of(day), since=self.challenger.learned_until)
            met = duel(self.champion.promises, self.challenger.promises, controls)
            if not met.is_decided:
                return False  # it stays in the shadow until there is enough to judge it by
            is_promoted = met.is_won
            if is_promoted:
                self.champion = self.challenger
        self.challenger = self.fit(newest.number + 1, day)
        return is_promoted

    def fit(self, number: int, day: date) -> Fit:
        """Learn from everything known on the morning of a day."""
        examples = self.memory.examples(start_of(day))
        promises = fitted(model_class(self.terms.kind), examples)
        return Fit(number, promises, day - timedelta(days=1))

    def measure(self, day: date) -> str:
        """On the morning of a day: how far the flow has moved away from what the model learned.

        Returns
        -------
        What moved, in one sentence; empty where nothing did.
        """
        if not self.memory.flows:
            return ""
        drift = drift_on(day, self.memory, self.champion)
        self.drift_index = drift.largest_trait_index
        return drift.alert

    def save(self, folder: Path) -> None:
        """Write everything into an empty folder; only between two days."""
        self.memory.save(folder / "memory")
        told: dict[str, Any] = {"drift_index": self.drift_index}
        for name, fit in (("champion", self.champion), ("challenger", self.challenger)):
            if fit is not None:
                save_promises(fit.promises, {}, folder / name)
                told[name] = {"number": fit.number, "learned_until": str(fit.learned_until)}
        (folder / "desk.json").write_text(json.dumps(told) + "\n")

    @classmethod
    def load(cls, folder: Path, strategy: Strategy, terms: Terms) -> Desk:
        """Read what `save` wrote."""
        told = json.loads((folder / "desk.json").read_text())

        def fit(name: str) -> Fit | None:
            if name not in told:
                return None
            until = date.fromisoformat(told[name]["learned_until"])
            return Fit(told[name]["number"], load_promises(folder / name), until)

        memory = Memory.load(folder / "memory")
        return cls(strategy, terms, memory, fit("champion"), fit("challenger"), told["drift_index"])

    def _scored(self, looked: Looked) -> pl.DataFrame:
        risks = Scorer(self._promises()).of_sight(looked.seen).risks
        return risks.with_columns(
            parcel_minutes(DEFAULT_TIMES),
            expected_yield(),
            *looked.seen.select("sender_rate", "sender_controls"),
            sender_luck=_luck(looked.seen, self.terms.key),
        )

    def _promises(self) -> Promises:
        if self.strategy.scored_by == "rules":
            return Promises(Rules())
        assert self.champion is not None
        return self.champion.promises

    def _signals(self, day: date) -> Signals:
        """How well the chosen controls of the last weeks kept what was told of them."""
        since = day - timedelta(weeks=SIGNAL_WEEKS)
        told = self.memory.told
        if not told.width:
            return Signals(self.drift_index)
        told = told.filter(
            pl.col("selected_by") == "model",
            pl.col("risk").is_not_null(),
            pl.col("flight_date") >= since,
        )
        labels = labels_known(self.memory.outcomes, before=start_of(day))
        both = told.join(labels.select(*CONSIGNMENT, "is_irregular"), on=CONSIGNMENT)
        if both.is_empty():
            return Signals(self.drift_index)
        promised, hit = (float(np.mean(both[name].to_numpy())) for name in ("risk", "is_irregular"))
        return Signals(self.drift_index, promised, hit)


def _luck(seen: pl.DataFrame, key: bytes) -> pl.Series:
    """An even draw from 0 to 1 for each sender and flight, the same whatever else is on it."""
    who = seen.select(
        pl.concat_str(
            "flight_number", pl.col("flight_date").cast(pl.String),
            pl.col("key_sender").fill_null(""), separator="|",
        )
    ).to_series()  # fmt: skip
    distinct = who.unique(maintain_order=True)
    draws = [
        int.from_bytes(blake2b(text.encode(), key=key[:64], digest_size=7).digest()) / 2**56
        for text in distinct
    ]
    return who.replace_strict(distinct, draws, return_dtype=pl.Float64)


def _alike(items: pl.DataFrame) -> pl.DataFrame:
    """Consignments of whom nothing is told: all risks are nought."""
    rolled = roll_up(items)
    nothing = {name: pl.lit(0.0) for name in NUMBER_COLUMNS if name != "minutes"}
    return rolled.with_columns(parcel_minutes(DEFAULT_TIMES), **nothing)
