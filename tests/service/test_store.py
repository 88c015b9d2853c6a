from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from engine.acceptance import accept
from engine.errors import StateError
from engine.intake import EuroOnly, take_in
from engine.outcome import CODE_COLUMNS, LOWER_COLUMNS, REQUIRED, OutcomeRow
from models.examples import walk
from service.home import Home
from service.receipts import Receipt
from service.store import Store, StoreAsOf, end_of
from tests.service.rows import DAY, KEY, canonical, outcomes, table


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(Home(tmp_path / "state"))


def accepted_outcomes(raw: pl.DataFrame) -> pl.DataFrame:
    return accept(
        raw, OutcomeRow, what="Outcomes", required=REQUIRED, capitals=CODE_COLUMNS,
        small=LOWER_COLUMNS,
    ).rows  # fmt: skip


def two_days() -> pl.DataFrame:
    """Twelve consignments on two days; every third one amended once, an hour later."""
    parts = []
    for at in range(12):
        day = date(2026, 3, 2 + at % 2)
        row = table(1, hawb=f"H{at}", flight_date=day.isoformat(), flight_number=f"XY{at % 3}")
        parts.append(row.with_columns(lodged_at=pl.lit(f"{day}T08:00:00Z")))
        if at % 3 == 0:
            again = row.with_columns(
                lodged_at=pl.lit(f"{day}T09:00:00Z"), intrinsic_value=pl.lit(99.0)
            )
            parts.append(again)
    return pl.concat([canonical(part) for part in parts])


ROWS = two_days()


def view(store: Store) -> pl.DataFrame:
    return pl.concat([store.day(day) for day in store.days()])


@settings(max_examples=12, deadline=None)
@given(st.lists(st.lists(st.integers(0, ROWS.height - 1), min_size=1), max_size=4))
def test_any_split_order_and_repetition_gives_the_same_view(
    tmp_path_factory: pytest.TempPathFactory, parts: list[list[int]]
) -> None:
    folder = tmp_path_factory.mktemp("split")
    whole, split = Store(Home(folder / "whole")), Store(Home(folder / "split"))
    whole.add_declarations(ROWS)
    missing = sorted(set(range(ROWS.height)) - {at for part in parts for at in part})
    for part in [*parts, missing]:
        split.add_declarations(ROWS[part])
    assert_frame_equal(view(whole), view(split))


def test_the_same_rows_again_are_written_nowhere(store: Store) -> None:
    rows = canonical(table(3))
    assert store.add_declarations(rows) == Receipt(3, 0, 0)
    assert store.add_declarations(rows.reverse()) == Receipt(0, 3, 0)
    assert store.day(DAY).height == 3


def test_an_amendment_is_kept_beside_the_first_and_the_later_lodged_stands(store: Store) -> None:
    late = canonical(table(1, intrinsic_value=50, lodged_at="2026-03-02T12:00:00Z"))
    assert store.add_declarations(late) == Receipt(1, 0, 0)
    assert store.add_declarations(canonical(table(1))) == Receipt(0, 0, 1)
    assert store.flight("XY123", DAY)["value_cents"].to_list() == [5000]


def test_of_two_lodged_at_one_instant_the_one_received_later_stands(store: Store) -> None:
    store.add_declarations(canonical(table(1, intrinsic_value=50)))
    store.add_declarations(canonical(table(1, intrinsic_value=20)))
    assert store.flight("XY123", DAY)["value_cents"].to_list() == [2000]


def test_a_flight_is_in_canonical_order_and_alone(store: Store) -> None:
    store.add_declarations(canonical(table(4)).reverse())
    store.add_declarations(canonical(table(2, flight_number="ZZ9")))
    assert store.flight("XY123", DAY)["hawb"].to_list() == ["H0001", "H0002", "H0003", "H0004"]
    assert store.flight("XY123", date(2026, 3, 9)).is_empty()
    assert store.days() == [DAY]


def test_items_of_gives_exactly_the_consignments_that_were_controlled(store: Store) -> None:
    store.add_declarations(canonical(table(5)))
    store.add_declarations(canonical(table(5, flight_date="2026-03-03")))
    rows = accepted_outcomes(outcomes(2))
    items = store.items_of(rows)
    assert items.select("flight_date", "hawb").rows() == [(DAY, "H0001"), (DAY, "H0002")]
    assert store.items_of(rows, ["hawb"]).columns == ["hawb"]
    assert store.items_of(rows.clear()).is_empty()


def test_an_outcome_amended_counts_once_and_the_latest_wins(store: Store) -> None:
    assert store.add_outcomes(accepted_outcomes(outcomes(2))) == Receipt(2, 0, 0)
    again = accepted_outcomes(outcomes(2, minutes=12.0))
    assert store.add_outcomes(again) == Receipt(0, 0, 2)
    assert store.add_outcomes(again) == Receipt(0, 2, 0)
    assert store.outcomes()["minutes"].to_list() == [12.0, 12.0]
    assert store.outcomes()["recorded_at"][0] == datetime(2026, 3, 3, 9, tzinfo=UTC)


def test_no_consignee_can_be_read_from_any_file_of_the_state(tmp_path: Path) -> None:
    home = Home(tmp_path / "state")
    rows = take_in(table(3), rates=EuroOnly(), key=home.pseudonym_key()).rows
    Store(home).add_declarations(rows)
    for path in (path for path in home.root.rglob("*") if path.is_file()):
        content = path.read_bytes().lower()
        for word in (b"wilhelmina", b"quackelbeen", b"zonnebloemlaan"):
            assert word not in content, path


def lodged(at: str, value: float, **changes: object) -> pl.DataFrame:
    return canonical(table(1, lodged_at=at, intrinsic_value=value, **changes))


def test_a_day_of_the_past_is_seen_as_it_stood_at_its_end(store: Store) -> None:
    store.add_declarations(lodged("2026-03-02T08:00:00Z", 10))
    store.add_declarations(lodged("2026-03-02T23:59:59Z", 20))
    store.add_declarations(lodged("2026-03-03T00:00:00Z", 30))
    assert store.day(DAY)["value_cents"].to_list() == [2000]
    controlled = accepted_outcomes(outcomes(1))
    assert store.items_of(controlled)["value_cents"].to_list() == [2000]
    assert store.flight("XY123", DAY)["value_cents"].to_list() == [3000]
    assert store.flight("XY123", DAY, end_of(DAY))["value_cents"].to_list() == [2000]


def test_a_row_lodged_late_counts_with_its_first_version(store: Store) -> None:
    store.add_declarations(lodged("2026-03-09T08:00:00Z", 30))
    store.add_declarations(lodged("2026-03-08T08:00:00Z", 20))
    assert store.day(DAY)["value_cents"].to_list() == [2000]
    assert store.day(DAY, end_of(DAY)).is_empty()


def test_as_of_a_day_nothing_later_is_there(store: Store) -> None:
    store.add_declarations(lodged("2026-03-02T08:00:00Z", 10))
    store.add_declarations(lodged("2026-03-04T08:00:00Z", 10, flight_date="2026-03-04"))
    store.add_outcomes(accepted_outcomes(outcomes(1)))
    assert StoreAsOf(store, DAY).days() == [DAY]
    assert StoreAsOf(store, DAY).outcomes().is_empty()
    assert StoreAsOf(store, date(2026, 3, 3)).outcomes().height == 1


def test_two_versions_in_one_file_are_both_kept(store: Store) -> None:
    both = pl.concat(
        [
            table(1, lodged_at="2026-03-02T09:00:00Z", intrinsic_value=20.0),
            table(1, lodged_at="2026-03-03T09:00:00Z", intrinsic_value=30.0),
        ]
    )
    rows = take_in(both, rates=EuroOnly(), key=KEY, all_versions=True).rows
    assert store.add_declarations(rows) == Receipt(1, 0, 1)
    assert store.add_declarations(rows) == Receipt(0, 2, 0)
    assert store.day(DAY)["value_cents"].to_list() == [2000]
    assert store.flight("XY123", DAY)["value_cents"].to_list() == [3000]


def test_an_amendment_taken_back_is_taken_back(store: Store) -> None:
    first, second = canonical(table(1)), canonical(table(1, intrinsic_value=50))
    for rows, value in ((first, 1250), (second, 5000), (first, 1250), (first, 1250)):
        store.add_declarations(rows)
        assert store.flight("XY123", DAY)["value_cents"].to_list() == [value]
    assert store.add_declarations(first) == Receipt(0, 1, 0)
    both = pl.concat([second, first])
    before = store.flight("XY123", DAY)
    store.add_declarations(both)
    settled = store.flight("XY123", DAY)
    assert store.add_declarations(both) == Receipt(0, 2, 0)
    assert store.flight("XY123", DAY).equals(settled)
    assert before.height == settled.height == 1


def test_a_damaged_receipt_is_named_with_a_way_out(tmp_path: Path) -> None:
    store = Store(Home(tmp_path / "state"))
    store.add_declarations(canonical(table(2)))
    receipt = next((tmp_path / "state").rglob("*.parquet"))
    receipt.write_bytes(receipt.read_bytes()[:100])
    for look in (lambda: store.day(DAY), lambda: store.flight("XY123", DAY),
                 lambda: store.add_declarations(canonical(table(3)))):  # fmt: skip
        with pytest.raises(StateError, match=receipt.name):
            look()


def test_an_amendment_after_the_control_changes_nothing_that_is_learned_from(store: Store) -> None:
    store.add_declarations(lodged("2026-03-02T08:00:00Z", 10))
    controlled = accepted_outcomes(outcomes(1))
    before = walk(store, controlled)
    store.add_declarations(lodged("2026-03-03T10:00:00Z", 140, hs6="851712"))
    after = walk(store, controlled)
    assert_frame_equal(before.features, after.features)
    assert before.ledger.equals(after.ledger)
