"""R1: the service is killed while clients post; what it acknowledged is there, once."""

from __future__ import annotations

from tests.faults.counts import count, drawn, figure, is_all
from tests.faults.serving import (
    Clients,
    Served,
    assert_nothing_lost,
    lines_of,
    row_of,
    wait_a_moment,
)

KILLS = count(100, 5)
ROWS_OF_THE_JOB = 300


def test_killed_workers_lose_nothing_and_double_nothing(either: Served) -> None:
    chance = drawn("R1")
    either.start()
    either.start_runner()
    manifest = lines_of(*(row_of(f"M{at}", flight_number="MAN") for at in range(ROWS_OF_THE_JOB)))
    job_id = either.manifest(manifest).json()["id"]
    clients = Clients(either, "KILL", pause_seconds=0.0 if is_all() else 0.01)
    with clients.posting():
        for kill in range(KILLS):
            clients.wait_for(1)
            wait_a_moment(chance, 0.15)
            either.kill(is_whole_group=bool(kill % 2))
            if kill % 5 == 0:
                either.kill("runner")
                either.start_runner()
            either.start()
        clients.wait_for(clients.number)
    assert_nothing_lost(either, clients)
    job = either.ended(job_id)
    assert (job["state"], job["accepted_count"]) == ("done", ROWS_OF_THE_JOB), job
    assert either.store.flight("MAN", either.store.days()[0]).height == ROWS_OF_THE_JOB
    kind = "SQLite" if either.database.is_embedded else "PostgreSQL"
    figure("R1", f"{kind}: {KILLS} kills under load, {len(clients.acknowledged):,} rows "
           "acknowledged, lost 0, doubled 0, jobs stuck 0, audit chain whole"
           + (", integrity check ok" if either.database.is_embedded else ""))  # fmt: skip
