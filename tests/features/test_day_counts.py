"""A day's profiles are the same whether its flights are counted together or each by itself."""

from __future__ import annotations

from datetime import date

import polars as pl
from polars.testing import assert_frame_equal

from features.day_counts import REFERENCES, counts_of, of_day, references_of_day
from features.history import History
from features.sight import prepared
from tests.worlds import Archive

PARTS = 3


def in_parts(history: History, flights: list[pl.DataFrame], day: date) -> History:
    """One more day, its flights counted apart, its profiles made apart by their first key."""
    counts = [counts_of(*prepared(flight)) for flight in flights]
    tables = {}
    for name, table in history.tables().items():
        part = pl.col(table.keys[0]).hash() % PARTS
        rows = [
            of_day(name, [of_flight[name].filter(part == at) for of_flight in counts])
            for at in range(PARTS)
        ]
        tables[name] = table.advanced(pl.concat(rows), day)
    references = references_of_day([of_flight[REFERENCES] for of_flight in counts])
    return History.of(history.references.after(references, day), tables, day)


def test_flights_counted_apart_make_the_same_history(archive: Archive) -> None:
    whole = parted = History.empty()
    for day in archive.days()[:4]:
        items = archive.day(day)
        whole = whole.advanced(*prepared(items), day)
        parted = in_parts(parted, items.partition_by("flight_number"), day)
    for name, table in whole.tables().items():
        assert table.rows.height > 0, name
        other = parted.tables()[name].rows.sort(table.keys)
        assert_frame_equal(other, table.rows.sort(table.keys), check_exact=True)
    assert (whole.references.codes == parted.references.codes).all()
    for name, histogram in whole.references.histograms.items():
        assert (histogram == parted.references.histograms[name]).all()
