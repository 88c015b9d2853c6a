"""A history worked out for one day gives the numbers of the history itself."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
from polars.testing import assert_frame_equal

from features.catalogue import compute
from features.history import History
from features.ledger import ledger_rows
from features.one_day import seen_on
from features.sight import prepared
from tests.worlds import Archive


def test_features_are_the_same_to_the_bit_however_often_they_are_asked(archive: Archive) -> None:
    history = History.empty()
    *past, day = archive.days()[:6]
    for one in past:
        history = history.advanced(*prepared(archive.day(one)), one)
    both = pl.concat(archive.day(one) for one in past)
    ledger = ledger_rows(archive.outcomes, *prepared(both))
    seen = seen_on(history, day)
    for items in (archive.day(day), archive.day(day).head(1), archive.day(day)):
        expected = compute(items, history, ledger)
        assert_frame_equal(compute(items, seen, ledger), expected, check_exact=True)


def test_a_history_of_nothing_stays_one(archive: Archive) -> None:
    day = archive.days()[0] + timedelta(days=40)
    assert seen_on(History.empty(), day).as_of is None
