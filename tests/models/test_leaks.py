"""Nothing leaks: no feature knows the future, the truth, or its consignment's own outcome.

Through the walk that training takes and the door that scoring takes, to the bit; and each test's
counterpart shows that the same deletion in the past would have been seen.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest

from engine.declaration import CONSIGNMENT
from features.catalogue import FEATURES, compute
from models.examples import Seen, start_of, walk
from tests.features.seeing import differing
from tests.worlds import Archive

AT = 4
"""The day looked at, of twelve; controls of the days before it are recorded before and after."""


@pytest.fixture(scope="module")
def of_the_day(archive: Archive, walked: Seen) -> pl.DataFrame:
    """Features of the day, seen in a walk that had everything before its eyes."""
    return walked.features.filter(pl.col("flight_date") == archive.days()[AT])


def seen_on_the_day(archive: Archive, outcomes: pl.DataFrame) -> pl.DataFrame:
    day = archive.days()[AT]
    features = walk(archive, outcomes, until=day, whole_from=day).features
    return features.filter(pl.col("flight_date") == day)


def test_days_to_come_and_the_truth_change_nothing(
    archive: Archive, of_the_day: pl.DataFrame
) -> None:
    without = replace(archive.until(archive.days()[AT]), truth=archive.truth.clear())
    told = set(without.day(archive.days()[AT]).columns)
    assert not told & (set(archive.truth.columns) - set(CONSIGNMENT))
    assert differing(of_the_day, seen_on_the_day(without, archive.outcomes)) == []


def test_outcomes_recorded_later_change_nothing(archive: Archive, of_the_day: pl.DataFrame) -> None:
    known = archive.outcomes.filter(pl.col("recorded_at") < start_of(archive.days()[AT]))
    assert 0 < known.height < archive.outcomes.height
    assert differing(of_the_day, seen_on_the_day(archive, known)) == []


def test_outcomes_recorded_later_may_say_the_opposite(
    archive: Archive, of_the_day: pl.DataFrame
) -> None:
    is_later = pl.col("recorded_at") >= start_of(archive.days()[AT])
    turned = archive.outcomes.with_columns(
        result_code=pl.when(is_later).then(pl.lit("B1")).otherwise("result_code"),
        finding_types=pl.when(is_later).then(pl.lit("SPLITTING")).otherwise("finding_types"),
        presented=pl.col("presented") | is_later,
    )
    assert differing(of_the_day, seen_on_the_day(archive, turned)) == []


def test_ones_own_outcome_changes_nothing(archive: Archive, of_the_day: pl.DataFrame) -> None:
    """Even one that was recorded, by whatever slip, before its own day."""
    day = archive.days()[AT]
    own = pl.col("flight_date") == day
    assert archive.outcomes.filter(own).height > 0
    without = archive.outcomes.filter(~own)
    assert differing(of_the_day, seen_on_the_day(archive, without)) == []
    early = archive.outcomes.with_columns(
        recorded_at=pl.when(own)
        .then(pl.lit(start_of(day) - timedelta(days=1)))
        .otherwise("recorded_at"),
    )
    assert differing(of_the_day, seen_on_the_day(archive, early)) == []


def test_the_door_of_scoring_sees_the_same(
    archive: Archive, walked: Seen, of_the_day: pl.DataFrame
) -> None:
    """One flight at a time, with a ledger that holds every outcome there will ever be."""
    days = archive.days()
    before = walk(archive.until(days[AT - 1]), archive.outcomes)
    all_of_it = walked.ledger
    assert all_of_it.height > before.ledger.height
    flights = archive.day(days[AT]).partition_by("flight_number", maintain_order=True)
    for ledger in (before.ledger, all_of_it):
        scored = pl.concat(compute(flight, before.history, ledger) for flight in flights)
        assert differing(of_the_day, scored.sort(CONSIGNMENT)) == []


def test_the_same_deletions_in_the_past_would_be_seen(
    archive: Archive, of_the_day: pl.DataFrame
) -> None:
    days = archive.days()
    kept = {day: rows for day, rows in archive.items.items() if day not in days[: AT - 2]}
    seen = walk(replace(archive, items=kept), archive.outcomes.clear(), until=days[AT],
                whole_from=days[AT])  # fmt: skip
    changed = set(differing(of_the_day, seen.features))
    assert {feature.theme for feature in FEATURES if feature.name in changed} > {"past controls"}
