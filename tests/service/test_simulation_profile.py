"""A simulation that starts from the analyst's own flow: measuring it, the file, and its faults."""

from __future__ import annotations

import importlib.util
import math
import re
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from engine.errors import InputError
from engine.strategy import Signals, Strategy
from models.artifact import load_promises
from service.cli import run
from service.commands import simulate as command
from service.composition import open_home
from service.home import Home
from service.simulation.asked import asked_of
from service.simulation.course import Job, Task, perform
from service.simulation.measured_flow import MeasuredFlow, measured
from service.simulation.own_flow import OwnFlow
from service.simulation.profile import Profile
from service.simulation.profile_keys import CONTROLS, FLOW, START, simulation
from service.store import Store
from synthetic.fitting import FEWEST, FINDINGS, divided
from synthetic.scenario import AFTER_JULY, PRESETS
from tests.service.rows import outcomes, table


@pytest.fixture(scope="module")
def seen(trained: Path) -> MeasuredFlow:
    return measured(Store(Home(trained)))


@pytest.fixture
def state(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state of one's own that has received the small world, and work in an empty folder."""
    home = tmp_path / "state"
    shutil.copytree(trained, home)
    monkeypatch.setenv("TRIAGE_HOME", str(home))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _profile(text: str, folder: Path) -> Profile:
    path = folder / "flow.toml"
    path.write_text(text)
    return command._profile(path)


def _own(read: Profile, seen: MeasuredFlow | None = None, **given: int) -> OwnFlow:
    return command._own_flow("season", read, seen, given)


def test_a_flow_is_counted(seen: MeasuredFlow, world: Path) -> None:
    days = sorted((world / "declarations").iterdir())[:-1]
    items = pl.concat(pl.read_parquet(day / "*.parquet") for day in days)
    controls = pl.read_parquet(world / "outcomes.parquet").filter(
        pl.col("flight_date") <= items["flight_date"].max()
    )
    assert seen.consignment_count == items.select("flight_date", "hawb").n_unique()
    assert seen.flights_per_week == pytest.approx(7)
    assert seen.control_count == controls["control_id"].n_unique()
    lines = items.group_by("flight_date", "hawb").len()["len"]
    assert seen.one_line_share == pytest.approx((lines == 1).mean(), abs=0.002)
    assert seen.median_item_eur == pytest.approx(items["intrinsic_value"].median(), rel=0.1)
    assert seen.broker_count == items["declarant_eori"].n_unique()
    assert seen.leaving_per_month is None  # nine days do not tell


def test_senders_that_are_not_seen_any_more_have_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIAGE_HOME", str(tmp_path / "state"))
    senders = [f"Sender {at} Trading" for at in range(20)]
    early = [table(5, exporter_name=name, mawb=f"784-{at:08d}") for at, name in enumerate(senders)]
    late = [table(1, exporter_name=name, flight_date="2026-04-12") for name in senders[:15]]
    rows = pl.concat([*early, *late]).with_row_index("at")
    rows.with_columns(hawb=pl.format("H{}", "at")).drop("at").write_csv(tmp_path / "m.csv")
    assert run(["ingest", str(tmp_path / "m.csv")]) == 0
    made = measured(Store(open_home()))
    assert made.followed_count == 20
    assert made.leaving_per_month == pytest.approx(1 - 0.75 ** (30 / 21))
    own = _own(Profile(flow={"price_factor": 0.8}), made)
    total = own.scenario.new_per_month + own.scenario.phoenix_per_month
    assert total == pytest.approx(-math.log(0.75) * 30 / 21, rel=1e-3)


def test_what_is_written_is_read_as_the_same_world(
    state: Path, seen: MeasuredFlow, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--weeks", "8", "--seed", "101", "--seed", "102"]
    assert run(["simulate", "--write-profile", "flow.toml", *options]) == 0
    assert f"{seen.consignment_count:,} parcels on 9 flights" in capsys.readouterr().err
    read = command._profile(Path("flow.toml"))
    assert _own(read).scenario == _own(Profile(), seen).scenario
    assert read.start["on"] == _own(Profile(), seen).starts_on.value
    asked = asked_of(read, {})
    assert (asked["weeks"], asked["seeds"]) == (8, [101, 102])
    assert read.prevalences.keys() == FINDINGS.keys()
    text = Path("flow.toml").read_text()
    assert "given" not in text
    assert "UNDERVALUATION in" in text
    assert not Path("simulation").exists()
    # Nobody's work on a file is lost.
    assert run(["simulate", "--write-profile", "flow.toml"]) == 1
    assert Path("flow.toml").read_text() == text


def test_files_are_measured_without_a_trace_in_the_state(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seen: MeasuredFlow
) -> None:
    monkeypatch.setenv("TRIAGE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    days = sorted((world / "declarations").iterdir())[:-1]
    files = ["--declarations", *map(str, days), "--outcomes", str(world / "outcomes.parquet")]
    assert run(["simulate", "--write-profile", "flow.toml", *files]) == 0
    assert Store(open_home()).days() == []
    assert _own(command._profile(Path("flow.toml"))).scenario == _own(Profile(), seen).scenario


def test_the_file_stands_over_what_was_measured_and_the_command_line_over_both(
    seen: MeasuredFlow, tmp_path: Path
) -> None:
    read = _profile(
        "[flow]\nshippers = 77\nprice_factor = 0.8\nflights_per_week = 3 # a comment\n"
        "[prevalences]\n"
        'UNDERVALUATION = 0.1\ncounterfeit = 0.2\n[simulation]\nweeks = 4\nseeds = [7]',
        tmp_path,
    )  # fmt: skip
    own = _own(read, seen, flights_per_week=10)
    assert own.scenario.shippers == 77
    assert own.flights_per_week == 10
    assert own.scenario.flights_per_day == 2
    assert own.scenario.parcels_per_flight == round(seen.parcels_per_flight)
    assert own.scenario.phoenix_per_month == PRESETS["season"].phoenix_per_month
    undervalued = divided(AFTER_JULY, "UNDERVALUATION", 0.1)
    assert {name: own.scenario.prevalences[name] for name in undervalued} == undervalued
    assert own.scenario.prevalences["counterfeit"] == 0.2
    asked = asked_of(read, {"weeks": 9, "seeds": None, "budget_minutes": 60.0})
    assert (asked["weeks"], asked["seeds"], asked["intensity"]) == (9, [7], 1.0)
    assert (asked["budget_controls"], asked["budget_minutes"]) == (None, 60.0)


def test_an_empty_file_is_the_preset(tmp_path: Path) -> None:
    own = _own(_profile("# nothing\n", tmp_path))
    assert own.scenario == replace(
        PRESETS["season"], prevalences=dict(PRESETS["season"].prevalences)
    )
    assert asked_of(Profile(), {})["budget_controls"] == 25


def test_chosen_controls_alone_leave_the_usual_shares_and_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIAGE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    table(60).write_csv("m.csv")
    outcomes(1, selected_by="rule", selection_probability=None).write_csv("o.csv")
    assert run(["simulate", "--write-profile", "f.toml", "--declarations", "m.csv",
                "--outcomes", "o.csv"]) == 0  # fmt: skip
    text = Path("f.toml").read_text()
    assert text.count("no random control has a result") == len(FINDINGS)
    made = _own(command._profile(Path("f.toml"))).scenario
    assert made.prevalences == PRESETS["season"].prevalences  # March: before the law changed
    # A flow of one sender and one broker still makes a world that can fly.
    assert {name: getattr(made, name) for name in ("shippers", "brokers")} == {
        "shippers": FEWEST["shippers"], "brokers": FEWEST["brokers"]
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[flow]\n\nflights_per_wek = 5", r"line 3: flights_per_wek in \[flow\] is not known.\n"
         "Known there, nearest first: flights_per_week,"),
        ("[flows]", r"line 1: the table \[flows\] is not known.\n.* first: \[flow"),
        ("weeks = 3", r"line 1: weeks stands in no table.\nPut it under \[simulation\]"),
        ("[flow]\nshippers = 5.5", "shippers in .flow. is 5.5.\nIt takes a whole number from 20"),
        ("[flow]\nioss_share = nan", r"ioss_share in \[flow\] is nan"),
        ("[flow]\nfrom_state = 1", "It takes true or false"),
        ("[flow]\nfrom_state = true\noutcomes = ['o.csv']", "either the state or files"),
        ("[flow]\ndeclarations = 'm.csv'", "a list of paths or patterns"),
        ("[prevalences]\nfraud = 0.1", "line 2: fraud in .prevalences. is not known"),
        ("[prevalences]\ncounterfeit = 12", "counterfeit in .prevalences. is 12"),
        ("[prevalences]\nUNDERVALUATION = 0.1\n'constant undervaluation' = 0.1",
         "line 3: constant undervaluation .* beside UNDERVALUATION"),
        ("[prevalences]\ncounterfeit = 0.5\nsplitting = 0.45", "add up to 0.95"),
        ("[controls]\nrandom_share = true", "random_share in .controls. is True"),
        ("[start]\non = 2026-10-06", "on in .start. is 2026-10-06.\nIt takes a Monday"),
        ("[start]\nmodel = 'ensemble'", "It takes one of champion"),
        ("[simulation]\nseeds = [1, 1]", "each once"),
        ("[simulation]\npolicies = ['best']", "out of random, rules, greedy"),
        ("[simulation]\nbudget_controls = 5\nbudget_minutes = 60", "beside budget_controls"),
        ("[simulation", "cannot be read: Expected"),
        ("[flow]\ndeclarations = ['none/*.csv']", "No file matches .*none"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_in_words(
    text: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("TRIAGE_HOME", str(tmp_path / "state"))
    path = tmp_path / "flow.toml"
    path.write_text(text)
    assert run(["simulate", "--profile", str(path), "--out", str(tmp_path / "out")]) == 1
    told = capsys.readouterr().err
    assert re.search(message, told), told
    assert not (tmp_path / "out").exists()


def test_a_folder_of_another_flow_is_refused_by_the_number_that_differs(
    state: Path, seen: MeasuredFlow
) -> None:
    read = Profile(flow={"price_factor": 0.8})
    plans = [
        command._plan(open_home(), asked_of(read, {}), own, read, is_own=True)[0]
        for own in (_own(read, seen), _own(read, replace(seen, ioss_share=0.5)))
    ]
    plans[0].settle(state / "out")
    plans[0].settle(state / "out")
    with pytest.raises(InputError, match=r"another world's ioss share: 0.9.* there, 0.5 here"):
        plans[1].settle(state / "out")


def test_the_model_in_force_scores_first(state: Path) -> None:
    read = _profile(
        "[flow]\nflights_per_week = 1\nparcels_per_flight = 60\nshippers = 40\nconsignees = 400\n"
        '[start]\nmodel = "champion"\nwarm_up_weeks = 1\n[simulation]\nweeks = 1\nseeds = [107]\n'
        'policies = ["greedy"]\n',
        state,
    )
    own = _own(read)
    plan, folder = command._plan(open_home(), asked_of(read, {}), own, read, is_own=False)
    assert plan.first_model.startswith("version 1 (logistic) of the state, sealed as ")
    job = Job(plan, command.Invented(plan.world, plan.days, 1.0), state / "out", folder)
    perform(job, Task(107))
    first = load_promises(job.before(107) / "champion")
    assert first.model.kind == "logistic"
    assert plan.kind == "ensemble"  # what comes after is of the kind that was asked for


def test_without_a_model_in_force_none_can_score_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRIAGE_HOME", str(tmp_path / "state"))
    path = tmp_path / "flow.toml"
    path.write_text('[start]\nmodel = "champion"')
    assert run(["simulate", "--profile", str(path)]) == 1
    assert "no model is in force yet" in capsys.readouterr().err


def test_the_policy_of_the_how_to_is_one(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "how-to-simulate.md").read_text()
    told = text.split("```python\n")[1].split("```")[0]
    path = tmp_path / "wary.py"
    path.write_text(told)
    spec = importlib.util.spec_from_file_location("wary", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "wary", module)
        spec.loader.exec_module(module)
        strategy: Strategy = module.Wary()
    assert strategy.random_share(Signals()) == 0.10
    assert strategy.random_share(Signals(promised_rate=0.5, hit_rate=0.1)) == 0.20


def test_the_how_to_names_every_key_of_a_profile() -> None:
    text = (Path(__file__).parents[2] / "docs" / "how-to-simulate.md").read_text()
    for keys in (FLOW, CONTROLS, START, simulation(tuple(PRESETS))):
        assert [key for key in keys if f"`{key}" not in text] == []
