"""What moved, on the page: in three languages, and only where something did."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from models.flow_traits import TRAITS
from service.drift_file import (
    FILE,
    ToldColumn,
    ToldControls,
    ToldDrift,
    ToldMovement,
    ToldWeek,
    told_drift,
)
from service.page.drift_told import alert_in
from service.page.language import LANGUAGES, language

CONTROLS = ToldControls(90, 5, 80, 9, 0.26, False, 80, 4.2, 9, 0.031, False)

MOVED = ToldDrift(
    (date(2026, 9, 1), date(2026, 9, 28)),
    (date(2026, 9, 29), date(2026, 10, 5)),
    (ToldColumn("value", "trait", 0.12), ToldColumn("risk", "score", 0.31)),
    (
        ToldMovement("value", "140-150", 0.041, 0.020),
        ToldMovement("value", "60-90", 0.05, 0.1),
        ToldMovement("broker", "BE<b>1", 0.0, 0.039),
    ),
    ("risk",),
    CONTROLS,
    (ToldWeek(date(2026, 9, 28), "risk", 0.3),),
    "Consignments of EUR 140 to 150 fell by half (4.1 % to 2.0 %).",
)

QUIET = ToldDrift(MOVED.before, MOVED.now, MOVED.columns, (), (), CONTROLS, MOVED.weeks, "")


def test_the_file_tells_what_was_put_into_it(tmp_path: Path) -> None:
    assert told_drift(tmp_path) is None
    MOVED.save(tmp_path)
    assert told_drift(tmp_path) == MOVED
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 99}', '{"version": 1}'])
def test_a_file_of_another_program_tells_nothing(text: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(text)
    assert told_drift(tmp_path) is None


def test_an_alert_names_what_moved_with_its_numbers() -> None:
    alert = alert_in(language("en"), MOVED)
    assert alert is not None
    assert alert.lines[0] == (
        "Consignments of EUR 140 to 150 fell by half (4.1% to 2.0%), "
        "EUR 60 to 90 doubled (5.0% to 10.0%)."
    )
    assert alert.lines[1] == "Broker BE<b>1 came new (0.0% to 3.9%)."
    assert alert.lines[-2] == (
        "The random controls found 9 of 80 against 5 of 90 before (p 0.26: may be chance)."
    )
    assert alert.lines[-1].endswith("there were 9 (p 0.031).")


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_value_of_every_trait_has_words(code: str) -> None:
    values = {
        "value": ["0-5", "150+"], "mass": ["0.1-0.25", "10+"],
        "sender": ["new", "newcomer", "known"],
        "channel": ["platform and IOSS", "platform", "IOSS", "neither"],
    }  # fmt: skip
    for trait in TRAITS:
        for value in values.get(trait.name, ["X1"]):
            for before, now in ((0.0, 0.1), (0.1, 0.0), (0.1, 0.05), (0.1, 0.2), (0.1, 0.3),
                                (0.1, 0.6), (0.1, 0.13), (0.2, 0.13)):  # fmt: skip
                moved = (ToldMovement(trait.name, value, before, now),)
                told = ToldDrift(MOVED.before, MOVED.now, (), moved, (), CONTROLS, (), "x")
                alert = alert_in(language(code), told)
                assert alert is not None
                assert len(alert.lines) == 3
