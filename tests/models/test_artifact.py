"""A saved model: data only, the same answers, and refused where its numbers would lie."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from engine.errors import SettingError, StateError
from features.catalogue import fingerprint
from models.artifact import Artifact, load_artifact, program_fingerprint
from models.calibration import Calibrator
from models.examples import Seen
from models.promises import Promises
from models.risk_model import RiskModel
from tests.worlds import Archive


@pytest.fixture
def saved(fitted: dict[str, RiskModel], walked: Seen, tmp_path: Path) -> Path:
    promises = Promises(fitted["ensemble"], {"any": Calibrator(0.1, 0.9)}, 1.5)
    Artifact(promises, walked.history, walked.ledger, {"made": "for a test"}).save(tmp_path / "m")
    return tmp_path / "m"


def test_a_round_trip_gives_the_same_risks(
    saved: Path, fitted: dict[str, RiskModel], walked: Seen, archive: Archive
) -> None:
    loaded = load_artifact(saved)
    assert (loaded.kind, loaded.last_day) == ("ensemble", archive.days()[-1])
    assert loaded.about == {"made": "for a test"}
    promises = Promises(fitted["ensemble"], {"any": Calibrator(0.1, 0.9)}, 1.5)
    before = Artifact(promises, walked.history, walked.ledger, {}).scorer()
    tomorrow = pl.col("flight_date") + pl.duration(days=1)
    items = archive.day(archive.days()[-1]).with_columns(tomorrow)
    told = before.score(items, walked.history, walked.ledger)
    assert loaded.scorer().score(items, loaded.history, loaded.ledger).equals(told)


def test_a_saved_model_is_data(saved: Path) -> None:
    kinds = {path.suffix for path in saved.rglob("*") if path.is_file()}
    assert kinds == {".txt", ".json", ".parquet"}


@pytest.mark.parametrize(
    ("name", "here"),
    [("feature_fingerprint", fingerprint), ("program_fingerprint", program_fingerprint)],
)
def test_another_program_is_refused_and_both_are_named(
    saved: Path, name: str, here: Callable[[], str]
) -> None:
    told = json.loads((saved / "model.json").read_text())
    (saved / "model.json").write_text(json.dumps(told | {name: "0ld"}))
    with pytest.raises(StateError, match="0ld") as refused:
        load_artifact(saved)
    assert here() in str(refused.value)
    assert "triage train" in refused.value.way_out


@pytest.mark.parametrize("content", [None, "no json", "[]", "{}"])
def test_a_folder_that_is_not_a_model_is_refused(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "model.json").write_text(content)
    with pytest.raises(StateError, match="not a saved model"):
        load_artifact(tmp_path)


def test_a_folder_with_a_part_missing_is_refused(saved: Path) -> None:
    (saved / "ledger.parquet").unlink()
    with pytest.raises(StateError, match="not a saved model"):
        load_artifact(saved)


def test_a_kind_of_tomorrow_is_refused_by_name(saved: Path) -> None:
    told = json.loads((saved / "model.json").read_text())
    (saved / "model.json").write_text(json.dumps(told | {"kind": "oracle"}))
    with pytest.raises(SettingError, match="oracle"):
        load_artifact(saved)


def test_the_ledger_is_kept_as_it_was(saved: Path, walked: Seen) -> None:
    assert load_artifact(saved).ledger.equals(walked.ledger)
    assert isinstance(walked.ledger, pl.DataFrame)
