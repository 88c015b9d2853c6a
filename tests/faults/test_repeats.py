"""R8, R10, R13: the same again and again, a clock that jumps, and a load for a while."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.faults.counts import count, drawn, figure
from tests.faults.serving import DAY, Clients, Nursery, Served, asked, row_of

MESSAGES = count(1_000, 10)
ROWS = 100
MOST_TIMES = 5
SEQUENCES = count(1_000, 30)
LOAD = count(20_000, 400)
GROWTH_BYTES = 96 << 20
"""Memory that a worker may grow by under load: caches and arenas fill once."""


def test_the_same_message_many_times_at_once_is_kept_once(shared: Served) -> None:
    chance = drawn("R8")
    lines = threading.local()

    def send(number: int) -> Counter[str]:
        line = getattr(lines, "line", None) or HTTPConnection("127.0.0.1", shared.port, timeout=120)
        lines.line = line
        rows = [row_of(f"R{number}-{n}", flight_number="AGAIN") for n in range(ROWS)]
        told = asked(line, shared, "POST", "/v1/declarations", "declarant", body=rows)
        assert told.status == 201, told
        return Counter(
            item["status"] for one in told.json()["consignments"] for item in one["items"]
        )

    sendings = [n for n in range(MESSAGES) for _ in range(chance.randint(1, MOST_TIMES))]
    chance.shuffle(sendings)
    with ThreadPoolExecutor(8) as pool:
        told = sum(pool.map(send, sendings), Counter())
    wanted = MESSAGES * ROWS
    assert told == Counter(stored=wanted, repeated=ROWS * len(sendings) - wanted)
    assert shared.store.flight("AGAIN", DAY).height == wanted
    assert shared.store.versions(DAY).filter(flight_number="AGAIN").height == wanted
    figure("R8", f"{wanted:,} rows sent {len(sendings) * ROWS:,} times, up to {MOST_TIMES} times "
           "each and eight at once: kept once each, told `stored` once each")  # fmt: skip


@pytest.fixture
def by_a_wild_clock(nursery: Nursery, tmp_path: Path) -> Iterator[Served]:
    served = Served(nursery, tmp_path / "served", app="tests.faults.apps:by_a_wild_clock",
                    **dict(os.environ))  # fmt: skip
    served.start()
    yield served
    served.stop()


def test_a_clock_that_jumps_changes_no_order(by_a_wild_clock: Served) -> None:
    served = by_a_wild_clock
    line = HTTPConnection("127.0.0.1", served.port, timeout=120)
    stamps = []
    for at in range(SEQUENCES):
        for value in (10.0, 20.0, 30.0):
            row = row_of(f"C{at}", flight_number="CLOCK", intrinsic_value=value)
            told = asked(line, served, "POST", "/v1/declarations", "declarant", body=[row])
            assert told.status == 201, told
            stamps.append(told.json()["received_at"])
    assert stamps != sorted(stamps)  # the clock did jump
    kept = served.store.flight("CLOCK", DAY)
    assert kept["value_cents"].to_list() == [3_000] * SEQUENCES
    assert served.database.verify_audit().is_whole
    line.close()
    figure("R10", f"{SEQUENCES:,} sequences of three amendments by a clock that jumps up to 48 "
           "hours either way: the last one received stands in all, audit chain whole")  # fmt: skip


def test_a_load_leaves_the_worker_as_it_was(shared: Served) -> None:
    warm = Clients(shared, "WARM")
    with warm.posting():
        warm.wait_for(LOAD // 4)
    before = shared.memory_bytes()
    clients = Clients(shared, "LOAD")
    with clients.posting():
        for name in list(warm.acknowledged.values())[: LOAD // 20]:
            assert shared.ask("GET", f"/v1/receipts/{name}", "declarant").status == 200
        clients.wait_for(max(LOAD - len(clients.acknowledged), 1))
    assert clients.others == []
    grown = shared.memory_bytes() - before
    assert grown < GROWTH_BYTES
    figure("R13", f"short: {len(clients.acknowledged):,} rows by {clients.number} clients beside "
           f"readers, no answer but 201 and 200, the worker grew by {grown >> 20} MiB")  # fmt: skip
