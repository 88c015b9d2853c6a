"""A history as it is seen on one day, worked out once for all who ask on that day.

Seen from a day, every sum has faded further and every histogram is read at three levels; for a
single parcel that is a tenth of the work, and the same each time. The numbers are those of the
history itself, to the bit.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

from features.decayed import DecayedTable
from features.history import History
from features.levels import Level
from features.references import References


@dataclass(frozen=True)
class _ReadReferences(References):
    """References whose levels are summed up once."""

    levels: dict[tuple[str, int], Level] = field(default_factory=dict)

    def _level(self, name: str, digits: int) -> Level:
        if (name, digits) not in self.levels:
            self.levels[name, digits] = super()._level(name, digits)
        return self.levels[name, digits]


def seen_on(history: History, day: date) -> History:
    """The history as of `day`, for sights of that day alone.

    Parameters
    ----------
    history : as of a day before.
    day : the day of the flights; on any other day the result would be wrong.
    """

    def faded(tables: dict[str, DecayedTable]) -> dict[str, DecayedTable]:
        return {name: _faded(table, day) for name, table in tables.items()}

    references = history.references
    return History(
        _ReadReferences(references.codes, references.histograms, references.as_of),
        faded(history.traffic),
        faded(history.pairs),
        _faded(history.words, day),
        _faded(history.sender_words, day),
        faded(history.senders),
        _faded(history.consignees, day),
        _faded(history.variants, day),
        history.as_of,
    )


def _faded(table: DecayedTable, day: date) -> DecayedTable:
    """A table of sums as on a day; without a day of its own it is given out as it is."""
    return replace(table, rows=table.at(day), as_of=None)
