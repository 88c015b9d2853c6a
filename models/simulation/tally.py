"""What a week came to: what was found, what flowed past, and what the service believed of it.

The truth of an invented world is read here and nowhere else in a simulation; no desk sees it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import polars as pl

from engine.declaration import CONSIGNMENT, FLIGHT
from engine.outcome import label_columns, latest_known
from models.estimation import estimate
from models.examples import start_of
from models.simulation.memory import Memory

ESTIMATE_WEEKS: Final = 4
"""Weeks whose random draws the share of irregular consignments is estimated from."""

_EVER = datetime(9999, 1, 1, tzinfo=UTC)

TRUTH: Final = (*CONSIGNMENT, "is_irregular", "typologies", "revenue_lost_eur")
"""Columns of the truth that a tally reads."""


@dataclass
class Tally:
    """Counts and sums of the flights of a week; integers, so that their order does not matter.

    Attributes
    ----------
    sums : of the week.
    by_typology : typology -> irregular and caught consignments, lost and stopped cents.
    """

    sums: dict[str, int] = field(default_factory=dict)
    by_typology: dict[str, list[int]] = field(default_factory=dict)
    shares: list[float] = field(default_factory=list)

    def add(
        self, chosen: pl.DataFrame, events: pl.DataFrame, truth: pl.DataFrame, share: float
    ) -> None:
        """Add a flight.

        Parameters
        ----------
        chosen : the list, with `selected_by`.
        events : all events of its controls, whenever they will be recorded; of other
            consignments they are left aside.
        truth : `TRUTH`, one row a consignment.
        share : of the budget that was to be drawn.
        """
        events = events.join(chosen.select(CONSIGNMENT), on=CONSIGNMENT, how="semi")
        last = label_columns(latest_known(events, before=_EVER))
        hits = last.filter("is_irregular").select(*CONSIGNMENT, is_caught=pl.lit(True))
        flow = truth.join(hits, on=CONSIGNMENT, how="left").select(
            "is_irregular",
            typology=pl.col("typologies").fill_null("").str.split("|"),
            lost=(pl.col("revenue_lost_eur") * 100).round().cast(pl.Int64),
            is_caught=pl.col("is_caught").fill_null(False),
        )
        irregular = flow.filter("is_irregular")
        stopped = irregular.filter("is_caught")
        gone = events.filter(~pl.col("presented"))["control_id"].n_unique()
        self._sum(
            flight_count=1,
            consignment_count=flow.height,
            control_count=chosen.height,
            random_count=int((chosen["selected_by"] == "random").sum()),
            gone_count=gone,
            hit_count=hits.height,
            recovered_cents=int((last["recovered_eur"] * 100).round().cast(pl.Int64).sum()),
            lost_cents=int(irregular["lost"].sum()),
            stopped_cents=int(stopped["lost"].sum()),
            irregular_count=irregular.height,
        )
        self.shares.append(share)
        for name, *numbers in _by_typology(irregular):
            before = self.by_typology.get(name, [0, 0, 0, 0])
            self.by_typology[name] = [a + b for a, b in zip(before, numbers, strict=True)]

    def _sum(self, **numbers: int) -> None:
        for name, number in numbers.items():
            self.sums[name] = self.sums.get(name, 0) + number

    def weekly(self) -> dict[str, Any]:
        """The week's own columns of the weekly table."""
        return {**self.sums, "random_share": sum(self.shares) / len(self.shares)}

    @property
    def flow(self) -> tuple[int, int]:
        """Irregular consignments, and all of them."""
        return self.sums.get("irregular_count", 0), self.sums.get("consignment_count", 0)

    def typologies(self) -> list[dict[str, Any]]:
        """Rows of the table of typologies, by name."""
        names = ("irregular_count", "caught_count", "lost_cents", "stopped_cents")
        return [
            {"typology": name, **dict(zip(names, numbers, strict=True))}
            for name, numbers in sorted(self.by_typology.items())
        ]


def believed_rate(memory: Memory, day: date) -> dict[str, float | None]:
    """Share of irregular consignments as the random controls of the last weeks tell it.

    Parameters
    ----------
    memory : what was declared and recorded.
    day : the morning on which it is asked.

    Returns
    -------
    `estimated_rate`, `estimated_low`, `estimated_high` (95 %), corrected for what controls miss;
    None where no consignment was drawn at random.
    """
    since = day - timedelta(weeks=ESTIMATE_WEEKS)
    is_recent = pl.col("flight_date") >= since
    made = estimate(
        memory.outcomes,
        memory.flights.filter(is_recent).sort(FLIGHT),
        memory.items.filter(is_recent),
        before=start_of(day),
    )
    if "any" not in made.kinds:
        return dict.fromkeys(("estimated_rate", "estimated_low", "estimated_high"))
    rate = made.kinds["any"].rate
    return {
        "estimated_rate": rate.value,
        "estimated_low": rate.interval.low,
        "estimated_high": rate.interval.high,
    }


def _by_typology(irregular: pl.DataFrame) -> list[tuple[str, int, int, int, int]]:
    caught = pl.col("is_caught")
    sums = irregular.explode("typology").group_by("typology").agg(
        pl.len(), caught.sum().cast(pl.Int64), pl.col("lost").sum(),
        pl.col("lost").filter(caught).sum().alias("stopped"),
    )  # fmt: skip
    return [row for row in sums.sort("typology").rows() if row[0]]
