"""The list in walking order, and the options of a list that a user gives."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from engine.errors import InputError
from engine.times import DEFAULT_TIMES
from service.walk import Head, in_walking_order, walk
from service.waybills import waybills_of
from tests.service.test_cli import hawbs, manifest, state, triage

__all__ = ["state"]  # a state of its own for every test here, too


def rows() -> pl.DataFrame:
    return pl.DataFrame(
        [
            (1, "H1", "U1", "B1", 9.0), (2, "H2", "U2", "B1", 8.0), (3, "H3", "U2", "B2", 6.0),
            (4, "H4", None, None, 2.0), (5, "H5", "U2", "B1", 1.0), (6, "H6", "U1", None, 0.5),
        ],
        schema=["rank", "hawb", "uld_id", "bag_id", "expected_yield"],
        orient="row",
    ).with_columns(
        flight_number=pl.lit("XY1"), flight_date=pl.lit("2026-03-02").str.to_date(), minutes=10.0
    )  # fmt: skip


def test_the_richest_uld_comes_first_then_its_bags_and_ranks_stay() -> None:
    walked = in_walking_order(rows().reverse())
    assert walked["hawb"].to_list() == ["H2", "H5", "H3", "H1", "H6", "H4"]
    assert walked["rank"].to_list() == [2, 5, 3, 1, 6, 4]


def test_every_place_is_told_once_with_its_minutes_before_its_parcels() -> None:
    stops = list(walk(in_walking_order(rows()), DEFAULT_TIMES))
    told = [(s.name, s.minutes) if isinstance(s, Head) else s["hawb"] for s in stops]
    assert told == [
        ("ULD U2 of XY1", 90.0), ("bag B1", 8.0), "H2", "H5", ("bag B2", 8.0), "H3",
        ("ULD U1 of XY1", 90.0), ("bag B1", 8.0), "H1", ("in no bag", 0.0), "H6",
        ("loose on XY1", 0.0), "H4",
    ]  # fmt: skip
    first = stops[0]
    assert isinstance(first, Head)
    assert first.about == "2 bags, 3 parcels, EUR 15.00 of yield"


def test_waybills_come_from_the_option_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "plain.txt").write_text("H3\n\nH4\n")
    (tmp_path / "list.csv").write_text("rank;hawb\n1;H5\n2;H6\n")
    given = ["H1, H2", str(tmp_path / "plain.txt"), str(tmp_path / "list.csv")]
    assert waybills_of(given) == {"H1", "H2", "H3", "H4", "H5", "H6"}
    (tmp_path / "none.txt").write_text("\n")
    with pytest.raises(InputError, match="names no mandatory control"):
        waybills_of([str(tmp_path / "none.txt")])
    (tmp_path / "table.csv").write_text("waybill,flight\nH1,XY1\n")
    with pytest.raises(InputError, match="without a column hawb"):
        waybills_of([str(tmp_path / "table.csv")])
    with pytest.raises(InputError, match="empty text"):
        waybills_of([" , "])
    with pytest.raises(InputError, match="cannot be read"):
        waybills_of([str(tmp_path / "nosuch.csv")])


def test_a_route_is_printed_grouped_with_its_account_and_its_bound(
    capsys: pytest.CaptureFixture[str],
) -> None:
    manifest("a.csv", 1, 10, uld_id="U1", bag_id="B1")
    manifest("b.csv", 11, 10, uld_id="U2", bag_id="B1")
    assert triage("manifest", "a.csv", "b.csv", "--budget-minutes", 200, "--policy",
                  "expected_yield", "--random-share", 0, "--grouped", "--prove") == 0  # fmt: skip
    printed = " ".join(capsys.readouterr().out.split())
    assert "ULD U2 of XY123" in printed
    assert "198 of 200 minutes spent" in printed
    assert "198 (100 for 10 parcels, 8 for 1 bag, 90 for 1 ULD)" in printed
    assert "proven the best that the budget allows" in printed


def test_mandatory_controls_caps_and_times_reach_the_list() -> None:
    name = manifest("m.csv", uld_id="U1")
    assert triage("manifest", name, "--budget-minutes", 60, "--mandatory", "H0001,H0002",
                  "--uld-minutes", 20, "--bag-minutes", 0, "--parcel-minutes", 5,
                  "--max-per-uld", 4, "--random-share", 0, "--out", "l.csv") == 0  # fmt: skip
    rows = pl.read_csv("l.csv")
    assert rows.filter(selected_by="rule")["hawb"].sort().to_list() == ["H0001", "H0002"]
    assert rows["minutes"].to_list() == [5.0] * 4
    assert set(hawbs("l.csv")) == {"H0001", "H0002", "H0019", "H0020"}


@pytest.mark.parametrize(
    ("options", "status", "told"),
    [
        (["--mandatory", "H9999"], 1, "'H9999' is not on the flight"),
        (["--mandatory", "nosuch.csv"], 1, "cannot be read"),
        (["--max-per-broker", 0], 2, "cap per broker is 0"),
        (["--policy", "random", "--max-per-uld", 1], 2, "no cap may bend"),
        (["--prove"], 2, "maximises nothing"),
        (["--uld-minutes", -1], 2, "uld breakdown"),
    ],
)
def test_a_wish_that_cannot_be_met_is_told(
    options: list[object], status: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert triage("manifest", manifest("m.csv"), "--budget-controls", 5, *options) == status
    assert told in " ".join(capsys.readouterr().err.split())


def test_an_xray_first_changes_the_minutes_alone() -> None:
    name = manifest("m.csv")
    for option, target in (([], "a.csv"), (["--xray-first"], "b.csv")):
        assert triage("manifest", name, "--budget-controls", 5, *option, "--out", target) == 0
    one, other = pl.read_csv("a.csv"), pl.read_csv("b.csv")
    assert (one["minutes"][0], other["minutes"][0]) == (10.0, 7.5)
    assert one.drop("minutes").equals(other.drop("minutes"))
