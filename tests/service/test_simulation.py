"""`triage simulate`: a run that is stopped goes on to the same report, byte for byte."""

from __future__ import annotations

import fcntl
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from engine.errors import InputError, SettingError, StateError
from service.cli import run
from service.commands import simulate as command
from service.simulation import course
from service.simulation.course import Job, Task, perform, rows_of, week_reached
from service.simulation.plan import Plan
from service.simulation.report import simulated_of, told, write_page
from service.simulation.run import _Todo, simulate
from synthetic.scenario import PRESETS

WEEKS = 2


def _plan(**changes: object) -> tuple[Plan, command.Invented]:
    asked: dict[str, object] = {
        "scenario": "season", "weeks": WEEKS, "flights_per_week": 2, "controls": 20,
        "minutes": None, "intensity": 1.0, "seeds": (106,), "policies": ("mixed-10",),
        "kind": "informed", "retrain_days": 4, "warm_up_weeks": 2,
    } | changes  # fmt: skip
    made_of = replace(PRESETS["season"], parcels_per_flight=200, flights_per_day=1)
    plan = Plan(world=command._described(made_of), starts_on=made_of.start_date, **asked)  # type: ignore[arg-type]
    return plan, command.Invented(plan.world, plan.days, plan.intensity)


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory) -> Job:
    """A course played without a stop."""
    plan, worlds = _plan()
    job = Job(plan, worlds, tmp_path_factory.mktemp("straight"))
    perform(job, Task(106))
    perform(job, Task(106, "mixed-10", WEEKS))
    return job


def test_a_course_that_was_stopped_goes_on_as_if_it_had_not(straight: Job, tmp_path: Path) -> None:
    job = Job(straight.plan, straight.worlds, tmp_path)
    perform(job, Task(106))
    perform(job, Task(106, "mixed-10", 1))
    course._HELD.clear()  # another process goes on: nothing is in memory
    (job.course(106, "mixed-10") / ".draft-week-002").mkdir()  # one was killed while writing
    perform(job, Task(106, "mixed-10", WEEKS))
    assert week_reached(job, 106, "mixed-10") == WEEKS
    assert rows_of(job, 106, "mixed-10") == rows_of(straight, 106, "mixed-10")
    # Doing what is done already changes nothing.
    perform(job, Task(106, "mixed-10", WEEKS))
    assert rows_of(job, 106, "mixed-10") == rows_of(straight, 106, "mixed-10")


def test_processes_come_to_the_same_and_leave_nothing_behind(straight: Job, tmp_path: Path) -> None:
    plan, worlds = _plan(policies=("random", "mixed-10"))
    said: list[tuple[int, int]] = []
    folder = tmp_path / "out"
    tables = simulate(plan, worlds, folder, workers=2,
                      progress=lambda what, done, total: said.append((done, total)))  # fmt: skip
    mixed = tables["weekly"].filter(policy="mixed-10")
    expected = [row["hit_count"] for row in rows_of(straight, 106, "mixed-10")["weekly"]]
    assert mixed["hit_count"].to_list() == expected
    assert said[0] == (0, 4)
    assert said[-1] == (4, 4)
    names = {"simulation.json", "weekly.parquet", "typologies.parquet", "behaviour.parquet"}
    assert {path.name for path in folder.iterdir()} == names

    simulated = simulated_of(plan, tables)
    page = write_page(simulated, folder).read_bytes()
    assert b"mixed-10" in page
    assert any("mixed-10" in line for line in told(simulated))
    # Asked again, the tables are read and nothing is played; the page is the same, and what a
    # process left that was killed while it tidied up is gone.
    (folder / "work" / "seed-106").mkdir(parents=True)
    again = simulate(plan, worlds, folder, workers=2, progress=lambda *_: None)
    assert write_page(simulated_of(plan, again), folder).read_bytes() == page
    assert all(again[name].equals(tables[name]) for name in tables)
    assert not (folder / "work").exists()


def test_policies_are_played_side_by_side_from_the_start(tmp_path: Path) -> None:
    # Before their weeks comes one piece of work that all of them wait for.
    plan, worlds = _plan(policies=("random", "rules", "mixed-10"))
    todo = _Todo(Job(plan, worlds, tmp_path))
    assert (len(todo), todo.most_at_once) == (1, 3)


def test_two_processes_do_not_play_the_same(tmp_path: Path) -> None:
    plan, worlds = _plan()
    plan.settle(tmp_path)
    (tmp_path / "work").mkdir()
    with (tmp_path / "work" / "lock").open("w") as pen:
        fcntl.flock(pen, fcntl.LOCK_EX)
        with pytest.raises(StateError, match="Another simulation is writing"):
            simulate(plan, worlds, tmp_path, workers=1, progress=lambda *_: None)


def test_another_simulation_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    plan, _ = _plan()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "simulation.draft").write_text("{")  # one was killed while writing
    plan.settle(tmp_path / "out")
    plan.settle(tmp_path / "out")  # the same one goes on
    other, _ = _plan(intensity=0.5)
    with pytest.raises(InputError, match=r"another intensity: 1\.0 there, 0\.5 here"):
        other.settle(tmp_path / "out")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("keep")
    with pytest.raises(InputError, match="no simulation's"):
        plan.settle(tmp_path / "mine")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"policies": ("best",)}, "no policy 'best'"),
        ({"policies": ("greedy", "greedy")}, "policy greedy is named twice"),
        ({"seeds": (1, 1)}, "seed 1 is named twice"),
        ({"intensity": 1.5}, "intensity is 1.5"),
        ({"kind": "oracle"}, "no model kind 'oracle'"),
        ({"controls": 0}, "budget of 0 controls"),
    ],
)
def test_a_plan_that_cannot_be_carried_out_is_refused(
    changes: dict[str, object], message: str
) -> None:
    with pytest.raises(SettingError, match=message):
        _plan(**changes)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--scenario", "mars"], "There is no scenario 'mars'"),
        (["--policy", "best"], "no policy 'best'"),
        (["--intensity", "2"], "The intensity is 2.0"),
        (["--scenario", "tiny"], "no Monday"),
        (["--seed", "-1"], "equal to 0"),
        (["--weeks", "521"], "equal to 520"),
        (["--budget-controls", "5", "--budget-minutes", "60"], "give at most one of"),
    ],
)
def test_wrong_usage_is_told_before_any_work(
    arguments: list[str], message: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["simulate", "--out", str(tmp_path / "out"), *arguments]) == 2
    assert message in " ".join(capfd.readouterr().err.split())
    assert not (tmp_path / "out").exists()


def test_the_tables_are_those_of_the_report(straight: Job) -> None:
    rows = rows_of(straight, 106, "mixed-10")
    weekly = pl.DataFrame(rows["weekly"])
    assert weekly["week"].to_list() == [1, 2]
    assert weekly["control_count"].to_list() == [40, 40]
    assert set(pl.DataFrame(rows["typologies"])["policy"]) == {"mixed-10"}
