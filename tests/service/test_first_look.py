"""A message of one consignment is answered as if it had been scored in a frame."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from features.single.expressions import UnsupportedExpressionError
from features.single.sight import SingleSight
from service.composition import open_database, open_door, open_home, open_store
from service.home import Home
from service.reception import receive
from service.scoring import InForce, in_force
from service.scoring_process.first_look import FirstLooks
from tests.trained_state import todays

Message = list[dict[str, Any]]


@pytest.fixture(scope="module")
def home(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    folder = tmp_path_factory.mktemp("looks") / "state"
    shutil.copytree(trained, folder)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TRIAGE_HOME", str(folder))
        yield open_home()


@pytest.fixture(scope="module")
def messages(home: Home, world: Path) -> list[Message]:
    by_hawb: dict[str, Message] = {}
    for row in receive(todays(world), open_door(home)).rows.drop("row_number").to_dicts():
        micros = int(row["lodged_at"].timestamp() * 1_000_000)
        told = row | {"flight_date": row["flight_date"].isoformat(), "lodged_at": micros}
        by_hawb.setdefault(row["hawb"], []).append(told)
    return list(by_hawb.values())


def looks_of(home: Home, model: InForce) -> FirstLooks:
    return FirstLooks(home, open_store(home, open_database(home)), lambda: model)


def test_alone_and_in_a_frame_are_the_same(home: Home, messages: list[Message]) -> None:
    looks = looks_of(home, in_force(home))
    asked = messages[:150]
    asked += [[row | {"flight_number": "X"} for row in one] for one in messages[:3]]
    # An amendment in the same message, in whatever order, and a message of two consignments.
    change = {"lodged_at": messages[0][0]["lodged_at"] + 1, "value_cents": 14_900}
    asked += [[*(row | change for row in messages[0]), *messages[0]]]
    asked += [[*messages[1], *messages[2]]]
    assert looks.look(asked) == looks.look_together(asked)
    (setting,) = looks._settings.values()
    assert setting.alone is not None
    assert setting.alone.looked == {"alone": len(asked) - 1}


def test_rules_rank_alone_as_in_a_frame(home: Home, messages: list[Message]) -> None:
    looks = looks_of(home, InForce(note="no model is in force yet."))
    told = looks.look(messages[:20])
    assert told == looks.look_together(messages[:20])
    assert told[0][0].is_degraded


def test_what_cannot_be_done_alone_is_done_in_a_frame(
    home: Home, messages: list[Message], caplog: pytest.LogCaptureFixture
) -> None:
    looks = looks_of(home, in_force(home))
    # A newcomer with a letter that is in no alphabet yet.
    newcomer = {"exporter_id": "NEW-1", "goods_description": "\u0378 Gadget"}
    odd = [[row | newcomer for row in messages[0]], messages[1]]
    assert looks.look(odd) == looks.look_together(odd)
    (setting,) = looks._settings.values()
    assert setting.alone is not None
    assert setting.alone.looked == {"alone": 1, "A letter that is not known yet.": 1}
    assert "A letter that is not known yet." in caplog.text


def test_a_feature_that_only_frames_know_is_told_and_left_to_them(
    home: Home, messages: list[Message], monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    def refuse(*_: object) -> None:
        raise UnsupportedExpressionError("The node Rolling is not known.")

    monkeypatch.setattr(SingleSight, "of", refuse)
    looks = looks_of(home, in_force(home))
    assert looks.look(messages[:2]) == looks.look_together(messages[:2])
    assert "The node Rolling is not known." in caplog.text
