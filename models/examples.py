"""From declarations and outcomes to examples: a walk over the days, in their order.

On every day features see what was known that morning: profiles up to the evening before, controls
recorded before. So training sees exactly what scoring will see, and nothing looks ahead.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

import polars as pl

from engine.declaration import CONSIGNMENT, Declaration
from engine.errors import StateError
from engine.outcome import label_columns, latest_known
from features.catalogue import features_of
from features.day_counts import Counts, counts_of
from features.history import History
from features.ledger import ledger_rows
from features.past_rates import Controls
from features.sight import prepared, sight
from models.flow import Flow, flow_of
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

    def parts(self, day: date) -> Iterator[pl.DataFrame]:
        """Canonical items of the flights of a day, in parts of one or several whole flights, by
        flight number; a day of millions is never held as a whole.
        """
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
    flows : what each of the days looked like.
    """

    features: pl.DataFrame
    history: History
    ledger: pl.DataFrame
    days: list[date]
    item_count: int
    consignment_count: int
    digests: list[str]
    background: pl.DataFrame
    flows: list[Flow]


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
    flows: list[Flow] = []
    kept_history: History | None = None
    kept_ledgers = 0
    by_day = {
        key[0]: part for key, part in outcomes.partition_by("flight_date", as_dict=True).items()
    }
    for at, day in enumerate(days):
        controlled = by_day.get(day)
        look = _Look.at(declarations, day, controlled)
        items_seen += look.item_count
        consignments_seen += look.consignment_count
        digests.append(look.digest(day))
        flows.append(look.flow)
        is_whole = whole_from is not None and day >= whole_from
        if controlled is not None or is_whole:
            ledger = pl.concat(ledgers) if ledgers else no_ledger(outcomes)
            chosen = None if is_whole or controlled is None else controlled
            seen, drawn = look.features(history, ledger, day, chosen)
            kept.append(seen)
            background.append(drawn)
        if controlled is not None:
            ledgers.append(look.ledger)
        history = history.after(look.counts, day)
        if snapshot_on is not None and day <= snapshot_on:
            kept_history, kept_ledgers = history, len(ledgers)
        if progress:
            progress(at + 1, len(days))
    if kept_history is not None:
        history, ledgers = kept_history, ledgers[:kept_ledgers]
    ledger = pl.concat(ledgers) if ledgers else no_ledger(outcomes)
    if not kept:
        raise StateError(
            "None of the outcomes belongs to a declaration of these days.",
            "Bring in the declarations that were controlled, or other outcomes.",
        )
    return Seen(pl.concat(kept), history, ledger, days, items_seen, consignments_seen, digests,
                pl.concat(background), flows)  # fmt: skip


@dataclass
class _Look:
    """A first look at a day, part by part: all that can be said without looking at other days.

    Attributes
    ----------
    parts : gives the day's parts, prepared; they are read again unless there is one alone.
    counts : what each part adds to the history.
    keys, sums : keys of the consignments of each part, and sums of what they declare.
    ledger : the controls of the day's consignments.
    item_count, consignment_count : how much there is.
    flow : what the day looks like.
    """

    parts: Callable[[], Iterable[tuple[pl.DataFrame, pl.DataFrame]]]
    counts: list[Counts] = field(default_factory=list)
    keys: list[pl.DataFrame] = field(default_factory=list)
    sums: list[pl.DataFrame] = field(default_factory=list)
    ledger: pl.DataFrame = field(default_factory=pl.DataFrame)
    item_count: int = 0
    consignment_count: int = 0
    flow: Flow = field(default_factory=Flow)

    @classmethod
    def at(cls, declarations: Declarations, day: date, controlled: pl.DataFrame | None) -> _Look:
        """Look at a day.

        Parameters
        ----------
        controlled : outcomes of its consignments; None: there are none.
        """
        look = cls(lambda: map(prepared, declarations.parts(day)))
        ledgers = []
        for part in look.parts():
            goods, consignments = part
            look._add(goods, consignments)
            if controlled is not None:
                ledgers.append(ledger_rows(controlled, goods, consignments))
        if ledgers:
            look.ledger = pl.concat(ledgers).sort("control_id", "recorded_at", "status")
        if len(look.counts) == 1:
            look.parts = lambda: [part]
        return look

    def _add(self, goods: pl.DataFrame, consignments: pl.DataFrame) -> None:
        self.counts.append(counts_of(goods, consignments))
        self.keys.append(consignments.select(CONSIGNMENT))
        self.sums.append(
            consignments.select(
                pl.col("value_cents", "gross_mass_mg", "net_mass_mg", "line_count").sum()
            )
        )
        self.item_count += goods.height
        self.consignment_count += consignments.height
        self.flow += flow_of(consignments)

    def features(
        self, history: History, ledger: pl.DataFrame, day: date, chosen: pl.DataFrame | None
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Features of the chosen consignments (None: of all), and of some drawn evenly from the
        day, whether anybody will control them or not.
        """
        controls = Controls.of(ledger, day)
        every = max(1, self.consignment_count // BACKGROUND_PER_DAY)
        kept, drawn, before = [], [], 0
        for goods, consignments in self.parts():
            table = features_of(sight(goods, consignments, history, controls, day))
            drawn.append(table.gather_every(every, offset=-before % every))
            before += table.height
            if chosen is not None:
                keys = chosen.select(CONSIGNMENT).unique()
                table = table.join(keys, on=CONSIGNMENT, how="semi", maintain_order="left")
            kept.append(table)
        return pl.concat(kept), pl.concat(drawn)

    def digest(self, day: date) -> str:
        """Of a day's declarations: how many, their sums, and a hash of their keys in order."""
        keys = hashlib.blake2b(digest_size=16)
        for name in CONSIGNMENT:
            texts = (key for part in self.keys for key in part[name].cast(pl.String))
            keys.update("\0".join(texts).encode() + b"\1")
        *sums, lines = pl.concat(self.sums).sum().row(0)
        told = f"{day} {self.consignment_count} {lines} {tuple(sums)} {keys.hexdigest()}"
        return f"{told}\n"


def no_ledger(outcomes: pl.DataFrame) -> pl.DataFrame:
    """The ledger of nothing, in its columns."""
    return ledger_rows(outcomes.head(0), *prepared(Declaration.create_empty()))


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
