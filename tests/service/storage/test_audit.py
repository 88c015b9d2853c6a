from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from service.cli import run
from service.storage import audit
from service.storage.anchor import Anchor, write_down, written_down
from service.storage.audit import BEGINNING, Event, Verdict, record_all, verify
from service.storage.database import Database

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
ROWS = 20

LIFTED = {
    "sqlite": ["DROP TRIGGER audit_is_not_changed", "DROP TRIGGER audit_is_not_deleted",
               "DROP TRIGGER audit_has_no_gap"],
    "postgresql": ["ALTER TABLE audit DISABLE TRIGGER USER"],
}  # fmt: skip
"""What somebody must do first who wants to change the log."""


def fill(opened: Database, count: int = ROWS) -> None:
    events = [Event("k", "list.issued", f"s{at}", {"é": at, "a": None}, AT) for at in range(count)]
    with opened.writing() as connection:
        record_all(connection, events)


def tamper(opened: Database, *statements: str) -> None:
    with opened.writing() as connection:
        for statement in [*LIFTED[connection.dialect.name], *statements]:
            connection.execute(sa.text(statement))


def verdict(opened: Database, anchors: list[Anchor] | None = None) -> Verdict:
    with opened.reading() as connection:
        return verify(connection, anchors or [])


def test_a_log_that_nobody_touched_is_whole(database: Database) -> None:
    assert verdict(database) == Verdict(True, 0, BEGINNING)
    fill(database)
    fill(database)
    assert (verdict(database).is_whole, verdict(database).count) == (True, 2 * ROWS)


def test_the_log_is_walked_in_pieces(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "ROWS_AT_ONCE", 7)
    fill(database)
    assert verdict(database).count == ROWS


@pytest.mark.parametrize("statement", [
    "UPDATE audit SET actor = 'x' WHERE id = 3", "DELETE FROM audit WHERE id = 20",
    "INSERT INTO audit SELECT 40, happened_at_us, actor, action, subject, detail_json, "
    "previous_hash, hash FROM audit WHERE id = 3",
])  # fmt: skip
def test_the_database_refuses_changes_and_gaps(database: Database, statement: str) -> None:
    fill(database)
    with pytest.raises(sa.exc.DBAPIError), database.writing() as connection:
        connection.execute(sa.text(statement))
    assert verdict(database).count == ROWS


@pytest.mark.parametrize("at", [1, 7, ROWS])
@pytest.mark.parametrize("column", ["happened_at_us = 5", "actor = 'x'", "action = 'x'",
                                    "subject = 'x'", "detail_json = '{}'", "hash = 'x'",
                                    "previous_hash = 'x'"])  # fmt: skip
def test_an_edit_is_found(lasting: Database, at: int, column: str) -> None:
    with lasting.reading() as connection:
        is_empty = audit.head(connection)[0] == 0
    if is_empty:
        fill(lasting)
        tamper(lasting)
    name = column.split(" ")[0]
    asked = sa.text(f"SELECT {name} FROM audit WHERE id = {at}")
    with lasting.writing() as connection:
        before = connection.execute(asked).scalar_one()
        connection.execute(sa.text(f"UPDATE audit SET {column} WHERE id = {at}"))
    assert verdict(lasting).broken_id == at
    with lasting.writing() as connection:
        back = sa.text(f"UPDATE audit SET {name} = :before WHERE id = {at}")
        connection.execute(back, {"before": before})
    assert verdict(lasting).is_whole


def delete(at: int) -> list[str]:
    return [f"DELETE FROM audit WHERE id = {at}"]


def swap(one: int, other: int) -> list[str]:
    steps = [(one, -1), (other, one), (-1, other)]
    return [f"UPDATE audit SET id = {to} WHERE id = {old}" for old, to in steps]


@pytest.mark.parametrize(
    ("statements", "broken"),
    [(delete(1), 1), (delete(9), 9), (swap(4, 5), 4), (swap(2, 19), 2),
     ([*delete(9), "UPDATE audit SET id = 9 WHERE id = 20"], 9)],
)  # fmt: skip
def test_a_row_taken_out_or_moved_is_found(
    database: Database, statements: list[str], broken: int
) -> None:
    fill(database)
    tamper(database, *statements)
    assert verdict(database).broken_id == broken


def test_a_log_cut_off_or_written_anew_is_found_by_its_head(database: Database) -> None:
    fill(database)
    database.write_head()
    tamper(database, *delete(20), *delete(19))
    assert verdict(database).is_whole  # by itself it looks whole
    assert database.verify_audit().broken_id == 19
    fill(database, 2)
    found = database.verify_audit()
    assert (found.broken_id, found.count) == (20, 19)
    assert "written down" in found.why


def test_a_process_that_writes_writes_the_head_down(database: Database) -> None:
    fill(database)
    fill(database)
    anchors = written_down(database.anchor)
    assert [anchor.id for anchor in anchors] == [ROWS]  # and again only after a while
    assert database.verify_audit().is_whole
    assert written_down(database.anchor)[-1] == Anchor(2 * ROWS, verdict(database).head)


def test_a_head_that_cannot_be_written_down_stops_nothing(tmp_path: Path) -> None:
    opened = Database.open(None, tmp_path, tmp_path / "gone" / "heads.txt")
    fill(opened)
    assert verdict(opened).count == ROWS


def test_torn_lines_of_the_file_of_heads_vouch_for_nothing(tmp_path: Path) -> None:
    path = tmp_path / "heads.txt"
    first, second = Anchor(3, "a" * 64), Anchor(17, "b" * 64)
    write_down(path, first)
    path.write_text(path.read_text() + "17 bbb")
    write_down(path, second)
    write_down(path, second)
    assert written_down(path) == [first, second]
    assert path.stat().st_mode & 0o077 == 0


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRIAGE_HOME", str(tmp_path))
    monkeypatch.setenv("TRIAGE_AUDIT_ANCHOR", str(tmp_path / "heads.txt"))
    return tmp_path


def test_the_command_says_whether_the_log_is_whole(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["audit"]) == 0
    fill(Database.open(None, home))
    assert run(["audit"]) == 0
    assert "whole: 20 rows" in capsys.readouterr().out
    assert [anchor.id for anchor in written_down(home / "heads.txt")] == [ROWS]
    tamper(Database.open(None, home), *delete(20))
    assert run(["audit"]) == 1
    assert "broken at row 20" in capsys.readouterr().out
