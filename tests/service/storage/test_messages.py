from __future__ import annotations

import itertools
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from service.home import Home
from service.receipts import Receipt
from service.row_schemas import DECLARATION_SCHEMA, OUTCOME_SCHEMA
from service.storage import kinds
from service.storage.audit import verify
from service.storage.database import Database
from service.storage.messages import (
    Kept,
    Message,
    keep_all,
    keep_declarations,
    keep_outcomes,
)
from service.storage.tables import audit, declarations, receipts
from service.store import Store
from tests.service.rows import DAY, canonical, outcomes, table
from tests.service.test_store import accepted_outcomes

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
FLIGHTS = (f"T{number}" for number in itertools.count())

VERSIONS = pl.concat(
    canonical(
        table(
            1,
            hawb=hawb,
            lodged_at=f"2026-03-02T0{hour}:00:00Z",
            intrinsic_value=value,
            importer_street=street,
        )
    )
    for hawb in ("H1", "H2")
    for hour in (8, 9)
    for value, street in ((10.0, "Kaai 1"), (20.0, "Kaai 1"), (10.0, None))
).select(DECLARATION_SCHEMA.keys())
"""Two consignments, each lodged at two instants with three contents."""

batches = st.lists(
    st.lists(st.integers(0, VERSIONS.height - 1), min_size=1, max_size=6), min_size=1, max_size=5
)


def told(kept: Kept) -> Receipt:
    counts = [kept.statuses.count(status) for status in ("stored", "repeated", "amended")]
    return Receipt(*counts)


def keep(database: Database, rows: pl.DataFrame, **more: Any) -> Kept:
    with database.writing() as connection:
        return keep_declarations(connection, rows.to_dicts(), source="k", at=NOW, **more)


@settings(max_examples=25, deadline=None)
@given(batches)
def test_messages_mean_what_files_mean(
    lasting: Database, tmp_path_factory: pytest.TempPathFactory, parts: list[list[int]]
) -> None:
    flight = next(FLIGHTS)
    rows = VERSIONS.with_columns(flight_number=pl.lit(flight))
    files = Store(Home(tmp_path_factory.mktemp("files")))
    messages = Store(Home(tmp_path_factory.mktemp("messages")), lasting)
    for part in parts:
        assert told(keep(lasting, rows[part])) == files.add_declarations(rows[part])
        assert_frame_equal(messages.flight(flight, DAY), files.flight(flight, DAY))
    of_flight = messages.versions(DAY).filter(flight_number=flight)
    assert_frame_equal(of_flight, files.versions(DAY))


@settings(max_examples=12, deadline=None)
@given(batches, st.lists(st.booleans(), min_size=5, max_size=5))
def test_files_and_messages_by_turns_are_one_view(
    lasting: Database,
    tmp_path_factory: pytest.TempPathFactory,
    parts: list[list[int]],
    as_file: list[bool],
) -> None:
    flight = next(FLIGHTS)
    rows = VERSIONS.with_columns(flight_number=pl.lit(flight))
    files = Store(Home(tmp_path_factory.mktemp("files")))
    home = Home(lasting.folder)
    mixed = Store(home, lasting)
    for part, is_file in zip(parts, as_file, strict=False):
        before = mixed.flight_mark(flight, DAY)
        receipt = files.add_declarations(rows[part])
        if is_file:
            mixed.add_declarations(rows[part])
        else:
            keep(lasting, rows[part])
        assert_frame_equal(mixed.flight(flight, DAY), files.flight(flight, DAY))
        if receipt.new_count + receipt.amended_count:
            assert mixed.flight_mark(flight, DAY) != before


@settings(max_examples=12, deadline=None)
@given(batches)
def test_messages_kept_in_one_go_are_kept_as_if_one_by_one(
    lasting: Database, parts: list[list[int]]
) -> None:
    alone, together = next(FLIGHTS), next(FLIGHTS)

    def messages(flight: str) -> list[Message]:
        rows = VERSIONS.with_columns(flight_number=pl.lit(flight))
        return [Message(rows[part].to_dicts(), "k", NOW) for part in parts]

    with lasting.writing() as connection:
        one_by_one = [
            keep_all(connection, kinds.DECLARATIONS, [message])[0] for message in messages(alone)
        ]
        at_once = keep_all(connection, kinds.DECLARATIONS, messages(together))
    assert [kept.statuses for kept in one_by_one] == [kept.statuses for kept in at_once]
    store = Store(Home(lasting.folder), lasting)
    view = store.flight(together, DAY).with_columns(flight_number=pl.lit(alone))
    assert_frame_equal(store.flight(alone, DAY), view)


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
wholes = st.integers(0, 2**64 - 1)


@settings(max_examples=25, deadline=None)
@given(texts, texts, st.lists(wholes, max_size=4), wholes,
       st.floats(0, allow_nan=False, allow_infinity=False))  # fmt: skip
def test_every_value_comes_back_as_it_was_kept(
    lasting: Database, description: str, name: str, tokens: list[int], bits: int, quantity: float
) -> None:
    flight = next(FLIGHTS)
    row = VERSIONS[:1].to_dicts()[0] | {
        "flight_number": flight, "goods_description": description, "exporter_name": name,
        "importer_name_tokens": tokens, "importer_name_bits_3": bits, "importer_key": bits,
        "quantity": quantity,
    }  # fmt: skip
    with lasting.writing() as connection:
        keep_declarations(connection, [row], source="k", at=NOW)
    expected = pl.DataFrame([row], schema=DECLARATION_SCHEMA)
    assert_frame_equal(Store(Home(lasting.folder), lasting).flight(flight, DAY), expected)


def test_statuses_come_in_the_order_of_the_rows(database: Database) -> None:
    rows = canonical(table(3))
    keep(database, rows[[1]])
    changed = canonical(table(3, intrinsic_value=5))
    kept = keep(database, pl.concat([changed[[1]], rows[[2]], rows[[1]], rows[[2]]]))
    assert kept.statuses == ["amended", "repeated", "amended", "stored"]


def test_a_message_leaves_a_receipt_and_a_line_in_the_audit_log(database: Database) -> None:
    kept = keep(database, canonical(table(2)), rejected_count=3, answer={"note": "é"})
    with database.reading() as connection:
        row = connection.execute(sa.select(receipts)).one()
        event = connection.execute(sa.select(audit)).one()
        assert verify(connection).is_whole
    assert (row.id, row.public_id, row.form, row.kind) == (
        kept.receipt_id, kept.public_id, "message", "declarations",
    )  # fmt: skip
    assert (row.row_count, row.stored_count, row.rejected_count) == (2, 2, 3)
    assert row.answer_json == '{"note":"é"}'
    assert (event.actor, event.action, event.subject) == ("k", "declarations.kept", kept.public_id)
    assert len(kept.public_id) == 32


def test_a_message_that_fails_leaves_nothing(database: Database) -> None:
    bad = canonical(table(1)).to_dicts()[0] | {"hawb": None}
    with pytest.raises(Exception, match="hawb"), database.writing() as connection:
        keep_declarations(connection, [bad], source="k", at=NOW)
    with database.reading() as connection:
        for name in (receipts, declarations, audit):
            assert connection.execute(sa.select(name)).all() == []


def test_a_thousand_rows_are_one_message(database: Database) -> None:
    rows = canonical(table(1000))
    assert keep(database, rows).statuses == ["stored"] * 1000
    assert keep(database, rows).statuses == ["repeated"] * 1000
    store = Store(Home(database.folder), database)
    assert_frame_equal(store.day(DAY), rows.select(DECLARATION_SCHEMA.keys()))


def test_a_message_sent_again_is_in_force_again_whatever_a_file_said_meanwhile(
    database: Database,
) -> None:
    store = Store(Home(database.folder), database)
    first, second = canonical(table(1)), canonical(table(1, intrinsic_value=50))
    assert keep(database, first).statuses == ["stored"]
    store.add_declarations(second)
    assert keep(database, first).statuses == ["repeated"]
    assert store.flight("XY123", DAY)["value_cents"].to_list() == [1250]
    assert keep(database, first).statuses == ["repeated"]
    assert store.versions(DAY)["value_cents"].to_list() == [1250, 5000, 1250]
    one, other = (accepted_outcomes(outcomes(1, minutes=m)) for m in (1.0, 2.0))
    for rows, as_file in ((one, False), (other, True), (one, False), (one, False)):
        if as_file:
            store.add_outcomes(rows)
            continue
        with database.writing() as connection:
            keep_outcomes(connection, rows.to_dicts(), source="o", at=NOW)
        assert store.outcomes()["minutes"].to_list() == [1.0]


def test_outcomes_as_messages_are_outcomes(database: Database) -> None:
    rows = accepted_outcomes(outcomes(2))
    amended = rows.with_columns(minutes=pl.lit(12.0))
    store = Store(Home(database.folder), database)
    assert store.outcomes().is_empty()
    statuses = []
    for part in (rows, rows, amended, rows[:1]):
        with database.writing() as connection:
            kept = keep_outcomes(connection, part.to_dicts(), source="o", at=NOW)
        statuses.append(kept.statuses)
    assert statuses == [["stored"] * 2, ["repeated"] * 2, ["amended"] * 2, ["amended"]]
    assert store.outcomes()["minutes"].to_list() == [None, 12.0]
    assert store.outcomes().schema == pl.Schema(OUTCOME_SCHEMA)
    assert store.add_outcomes(rows) == Receipt(0, 1, 1)
    assert store.outcomes()["minutes"].to_list() == [None, None]


def test_the_store_counts_flights_of_files_and_messages(database: Database) -> None:
    store = Store(Home(database.folder), database)
    assert store.flights(DAY).is_empty()
    store.add_declarations(canonical(table(2)))
    keep(database, canonical(table(3)))
    keep(database, canonical(table(1, flight_number="AB1", goods_item_number=2)))
    keep(database, canonical(table(1, flight_number="AB1", intrinsic_value=3)))
    assert store.flights(DAY).rows() == [("AB1", DAY, 2, 1), ("XY123", DAY, 3, 3)]
    keep(database, canonical(table(1, flight_date="2026-03-05")))
    assert store.days() == [DAY, date(2026, 3, 5)]


def test_a_mark_changes_when_a_message_arrives_and_only_for_its_flight(database: Database) -> None:
    store = Store(Home(database.folder), database)
    marks = [store.mark(DAY), store.flight_mark("XY123", DAY)]
    keep(database, canonical(table(1, flight_number="ZZ9")))
    assert store.mark(DAY) != marks[0]
    assert store.flight_mark("XY123", DAY) == marks[1]
    store.add_declarations(canonical(table(1, flight_number="ZZ8")))
    assert store.flight_mark("XY123", DAY) == marks[1]
    keep(database, canonical(table(1)))
    assert store.flight_mark("XY123", DAY) != marks[1]
    settled = [store.mark(DAY), store.flight_mark("XY123", DAY)]
    keep(database, canonical(table(1)))
    assert [store.mark(DAY), store.flight_mark("XY123", DAY)] == settled


def test_items_of_controls_are_found_among_messages(database: Database) -> None:
    store = Store(Home(database.folder), database)
    keep(database, canonical(table(5)))
    keep(database, canonical(table(5, flight_date="2026-03-03")))
    items = store.items_of(accepted_outcomes(outcomes(2)))
    assert items.select("flight_date", "hawb").rows() == [(DAY, "H0001"), (DAY, "H0002")]


def test_reading_makes_no_database(tmp_path: Path) -> None:
    store = Store(Home(tmp_path))
    assert store.days() == []
    assert store.day(DAY).is_empty()
    assert store.flights(DAY).is_empty()
    assert store.outcomes().is_empty()
    assert store.items_of(accepted_outcomes(outcomes(1))).is_empty()
    assert [*tmp_path.iterdir()] == []
