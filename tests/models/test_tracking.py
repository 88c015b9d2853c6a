"""One store for all of these: creating it takes MLflow seconds."""

import shutil
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from engine.declaration import REQUIRED
from engine.errors import StateError
from models.champion import champion_of
from models.comparison import compare
from models.metrics import Evaluation, evaluate
from models.tracking import LOADER, SIMULATIONS, Tracking, folder_sha256, locked
from tests.models.simulations import simulated
from tests.models.worlds import KEY, world


def evaluation(skill: float) -> Evaluation:
    return evaluate(world(skill=skill, days=3), population="flow", key=KEY)


@pytest.fixture(scope="module")
def tracking(tmp_path_factory: pytest.TempPathFactory) -> Tracking:
    home = tmp_path_factory.mktemp("a home with spaces")
    tracking = Tracking(home / "mlflow.db", home / "artifacts")
    model = home / "model"
    (model / "trees").mkdir(parents=True)
    (model / "trees" / "risk.txt").write_text("tree")
    for kind, skill in (("chance", 0.0), ("trees", 0.8)):
        tracking.log_training(
            kind=kind,
            parameters={"leaves": 31, "skill": skill},
            tags={"data_fingerprint": "d1", "feature_fingerprint": "f1"},
            evaluation=evaluation(skill),
            artefact=model,
            plots={"gain": "<svg/>"},
        )
    return tracking


def test_the_first_version_is_champion_until_another_is_promoted(tracking: Tracking) -> None:
    assert tracking.champion() == 1
    tracking.promote(2)
    assert tracking.champion() == 2
    assert [run.version for run in tracking.find(["champion", "previous"])] == [2, 1]
    tracking.promote(2)
    assert tracking.find(["previous"])[0].version == 1
    tracking.promote(1)
    assert tracking.champion() == 1


def test_the_quick_answer_is_mlflows_answer(tracking: Tracking) -> None:
    from mlflow import MlflowClient

    client = MlflowClient(tracking_uri=tracking.uri, registry_uri=tracking.uri)
    said = client.get_model_version_by_alias("parcel-triage", "champion")
    found = champion_of(tracking.database, tracking.artifacts)
    assert found is not None
    assert (str(found.version), found.run_id) == (str(said.version), said.run_id)
    assert found.artefact == tracking.artefact(found.version)


def test_the_model_folder_is_kept_as_it_was(tracking: Tracking) -> None:
    kept = tracking.artefact(2)
    assert (kept / "trees" / "risk.txt").read_text() == "tree"
    assert tracking.find(["2"])[0].tags["artefact_sha256"] == folder_sha256(kept)


def test_a_store_that_was_moved_keeps_new_models_where_it_is_now(
    tracking: Tracking, tmp_path: Path
) -> None:
    shutil.copytree(tracking.database.parent, tmp_path / "moved")
    moved = Tracking(tmp_path / "moved" / "mlflow.db", tmp_path / "moved" / "artifacts")
    logged = moved.log_training(
        kind="trees", parameters={}, tags={}, evaluation=evaluation(0.5),
        artefact=tracking.database.parent / "model",
    )  # fmt: skip
    kept = moved.artefact(logged.version)
    assert kept.is_relative_to(tmp_path)
    assert (kept / "trees" / "risk.txt").read_text() == "tree"


def test_a_run_tells_what_was_logged(tracking: Tracking) -> None:
    (run,) = tracking.find(["trees-2"])
    assert run.kind == "trees"
    assert run.params == {"leaves": "31", "skill": "0.8"}
    assert run.tags["data_fingerprint"] == "d1"
    assert run.metrics == pytest.approx(evaluation(0.8).values)
    by_day = tracking.frame(run.run_id, "by_day")
    assert by_day is not None
    assert_frame_equal(by_day, evaluation(0.8).by_day)
    assert (tracking.artifacts / run.run_id / "artifacts" / "plots" / "gain.svg").is_file()


def test_runs_go_by_number_name_and_beginning_of_the_id(tracking: Tracking) -> None:
    (run,) = tracking.find(["2"])
    assert tracking.find([run.name, run.run_id, run.run_id[:8]]) == [run] * 3


@pytest.mark.parametrize("name", ["9", "nobody", "", "deadbeef"])
def test_an_unknown_name_lists_what_there_is(tracking: Tracking, name: str) -> None:
    with pytest.raises(StateError, match=r"trees-2.*chance-1"):
        tracking.find([name])


def test_an_unknown_version_cannot_be_promoted(tracking: Tracking) -> None:
    with pytest.raises(StateError, match="there are"):
        tracking.promote(3)


def test_the_table_of_runs_is_newest_first(tracking: Tracking) -> None:
    table = tracking.runs()
    assert table["name"].to_list() == ["trees-2", "chance-1"]
    assert table["is_champion"].sum() == 1
    metrics = pl.DataFrame(table["metrics"][0].to_list())
    assert "hit_rate_at_50" in metrics["name"]
    assert tracking.runs(["1"])["kind"].to_list() == ["chance"]


def test_the_signature_is_the_contract(tracking: Tracking) -> None:
    import yaml

    description = yaml.safe_load((tracking.artefact(1).parents[1] / "MLmodel").read_text())
    python = description["flavors"]["python_function"]
    assert python["loader_module"] == LOADER
    assert python["code"] is None
    columns = {c["name"]: c for c in yaml.safe_load(description["signature"]["inputs"])}
    assert {name for name, column in columns.items() if column["required"]} == set(REQUIRED)
    assert {"quantity", "lodged_at", "ioss_number"} < set(columns)


def test_mlflow_itself_is_left_as_it_was(tracking: Tracking) -> None:
    import mlflow

    assert not mlflow.is_tracking_uri_set()
    mlflow.set_tracking_uri(tracking.uri)
    try:
        assert mlflow.get_registry_uri() == tracking.uri
        assert mlflow.models.get_model_info("models:/parcel-triage@champion").run_id
    finally:
        mlflow.set_tracking_uri(None)


def test_nothing_pickled_is_kept(tracking: Tracking) -> None:
    kept = [path.suffix for path in tracking.artifacts.rglob("*") if path.is_file()]
    assert kept
    assert not {".pkl", ".pickle", ".joblib"} & set(kept)


def test_runs_can_be_compared_from_the_store(tracking: Tracking) -> None:
    comparison = compare(tracking, ["2", "trees-2", "1"])
    assert [run.name for run in comparison.runs] == ["trees-2", "chance-1"]
    assert {difference.day_count for difference in comparison.differences} == {3}
    assert [run.version for run in compare(tracking).runs] == [2, 1]


def test_a_moved_home_still_finds_its_models(tracking: Tracking, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    tracking.database.parent.rename(moved)
    try:
        there = Tracking(moved / "mlflow.db", moved / "artifacts")
        assert (there.artefact(1) / "trees" / "risk.txt").is_file()
        assert there.frame(there.find(["1"])[0].run_id, "by_day") is not None
    finally:
        moved.rename(tracking.database.parent)


def test_an_empty_home_has_no_champion_and_says_so(tmp_path: Path) -> None:
    empty = Tracking(tmp_path / "mlflow.db", tmp_path / "artifacts")
    assert empty.champion() is None
    assert empty.runs().is_empty()
    assert empty.versions() == []
    with pytest.raises(StateError, match="nothing was trained"):
        empty.find(["1"])
    assert not empty.database.exists()


def test_a_file_that_is_no_store_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_text("this is not a database " * 100)
    broken = Tracking(tmp_path / "mlflow.db", tmp_path / "artifacts")
    with pytest.raises(StateError, match="cannot be opened"):
        broken.runs()
    with pytest.raises(StateError, match="cannot be opened"):
        broken.champion()


def test_a_store_is_created_by_one_process_while_others_wait(tmp_path: Path) -> None:
    order = []

    def second() -> None:
        with locked(tmp_path / "mlflow.lock"):
            order.append("second")

    with ThreadPoolExecutor(1) as other:
        with locked(tmp_path / "mlflow.lock"):
            waiting = other.submit(second)
            wait([waiting], timeout=0.2)
            order.append("first")
        waiting.result()
    assert order == ["first", "second"]


def test_a_simulation_is_logged_once_with_a_run_for_each_policy(tracking: Tracking) -> None:
    from mlflow import MlflowClient

    client = MlflowClient(tracking_uri=tracking.uri, registry_uri=tracking.uri)
    trained = tracking.runs()
    world = simulated(policies=3, seeds=2, weeks=10)
    run_id = tracking.log_simulation(world, "<html>")
    assert tracking.log_simulation(world, "<html>") == run_id
    experiment = client.get_experiment_by_name(SIMULATIONS).experiment_id
    runs = client.search_runs([experiment])
    children = {run.info.run_name: run for run in runs if run.data.tags["kind"] == "policy"}
    assert len(runs) == 4
    assert sorted(children) == ["greedy", "random", "rules"]
    assert {run.data.tags["mlflow.parentRunId"] for run in children.values()} == {run_id}
    hits = client.get_metric_history(children["greedy"].info.run_id, "hits")
    assert sorted(point.step for point in hits) == list(range(1, 11))
    assert children["rules"].data.metrics["recovered_eur_last_times_greedy"] < 1
    left = tracking.artifacts / "simulations" / run_id / "artifacts"
    assert_frame_equal(pl.read_parquet(left / "tables" / "weekly.parquet"), world.weekly)
    assert (left / "report.html").read_text() == "<html>"
    assert_frame_equal(tracking.runs(), trained)

    client.update_run(run_id, status="RUNNING")  # as after a kill
    again = tracking.log_simulation(world, "<html>")
    assert again != run_id
    assert len(client.search_runs([experiment])) == 4
