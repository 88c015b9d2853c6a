from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from engine.acceptance import Accepted, accept
from engine.outcome import (
    CODE_COLUMNS,
    LOWER_COLUMNS,
    REQUIRED,
    OutcomeRow,
    label_columns,
    latest_known,
)

OUTCOME: dict[str, Any] = {
    "control_id": "C1",
    "hawb": "H0001",
    "flight_number": "XY123",
    "flight_date": "2026-03-02",
    "selected_by": "random",
    "control_type": "physical",
    "controlled_at": "2026-03-02T10:00:00Z",
    "recorded_at": "2026-03-03T09:00:00Z",
    "presented": "true",
    "result_code": "A1",
    "status": "final",
}


def judged(*changes: dict[str, Any]) -> Accepted:
    raw = pl.DataFrame([OUTCOME | change for change in changes or ({},)], infer_schema_length=None)
    return accept(
        raw, OutcomeRow, what="Outcomes", required=REQUIRED, capitals=CODE_COLUMNS,
        small=LOWER_COLUMNS,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("selected_by", "guess"),
        ("selection_probability", "0"),
        ("selection_probability", "1.01"),
        ("control_type", "smell"),
        ("result_code", "A9"),
        ("finding_types", "UNDERVALUATION|NOTHING"),
        ("finding_types", "UNDERVALUATION,SPLITTING"),
        ("found_hs6", "12"),
        ("revenue_recovered_eur", "-1"),
        ("minutes", "0"),
        ("presented", "perhaps"),
        ("status", "done"),
        ("recorded_at", ""),
    ],
)
def test_a_bad_outcome_is_rejected_by_name(column: str, value: str) -> None:
    accepted = judged({}, {column: value})
    assert accepted.rows.height == 1
    assert accepted.rejections.select("row_number", "column").rows() == [(2, column)]


def test_letter_case_means_nothing_in_codes() -> None:
    row = judged({"result_code": "b1", "status": "FINAL", "finding_types": "splitting",
                  "presented": "Yes"}).rows  # fmt: skip
    assert row.select("result_code", "status", "finding_types", "presented").row(0) == (
        "B1", "final", "SPLITTING", True,
    )  # fmt: skip


def at(day: int) -> datetime:
    return datetime(2026, 3, day, tzinfo=UTC)


def test_a_label_exists_from_the_instant_it_was_recorded() -> None:
    rows = judged().rows
    assert latest_known(rows, before=datetime(2026, 3, 3, 9, tzinfo=UTC)).is_empty()
    assert latest_known(rows, before=datetime(2026, 3, 3, 9, 0, 1, tzinfo=UTC)).height == 1


def test_the_last_event_of_a_control_counts_and_the_final_outweighs() -> None:
    rows = judged(
        {"status": "final", "recorded_at": "2026-03-20T00:00:00Z", "result_code": "B1"},
        {"status": "provisional", "recorded_at": "2026-03-03T00:00:00Z"},
        {"control_id": "C2", "status": "final", "result_code": "B1"},
        {"control_id": "C2", "status": "provisional"},
    ).rows
    assert latest_known(rows, before=at(10))["result_code"].to_list() == ["A1", "B1"]
    assert latest_known(rows, before=at(21))["result_code"].to_list() == ["B1", "B1"]


def test_a_parcel_that_had_gone_is_no_label() -> None:
    assert latest_known(judged({"presented": "false"}).rows, before=at(20)).is_empty()


@pytest.mark.parametrize(
    ("change", "label"),
    [
        ({}, (False, False, False, 1.0)),
        ({"control_type": "documentary"}, (False, False, False, 0.2)),
        ({"status": "provisional"}, (False, False, False, 0.5)),
        ({"result_code": "B1"}, (True, True, False, 1.0)),
        ({"result_code": "B1", "finding_types": "IPR_INFRINGEMENT"}, (True, False, True, 1.0)),
        ({"result_code": "A5", "finding_types": "MISCLASSIFICATION"}, (True, True, False, 0.5)),
        (
            {"result_code": "B1", "finding_types": "UNDERVALUATION|PRODUCT_SAFETY"},
            (True, True, True, 1.0),
        ),
    ],
)
def test_what_an_outcome_says_of_its_consignment(
    change: dict[str, Any], label: tuple[bool, bool, bool, float]
) -> None:
    columns = ("is_irregular", "is_fiscal_irregular", "is_goods_irregular", "label_weight")
    assert label_columns(judged(change).rows).select(columns).row(0) == label


def test_nothing_recovered_is_zero_euros() -> None:
    rows = label_columns(judged({}, {"revenue_recovered_eur": "12.5"}).rows)
    assert rows["recovered_eur"].to_list() == [0.0, 12.5]
