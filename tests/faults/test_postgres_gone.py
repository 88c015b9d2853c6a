"""R3: PostgreSQL's backends are killed and the server is stopped while clients post."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests import postgres
from tests.faults.counts import count, drawn, figure
from tests.faults.serving import (
    Answer,
    Clients,
    Nursery,
    Served,
    assert_nothing_lost,
    row_of,
    until,
    wait_a_moment,
)

KILLED_BACKENDS = count(20, 3)
STOPPED_SERVERS = count(10, 2)


@pytest.fixture
def served(nursery: Nursery, postgres_server: postgres.Server, tmp_path: Path) -> Iterator[Served]:
    url = postgres.fresh_database(postgres_server.url)
    made = Served(nursery, tmp_path / "served", url)
    made.start()
    yield made
    made.stop()
    postgres.dropped(url)


def backends(url: str) -> list[int]:
    """Process ids of those that serve our database."""
    address = sa.make_url(url)
    engine = sa.create_engine(address.set(database="postgres"))
    ours = "SELECT pid FROM pg_stat_activity WHERE datname = :name"
    with engine.connect() as connection:
        found = connection.execute(sa.text(ours), {"name": address.database}).scalars().all()
    engine.dispose()
    return [int(pid) for pid in found]


def assert_told_when_to_come_back(clients: Clients) -> None:
    answers = [one for one in clients.others if isinstance(one, Answer)]
    assert len(answers) == len(clients.others)  # the line itself never broke
    assert {one.status for one in answers} <= {503}
    assert all(int(one.headers["retry-after"]) > 0 for one in answers)


def test_terminated_backends_are_replaced(served: Served, postgres_server: postgres.Server) -> None:
    chance, worker = drawn("R3 backends"), served.worker
    clients = Clients(served, "BACK", pause_seconds=0.002)
    with clients.posting():
        for _ in range(KILLED_BACKENDS):
            clients.wait_for(2)
            wait_a_moment(chance, 0.1)
            terminate = sa.text("SELECT pg_terminate_backend(:pid)")
            engine = sa.create_engine(postgres_server.url)
            with engine.connect() as connection:
                for pid in backends(str(served.url)):
                    connection.execute(terminate, {"pid": pid})
            engine.dispose()
        clients.wait_for(clients.number)
    assert_nothing_lost(served, clients)
    assert_told_when_to_come_back(clients)
    assert served.is_alive()
    assert served.worker == worker
    figure("R3", f"all backends terminated {KILLED_BACKENDS} times, "
           f"{len(clients.acknowledged):,} rows acknowledged, lost 0")  # fmt: skip


def test_a_stopped_server_is_waited_for(served: Served, postgres_server: postgres.Server) -> None:
    chance = drawn("R3 server")
    clients = Clients(served, "STOP", pause_seconds=0.002)
    with clients.posting():
        for stop in range(STOPPED_SERVERS):
            clients.wait_for(2)
            wait_a_moment(chance, 0.1)
            if stop % 2 and not os.environ.get("TRIAGE_TEST_POSTGRES"):
                # A backend killed with -9: the server itself ends all others and starts anew.
                os.kill(backends(str(served.url))[0], signal.SIGKILL)
            else:
                postgres_server.stop("immediate")
                told = served.post(row_of("WHILE", flight_number="AWAY"))
                assert told.status == 503, told
                assert int(told.headers["retry-after"]) > 0
                assert served.ask("GET", "/health/ready", None).status == 503
                assert served.ask("GET", "/health/live", None).status == 200
                postgres_server.start()
        clients.wait_for(clients.number)
    until(lambda: served.ask("GET", "/health/ready", None).status == 200, "readiness")
    assert_nothing_lost(served, clients)
    assert_told_when_to_come_back(clients)
    assert served.is_alive()
    figure("R3", f"server stopped at once or a backend killed {STOPPED_SERVERS} times: 503 with "
           f"Retry-After meanwhile, {len(clients.acknowledged):,} rows acknowledged, lost 0, "
           "back without a restart")  # fmt: skip
