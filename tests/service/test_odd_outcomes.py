"""Control results that are taken in, but of which something is odd."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from service.cli import run
from tests.service.rows import outcomes, table


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAGE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("TRIAGE_PSEUDONYM_KEY", raising=False)
    monkeypatch.chdir(tmp_path)
    table(3).write_csv("m.csv")
    assert run(["ingest", "m.csv"]) == 0


def told(rows: pl.DataFrame, capsys: pytest.CaptureFixture[str]) -> str:
    """What is said of control results that are all accepted."""
    rows.write_csv("o.csv")
    capsys.readouterr()
    assert run(["outcomes", "o.csv"]) == 0
    printed = capsys.readouterr().out
    assert f"{rows.height} accepted, 0 rejected" in printed
    return printed


def test_ordinary_results_bear_no_note(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Note" not in told(outcomes(3), capsys)


def test_results_of_parcels_nobody_declared_are_counted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    printed = told(outcomes(5), capsys)
    assert "2 rows of 5 without a declaration" in printed
    assert "the first: control C4, H0004 on XY123 of 2026-03-02" in printed
    assert "`triage ingest`" in printed


def test_one_control_id_for_several_parcels_is_told_within_and_across_files(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shared = "1 control_id of several parcels; the first: C1, H0001 on XY123 of 2026-03-02"
    assert shared in told(outcomes(2, control_id="C1"), capsys)
    later = outcomes(1, hawb="H0003", recorded_at="2026-03-04T09:00:00Z")
    assert "C1, H0002 on XY123 of 2026-03-02 and H0003 on XY123" in told(later, capsys)


def test_a_provisional_and_a_final_result_of_one_parcel_are_one_control(
    capsys: pytest.CaptureFixture[str],
) -> None:
    first = outcomes(1, status="provisional")
    both = pl.concat([first, outcomes(1, recorded_at="2026-03-20T09:00:00Z")])
    assert "Note" not in told(both, capsys)


def test_a_result_known_before_its_control_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    printed = told(outcomes(1, recorded_at="2026-03-02T09:59:00Z"), capsys)
    assert (
        "1 row recorded before the control; the first: C1, controlled 2026-03-02 10:00" in printed
    )
    assert "correct the times" in printed
