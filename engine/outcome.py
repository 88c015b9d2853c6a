"""The outcome row: one control, as it was recorded (contract section 2)."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from engine.declaration import CONSIGNMENT
from engine.finding import (
    CONTROL_TYPES,
    FINDING_TYPES,
    FISCAL_FINDINGS,
    GOODS_FINDINGS,
    RESULT_CODES,
    SELECTED_BY,
    STATUSES,
)


def _one_of(values: tuple[str, ...], meaning: str) -> dy.String:
    return dy.String(
        regex=f"^({'|'.join(values)})$",
        description=meaning,
        metadata={"form": "one of " + ", ".join(values)},
    )


_ONE_FINDING = f"({'|'.join(FINDING_TYPES)})"


class OutcomeRow(dy.Schema):
    """One control result. A label exists from `recorded_at` on, never earlier."""

    row_number = dy.Int64(description="row of the file or message, the first data row being 1")
    control_id = dy.String(max_length=256, description="key")
    hawb = dy.String(max_length=256, description="the consignment controlled")
    flight_number = dy.String(max_length=256, description="its flight")
    flight_date = dy.Date(description="its date of arrival")
    goods_item_number = dy.Int64(
        nullable=True, min=1, description="the item; empty: the whole consignment"
    )
    selected_by = _one_of(SELECTED_BY, "why it was controlled")
    selection_probability = dy.Float64(
        nullable=True, min_exclusive=0, max=1, description="known for random and logged policies"
    )
    control_type = _one_of(CONTROL_TYPES, "how it was controlled")
    controlled_at = dy.Datetime(time_unit="us", time_zone="UTC", description="when")
    recorded_at = dy.Datetime(
        time_unit="us", time_zone="UTC", description="from when on the result was known"
    )
    presented = dy.Bool(description="false: the parcel had already gone; then it is no label")
    result_code = _one_of(RESULT_CODES, "customs control result")
    finding_types = dy.String(
        nullable=True,
        regex=rf"^{_ONE_FINDING}(\|{_ONE_FINDING})*$",
        description="findings, joined with |",
        metadata={"form": "a |-joined list of " + ", ".join(FINDING_TYPES)},
    )
    found_hs6 = dy.String(
        nullable=True, regex="^[0-9]{6}$", description="code of what was inside",
        metadata={"form": "six digits"},
    )  # fmt: skip
    found_value_eur = dy.Float64(nullable=True, min=0, description="value of what was inside, EUR")
    revenue_recovered_eur = dy.Float64(
        nullable=True, min=0, description="duty, VAT and fines recovered, EUR"
    )
    minutes = dy.Float64(nullable=True, min_exclusive=0, description="officer time spent")
    status = _one_of(STATUSES, "provisional or final")


KEY: tuple[str, ...] = ("control_id", "status", "recorded_at")
"""Key of an outcome event: one control may have a provisional and a final one."""

REQUIRED: tuple[str, ...] = tuple(
    name
    for name, column in OutcomeRow.columns().items()
    if not column.nullable and name != "row_number"
)
"""Columns that a table of outcomes must have."""

CODE_COLUMNS: frozenset[str] = frozenset({"result_code", "finding_types", "flight_number"})
"""Columns read in capitals."""

LOWER_COLUMNS: frozenset[str] = frozenset({"selected_by", "control_type", "status"})
"""Columns read in small letters."""

DETECTION_POWER: dict[str, float] = {
    "physical": 1.0,
    "sampling": 1.0,
    "xray": 0.35,
    "documentary": 0.2,
}
"""How much a clean result of a control type says, against a physical one.

Estimate, after domain.md 4.2 (x-ray resolves about 60 % of mass and shape questions and 10 % of
value questions) and 4.3 (a documentary A2 must not weigh like a physical A1).
"""


def recorded_too_early(outcomes: pl.DataFrame) -> pl.DataFrame:
    """Rows that were recorded before the control they tell of; one of the two times is wrong.

    Until the time is mended such a label would be known before there was anything to know.
    """
    return outcomes.filter(pl.col("recorded_at") < pl.col("controlled_at"))


def shared_controls(outcomes: pl.DataFrame) -> pl.DataFrame:
    """Controls that name more than one consignment.

    Parameters
    ----------
    outcomes : rows of `OutcomeRow`.

    Returns
    -------
    Their keys, by `control_id` and consignment.
    """
    keys = ("control_id", *CONSIGNMENT)
    parcels = outcomes.select(keys).unique().sort(keys)
    return parcels.filter(pl.len().over("control_id") > 1)


def latest_known(outcomes: pl.DataFrame, *, before: object) -> pl.DataFrame:
    """The last event of every control recorded before an instant, of parcels that were there.

    Parameters
    ----------
    outcomes : rows of `OutcomeRow`.
    before : instant (UTC); events recorded at or after it do not exist yet.

    Returns
    -------
    One row a control, ordered by `control_id`. A final result outweighs a provisional one that
    was recorded at the same instant.
    """
    return (
        outcomes.filter(pl.col("recorded_at") < pl.lit(before))
        .sort("control_id", "recorded_at", pl.col("status") == "final")
        .unique("control_id", keep="last", maintain_order=True)
        .filter(pl.col("presented"))
    )


def label_columns(outcomes: pl.DataFrame) -> pl.DataFrame:
    """What an outcome says about its consignment, as columns.

    Adds
    ----
    is_irregular : a finding, or the result B1.
    is_fiscal_irregular, is_goods_irregular : findings of that kind; B1 without any finding type
        says nothing about the kind and counts as fiscal.
    recovered_eur : `revenue_recovered_eur`, zero where empty.
    label_weight : how much the row says: a finding 1 (a minor discrepancy one half), a clean
        result the detection power of its control type, a provisional one half of that, because
        laboratory and right holder may still answer.
    """
    found = pl.col("finding_types").fill_null("")
    has_finding = found != ""
    is_b1 = pl.col("result_code") == "B1"
    goods = found.str.contains("|".join(GOODS_FINDINGS))
    fiscal = found.str.contains("|".join(FISCAL_FINDINGS)) | (is_b1 & ~has_finding)
    irregular = is_b1 | has_finding
    power = pl.col("control_type").replace_strict(DETECTION_POWER, return_dtype=pl.Float64)
    clean = power * pl.when(pl.col("status") == "final").then(1.0).otherwise(0.5)
    return outcomes.with_columns(
        is_irregular=irregular,
        is_fiscal_irregular=irregular & fiscal,
        is_goods_irregular=irregular & goods,
        recovered_eur=pl.col("revenue_recovered_eur").fill_null(0.0),
        label_weight=pl.when(is_b1).then(1.0).when(has_finding).then(0.5).otherwise(clean),
    )
