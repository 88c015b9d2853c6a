from __future__ import annotations

import json
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import sqlalchemy as sa
from polars.testing import assert_frame_equal

from service.cli import run
from service.home import Home
from service.retention import LetGo, let_go
from service.storage.database import Database
from service.storage.messages import keep_declarations, keep_outcomes
from service.storage.tables import audit, decisions, lists, receipts, scores, scorings
from service.store import Store
from tests.service.rows import DAY, canonical, outcomes, table
from tests.service.test_store import accepted_outcomes

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = DAY + timedelta(days=100)
LINKS = [
    "importer_key", "importer_name_bits_0", "importer_name_bits_1", "importer_name_bits_2",
    "importer_name_bits_3", "importer_street_tokens", "importer_city",
]  # fmt: skip
FLIGHT = {"flight_date": DAY.isoformat(), "flight_number": "XY123"}


@pytest.fixture
def store(database: Database) -> Store:
    """Eight parcels of one day: 1 to 4 came as a file, 5 to 8 as messages."""
    store = Store(Home(database.folder), database)
    rows = canonical(table(8, importer_id="NN 12.34", importer_postcode="4000"))
    store.add_declarations(rows[:4])
    with database.writing() as connection:
        keep_declarations(connection, rows[4:].to_dicts(), source="k", at=AT)
    return store


def done(database: Database, today: date = LATER, **changes: int) -> LetGo:
    limits = {"consignees_days": 90, "days": 1096} | changes
    return let_go(Home(database.folder), database, today=today, **limits)


def known(store: Store) -> list[str]:
    """Parcels of which one can still say who gets them."""
    rows = store.day(DAY)
    bare = rows.select(LINKS).equals(rows.select(LINKS).clear())
    says = pl.any_horizontal(
        pl.col("importer_key").is_not_null(), pl.col("importer_name_bits_0") != 0,
        pl.col("importer_street_tokens").list.len() > 0, pl.col("importer_city").is_not_null(),
        pl.col("importer_postcode") != "40",
    )  # fmt: skip
    return [] if bare else rows.filter(says)["hawb"].to_list()


def listed(database: Database, hawb: str) -> None:
    """An issued list with one parcel, a decision about it, and a score it was told with."""
    about: dict[str, Any] = {
        "model_version": "1", "feature_fingerprint": "f", "is_degraded": False, "note": "",
        "past_note": "", "item_count": 8, "consignment_count": 8, "risks_sha256": "",
        "rows_mark": "", "past_mark": "", "folder": "scorings/1", "made_at_us": 1,
    }  # fmt: skip
    score = {"receipt_id": 2, "hawb": hawb, "risk": 0.5, "risk_fiscal": 0.5, "risk_goods": 0.5,
             "expected_revenue_cents": 1, "reasons_json": "[]"}  # fmt: skip
    score |= {name: about[name] for name in ("model_version", "feature_fingerprint",
                                             "is_degraded", "made_at_us")}  # fmt: skip
    rows = json.dumps([{"hawb": hawb, "flight_number": "XY123"}])
    with database.writing() as connection:
        made = connection.execute(sa.insert(scorings).returning(scorings.c.id), FLIGHT | about)
        told = {"public_id": "p", "scoring_id": made.scalar_one(), "wish_json": "",
                "about_json": "", "rows_json": rows, "rows_sha256": "", "evidence_json": "",
                "issued_to": "o", "issued_at_us": 1}  # fmt: skip
        issued = connection.execute(sa.insert(lists).returning(lists.c.id), FLIGHT | told)
        skip = {"list_id": issued.scalar_one(), "hawb": "H0002", "what": "skip", "reason": "gone",
                "control_id": "", "decided_by": "o", "decided_at_us": 1}  # fmt: skip
        first = connection.execute(sa.insert(decisions).returning(decisions.c.id), FLIGHT | skip)
        undo = skip | {"what": "undo", "undoes_id": first.scalar_one()}
        connection.execute(sa.insert(decisions), FLIGHT | undo)
        connection.execute(sa.insert(scores), FLIGHT | score)


def test_consignees_of_parcels_that_nobody_chose_go(database: Database, store: Store) -> None:
    before = store.day(DAY)
    assert len(known(store)) == 8
    assert done(database, DAY + timedelta(days=90)).consignee_count == 0
    assert done(database).consignee_count == 8
    after = store.day(DAY)
    assert known(store) == []
    assert after["importer_postcode"].unique().to_list() == ["40"]
    touched = [*LINKS, "importer_name_tokens", "importer_postcode"]
    assert_frame_equal(after.drop(touched), before.drop(touched))
    assert after.schema == before.schema


def test_those_let_go_are_nobody_together(database: Database, store: Store) -> None:
    assert store.day(DAY)["importer_name_tokens"].n_unique() == 1
    done(database)
    drawn = store.day(DAY)["importer_name_tokens"]
    assert drawn.n_unique() == 8
    assert drawn.list.len().unique().to_list() == [1]
    done(database)
    assert store.day(DAY)["importer_name_tokens"].equals(drawn)


def test_the_listed_the_decided_and_the_controlled_are_kept(
    database: Database, store: Store
) -> None:
    listed(database, "H0005")
    store.add_outcomes(accepted_outcomes(outcomes(1)))
    told = accepted_outcomes(outcomes(1, hawb="H0008")).with_columns(control_id=pl.lit("C8"))
    with database.writing() as connection:
        keep_outcomes(connection, told.to_dicts(), source="o", at=AT)
    assert done(database).consignee_count == 4
    assert known(store) == ["H0001", "H0002", "H0005", "H0008"]


def test_what_arrives_late_is_let_go_the_next_time(database: Database, store: Store) -> None:
    mark = store.mark(DAY)
    assert done(database).consignee_count == 8
    assert store.mark(DAY) == mark  # what was learned of the day needs not be learned again
    assert done(database).consignee_count == 0
    with database.writing() as connection:
        late = canonical(table(1, hawb="H0009")).to_dicts()
        keep_declarations(connection, late, source="k", at=AT)
    assert known(store) == ["H0009"]
    assert done(database).consignee_count == 1
    assert known(store) == []


def test_after_three_years_everything_goes(database: Database, store: Store) -> None:
    listed(database, "H0005")
    store.add_outcomes(accepted_outcomes(outcomes(2)))
    store.add_declarations(canonical(table(2, flight_date="2029-03-02")))
    young = outcomes(1, flight_date="2029-03-02", recorded_at="2029-03-02T12:00:00Z")
    store.add_outcomes(accepted_outcomes(young))
    gone = done(database, date(2029, 3, 4))
    assert (gone.day_count, gone.declaration_count, gone.outcome_count) == (1, 8, 2)
    assert store.days() == [date(2029, 3, 2)]
    assert store.outcomes()["flight_date"].to_list() == [date(2029, 3, 2)]
    with database.reading() as connection:
        for name in (scores, scorings, lists, decisions):
            assert connection.execute(sa.select(name)).all() == []
        assert connection.execute(sa.select(receipts.c.form).distinct()).scalars().all() == ["file"]
    assert database.verify_audit().is_whole


def test_both_limits_can_be_set(database: Database, store: Store) -> None:
    assert done(database, DAY + timedelta(days=6), consignees_days=5).consignee_count == 8
    assert done(database, DAY + timedelta(days=6), days=5).day_count == 1
    assert store.days() == []


def test_the_audit_log_tells_counts_and_nobody(database: Database, store: Store) -> None:
    done(database)
    with database.reading() as connection:
        told = sa.select(audit.c.action, audit.c.detail_json).where(audit.c.actor == "retention")
        events = {action: detail for action, detail in connection.execute(told)}
    assert json.loads(events["consignees.let_go"])["consignments"] == 8
    assert json.loads(events["retention.done"])["consignee_count"] == 8
    assert "H000" not in str(events)


def test_nothing_let_go_can_be_found_in_any_file(tmp_path: Path) -> None:
    database = Database.open(None, tmp_path)
    rows = canonical(table(400))
    token = str(rows["importer_name_tokens"][0][0]).encode()
    with database.writing() as connection:
        keep_declarations(connection, rows.to_dicts(), source="k", at=AT)

    def holders() -> list[str]:
        paths = [path for path in tmp_path.rglob("*") if path.is_file()]
        return [path.name for path in paths if token in path.read_bytes()]

    assert holders() == ["triage.db-wal"] or "triage.db" in holders()
    done(database)
    assert holders() == []


def test_old_folders_go(database: Database, store: Store) -> None:
    old, new = (database.folder / "scorings" / name for name in ("old", "new"))
    for folder in (old, new):
        folder.mkdir(parents=True)
    then = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    os.utime(old, (then, then))
    os.utime(new, (AT.timestamp(), AT.timestamp()))
    assert done(database, DAY + timedelta(days=30), consignees_days=30).folder_count == 1
    assert (old.exists(), new.exists()) == (False, True)


def test_the_command_says_what_went(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRIAGE_HOME", str(tmp_path))
    monkeypatch.setenv("TRIAGE_KEEP_CONSIGNEES_DAYS", "10")
    Store(Home(tmp_path)).add_declarations(canonical(table(3)))
    assert run(["retention", "--date", "2026-03-13"]) == 0
    assert "consignees of 3 parcels" in capsys.readouterr().out
    assert run(["audit"]) == 0
