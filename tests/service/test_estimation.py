"""`triage estimate` through the command line: plain words, statuses, and a file of figures."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from service.cli import run
from tests.service.rows import outcomes, table


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRIAGE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("TRIAGE_PSEUDONYM_KEY", raising=False)
    monkeypatch.chdir(tmp_path)
    table(40).write_csv("m.csv")
    assert run(["ingest", "m.csv"]) == 0
    return tmp_path


def known(*changes: dict[str, object]) -> None:
    """Bring in one control a change, each of a parcel of its own."""
    rows = [
        outcomes(1, **({"control_id": f"C{at}", "hawb": f"H{at:04d}"} | change))
        for at, change in enumerate(changes, start=1)
    ]
    pl.concat(rows, how="diagonal_relaxed").write_csv("o.csv")
    assert run(["outcomes", "o.csv"]) == 0


def test_without_random_controls_it_is_said_that_nothing_can_be_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    known({"selected_by": "rule", "selection_probability": None})
    assert run(["estimate"]) == 0
    assert "What flows past cannot be said" in capsys.readouterr().out


def test_the_estimate_is_told_with_its_interval_and_its_assumptions(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clean = {"result_code": "A1", "finding_types": None, "selection_probability": 0.2}
    guilty = clean | {
        "result_code": "B1",
        "finding_types": "UNDERVALUATION",
        "found_value_eur": 90.0,
    }
    known(guilty, *[clean] * 7)
    assert (
        run(["estimate", "--from", "2026-03-01", "--until", "2026-03-31", "--json", "e.json"]) == 0
    )
    told = " ".join(capsys.readouterr().out.split())
    assert "40 consignments on 1 flights" in told
    assert "Drawn at random: 8; 0 of them had gone, 8 have a result." in told
    assert "say next to nothing" in told
    assert "detection powers that are estimates" in told
    made = json.loads((home / "e.json").read_text())
    rate = made["kinds"]["any"]["rate"]
    assert rate["value"] == pytest.approx(0.125 / 0.4)
    assert rate["interval"]["low"] < rate["value"] < rate["interval"]["high"]
    assert len(made["assumed_detection_powers"]) == 44


def test_what_was_not_known_on_a_day_is_not_used(capsys: pytest.CaptureFixture[str]) -> None:
    known({"recorded_at": "2026-03-05T09:00:00Z"})
    assert run(["estimate", "--date", "2026-03-04"]) == 0
    assert "cannot be said" in capsys.readouterr().out
    assert run(["estimate", "--date", "2026-03-05"]) == 0
    assert "cannot be said" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "status", "message"),
    [
        (["--until", "2020-01-01"], 1, "no declarations in this period"),
        (["--from", "2026-03-03", "--until", "2026-03-01"], 2, "before it begins"),
        (["--from", "yesterday"], 2, "yesterday"),
    ],
)
def test_what_is_wrong_is_told_with_its_status(
    options: list[str], status: int, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["estimate", *options]) == status
    assert message in " ".join(capsys.readouterr().err.split())
