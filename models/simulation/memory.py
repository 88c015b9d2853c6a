"""What a service keeps of its flights and controls, so as to score the next day and to learn.

The same as a state folder holds for `triage train` and `triage manifest`, but every flight is
looked at once: the features of what is controlled are kept as they were seen on their day.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Final

import polars as pl

from engine.declaration import CONSIGNMENT
from engine.outcome import OutcomeRow
from features.catalogue import features_of
from features.day_counts import Counts, counts_of
from features.history import History
from features.ledger import ledger_rows
from features.past_rates import Controls
from features.sight import prepared, sight
from models.examples import BACKGROUND_PER_DAY, examples_of, labels_known, no_ledger
from models.flow import Flow, flow_of
from models.risk_model import Examples

_TABLES: Final = ("ledger", "outcomes", "features", "background", "items", "flights", "told")


@dataclass(frozen=True)
class Looked:
    """A flight as it was seen on its day.

    Attributes
    ----------
    items : canonical rows.
    goods, consignments : prepared (`features.sight.prepared`).
    seen : the consignment frame behind the features.
    features : key and features, in the same order.
    """

    items: pl.DataFrame
    goods: pl.DataFrame
    consignments: pl.DataFrame
    seen: pl.DataFrame
    features: pl.DataFrame


@dataclass
class Memory:
    """Everything declared and recorded so far.

    Attributes
    ----------
    history : profiles up to the last day that ended.
    ledger, outcomes : controls with the keys of their parties; all events, also those that will be
        recorded later, which nobody is shown before.
    features, background : of what was controlled, and of some consignments drawn evenly.
    items : canonical rows of what was controlled.
    flights : number, day and consignments of every flight.
    told : key, `risk`, `selected_by` and `selection_probability` of what was chosen.
    flows : what each flight looked like, with its day.
    """

    history: History = field(default_factory=History.empty)
    ledger: pl.DataFrame = field(default_factory=pl.DataFrame)
    outcomes: pl.DataFrame = field(default_factory=pl.DataFrame)
    features: pl.DataFrame = field(default_factory=pl.DataFrame)
    background: pl.DataFrame = field(default_factory=pl.DataFrame)
    items: pl.DataFrame = field(default_factory=pl.DataFrame)
    flights: pl.DataFrame = field(default_factory=pl.DataFrame)
    told: pl.DataFrame = field(default_factory=pl.DataFrame)
    flows: list[tuple[date, Flow]] = field(default_factory=list)
    _counts: list[Counts] = field(default_factory=list)
    _controls: tuple[date, Controls] | None = None

    def look(self, items: pl.DataFrame, day: date) -> Looked:
        """See a flight of a day with what was known that morning."""
        goods, consignments = prepared(items)
        seen = sight(goods, consignments, self.history, self._controls_on(day), day)
        return Looked(items, goods, consignments, seen, features_of(seen))

    def keep(self, looked: Looked, told: pl.DataFrame, outcomes: pl.DataFrame) -> None:
        """Keep what is needed of a flight and its controls.

        Parameters
        ----------
        looked : from `look`.
        told : key, `risk`, `selected_by`, `selection_probability` of what was chosen.
        outcomes : canonical events of its controls.
        """
        self.note(looked.items, told, outcomes)
        goods, consignments = looked.goods, looked.consignments
        self.ledger = _added(self.ledger, ledger_rows(outcomes, goods, consignments))
        of_controlled = looked.features.join(
            outcomes.select(CONSIGNMENT).unique(), on=CONSIGNMENT, how="semi", maintain_order="left"
        )
        self.features = _added(self.features, of_controlled)
        every = max(1, looked.features.height // BACKGROUND_PER_DAY)
        drawn = looked.features.gather_every(every)
        self.background = _added(self.background, drawn)
        day = looked.items["flight_date"][0]
        self.flows.append((day, flow_of(looked.seen, features=drawn)))
        self._counts.append(counts_of(goods, consignments))

    def note(self, items: pl.DataFrame, told: pl.DataFrame, outcomes: pl.DataFrame) -> None:
        """Keep the controls of a flight alone, for a service that learns nothing from them."""
        controlled = items.join(outcomes.select(CONSIGNMENT).unique(), on=CONSIGNMENT, how="semi")
        number, day = items.row(0, named=True)["flight_number"], items["flight_date"][0]
        count = items.select(CONSIGNMENT).n_unique()
        flight = {"flight_number": [number], "flight_date": [day], "consignments": [count]}
        self.flights = _added(self.flights, pl.DataFrame(flight))
        self.items = _added(self.items, controlled)
        self.outcomes = _added(self.outcomes, outcomes)
        self.told = _added(self.told, told)

    def end_day(self, day: date) -> None:
        """Add the day's flights to the profiles."""
        if self._counts:
            self.history = self.history.after(self._counts, day)
            self._counts = []
            self._controls = None

    def examples(self, before: datetime, *, since: date | None = None) -> Examples:
        """Controls whose result was recorded before an instant.

        Parameters
        ----------
        before : the instant, UTC.
        since : only of flights after this day; None: of all.
        """
        labels = labels_known(self.outcomes, before=before)
        if since is not None:
            labels = labels.filter(pl.col("flight_date") > since)
        return examples_of(self.features, labels, self.background)

    def save(self, folder: Path) -> None:
        """Write everything into an empty folder; only between two days."""
        assert not self._counts, "a day has not ended"
        folder.mkdir(parents=True, exist_ok=True)
        self.history.save(folder / "history")
        there = [name for name in _TABLES if getattr(self, name).width]
        for name in there:
            getattr(self, name).write_parquet(folder / f"{name}.parquet")
        flows = [(str(day), flow.as_json()) for day, flow in self.flows]
        (folder / "memory.json").write_text(json.dumps({"tables": there, "flows": flows}) + "\n")

    @classmethod
    def load(cls, folder: Path) -> Memory:
        """Read what `save` wrote."""
        kept = json.loads((folder / "memory.json").read_text())
        memory = cls(History.load(folder / "history"))
        memory.flows = [
            (date.fromisoformat(day), Flow.from_json(flow)) for day, flow in kept["flows"]
        ]
        for name in kept["tables"]:
            setattr(memory, name, pl.read_parquet(folder / f"{name}.parquet"))
        return memory

    def _controls_on(self, day: date) -> Controls:
        """The ledger as seen on a day, worked out once for all its flights."""
        if self._controls is None or self._controls[0] != day:
            ledger = self.ledger if self.ledger.width else no_ledger(_no_outcomes())
            self._controls = (day, Controls.of(ledger, day))
        return self._controls[1]


def _no_outcomes() -> pl.DataFrame:
    return OutcomeRow.create_empty().drop("row_number")


def _added(table: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([table, rows]) if table.width else rows
