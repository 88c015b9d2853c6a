"""R6, R7, R14: registry and models that are away, damaged or replaced while they score; and
officers who meet at one parcel.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from service.home import Home
from service.page.acts import trails_of
from service.scoring_process.watch import ModelWatch
from tests.faults.counts import count, drawn, figure
from tests.faults.registry import Registry
from tests.faults.serving import DAY, WHOLE, Nursery, Served, asked, row_of, until

DAMAGES = count(200, 10)
SEALED_DAMAGES = count(20, 1)
AWAY = count(50, 5)
PROMOTIONS = count(20, 2)
PARCELS = count(100, 10)
OFFICERS = 4
CLIENTS = 32


@pytest.fixture(scope="module")
def registry(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Registry:
    home = tmp_path_factory.mktemp("models") / "served" / "state"
    shutil.copytree(trained, home)
    return Registry.of(Home(home))


@pytest.fixture(scope="module")
def served(nursery: Nursery, registry: Registry) -> Iterator[Served]:
    """The whole service, with scoring children, on a trained state."""
    made = Served(nursery, registry.home.root.parent, app=WHOLE)
    made.start()
    until(lambda: made.ask("GET", "/health/ready", None).json()["status"] == "ready", "a model")
    yield made
    assert "is started again" not in made.log.read_text()  # no child has ended
    made.stop()


@pytest.fixture
def watch(registry: Registry) -> ModelWatch:
    """What a scoring child looks at the registry with."""
    made = ModelWatch(registry.home, lambda state: None)
    registry.promote(1)
    made.look()
    assert made.state.version.startswith("1 ")
    return made


def test_a_damaged_model_never_takes_over(registry: Registry, watch: ModelWatch) -> None:
    chance, harmless = drawn("R7"), 0
    for at in range(DAMAGES + SEALED_DAMAGES):
        registry.repair()
        done = registry.damage(chance)
        if at >= DAMAGES:
            registry.seal_the_damage()
        registry.promote(2)
        watch.look()
        if at >= DAMAGES and watch.state.version.startswith("2 "):
            harmless += 1  # sealed, read and tried out: nothing told it from a sound one
        else:
            assert watch.state.version.startswith("1 "), done
            assert not watch.state.is_degraded
            assert "goes on" in watch.state.note, done
        registry.promote(1)
        watch.look()
        assert (watch.state.version[:2], watch.state.note) == ("1 ", "")
    registry.repair()
    refused = SEALED_DAMAGES - harmless
    figure("R7", f"{DAMAGES} damages refused by the seal, 0 took over; {SEALED_DAMAGES} sealed "
           f"with their damage: {refused} refused by the trial in a child, {harmless} read and "
           "scored as sound ones do; 0 crashes of what serves")  # fmt: skip


def test_without_its_registry_the_model_goes_on(registry: Registry, watch: ModelWatch) -> None:
    database = registry.home.mlflow_database
    aside = database.with_suffix(".aside")
    chance = drawn("R6")
    for _ in range(AWAY):
        shutil.copy(database, aside)
        harms: list[Callable[[], object]] = [
            database.unlink,
            lambda: database.write_bytes(b""),
            lambda: database.write_bytes(chance.randbytes(4_096)),
            lambda: database.write_bytes(database.read_bytes()[:5_000]),
        ]
        chance.choice(harms)()
        watch.look()
        assert watch.state.version.startswith("1 ")
        assert not watch.state.is_degraded
        assert "registry" in watch.state.note
        aside.replace(database)
        watch.look()
        assert watch.state.note == ""
    figure("R6", f"registry away, empty, cut or overwritten {AWAY} times: the model went on, the "
           "state said why, and was well again without a hand")  # fmt: skip


def test_officers_are_served_while_the_next_model_is_damaged(
    served: Served, registry: Registry
) -> None:
    def state() -> dict[str, Any]:
        return dict(served.ask("GET", "/v1/models", "analyst").json()["state"])

    registry.damage(drawn("R7 served"))
    registry.promote(2)
    until(lambda: "goes on" in state()["note"], "the note")
    told = served.post(row_of("D1", flight_number="DAM"), role="officer").json()
    assert told["consignments"][0]["model_version"].startswith("1 ")
    registry.repair()
    registry.promote(1)
    until(lambda: state()["note"] == "", "the end of the note")


def posting(served: Served, versions: set[str], stop: threading.Event, name: str) -> int:
    """Post as an officer until asked to stop; every answer names one version."""
    line = HTTPConnection("127.0.0.1", served.port, timeout=120)
    at = 0
    while not stop.is_set():
        at += 1
        rows = [row_of(f"{name}-{at}-{n}", flight_number="PROM") for n in range(3)]
        told = asked(line, served, "POST", "/v1/declarations", "officer", body=rows)
        assert told.status == 201, told
        named = {one["model_version"] for one in told.json()["consignments"]}
        assert len(named) == 1, named
        assert not any(one["is_degraded"] for one in told.json()["consignments"])
        versions |= named
    return at


def test_models_are_replaced_while_they_score(served: Served, registry: Registry) -> None:
    versions: set[str] = set()
    seen: set[str] = set()
    stop = threading.Event()
    with ThreadPoolExecutor(3) as pool:
        posts = [pool.submit(posting, served, versions, stop, f"P{n}") for n in range(3)]
        try:
            for at in range(PROMOTIONS):
                version = 2 if at % 2 == 0 else 1
                registry.promote(version)
                versions.clear()
                until(is_named_in(versions, version), f"an answer by version {version}")
                seen |= versions
        finally:
            stop.set()
        answered = sum(one.result() for one in posts)
    assert {version[:2] for version in seen} == {"1 ", "2 "}
    registry.promote(1)
    figure("R14", f"{PROMOTIONS} promotions under load: {answered:,} messages scored, none failed, "
           "each by one version")  # fmt: skip


def is_named_in(versions: set[str], version: int) -> Callable[[], bool]:
    return lambda: any(one.startswith(f"{version} ") for one in list(versions))


def test_officers_who_meet_at_a_parcel_do_not_overwrite_each_other(served: Served) -> None:
    rows = [row_of(f"T{n}", flight_number="MEET") for n in range(PARCELS + 20)]
    assert served.post(*rows).status == 201
    address = f"/v1/flights/{DAY}/MEET/inspection-list?budget_controls={PARCELS}"
    with ThreadPoolExecutor(CLIENTS) as pool:
        lists = [one.json() for one in pool.map(
            lambda _: served.ask("GET", address), range(CLIENTS)
        )]  # fmt: skip
        assert len({one["id"] for one in lists}) == 1
        for row in lists[0]["rows"]:
            form = {"list": lists[0]["id"], "hawb": row["hawb"], "what": "clean", "seen": "0"}

            def decide(_: int, body: bytes = urlencode(form).encode()) -> int:
                return served.ask(
                    "POST", f"/flights/{DAY}/MEET/decisions", body=body,
                    form="application/x-www-form-urlencoded",
                ).status  # fmt: skip

            assert sorted(pool.map(decide, range(OFFICERS))) == [303] + [409] * (OFFICERS - 1)
    with served.database.reading() as connection:
        trails = trails_of(connection, "MEET", DAY)
    assert [len(trail.standing) for trail in trails.values()] == [1] * PARCELS
    results = served.store.outcomes().filter(flight_number="MEET")
    assert sorted(results["hawb"]) == sorted(row["hawb"] for row in lists[0]["rows"])
    figure("R14", f"{OFFICERS} officers at each of {PARCELS} parcels at once: one result each, the "
           f"others told 409; {CLIENTS} lists of one flight at once are one list")  # fmt: skip


@pytest.mark.parametrize("sign", ["=", "+", "-", "@"])
def test_cells_that_a_spreadsheet_would_run_are_defused_in_lists(served: Served, sign: str) -> None:
    flight = f"FORM{ord(sign)}"
    cell = f'{sign}HYPERLINK("http://x.invalid";"click")'
    row = row_of("F1", flight_number=flight, goods_description=cell, bag_id=cell, uld_id=cell)
    assert served.post(row).status == 201
    address = f"/v1/flights/{DAY}/{flight}/inspection-list?budget_controls=1&form=csv"
    told = served.ask("GET", address).content.decode()
    assert "HYPERLINK" in told
    assert f'"{sign}HYPER' not in told
    assert f",{sign}HYPER" not in told
