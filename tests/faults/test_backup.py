"""R17, R19: a backup brought back, a state of the release before, and many that start at once."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import polars as pl
import pysqlite3  # type: ignore[import-untyped]
import pytest
import sqlalchemy as sa

from models.seal import SEAL_FILES
from service.cli import run
from service.home import Home
from service.scoring_process.watch import ModelWatch
from service.storage.anchor import Anchor
from service.storage.audit import head, verify
from service.storage.database import Database
from service.storage.tables import METADATA
from service.store import DECLARATION_SCHEMA, OUTCOME_SCHEMA, Store
from tests import postgres
from tests.faults.counts import count, figure, is_all
from tests.faults.registry import Registry
from tests.faults.serving import DAY, Clients, Nursery, Served, row_of
from tests.service.rows import canonical, outcomes, table

BACKUPS = count(10, 1)
STARTERS = count(16, 2)


def told(database: Database) -> tuple[dict[str, int], tuple[int, str]]:
    """Rows of each table, and the head of the audit log."""
    with database.reading() as connection:
        counts = {
            name: connection.execute(sa.select(sa.func.count()).select_from(one)).scalar_one()
            for name, one in METADATA.tables.items()
        }
        return counts, head(connection)


def backed_up(home: Home, folder: Path) -> Home:
    """A copy of a state folder while it is written to: the database first, then the files."""
    folder.mkdir(parents=True)
    source = pysqlite3.connect(home.root / "triage.db")
    target = pysqlite3.connect(folder / "triage.db")
    source.backup(target)
    source.close()
    target.close()
    without = shutil.ignore_patterns("triage.db*", "jobs.db*", ".triage*", "*.lock", ".draft-*")
    shutil.copytree(home.root, folder, ignore=without, dirs_exist_ok=True)
    return Home(folder)


def test_a_backup_taken_under_load_can_be_brought_back(nursery: Nursery, tmp_path: Path) -> None:
    served = Served(nursery, tmp_path / "served")
    served.start()
    clients = Clients(served, "BACKUP", pause_seconds=0.01)
    with clients.posting():
        for at in range(BACKUPS):
            clients.wait_for(5)
            before = set(clients.acknowledged)
            home = backed_up(served.home, tmp_path / f"copy{at}")
            restored = Database.open(None, home.root)
            kept = Store(home, restored).flight("BACKUP", DAY)["hawb"]
            assert before <= set(kept.to_list())
            assert kept.len() == kept.n_unique()
            assert restored.verify_audit().is_whole
            restored.close()
    home = backed_up(served.home, tmp_path / "last")
    shutil.rmtree(served.home.root / "declarations", ignore_errors=True)
    restored = Database.open(None, home.root)
    assert told(restored) == told(served.database)
    restored.close()
    served.stop()
    again = Served(nursery, tmp_path / "again")
    shutil.rmtree(again.home.root)
    shutil.copytree(home.root, again.home.root)
    again.database.close()
    again.database = Database.open(None, again.home.root)
    again.start()
    again.keys = served.keys  # they hold on the restored state, too
    answer = again.post(row_of(next(iter(clients.acknowledged)), flight_number="BACKUP"))
    assert answer.json()["consignments"][0]["items"][0]["status"] == "repeated"
    again.stop()
    figure("R17", f"SQLite: {BACKUPS + 1} backups under load brought back: nothing acknowledged "
           "before is missing, equal counts and audit head at rest, keys hold")  # fmt: skip


def test_a_dump_of_postgresql_can_be_brought_back(
    nursery: Nursery, postgres_server: postgres.Server, tmp_path: Path
) -> None:
    url, copy = (postgres.fresh_database(postgres_server.url) for _ in range(2))
    served = Served(nursery, tmp_path / "served", url)
    served.start()
    rows = [row_of(f"D{n}", flight_number="DUMP") for n in range(50)]
    assert served.post(*rows).status == 201
    found = postgres.binaries()
    assert found is not None
    plain, target = (sa.make_url(one).set(drivername="postgresql").render_as_string(
        hide_password=False) for one in (url, copy))  # fmt: skip
    dump = subprocess.run(
        [found / "pg_dump", "--no-owner", plain], check=True, capture_output=True
    ).stdout
    subprocess.run([found / "psql", "-q", "-v", "ON_ERROR_STOP=1", target], input=dump, check=True,
                   stdout=subprocess.DEVNULL)  # fmt: skip
    restored = Database.open(copy, served.home.root)
    assert told(restored) == told(served.database)
    with restored.reading() as connection:
        anchor = Anchor(*told(served.database)[1])
        assert verify(connection, [anchor]).is_whole
    restored.close()
    served.stop()
    for one in (url, copy):
        postgres.dropped(one)
    figure("R17", "PostgreSQL: pg_dump brought back with equal counts and audit head")


def of_the_release_before(root: Path) -> Home:
    """A state folder as it was before there was a database: receipts numbered by folder."""
    rows = canonical(table(3)).select(
        pl.col(name).cast(kind) for name, kind in DECLARATION_SCHEMA.items()
    )
    amended = rows.head(1).with_columns(value_cents=pl.lit(7_700).cast(rows["value_cents"].dtype))
    results = outcomes(1, flight_date=date(2026, 3, 2))
    results = results.with_columns(
        pl.lit(None).alias(name) for name in OUTCOME_SCHEMA if name not in results.columns
    )
    results = results.with_columns(
        pl.col(name).str.to_datetime(time_zone="UTC") for name in ("controlled_at", "recorded_at")
    ).select(pl.col(name).cast(kind) for name, kind in OUTCOME_SCHEMA.items())
    for folder, parts in (("declarations/flight_date=2026-03-02", [rows, amended]),
                          ("outcomes", [results])):  # fmt: skip
        (root / folder).mkdir(parents=True)
        for number, part in enumerate(parts, start=1):
            part.write_parquet(root / folder / f"{number:012d}.parquet")
    return Home(root)


def test_a_state_of_the_release_before_goes_on(nursery: Nursery, tmp_path: Path) -> None:
    home = of_the_release_before(tmp_path / "served" / "state")
    day = date(2026, 3, 2)
    served = Served(nursery, tmp_path / "served")
    served.start()
    kept = served.store.flight("XY123", day)
    assert kept.height == 3
    assert kept["value_cents"].to_list()[0] == 7_700
    assert served.store.outcomes().height == 1
    late = canonical(table(1)).with_columns(
        value_cents=pl.lit(8_800).cast(kept["value_cents"].dtype)
    )
    served.store.add_declarations(late)
    assert served.store.flight("XY123", day)["value_cents"].to_list()[0] == 8_800
    assert served.post(row_of("NEW", flight_number="XY123", flight_date=str(day))).status == 201
    assert served.store.flight("XY123", day).height == 4
    names = sorted(path.name for path in home.declarations.rglob("*.parquet"))
    assert len(names) == len(set(names)) == 3
    assert served.database.verify_audit().is_whole
    served.stop()
    figure("R19", "a state of receipts numbered by folder, without a database: read, amended by "
           "file and by message, numbers go on")  # fmt: skip


def test_a_model_without_a_seal_is_named_and_can_be_sealed(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(trained, tmp_path / "state")
    home = Home(tmp_path / "state")
    registry = Registry.of(home)
    for name in SEAL_FILES:
        (registry.first / name).unlink()
    watch = ModelWatch(home, lambda state: None)
    watch.look()
    assert watch.state.is_degraded
    assert "triage promote" in watch.state.note
    if is_all():
        monkeypatch.setenv("TRIAGE_HOME", str(home.root))
        assert run(["promote", "1"]) == 0
        watch.look()
        assert watch.state.version.startswith("1 ")
        figure("R19", "a model without a seal: rules rank, the state says why; sealed by "
               "`triage promote` it is in force without a restart")  # fmt: skip


def test_many_that_start_at_once_make_one_database(tmp_path: Path) -> None:
    home = tmp_path / "state"
    home.mkdir()
    start = (
        "import sys; from pathlib import Path; from service.storage.database import Database; "
        "Database.open(None, Path(sys.argv[1])).verify_audit()"
    )
    started = [subprocess.Popen([sys.executable, "-c", start, home]) for _ in range(STARTERS)]
    assert [one.wait() for one in started] == [0] * STARTERS
    assert Database.open(None, home).verify_audit().is_whole
