"""The main job as a user does it, on a tiny world: no stand-ins."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from service.cli import run
from service.home import Home
from service.sealing import seal_model
from tests.service.conftest import days
from tests.service.conftest import todays as todays_file


@pytest.fixture(autouse=True)
def environment(trained: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each test has a copy of the state of its own."""
    shutil.copytree(trained, tmp_path / "state")
    monkeypatch.setenv("TRIAGE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)


def todays(world: Path) -> str:
    return str(todays_file(world))


def test_the_model_lists_parcels_with_reasons_and_the_same_list_again(world: Path) -> None:
    for name in ("a.json", "b.json"):
        assert run(["manifest", todays(world), "--budget-controls", "10", "--out", name]) == 0
    assert Path("a.json").read_bytes() == Path("b.json").read_bytes()
    rows = pl.read_json("a.json")
    assert rows.height == 10
    assert rows["hawb"].n_unique() == 10
    assert set(rows["selected_by"]) == {"model", "random"}
    assert (rows["reasons"].list.len() > 0).all()


def test_the_list_does_not_depend_on_how_the_rows_came(world: Path) -> None:
    rows = pl.read_parquet(todays(world)).with_columns(pl.col("lodged_at").cast(pl.String))
    rows.reverse().write_csv("whole.csv")
    assert run(["manifest", "whole.csv", "--no-store", "--budget-controls", "10",
                "--out", "whole.parquet"]) == 0  # fmt: skip
    half = rows.height // 2
    rows[:half].write_ndjson("first.jsonl")
    rows[half:].write_excel("second.xlsx")
    assert run(["ingest", "first.jsonl"]) == 0
    assert run(["manifest", "second.xlsx", "--budget-controls", "10", "--out", "h.parquet"]) == 0
    assert Path("whole.parquet").read_bytes() == Path("h.parquet").read_bytes()


def test_without_a_model_rules_rank_and_say_so(
    world: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRIAGE_HOME", "empty")
    assert run(["manifest", todays(world), "--budget-controls", "10", "--out", "l.csv"]) == 0
    told = capsys.readouterr().err
    assert (
        "Rules rank, not a model: no model is in force yet. Make one with `triage train`." in told
    )
    assert set(pl.read_csv("l.csv")["selected_by"]) == {"rule", "random"}


def test_runs_are_compared_and_a_version_is_promoted(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["ingest", todays(world)]) == 0
    capsys.readouterr()
    assert run(["compare", "--html", "c.html"]) == 0
    told = capsys.readouterr().out
    assert "Hit rate" in told
    assert "What moved since the runs learned" in told
    assert "2026-09-10 to 2026-09-10: too few flights" in told
    assert "Is the flow still the same?" in Path("c.html").read_text()
    assert run(["promote", "1"]) == 0
    assert run(["promote", "99"]) == 1
    assert "Error:" in capsys.readouterr().err
    (flow,) = (tmp_path / "state").rglob("artefact/flow.json")
    flow.unlink()
    assert run(["compare"]) == 0
    assert "when judged: trained before drift was measured" in capsys.readouterr().out


def test_a_champion_of_another_program_is_refused_with_both_steps_once(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (description,) = (tmp_path / "state").rglob("model.json")
    told = json.loads(description.read_text())
    description.write_text(json.dumps(told | {"feature_fingerprint": "another"}))
    seal_model(Home(tmp_path / "state"), description.parent)
    assert run(["manifest", todays(world), "--budget-controls", "10", "--out", "l.csv"]) == 0
    said = capsys.readouterr().err
    assert "Rules rank, not a model: version 1, which is champion, cannot be used" in said
    assert said.count("`triage train`") == said.count("`triage promote`") == 1


def test_runs_of_later_days_are_neither_compared_nor_promoted_as_of_a_day(
    world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, last = (days(world)[at].name.partition("=")[2] for at in (0, -1))
    for command in (["compare"], ["compare", "1"], ["promote", "1"]):
        assert run([*command, "--date", first]) == 1
        assert f"`triage train --date {first}`" in capsys.readouterr().err
        assert run([*command, "--date", last]) == 0
