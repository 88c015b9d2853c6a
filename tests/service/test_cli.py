from __future__ import annotations

import json
import subprocess
import sys
import types
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from engine.consignment import roll_up
from engine.harm import RISK_COLUMNS
from service.cli import COMMANDS, run, spread
from service.commands.generate import WORLD
from service.list_file import LIST_COLUMNS
from tests.service.rows import outcomes, table


@dataclass(frozen=True)
class ByValue:
    """A stand-in for a model: the dearer, the riskier. The real one has its own tests."""

    consignments: pl.DataFrame
    version: str = "0 (by value)"
    is_degraded: bool = False
    note: str = ""
    past_note: str = ""

    def reasons(self, chosen: pl.DataFrame) -> list[list[str]]:
        return [[f"declared at EUR {value / 100:.2f}"] for value in chosen["value_cents"]]


def by_value(home: object, store: object, items: pl.DataFrame, **_: object) -> ByValue:
    risk = 1 - 1 / (1 + pl.col("value_cents") / 10_000)
    return ByValue(
        roll_up(items).with_columns(
            risk=risk, risk_fiscal=risk, risk_goods=risk / 2, expected_revenue_eur=risk * 10,
            harm_eur=risk,
        )
    )  # fmt: skip


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    module = types.ModuleType("service.scoring")
    module.score = by_value  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "service.scoring", module)
    monkeypatch.setenv("TRIAGE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("TRIAGE_PSEUDONYM_KEY", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "state"


def manifest(name: str, first: int = 1, count: int = 20, **changes: object) -> str:
    """A manifest file; the parcel with number N is worth N euros."""
    rows = [
        table(1, hawb=f"H{at:04d}", intrinsic_value=float(at), **changes)
        for at in range(first, first + count)
    ]
    pl.concat(rows).write_csv(name)
    return name


def hawbs(name: str) -> list[str]:
    return pl.read_csv(name, infer_schema=False)["hawb"].to_list()


def triage(*arguments: object) -> int:
    return run([str(argument) for argument in arguments])


def test_a_manifest_becomes_a_list_within_the_budget(capsys: pytest.CaptureFixture[str]) -> None:
    assert triage("manifest", manifest("m.csv"), "--budget-controls", 5, "--out", "l.csv") == 0
    rows = pl.read_csv("l.csv")
    assert rows.columns == list(LIST_COLUMNS)
    assert rows["rank"].to_list() == [1, 2, 3, 4, 5]
    assert rows["risk"].is_sorted(descending=True)
    by_model = rows.filter(selected_by="model")
    assert set(by_model["hawb"]) < {f"H{at:04d}" for at in range(15, 21)}
    assert "declared at EUR" in by_model["reasons"][0]
    random = rows.filter(selected_by="random")
    assert random["selection_probability"].to_list() == [0.05]
    assert random["reasons"][0].startswith("drawn at random: 1 of the 20")
    told = capsys.readouterr()
    assert told.out == ""
    assert "20 accepted, 0 rejected; 20 new rows" in told.err


def test_without_a_file_the_list_is_printed_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    assert triage("manifest", manifest("m.csv"), "--budget-minutes", 131) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "H0020" in printed
    assert "3 of 20 consignments of XY123 of 2026-03-02; 128 of 131 minutes spent" in printed
    assert "128 (30 for 3 parcels, 8 for 1 bag, 90 for 1 ULD)" in printed


@pytest.mark.parametrize("ending", ["csv", "xlsx", "json", "parquet"])
def test_the_same_manifest_twice_gives_the_same_list_to_the_byte(
    ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    name = manifest("m.csv")
    pl.read_csv(name).reverse().write_csv("turned.csv")
    for source, target in ((name, f"a.{ending}"), ("turned.csv", f"b.{ending}")):
        assert triage("manifest", source, "--budget-controls", 7, "--out", target) == 0
    assert Path(f"a.{ending}").read_bytes() == Path(f"b.{ending}").read_bytes()
    assert "0 new rows, 20 already known" in capsys.readouterr().err


def test_the_list_covers_everything_received_for_the_flight() -> None:
    triage("manifest", manifest("one.csv", 1, 10), "--budget-controls", 3, "--out", "1.csv")
    triage("manifest", manifest("two.csv", 11, 10), "--budget-controls", 20, "--out", "2.csv")
    assert set(hawbs("2.csv")) == {f"H{at:04d}" for at in range(1, 21)}


def test_several_flights_of_a_day_share_one_list_and_several_days_do_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    manifest("a.csv", 1, 3)
    manifest("b.csv", 4, 3, flight_number="ZZ9")
    manifest("c.csv", 7, 3, flight_date="2026-03-03")
    assert triage("manifest", "a.csv", "b.csv", "--budget-controls", 6, "--out", "l.csv") == 0
    assert len(hawbs("l.csv")) == 6
    assert triage("manifest", "a.csv", "c.csv", "--budget-controls", 6) == 1
    told = capsys.readouterr().err
    assert "flights of 2 days: 2026-03-03 (3 rows), 2026-03-02 (3 rows);" in told
    manifest("d.csv", 1, 3)
    manifest("e.csv", 4, 1, flight_date="2062-03-02")
    pl.concat([pl.read_csv("d.csv"), pl.read_csv("e.csv")]).write_csv("f.csv")
    assert triage("manifest", "f.csv", "--budget-controls", 6) == 1
    told = capsys.readouterr().err
    assert "2026-03-02 (3 rows), 2062-03-02 (1 row); the first row of 2062-03-02 is row 4" in told
    assert "Correct the date" in told


def test_no_store_leaves_the_state_alone_and_gives_the_same_list(state: Path) -> None:
    manifest("m.csv")
    assert triage("manifest", "m.csv", "--no-store", "--budget-controls", 6, "--out", "a.csv") == 0
    assert not state.exists()
    triage("ingest", manifest("before.csv", 30, 2))
    before = sorted(state.rglob("*.parquet"))
    assert triage("manifest", "m.csv", "--no-store", "--budget-controls", 9, "--out", "a.csv") == 0
    assert sorted(state.rglob("*.parquet")) == before
    assert triage("manifest", "m.csv", "--budget-controls", 9, "--out", "b.csv") == 0
    assert Path("a.csv").read_bytes() == Path("b.csv").read_bytes()


def test_scores_hold_every_consignment(state: Path) -> None:
    assert triage("manifest", manifest("m.csv"), "--budget-controls", 2, "--out", "l.csv",
                  "--scores", "s.parquet", "--harm-weight", 2) == 0  # fmt: skip
    scores = pl.read_parquet("s.parquet")
    assert scores.height == 20
    assert scores["hawb"][0] == "H0020"
    wanted = scores["expected_revenue_eur"] + 2 * scores["harm_eur"]
    assert (scores["expected_yield"] - wanted).abs().max() < 0.03  # type: ignore[operator]


def test_bad_rows_are_named_and_good_rows_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    rows = table(4).with_columns(gross_mass_kg=pl.Series([0.2, -1.0, float("nan"), 0.2]))
    rows.write_csv("m.csv")
    Path("m.csv").write_text(Path("m.csv").read_text() + 'a,"b\n')
    assert triage("ingest", "m.csv", "--rejects", "r.csv") == 0
    printed = capsys.readouterr().out
    assert "5 declaration rows read from 1 file: 2 accepted, 3 rejected; 2 new rows" in printed
    assert "m.csv, line 3: row 2, gross_mass_kg: must be greater than 0" in printed
    rejected = pl.read_csv("r.csv")
    assert rejected.select("row_number", "rule").rows() == [
        (2, "gross_mass_kg|min_exclusive"), (3, "gross_mass_kg|nan"), (5, "csv|syntax"),
    ]  # fmt: skip


def test_when_no_row_is_accepted_the_status_is_one() -> None:
    table(2, hs6="none").write_csv("m.csv")
    assert triage("ingest", "m.csv") == 1
    assert triage("manifest", "m.csv", "--budget-controls", 1) == 1


def test_a_file_that_cannot_be_used_does_not_stop_the_others(
    capsys: pytest.CaptureFixture[str],
) -> None:
    manifest("a.csv")
    table(3).drop("hs6").write_csv("b.csv")
    assert triage("ingest", "a.csv", "b.csv", "nosuch.csv") == 1
    told = capsys.readouterr()
    assert "20 new rows" in told.out
    assert "Error: b.csv: The declarations table lacks the required column hs6" in told.err
    assert "Error: nosuch.csv cannot be read" in told.err


def test_a_place_that_cannot_be_written_to_is_a_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest("m.csv", 1, 2, hs6="none")
    assert triage("ingest", "m.csv", "--rejects", "m.csv/r.csv") == 1
    monkeypatch.setenv("TRIAGE_HOME", "m.csv/state")
    assert triage("ingest", "m.csv") == 1
    assert capsys.readouterr().err.count("Error: ") == 2


def test_outcomes_are_kept_and_later_ones_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    outcomes(3).write_ndjson("o.jsonl")
    assert triage("outcomes", "o.jsonl", "--date", "2026-03-02") == 0
    assert "3 rows later than --date were left out." in capsys.readouterr().out
    assert triage("outcomes", "o.jsonl", "--date", "2026-03-03") == 0
    assert "3 new rows" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["manifest", "m.csv"],
        ["manifest", "m.csv", "--budget-controls", "1", "--budget-minutes", "1"],
        ["manifest", "m.csv", "--budget-controls", "0"],
        ["manifest", "m.csv", "--budget-controls", "ten"],
        ["manifest", "m.csv", "--budget-minutes", "nan"],
        ["manifest", "m.csv", "--budget-controls", "1", "--out", "l.doc"],
        ["manifest", "m.csv", "--budget-controls", "1", "--policy", "best"],
        ["manifest", "m.csv", "--budget-controls", "1", "--random-share", "2"],
        ["manifest", "m.csv", "--budget-controls", "1", "--harm-weight", "-1"],
        ["manifest", "m.csv", "--budget-controls", "1", "--date", "yesterday"],
        ["generate", "--scenario", "mars", "--out", "w"],
        ["generate", "--days", "0", "--out", "w"],
        ["ingest"],
        ["nonsense"],
    ],
)
def test_wrong_usage_is_status_two_with_a_message(
    arguments: list[str], state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest("m.csv")
    assert run(arguments) == 2
    told = capsys.readouterr()
    assert told.err.strip()
    assert told.out == ""
    assert not state.exists()


def test_a_text_that_steers_a_terminal_is_shown_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    manifest("m.csv", 1, 2, bag_id="\x1b[31m[red]x")
    assert triage("manifest", "m.csv", "--budget-controls", 2) == 0
    printed = capsys.readouterr().out
    assert "\x1b" not in printed
    assert "[red]x" in printed.replace("\n", "")


def test_a_world_is_written_once_and_can_be_ingested(capsys: pytest.CaptureFixture[str]) -> None:
    assert triage("generate", "--scenario", "tiny", "--days", 2, "--out", "w") == 0
    assert triage("ingest", "w/declarations") == 0
    assert triage("outcomes", "w/outcomes.parquet") == 0
    assert "0 rejected" in capsys.readouterr().out
    assert triage("generate", "--scenario", "tiny", "--days", 2, "--out", "w") == 1
    assert "already holds declarations" in capsys.readouterr().err


@pytest.mark.parametrize("command", [command.__name__ for command in COMMANDS])
def test_every_command_teaches_with_an_example(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([command, "--help"]) == 0
    assert f"Example: triage {command}" in capsys.readouterr().out


def test_options_of_a_list_take_several_values() -> None:
    assert spread(["train", "--declarations", "a", "b", "--model", "x", "--outcomes", "o"]) == [
        "train", "--declarations", "a", "--declarations", "b", "--model", "x", "--outcomes", "o",
    ]  # fmt: skip


def loaded_by(arguments: list[str]) -> set[str]:
    """Modules that a command loads, in a process of its own."""
    code = "import sys; from service.cli import run; run(sys.argv[1:]); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    return {name.split(".")[0] for name in done.stdout.split("\n")[-2].split()}


def test_help_loads_nothing_heavy_and_ingest_no_learning_library() -> None:
    assert not loaded_by(["--help"]) & {"polars", "lightgbm", "mlflow", "sklearn", "numpy"}
    heavy = {"lightgbm", "mlflow", "sklearn", "scipy", "faker", "fastexcel", "currency_converter"}
    assert not loaded_by(["ingest", manifest("m.csv")]) & heavy


def test_a_file_of_malformed_lines_alone_is_an_answer(capsys: pytest.CaptureFixture[str]) -> None:
    header = ",".join(table(1).columns)
    Path("m.csv").write_text(f"{header}\nQuackelbeen,Luik\nQuackelbeen\n")
    for arguments in (
        ["ingest", "m.csv", "--date", "2026-03-02", "--rejects", "r.csv"],
        ["manifest", "m.csv", "--budget-controls", 1],
        ["manifest", "m.csv", "--budget-controls", 1, "--date", "2026-03-02", "--no-store"],
        ["outcomes", "m.csv", "--date", "2026-03-02"],
    ):
        assert triage(*arguments) == 1
        told = capsys.readouterr()
        assert "m.csv: row 1 (line 2) has 2 fields" in told.out + told.err
        assert "Quackelbeen" not in told.out + told.err
    assert "Quackelbeen" not in Path("r.csv").read_text()


def test_a_list_as_of_a_day_sees_nothing_lodged_later(capsys: pytest.CaptureFixture[str]) -> None:
    early = table(2, lodged_at="2026-03-02T09:00:00Z", intrinsic_value=10.0)
    later = table(2, lodged_at="2026-03-03T09:00:00Z", intrinsic_value=99.0)
    pl.concat([later, early]).write_csv("m.csv")
    for store in ("--no-store", "--store"):
        for given, told in ((["--date", "2026-03-02"], "EUR 10.00"), ([], "EUR 99.00")):
            assert triage("manifest", "m.csv", store, "--budget-controls", 2, *given,
                          "--out", "l.csv") == 0  # fmt: skip
            assert all(told in reason for reason in pl.read_csv("l.csv")["reasons"])
    assert triage("manifest", "m.csv", "--budget-controls", 2, "--date", "2026-03-01") == 1
    assert "was lodged after 2026-03-01" in capsys.readouterr().err
    table(2).write_csv("unsaid.csv")
    assert triage("manifest", "unsaid.csv", "--budget-controls", 2, "--date", "2026-03-01") == 0


def test_ingest_as_of_a_day_keeps_the_version_of_that_day(state: Path) -> None:
    early = table(1, lodged_at="2026-03-02T09:00:00Z", intrinsic_value=10.0)
    later = table(1, lodged_at="2026-03-03T09:00:00Z", intrinsic_value=99.0)
    pl.concat([later, early]).write_csv("m.csv")
    assert triage("ingest", "m.csv", "--date", "2026-03-02") == 0
    stored = pl.read_parquet(state / "declarations/*/*.parquet", hive_partitioning=False)
    assert stored["value_cents"].to_list() == [1000]


def test_a_generation_that_was_interrupted_does_not_stop_the_next() -> None:
    left = Path("w/.draft-world/declarations/flight_date=2026-01-01")
    left.mkdir(parents=True)
    (left / "half.parquet").write_bytes(b"PAR1")
    assert triage("generate", "--scenario", "tiny", "--days", 1, "--out", "w") == 0
    assert sorted(path.name for path in Path("w").iterdir()) == sorted(WORLD)


def test_a_demonstration_touches_no_folder_that_is_not_its_own(
    capsys: pytest.CaptureFixture[str],
) -> None:
    (Path("mine") / "state").mkdir(parents=True)
    assert triage("demo", "--out", "mine") == 1
    assert "`triage demo` did not make" in capsys.readouterr().err
    assert [path.name for path in Path("mine").iterdir()] == ["state"]


@pytest.mark.parametrize("ending", ["csv", "xlsx", "json", "parquet"])
def test_rejections_are_written_in_the_form_that_the_name_says(ending: str) -> None:
    readers = {"csv": pl.read_csv, "xlsx": pl.read_excel, "json": pl.read_json,
               "parquet": pl.read_parquet}  # fmt: skip
    table(2).with_columns(hs6=pl.Series(["851310", "none"])).write_csv("m.csv")
    assert triage("ingest", "m.csv", "--rejects", f"r.{ending}") == 0
    written = readers[ending](f"r.{ending}")
    assert written.select("row_number", "rule", "value").rows() == [(2, "hs6|regex", "none")]


def test_a_form_of_rejections_that_nobody_knows_is_refused_before_any_work(state: Path) -> None:
    assert triage("ingest", manifest("m.csv"), "--rejects", "r.doc") == 2
    assert not state.exists()


@pytest.mark.parametrize("home", ["m.csv", "m.csv/state"])
@pytest.mark.parametrize(
    "arguments",
    [
        ["ingest", "m.csv"],
        ["outcomes", "m.csv"],
        ["train"],
        ["compare"],
        ["promote", "1"],
        ["manifest", "m.csv", "--budget-controls", "1"],
        ["manifest", "m.csv", "--budget-controls", "1", "--no-store"],
        ["estimate"],
        ["mlflow"],
    ],
)
def test_a_state_folder_that_is_a_file_is_one_clear_message(
    arguments: list[str],
    home: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    manifest("m.csv")
    monkeypatch.setenv("TRIAGE_HOME", home)
    assert run(arguments) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("Error: ") == 1
    assert "m.csv is a file" in told.err
    assert "Set TRIAGE_HOME to a folder" in told.err


def test_a_column_of_arrays_alone_is_rejected_or_left_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = [row | {"extra": [1]} for row in table(3).to_dicts()]
    Path("a.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    assert triage("ingest", "a.jsonl") == 0
    Path("b.jsonl").write_text("\n".join(json.dumps(row | {"mrn": [1]}) for row in rows))
    assert triage("ingest", "b.jsonl") == 1
    printed = capsys.readouterr().out
    assert "3 accepted, 0 rejected" in printed
    assert "0 accepted, 3 rejected" in printed
    assert "row 3, mrn: must be one text or number; got an array." in printed


@pytest.mark.parametrize("ending", ["json", "jsonl"])
def test_an_array_or_an_object_in_a_cell_is_rejected_and_not_repeated(
    ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = [{"importer_name": ["Quackelbeen"]}, {"goods_description": {"en": "lamp"}},
           {"extra": {"any": 1}}, {"additional_procedure_codes": ["C07", "F48"]},
           {"goods_description": '["LED"] lamp'}]  # fmt: skip
    rows = [row | change for row, change in zip(table(5).to_dicts(), odd, strict=True)]
    lines = [json.dumps(row) for row in rows]
    text = f"[{','.join(lines)}]" if ending == "json" else "\n".join(lines)
    Path(f"m.{ending}").write_text(text)
    assert triage("ingest", f"m.{ending}", "--rejects", "r.csv") == 0
    printed = capsys.readouterr().out
    assert "5 declaration rows read from 1 file: 2 accepted, 3 rejected; 2 new rows" in printed
    assert "row 1, importer_name: must be one text or number; got an array." in printed
    assert "row 2, goods_description: must be one text or number; got an object." in printed
    assert "unknown to the contract: extra" in printed
    assert "Quackelbeen" not in printed + Path("r.csv").read_text()


def test_dates_of_flights_that_cannot_be_meant_are_remarks(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for at, day in enumerate(["2014-12-31", "2120-03-02", "2026-03-02"], start=1):
        table(1, hawb=f"H{at}", flight_date=day).write_csv(f"{day}.csv")
    assert triage("ingest", "2014-12-31.csv", "2120-03-02.csv", "2026-03-02.csv") == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "3 accepted, 0 rejected" in told
    assert "flight_date │ is before 2015, or more than a year after it was lodged │ 1 │" in told
    assert "flight_date │ is more than a year after" in told


def test_harms_of_ones_own_move_the_yield_and_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def with_types(*arguments: object, **options: object) -> ByValue:
        scored = by_value(*arguments, **options)  # type: ignore[arg-type]
        risks = [pl.lit(0.0).alias(name) for name in RISK_COLUMNS]
        heavy = (pl.col("hawb") == "H0003").cast(pl.Float64).alias("risk_product_safety")
        return ByValue(scored.consignments.with_columns(risks).with_columns(heavy))

    monkeypatch.setattr(sys.modules["service.scoring"], "score", with_types)
    Path("harms.toml").write_text("PRODUCT_SAFETY = 900\n")
    given = ["manifest", manifest("m.csv"), "--budget-controls", 4, "--policy", "expected_yield"]
    assert triage(*given, "--out", "usual.csv") == 0
    assert "Harms of your own" not in capsys.readouterr().err
    assert triage(*given, "--harms", "harms.toml", "--out", "own.csv") == 0
    assert "Harms of your own: PRODUCT_SAFETY EUR 900 instead of 25." in capsys.readouterr().err
    assert "H0003" not in hawbs("usual.csv")
    (row,) = pl.read_csv("own.csv").filter(hawb="H0003").to_dicts()
    assert row["expected_yield"] == pytest.approx(row["expected_revenue_eur"] + 900)


@pytest.mark.parametrize(
    ("text", "status", "told"),
    [
        ("PRODUCT_SAFTY = 9", 2, "There is no finding type 'PRODUCT_SAFTY'"),
        ("PRODUCT_SAFETY = -9", 2, "The harm of PRODUCT_SAFETY is -9"),
        ("PRODUCT_SAFETY is 9", 1, "The harms in h.toml cannot be read"),
    ],
)
def test_harms_that_make_no_sense_are_refused(
    text: str, status: int, told: str, capsys: pytest.CaptureFixture[str], state: Path
) -> None:
    Path("h.toml").write_text(text)
    given = ["manifest", manifest("m.csv"), "--budget-controls", 1, "--harms", "h.toml"]
    assert triage(*given) == status
    assert told in capsys.readouterr().err
    assert not state.exists()
