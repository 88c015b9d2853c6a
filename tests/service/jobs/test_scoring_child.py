"""Children that score: alone or together the same, replaced while they serve, started anew."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import polars as pl
import pytest

from engine.budget import Budget
from engine.errors import StateError
from models.champion import CHAMPION, MODEL_NAME, artefact_path, champion_of, opened
from models.gradient_boosting import GradientBoosting, Settings
from service.cli import run
from service.composition import open_database, open_door, open_home, open_store
from service.home import Home
from service.inspection import Wish
from service.issued import PostScore
from service.reception import receive
from service.routes.faults import NotThereError
from service.scoring import in_force
from service.scoring_child import ScoringProcess
from service.scoring_process.first_look import MARK, FirstLooks
from service.scoring_process.state import ScoringState
from service.scoring_process.watch import ModelWatch
from service.sealing import seal_model
from service.trial import tried_out
from tests.service.conftest import todays

Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def home(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    folder = tmp_path_factory.mktemp("children") / "state"
    shutil.copytree(trained, folder)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TRIAGE_HOME", str(folder))
        yield open_home()


@pytest.fixture(scope="module")
def rows(home: Home, world: Path) -> Rows:
    """Canonical rows of a flight of today, as messages carry them."""
    return receive(todays(world), open_door(home)).rows.drop("row_number").to_dicts()


def messages_of(rows: Rows, count: int) -> list[Rows]:
    """One message a consignment, in the form of the pipe."""
    by_hawb: dict[str, Rows] = {}
    for row in rows:
        micros = int(row["lodged_at"].timestamp() * 1_000_000)
        told = row | {"flight_date": row["flight_date"].isoformat(), "lodged_at": micros}
        by_hawb.setdefault(row["hawb"], []).append(told)
    return list(by_hawb.values())[:count]


def test_a_message_is_scored_the_same_whoever_else_is_asking(home: Home, rows: Rows) -> None:
    model = in_force(home)
    looks = FirstLooks(home, open_store(home, open_database(home)), lambda: model)
    messages = messages_of(rows, 12)
    # The hard cases: one consignee by identifier in several messages, the same parcel twice, a
    # carrier of one letter, several flights in one message, a mark where none belongs.
    for at in (3, 7, 9):
        messages[at] = [row | {"importer_key": 4711} for row in messages[at]]
    messages.append(messages[0])
    messages.append([row | {"flight_number": "X"} for row in messages[1]])
    messages.append([row | {"flight_number": f"XB1{MARK}7"} for row in messages[2]])
    messages.append([*messages[4], *[row | {"flight_number": "QQ2"} for row in messages[5]]])
    messages.append([row | {"flight_date": "2026-10-01"} for row in messages[6]])
    together = looks.look(messages)
    alone = [looks.look([message])[0] for message in messages]
    assert together == alone
    assert all(0 < one.risk < 1 and one.reasons for some in together for one in some)
    assert [one.flight_number for one in together[-2]] != ["QQ2"]


def test_a_lone_parcel_is_compared_with_a_flight_that_is_named(home: Home, rows: Rows) -> None:
    model = in_force(home)
    looks = FirstLooks(home, open_store(home, open_database(home)), lambda: model)
    told = [one for some in looks.look(messages_of(rows, 120)) for one in some]
    sentences = [sentence for one in told for sentence in one.reasons]
    assert any("% of flight " in sentence for sentence in sentences)
    assert not any("this flight" in sentence for sentence in sentences)


def in_a_loop(body: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(body(), 240))  # type: ignore[arg-type]


async def until(holds: Callable[[], bool]) -> None:
    while not holds():
        await asyncio.sleep(0.05)


def test_messages_are_answered_also_after_the_child_was_killed(home: Home, rows: Rows) -> None:
    async def body() -> None:
        posts = ScoringProcess(home, None, "posts")
        await posts.start()
        assert posts.state.version == "1 (logistic)"
        first = await posts.score_posts(rows[:2])
        assert posts._life is not None
        asked = [asyncio.create_task(posts.score_posts([row])) for row in rows[:5]]
        await asyncio.sleep(0)
        os.kill(posts._life.process.pid, signal.SIGKILL)
        answers = await asyncio.gather(*asked)
        assert [some[0].hawb for some in answers] == [row["hawb"] for row in rows[:5]]
        assert await posts.score_posts(rows[:2]) == first
        assert isinstance(first[0], PostScore)
        await posts.stop()
        with pytest.raises(StateError, match="does not answer"):
            await posts.score_posts(rows[:1])

    in_a_loop(body)


def test_a_promoted_version_takes_over_and_a_damaged_one_does_not(
    home: Home, rows: Rows, world: Path
) -> None:
    day, number = rows[0]["flight_date"], rows[0]["flight_number"]

    async def body() -> None:
        lists = ScoringProcess(home, None, "lists")
        await lists.start()
        with pytest.raises(NotThereError):
            await lists.inspection_list("ZZ9", date(2099, 1, 1), Wish(Budget.controls(3)), "o")
        assert run(["ingest", str(todays(world))]) == 0
        made = await lists.inspection_list(number, day, Wish(Budget.controls(3)), "o")
        assert made.about["model_version"] == "1 (logistic)"
        registered_again(home)
        promoted_behind_the_back(home, 2)
        await until(lambda: lists.state.version == "2 (logistic)")
        made = await lists.inspection_list(number, day, Wish(Budget.controls(3)), "o")
        assert made.about["model_version"] == "2 (logistic)"
        (folder_of(home, 1) / "ledger.parquet").write_bytes(b"damaged")
        promoted_behind_the_back(home, 1)
        await until(lambda: bool(lists.state.note))
        assert "ledger.parquet differs" in lists.state.note
        assert lists.state.version == "2 (logistic)"
        assert not lists.state.is_degraded
        await lists.stop()

    in_a_loop(body)


def folder_of(home: Home, version: int) -> Path:
    with opened(home.mlflow_database) as store:
        asked = "SELECT source FROM model_versions WHERE version = ?"
        (source,) = store.execute(asked, (version,)).fetchone()
    return artefact_path(home.mlruns, source)


def registered_again(home: Home) -> None:
    """The first version as a second one; in a second, where a training takes a minute."""
    shutil.copytree(folder_of(home, 1), artefact_path(home.mlruns, "models:/m-two"))
    with sqlite3.connect(home.mlflow_database) as store:
        store.execute(
            "INSERT INTO model_versions (name, version, run_id, source, status, creation_time) "
            "SELECT name, 2, 'another run', 'models:/m-two', status, creation_time "
            "FROM model_versions WHERE version = 1"
        )


def promoted_behind_the_back(home: Home, version: int) -> None:
    """As `triage promote`, but without its look at the seal."""
    with sqlite3.connect(home.mlflow_database) as store:
        store.execute(
            "UPDATE registered_model_aliases SET version = ? WHERE name = ? AND alias = ?",
            (version, MODEL_NAME, CHAMPION),
        )


def test_a_model_that_ends_the_process_that_reads_it_never_takes_over(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(trained, tmp_path / "state")
    monkeypatch.setenv("TRIAGE_HOME", str(tmp_path / "state"))
    home = open_home()
    states: list[ScoringState] = []
    watch = ModelWatch(home, states.append)
    watch.look()
    champion = champion_of(home.mlflow_database, home.mlruns)
    assert champion is not None
    crashing = tmp_path / "crashing"
    shutil.copytree(champion.artefact, crashing)
    lightgbm_that_crashes(crashing)
    seal_model(home, crashing)  # even with a good seal
    with pytest.raises(StateError, match="ended the process that tried it"):
        tried_out(crashing)
    home.mlflow_database.rename(tmp_path / "mlflow.db")
    watch.look()
    assert states[-1] == watch.state
    assert asdict(watch.state) == {
        "version": "1 (logistic)", "is_degraded": False,
        "note": "the registry of models names no champion any more.",
    }  # fmt: skip
    (tmp_path / "mlflow.db").rename(home.mlflow_database)
    watch.look()
    assert watch.state.note == ""


def lightgbm_that_crashes(folder: Path) -> None:
    """Make of a saved model one of trees, cut short in the middle of a number, and averaged: a form
    that only LightGBM itself reads.
    """
    told = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps(told | {"kind": GradientBoosting.kind}))
    about = {"settings": asdict(Settings()), "shifts": {}, "bags": {"any": 1}}
    (folder / "trees" / "gradient_boosting.json").write_text(json.dumps(about))
    shutil.copy(folder / "findings.json", folder / "trees")
    data = np.random.default_rng(1).random((500, 4))
    forest = {"verbose": -1, "boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.5}
    whole = lightgbm.train(forest, lightgbm.Dataset(data, data[:, 0]), 5)
    text = whole.model_to_string()
    (folder / "trees" / "trees-any-0.txt").write_text(text[: len(text) // 2])


def test_a_post_for_a_day_the_model_knows_already_sees_no_past(home: Home, rows: Rows) -> None:
    model = in_force(home)
    looks = FirstLooks(home, open_store(home, open_database(home)), lambda: model)
    past = [[row | {"flight_date": "2026-09-02"} for row in messages_of(rows, 1)[0]]]
    (told,) = looks.look(past)
    assert told[0].flight_date == date(2026, 9, 2)


def test_a_table_of_messages_keeps_the_last_version_of_a_row(home: Home, rows: Rows) -> None:
    model = in_force(home)
    looks = FirstLooks(home, open_store(home, open_database(home)), lambda: model)
    (message,) = messages_of(rows, 1)
    later = [row | {"value_cents": 99_900, "lodged_at": row["lodged_at"] + 1} for row in message]
    assert looks.look([[*later, *message]]) == looks.look([later])
    assert pl.DataFrame(message).height == len(message)
