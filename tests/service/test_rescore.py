"""An archive scored anew gives the lists as they were issued, to the byte; nothing gets lost."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import polars as pl
import pytest

from engine.errors import InputError, SettingError, StateError
from service.cli import run
from service.rescoring import course
from service.rescoring.places import Place, file_name
from service.rescoring.ray_engine import RayEngine
from service.rescoring.tasks import Lists
from tests.service.conftest import days
from tests.service.rescoring import KilledError, rescored, told


@pytest.fixture(scope="module")
def home(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state of its own that has received nine days and learned from them."""
    folder = tmp_path_factory.mktemp("state") / "state"
    shutil.copytree(trained, folder)
    return folder


@pytest.fixture(autouse=True)
def environment(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAGE_HOME", str(home))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def archive(world: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first two days, and the last, which comes after those that the model learned from."""
    folder = tmp_path_factory.mktemp("archive") / "archive"
    for day in [*days(world)[:2], days(world)[-1]]:
        shutil.copytree(day, folder / day.name)
    return folder


@pytest.fixture(scope="module")
def whole(home: Path, archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive, scored in one go."""
    out = tmp_path_factory.mktemp("whole") / "out"
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TRIAGE_HOME", str(home))
        rescored(archive, out)
    return out


def flights(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.parquet"))


def same(one: Path, other: Path) -> None:
    """Two rescorings gave the same files; but for the engine's name even the same proof."""
    assert told(one) == told(other)


@pytest.mark.parametrize("at", [1, -1])
def test_scores_and_lists_are_those_that_were_issued(
    at: int, archive: Path, whole: Path, world: Path, home: Path
) -> None:
    # The second day comes before those that the model knows; the state that issued its list had
    # received the first day alone. The last day comes after them, and the model brings its past.
    day = sorted(archive.iterdir())[at]
    file = next(day.iterdir())
    assert run(["manifest", str(file), "--no-store", "--budget-controls", "8",
                "--scores", "scores.parquet", "--out", "list.csv"]) == 0  # fmt: skip
    made = whole / day.name / file.name
    assert made.read_bytes() == Path("scores.parquet").read_bytes()
    assert made.with_suffix(".list.csv").read_bytes() == Path("list.csv").read_bytes()


def test_the_proof_counts_rows_and_flights(archive: Path, whole: Path) -> None:
    proof = json.loads((whole / "rescore.json").read_text())
    scores = [pl.read_parquet(whole / name) for flight in proof["flights"]
              for name in flight["files"] if name.endswith(".parquet")]  # fmt: skip
    keys = pl.concat(scores).select("flight_number", "flight_date", "hawb")
    assert proof["totals"]["scores"] == keys.height == keys.n_unique()
    rows = pl.concat(pl.read_parquet(file, hive_partitioning=False) for file in flights(archive))
    assert proof["totals"]["received_rows"] == rows.height
    assert keys.height == rows.select("flight_number", "flight_date", "hawb").n_unique()
    assert not list((whole / ".work").rglob("*.draft*"))
    assert not (whole / ".work" / "profiles").exists()


@pytest.mark.parametrize("until", [4, 20])
def test_killed_at_any_point_it_goes_on_though_profiles_are_rolled_in_shares(
    until: int, archive: Path, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(course, "ROWS_A_SHARE", 100)
    with pytest.raises(KilledError):
        rescored(archive, tmp_path / "out", until=until)
    rescored(archive, tmp_path / "out")
    same(tmp_path / "out", whole)


def test_kept_rows_of_a_state_give_the_same_without_the_door(
    archive: Path, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    shutil.copytree(home, tmp_path / "other")
    shutil.rmtree(tmp_path / "other" / "declarations")
    monkeypatch.setenv("TRIAGE_HOME", str(tmp_path / "other"))
    assert run(["ingest", str(archive)]) == 0
    proof = rescored(tmp_path / "other", tmp_path / "out")
    assert proof.rejected_count == 0
    assert not (tmp_path / "out" / ".work" / "canonical").exists()
    for name, content in told(whole).items():
        if name != "rescore.json":
            assert told(tmp_path / "out")[name] == content


def test_rows_of_one_flight_may_lie_in_several_files_with_amendments(
    archive: Path, whole: Path, tmp_path: Path
) -> None:
    shutil.copytree(archive, tmp_path / "archive")
    file = flights(tmp_path / "archive")[-1]
    rows = pl.read_parquet(file, hive_partitioning=False)
    half = rows.height // 2
    first = rows.head(half).with_columns(intrinsic_value=pl.col("intrinsic_value") + 1)
    first.write_parquet(file.with_name("a.parquet"))
    rows.head(half).write_csv(file.with_name("b.csv"))
    bad = rows.tail(1).with_columns(hs6=pl.lit("none"), goods_item_number=pl.lit(99))
    pl.concat([rows.tail(rows.height - half), bad], how="vertical_relaxed").write_parquet(file)
    proof = rescored(tmp_path / "archive", tmp_path / "out")
    assert proof.rejected_count == 1
    assert pl.read_parquet(tmp_path / "out" / "rejected.parquet")["rule"].n_unique() == 1
    made = told(tmp_path / "out")
    for name, content in told(whole).items():
        if name.startswith("flight_date"):
            assert made[name] == content, name


def test_what_has_changed_is_scored_anew_and_the_rest_is_kept(
    archive: Path, whole: Path, tmp_path: Path
) -> None:
    shutil.copytree(archive, tmp_path / "archive")
    rescored(tmp_path / "archive", tmp_path / "out")
    before = told(tmp_path / "out")
    last = flights(tmp_path / "archive")[-1]
    rows = pl.read_parquet(last, hive_partitioning=False)
    rows.with_columns(intrinsic_value=pl.col("intrinsic_value") * 2).write_parquet(last)
    said: list[str] = []
    rescored(tmp_path / "archive", tmp_path / "out", said=said)
    assert any("scored before; they are kept" in one for one in said)
    assert any("1 flight" in one and "anew" in one for one in said)
    after = told(tmp_path / "out")
    changed = {name for name in before if before[name] != after[name]}
    assert {name.partition("/")[0] for name in changed} == {last.parent.name, "rescore.json"}


def test_a_second_rescoring_finds_the_rows_behind_the_door(
    archive: Path, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = Place(str(whole / ".work" / "canonical"))

    def door(*given: object) -> None:
        raise AssertionError("The rows went through the door again.")

    monkeypatch.setattr("service.rescoring.archive_files.receive", door)
    rescored(archive, tmp_path / "out", canonical=shared)
    same(tmp_path / "out", whole)


def test_another_budget_is_refused_where_scores_lie(archive: Path, whole: Path) -> None:
    with pytest.raises(StateError, match="Give another --out"):
        rescored(archive, whole, lists=Lists(controls=3))


def test_bad_input_is_told_in_words(
    archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(InputError, match="no archive"):
        rescored(tmp_path / "nowhere", tmp_path / "out")
    with pytest.raises(InputError, match="lies in the archive"):
        rescored(archive, archive / "out")
    with pytest.raises(StateError, match="no version 77"):
        rescored(archive, tmp_path / "out", version=77)
    shutil.copytree(archive, tmp_path / "archive")
    flights(tmp_path / "archive")[0].write_bytes(b"PAR1 and no more")
    with pytest.raises(InputError, match=r"cannot be used.*nothing was scored"):
        rescored(tmp_path / "archive", tmp_path / "out")
    assert run(["rescore", str(archive), "--out", "o", "--budget-controls", "1",
                "--budget-minutes", "1"]) == 2  # fmt: skip
    assert run(["rescore", "nowhere", "--out", "o"]) == 1
    assert "There is no archive nowhere" in capsys.readouterr().err


def test_without_ray_the_way_out_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(SettingError, match=r"requirements-ray\.lock"):
        RayEngine(None)  # type: ignore[arg-type]


def test_names_of_flights_steer_no_path() -> None:
    names = ["XY 1", "../XY", "a/b", ".", "XY%201", "..", "a%2Fb"]
    made = [file_name(name) for name in names]
    assert len(set(made)) == len(names)
    assert not any(set(name) & set("/.\\") for name in made)


def test_an_address_is_read_and_written_as_a_folder_is(tmp_path: Path) -> None:
    far = Place(f"file://{tmp_path}/far")
    rows = pl.DataFrame({"a": [1, 2]})
    far.at("x", "y.parquet").keep(rows)
    far.at("z.json").write(b"{}")
    assert [place.below(far) for place in far.files()] == ["x/y.parquet", "z.json"]
    assert far.at("x", "y.parquet").frame().equals(rows)
    near = Place(str(tmp_path / "far" / "z.json"))
    assert far.at("z.json").sha256() == near.sha256()
    with far.at("z.json").as_file() as path:
        assert path.read_bytes() == near.read() == b"{}"
    far.remove()
    assert not far.exists()
    assert far.files() == []
