"""Flights scored once and kept, lists issued from them, and what an officer may look at."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import sqlalchemy as sa

from engine.budget import Budget
from engine.caps import Caps
from features.named import GOODS
from features.reference_shapes import MOST_BARS, SCALES
from service.cli import run
from service.composition import open_database, open_home, open_store
from service.drift_file import told_drift
from service.evidence import MEASURES
from service.flights import Flights
from service.home import Home
from service.inspection import Wish
from service.routes.faults import NotThereError
from service.sealing import PUBLIC
from service.storage.audit import verify
from service.storage.database import Database
from service.storage.tables import lists, scorings
from service.wishes import wish_json, wish_of
from tests.service.conftest import todays
from tests.service.rows import canonical, table

WISH = Wish(Budget.controls(12))
MORE = Wish(Budget.minutes(600), "expected_yield", 0.2, mandatory=frozenset(), caps=Caps(3))


@pytest.fixture(scope="module")
def home(trained: Path, world: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A trained state that has received today's flight, too."""
    folder = tmp_path_factory.mktemp("flights") / "state"
    shutil.copytree(trained, folder)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TRIAGE_HOME", str(folder))
        assert run(["ingest", str(todays(world))]) == 0
        yield open_home()


@pytest.fixture(scope="module")
def database(home: Home) -> Database:
    return open_database(home)


@pytest.fixture
def flights(home: Home, database: Database) -> Flights:
    return Flights(home, database, open_store(home, database))


@pytest.fixture(scope="module")
def flight(world: Path) -> tuple[str, date]:
    number, day = pl.read_parquet(todays(world)).select("flight_number", "flight_date").row(0)
    return number, day


def count(database: Database, of: sa.Table) -> int:
    with database.reading() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(of)).scalar_one())


@pytest.mark.parametrize(("wish", "options"), [
    (WISH, ["--budget-controls", "12"]),
    (MORE, ["--budget-minutes", "600", "--policy", "expected_yield", "--random-share", "0.2",
            "--max-per-uld", "3"]),
])  # fmt: skip
def test_a_list_is_what_the_command_line_makes(
    flights: Flights, flight: tuple[str, date], world: Path, tmp_path: Path,
    wish: Wish, options: list[str],
) -> None:  # fmt: skip
    issued = flights.issued_list(*flight, wish, "o1")
    assert (
        run(["manifest", str(todays(world)), *options, "--out", str(tmp_path / "l.parquet")]) == 0
    )
    assert issued.rows == pl.read_parquet(tmp_path / "l.parquet").to_dicts()
    assert issued.about["model_version"] == "1 (logistic)"
    assert not issued.about["is_degraded"]


def test_the_same_wish_is_the_same_list_also_for_another_process(
    flights: Flights, flight: tuple[str, date], home: Home, database: Database
) -> None:
    first = flights.issued_list(*flight, WISH, "o1")
    before = count(database, scorings)
    other = Flights(home, database, open_store(home, database))
    assert other.issued_list(*flight, WISH, "o2") == first
    assert other.issued_list(*flight, Wish(Budget.controls(3)), "o2").id != first.id
    assert count(database, scorings) == before
    with database.reading() as connection:
        assert verify(connection).is_whole


def test_an_issued_list_can_be_made_anew(
    flights: Flights, flight: tuple[str, date], home: Home, database: Database
) -> None:
    issued = flights.issued_list(*flight, MORE, "o1")
    again, is_same = Flights(home, database, open_store(home, database)).reproduced(issued.id)
    assert is_same
    assert again == issued
    with pytest.raises(NotThereError):
        flights.reproduced(10**9)


def test_a_scoring_that_was_cleared_away_is_made_anew(
    flights: Flights, flight: tuple[str, date], home: Home, database: Database
) -> None:
    first = flights.scored_flight(*flight)
    shutil.rmtree(home.root / first.folder)
    second = Flights(home, database, open_store(home, database)).scored_flight(*flight)
    assert second.id != first.id
    flow = json.loads((home.root / second.folder / "flow.json").read_text())
    assert flow["consignment_count"] == second.consignment_count
    assert {"value", "broker", "risk", "sender_flight_share"} <= flow["spreads"].keys()
    told = told_drift(home.root)
    assert told is not None
    assert told.now[1] == flight[1]
    assert second.risks_sha256 == first.risks_sha256


def test_more_rows_make_another_list(home: Home, database: Database) -> None:
    store = open_store(home, database)
    flights = Flights(home, database, store)
    store.add_declarations(canonical(table(30)))
    first = flights.issued_list("XY123", date(2026, 3, 2), WISH, "o1")
    store.add_declarations(canonical(table(60)))
    second = flights.issued_list("XY123", date(2026, 3, 2), WISH, "o1")
    assert (first.about["offered_count"], second.about["offered_count"]) == (30, 60)
    assert flights.reproduced(first.id)[1]


def test_nothing_received_is_told(flights: Flights) -> None:
    with pytest.raises(NotThereError, match="Nothing was received for flight ZZ9 of 2099-01-01"):
        flights.issued_list("ZZ9", date(2099, 1, 1), WISH, "o1")


def test_without_a_usable_model_the_list_is_degraded_never_empty(
    flights: Flights, flight: tuple[str, date], home: Home, database: Database
) -> None:
    (home.root / PUBLIC).rename(home.root / "away")
    try:
        without = Flights(home, database, open_store(home, database))
        issued = without.issued_list(*flight, Wish(Budget.controls(7), random_share=0.3), "o1")
    finally:
        (home.root / "away").rename(home.root / PUBLIC)
    assert issued.about["is_degraded"]
    assert "`triage promote" in issued.about["note"]
    assert {row["selected_by"] for row in issued.rows} == {"rule", "random"}


def test_every_row_comes_with_something_to_look_at(
    flights: Flights, flight: tuple[str, date]
) -> None:
    issued = flights.issued_list(*flight, WISH, "o1")
    assert len(issued.evidence) == len(issued.rows)
    waybills = set(flights._sheet(*flight).consignments["hawb"])
    for row, seen in zip(issued.rows, issued.evidence, strict=True):
        assert seen["goods"]
        assert seen["sender"]
        assert row["hawb"] not in {link["hawb"] for link in seen["linked"]}
        assert {link["hawb"] for link in seen["linked"]} <= waybills
        for picture in seen["pictures"]:
            assert len(picture["edges"]) == len(picture["shares"]) + 1 <= MOST_BARS + 1
            assert picture["edges"] == sorted(picture["edges"])
            assert 0.9 < sum(picture["shares"]) <= 1.0001
    assert any(seen["pictures"] for seen in issued.evidence)


def test_what_killed_processes_left_is_cleared_away(
    flights: Flights, flight: tuple[str, date], home: Home
) -> None:
    scoring = flights.scored_flight(*flight)
    old, fresh = home.root / "scorings" / ".draft-1-a", home.root / "scorings" / ".draft-2-b"
    old.mkdir()
    fresh.mkdir()
    for path in (old, home.root / scoring.folder):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    flights.clear_up()
    assert not old.exists()
    assert fresh.exists()
    assert (home.root / scoring.folder).exists()


def test_a_scoring_links_no_consignee_beyond_its_flight(
    flights: Flights, flight: tuple[str, date], home: Home
) -> None:
    folder = home.root / flights.scored_flight(*flight).folder
    for part in folder.glob("*.parquet"):
        names = [name for name in pl.read_parquet_schema(part) if "importer" in name]
        assert set(names) <= {"importer_key"}, part
    keys = pl.read_parquet(folder / "seen.parquet")["importer_key"].drop_nulls()
    assert keys.is_empty() or int(keys.max()) <= len(keys)  # type: ignore[arg-type]


def test_what_is_drawn_is_known_of_goods() -> None:
    assert set(MEASURES) == set(SCALES)
    assert {f"{name}_percentile" for name in MEASURES} <= set(GOODS)


@pytest.mark.parametrize("wish", [WISH, MORE, Wish(Budget.controls(1), as_of=date(2026, 1, 2))])
def test_a_wish_is_kept_whole(wish: Wish) -> None:
    assert wish_of(wish_json(wish)) == wish
    assert wish_json(wish_of(wish_json(wish))) == wish_json(wish)


def test_no_list_is_written_twice(
    flights: Flights, flight: tuple[str, date], database: Database
) -> None:
    flights.issued_list(*flight, WISH, "o1")
    before = count(database, lists)
    flights.issued_list(*flight, WISH, "o3")
    assert count(database, lists) == before
