"""From declarations and outcomes to examples: a walk over the days, in their order.

On every day features see what was known that morning: profiles up to the evening before, controls
recorded before. So training sees exactly what scoring will see, and nothing looks ahead.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

import polars as pl

from engine.declaration import CONSIGNMENT
from engine.errors import StateError
from engine.outcome import label_columns, latest_known
from features.catalogue import features_of
from features.history import History
from features.ledger import ledger_rows
from features.sight import prepared, sight
from models.risk_model import Examples

_THOROUGH = {"documentary": 0, "xray": 1, "physical": 2, "sampling": 3}
"""Ways of control, by how much they find (`engine.detection`)."""

BACKGROUND_PER_DAY = 100
"""Consignments that stand for a day's flow (estimate: in a month more than there are controls)."""

Progress = Callable[[int, int], None]
"""Called with days done and days in all."""


class Declarations(Protocol):
    """Where declarations come from, day by day."""

    def days(self) -> list[date]:
        """Days with declarations, in order."""
        ...

    def day(self, day: date) -> pl.DataFrame:
        """Canonical items of all flights of a day."""
        ...


@dataclass(frozen=True)
class Seen:
    """What a walk over the days left behind.

    Attributes
    ----------
    features : features of the consignments kept, day by day.
    history : profiles after `snapshot_on`, or after the last day.
    ledger : controls of the days up to then, with the keys of their parties.
    days : the days walked.
    item_count, consignment_count : how much was walked over.
    digests : of each day walked, keys, cents and milligrams of what was declared.
    background : features of consignments drawn evenly from the days, controlled or not.
    """

    features: pl.DataFrame
    history: History
    ledger: pl.DataFrame
    days: list[date]
    item_count: int
    consignment_count: int
    digests: list[str]
    background: pl.DataFrame


def start_of(day: date) -> datetime:
    """The first instant of a day, UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def walk(
    declarations: Declarations,
    outcomes: pl.DataFrame,
    *,
    until: date | None = None,
    whole_from: date | None = None,
    snapshot_on: date | None = None,
    progress: Progress | None = None,
) -> Seen:
    """See every controlled consignment as it was seen on its day.

    Parameters
    ----------
    declarations : the source of declarations.
    outcomes : all outcome events (`OutcomeRow`).
    until : last day to walk; all days if None.
    whole_from : from this day on keep all consignments, not only the controlled ones.
    snapshot_on : day whose evening the history and the ledger are to be kept of.
    progress : told after every day.

    Raises
    ------
    StateError
        There are no declarations in these days.
    """
    days = [day for day in declarations.days() if until is None or day <= until]
    if not days:
        raise StateError("There are no declarations to learn from.",
                         "Bring some in with `triage ingest`, or name them.")  # fmt: skip
    history = History.empty()
    ledgers: list[pl.DataFrame] = []
    kept: list[pl.DataFrame] = []
    items_seen = consignments_seen = 0
    digests: list[str] = []
    background: list[pl.DataFrame] = []
    kept_history: History | None = None
    kept_ledgers = 0
    by_day = {
        key[0]: part for key, part in outcomes.partition_by("flight_date", as_dict=True).items()
    }
    for at, day in enumerate(days):
        goods, consignments = prepared(declarations.day(day))
        items_seen += goods.height
        consignments_seen += consignments.height
        digests.append(_digest(day, consignments))
        is_whole = whole_from is not None and day >= whole_from
        controlled = by_day.get(day)
        if controlled is not None or is_whole:
            ledger = pl.concat(ledgers) if ledgers else _no_ledger(outcomes, goods, consignments)
            features = features_of(sight(goods, consignments, history, ledger, day))
            background.append(_evenly_drawn(features))
            if not is_whole:
                assert controlled is not None
                keys = controlled.select(CONSIGNMENT).unique()
                features = features.join(keys, on=CONSIGNMENT, how="semi", maintain_order="left")
            kept.append(features)
        if controlled is not None:
            ledgers.append(ledger_rows(controlled, goods, consignments))
        history = history.advanced(goods, consignments, day)
        if snapshot_on is not None and day <= snapshot_on:
            kept_history, kept_ledgers = history, len(ledgers)
        if progress:
            progress(at + 1, len(days))
    if kept_history is not None:
        history, ledgers = kept_history, ledgers[:kept_ledgers]
    ledger = pl.concat(ledgers) if ledgers else _no_ledger(outcomes, goods, consignments)
    if not kept:
        raise StateError(
            "None of the outcomes belongs to a declaration of these days.",
            "Bring in the declarations that were controlled, or other outcomes.",
        )
    return Seen(pl.concat(kept), history, ledger, days, items_seen, consignments_seen, digests,
                pl.concat(background))  # fmt: skip


def _evenly_drawn(features: pl.DataFrame) -> pl.DataFrame:
    """Every so many of a day's consignments, whether anybody will control them or not."""
    return features.gather_every(max(1, features.height // BACKGROUND_PER_DAY))


def _digest(day: date, consignments: pl.DataFrame) -> str:
    """Of a day's declarations: how many, their sums, and a hash of their keys in order."""
    sums = consignments.select(pl.col("value_cents", "gross_mass_mg", "net_mass_mg").sum()).row(0)
    keys = hashlib.blake2b(digest_size=16)
    for name in CONSIGNMENT:
        keys.update("\0".join(consignments[name].cast(pl.String)).encode() + b"\1")
    lines = consignments["line_count"].sum()
    return f"{day} {consignments.height} {lines} {sums} {keys.hexdigest()}\n"


def _no_ledger(
    outcomes: pl.DataFrame, goods: pl.DataFrame, consignments: pl.DataFrame
) -> pl.DataFrame:
    return ledger_rows(outcomes.head(0), goods, consignments)


def labels_known(outcomes: pl.DataFrame, *, before: datetime) -> pl.DataFrame:
    """What was known of each controlled consignment before an instant, one row a consignment.

    Several controls of one consignment, or of its items, are one example: irregular if one was,
    revenue summed, the strongest weight. Whether and with what probability it was drawn at random
    is said by its random control alone: the probability of another selection is not its weight.
    Of several ways of control the one that finds most is told.
    """
    drawn = pl.col("selected_by") == "random"
    known = label_columns(latest_known(outcomes, before=before))
    return known.group_by(CONSIGNMENT).agg(
        pl.col("is_irregular", "is_fiscal_irregular", "is_goods_irregular").any(),
        pl.col("recovered_eur").sum(),
        pl.col("label_weight").max(),
        drawn.any().alias("is_random"),
        pl.col("selection_probability").filter(drawn).max(),
        pl.col("recorded_at").max(),
        pl.col("finding_types").drop_nulls().unique().sort().str.join("|"),
        pl.col("control_type").sort_by(pl.col("control_type").replace_strict(_THOROUGH)).last(),
    ).sort(CONSIGNMENT)  # fmt: skip


def examples_of(
    features: pl.DataFrame, labels: pl.DataFrame, background: pl.DataFrame | None = None
) -> Examples:
    """Pair features with labels; consignments without both are left out, and those with a label are
    no background.
    """
    joined = features.join(labels, on=CONSIGNMENT, how="inner").sort(CONSIGNMENT)
    return Examples(
        joined.select(features.columns),
        joined.select(*CONSIGNMENT, *(c for c in labels.columns if c not in CONSIGNMENT)),
        None if background is None else background.join(labels, on=CONSIGNMENT, how="anti",
                                                        maintain_order="left"),
    )  # fmt: skip


def after(day: date) -> datetime:
    """The first instant after a day, UTC."""
    return start_of(day + timedelta(days=1))
