"""The three scopes of sight, to the bit, walking over every feature of the catalogue."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.catalogue import FEATURES, compute, fingerprint
from features.history import History
from features.sight import prepared
from models.examples import Seen, start_of, walk
from tests.features.seeing import differing, rows
from tests.worlds import Archive

_ALONE = """
import sys
from pathlib import Path
import polars as pl
from features.catalogue import compute, fingerprint
from features.history import History
at = Path(sys.argv[1])
known = History.load(at / "history")
made = compute(pl.read_parquet(at / "items"), known, pl.read_parquet(at / "ledger"))
made.write_parquet(at / sys.argv[2])
print(pl.thread_pool_size(), fingerprint())
"""


@pytest.fixture(scope="module")
def before(archive: Archive) -> Seen:
    """What was known before the last day."""
    last = archive.days()[-2]
    return walk(archive.until(last), archive.outcomes)


@pytest.fixture(scope="module")
def last_day(archive: Archive) -> pl.DataFrame:
    return archive.day(archive.days()[-1])


@pytest.fixture(scope="module")
def in_order(last_day: pl.DataFrame, before: Seen) -> pl.DataFrame:
    return compute(last_day, before.history, before.ledger)


@pytest.fixture(scope="module")
def sample(last_day: pl.DataFrame) -> pl.DataFrame:
    """A few consignments of each flight of the last day."""
    keys = last_day.select("flight_number", "hawb").unique(maintain_order=True)
    few = keys.group_by("flight_number", maintain_order=True).head(30)
    return last_day.join(few, on=["flight_number", "hawb"], how="semi", maintain_order="left")


@given(seed=st.integers(0, 2**32))
@settings(max_examples=8, deadline=None)
def test_rows_in_any_order_give_the_same_features(
    sample: pl.DataFrame, before: Seen, seed: int
) -> None:
    shuffled = sample.sample(fraction=1.0, shuffle=True, seed=seed)
    straight = compute(sample, before.history, before.ledger)
    assert differing(straight, compute(shuffled, before.history, before.ledger)) == []


def test_a_whole_day_backwards_gives_the_same_features(
    last_day: pl.DataFrame, before: Seen, in_order: pl.DataFrame
) -> None:
    backwards = compute(last_day.reverse(), before.history, before.ledger.reverse())
    assert differing(in_order, backwards) == []


def test_flights_one_by_one_give_the_same_features(
    last_day: pl.DataFrame, before: Seen, in_order: pl.DataFrame
) -> None:
    flights = last_day.partition_by("flight_number")
    assert len(flights) == 2
    alone = pl.concat(compute(flight, before.history, before.ledger) for flight in flights)
    assert differing(in_order, alone.sort("flight_number", "flight_date", "hawb")) == []


def test_a_second_flight_with_all_the_same_parties_changes_nothing(
    last_day: pl.DataFrame, before: Seen
) -> None:
    """Same master waybills, bags, senders, consignees: another flight all the same."""
    flight = last_day.partition_by("flight_number")[0]
    copy = flight.with_columns(flight_number=pl.lit("ZZ9"))
    both = compute(pl.concat([flight, copy]), before.history, before.ledger)
    alone = compute(flight, before.history, before.ledger)
    assert differing(both.filter(pl.col("flight_number") != "ZZ9"), alone) == []


def test_a_flight_of_one_parcel_is_the_same_alone_and_beside_another(
    last_day: pl.DataFrame, before: Seen
) -> None:
    """Also in the last bit: 3.05 and 0.672 differ from 305 x 0.01 and 672,000 x 0.000001."""
    awkward = {"flight_number": "ZZ9", "intrinsic_value": "3.05", "gross_mass_kg": "0.672",
               "net_mass_kg": "0.61", "exporter_id": last_day["exporter_id"][0]}  # fmt: skip
    one = rows(awkward).with_columns(flight_date=pl.lit(last_day["flight_date"][0]))
    both = compute(pl.concat([last_day, one]), before.history, before.ledger)
    alone = compute(one, before.history, before.ledger)
    assert differing(both.filter(pl.col("flight_number") == "ZZ9"), alone) == []


def test_a_consignment_alone_keeps_the_features_of_its_own_scope(
    last_day: pl.DataFrame, before: Seen, in_order: pl.DataFrame
) -> None:
    one = last_day.filter(pl.col("hawb") == last_day["hawb"][7])
    alone = compute(one, before.history, before.ledger)
    beside = in_order.join(alone, on=["flight_number", "hawb"], how="semi")
    own = {feature.name for feature in FEATURES if feature.scope == "consignment"}
    assert own.isdisjoint(differing(beside, alone))


def test_threads_and_processes_change_nothing(
    last_day: pl.DataFrame, before: Seen, in_order: pl.DataFrame, tmp_path: Path
) -> None:
    """Also: a history that was saved and loaded is the same history."""
    before.history.save(tmp_path / "history")
    last_day.write_parquet(tmp_path / "items")
    before.ledger.write_parquet(tmp_path / "ledger")
    for threads in ("1", "2"):
        said = subprocess.run(
            [sys.executable, "-c", _ALONE, str(tmp_path), threads],
            env=os.environ | {"POLARS_MAX_THREADS": threads, "PYTHONHASHSEED": threads},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=True,
        )
        assert said.stdout.split() == [threads, fingerprint()]
        assert differing(in_order, pl.read_parquet(tmp_path / threads)) == []


def test_the_future_the_truth_and_ones_own_outcome_change_nothing(
    archive: Archive, walked: Seen
) -> None:
    day = archive.days()[8]
    past = archive.outcomes.filter(
        (pl.col("recorded_at") < start_of(day)) & (pl.col("flight_date") < day)
    )
    as_it_was = walk(archive.until(day), past, whole_from=day)
    with_all = walked.features.filter(pl.col("flight_date") == day)
    blind = as_it_was.features.filter(pl.col("flight_date") == day)
    assert differing(with_all, blind) == []


def test_what_was_recorded_before_does_show(archive: Archive, walked: Seen) -> None:
    day = archive.days()[8]
    with_all = walked.features.filter(pl.col("flight_date") == day)
    blind = walk(archive.until(day), archive.outcomes.clear(), whole_from=day).features
    themes = {f.theme for f in FEATURES if f.name in set(differing(with_all, blind))}
    assert themes == {"past controls", "words"}


def test_a_history_reached_over_a_saved_snapshot_is_the_same(
    archive: Archive, before: Seen, last_day: pl.DataFrame, in_order: pl.DataFrame, tmp_path: Path
) -> None:
    days = archive.days()
    walk(archive.until(days[5]), archive.outcomes).history.save(tmp_path)
    history = History.load(tmp_path)
    for day in days[6:-1]:
        history = history.advanced(*prepared(archive.day(day)), day)
    assert differing(in_order, compute(last_day, history, before.ledger)) == []


@pytest.mark.parametrize("backwards", [0, 1])
def test_days_come_in_order(archive: Archive, backwards: int) -> None:
    day = archive.days()[1]
    history = History.empty().advanced(*prepared(archive.day(day)), day)
    with pytest.raises(ValueError, match="in order"):
        history.advanced(*prepared(archive.day(day)), day - timedelta(days=backwards))


def test_a_longer_past_moves_the_features_of_history(
    last_day: pl.DataFrame, before: Seen, in_order: pl.DataFrame
) -> None:
    fresh = compute(last_day, History.empty(), before.ledger)
    moved = {f.theme for f in FEATURES if f.name in set(differing(in_order, fresh))}
    assert {"sender", "broker", "value", "mass", "words", "fiscal", "consignee"} <= moved
