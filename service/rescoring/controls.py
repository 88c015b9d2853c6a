"""The ledger of controls of a rescoring: what the model knew, and what the archive adds.

Results of which the model did not know become part of the ledger with the day of their flight,
which is counted anyway; those of days that the model's own profiles include must be there from the
start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from engine.declaration import CONSIGNMENT
from service.archive import EVENT, ledger_with
from service.rescoring.archive_files import rows_of
from service.rescoring.tasks import Flight
from service.store import DECLARATION_SCHEMA


@dataclass(frozen=True)
class Ledgers:
    """What is known of controls before the first day of a chain.

    Attributes
    ----------
    nothing : before the first day of the archive: what the model brings along, as it is known now.
    base : the same, with later results of flights that the model's profiles include.
    added : results that become known with their flight's day.
    late : the flights (day, number) of those later results.
    """

    nothing: pl.DataFrame
    base: pl.DataFrame
    added: pl.DataFrame
    late: frozenset[tuple[date, str]]


@dataclass(frozen=True)
class _Results:
    """Control results, and some of the flights that they are about."""

    told: pl.DataFrame
    flights: Sequence[Flight] = ()

    def outcomes(self) -> pl.DataFrame:
        """All outcome events, ordered by key."""
        return self.told

    def items_of(self, outcomes: pl.DataFrame) -> pl.DataFrame:
        """Items of exactly the consignments that `outcomes` name, as they stood on their day."""
        wanted = outcomes.select(CONSIGNMENT).unique()
        parts = [rows_of(f).join(wanted, on=CONSIGNMENT, how="semi") for f in self.flights]
        return pl.concat([pl.DataFrame(schema=DECLARATION_SCHEMA), *parts])


def ledgers_of(
    outcomes: pl.DataFrame,
    known: pl.DataFrame,
    until: date | None,
    flights: Sequence[Flight],
) -> Ledgers:
    """The ledgers that a rescoring starts from.

    Parameters
    ----------
    outcomes : all control results.
    known : the ledger that the model brings along.
    until : last day of the model's own profiles; None: it has none.
    flights : of the archive.
    """
    added = outcomes.join(known, on=EVENT, how="anti")
    controlled = set(added.select("flight_date", "flight_number").unique().iter_rows())
    late = [f for f in flights if until is not None and f.on <= until and f.key in controlled]
    return Ledgers(
        ledger_with(_Results(outcomes), known),
        ledger_with(_Results(outcomes, late), known),
        added,
        frozenset(flight.key for flight in late),
    )
