"""An analyst's own flow in figures: how much comes, from whom, and what controls found in it.

Counts alone; what a world must be made of to look the same, `service.simulation.own_flow` asks the
generator, and how common irregularities are, `models.prevalence`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from engine.consignment import roll_up
from engine.declaration import CONSIGNMENT, FLIGHT
from engine.errors import StateError
from models.estimation import Estimation, estimate
from service.console import Done
from service.estimation import EVER
from service.row_schemas import DECLARATION_SCHEMA
from service.store import Store

MEASURED_DAYS: Final = 182
"""Days up to the last that are looked at: half a year, so that random controls are not too few,
and older ways are left behind (estimate)."""

_WEEK: Final = 7

_KNOWN_PARCELS: Final = 5
"""Parcels in two weeks from which a sender would be seen again if it were still there (estimate:
one who sends as many is unseen in two weeks by chance in less than one case of a hundred)."""

_KNOWN_NUMBER: Final = 5
"""Parcels from which on an IOSS number counts as one in use: those made up for a parcel are seen
once or twice (estimate)."""

_FORTNIGHT: Final = 14
_LEAST_GAP_DAYS: Final = 21
"""Days from the middle of the first fortnight to the beginning of the last from which on it can be
told how many senders leave: six weeks in all (estimate)."""

_IOSS_CODE: Final = "F48"


@dataclass(frozen=True)
class MeasuredFlow:
    """What was counted.

    Attributes
    ----------
    first_on, last_on : of the days looked at; those between without a flight count, too.
    flight_count, consignment_count : of all days.
    flights_per_week : mean.
    one_line_share : of consignments with a single goods item.
    ioss_share : of consignments that claim the import one-stop shop (F48).
    median_item_eur : median declared value of a goods item.
    week_parcels, week_senders, week_consignees : mean of whole weeks: parcels, and how many
        different senders (by name) and consignees (by name and postcode) they had.
    broker_count, ioss_count : different ones seen; IOSS numbers on five parcels or more.
    leaving_per_month : share of senders that are not seen any more a month later; None: too few
        days to tell.
    followed_count : senders on whom that rests.
    control_count, random_count, gone_count : controls of these flights, of them drawn at random,
        and parcels that had gone.
    estimation : what the random ones found.
    """

    first_on: date
    last_on: date
    flight_count: int
    consignment_count: int
    flights_per_week: float
    one_line_share: float
    ioss_share: float
    median_item_eur: float
    week_parcels: float
    week_senders: float
    week_consignees: float
    broker_count: int
    ioss_count: int
    leaving_per_month: float | None
    followed_count: int
    control_count: int
    random_count: int
    gone_count: int
    estimation: Estimation

    @property
    def parcels_per_flight(self) -> float:
        """Mean."""
        return self.consignment_count / self.flight_count


def measured(store: Store, progress: Done | None = None) -> MeasuredFlow:
    """Count what a store received for its last `MEASURED_DAYS`.

    Parameters
    ----------
    store : declarations, and outcomes where there are any.
    progress : told after every day.

    Raises
    ------
    StateError
        There are no declarations.
    """
    days = store.days()
    if not days:
        raise StateError("There are no declarations to measure a flow from.",
                         "Bring some in with `triage ingest`, or name files.")  # fmt: skip
    days = [day for day in days if (days[-1] - day).days < MEASURED_DAYS]
    parcels, values = [], []
    for done, day in enumerate(days, start=1):
        items = store.day(day)
        parcels.append(_parcels(items))
        values.append(items["value_cents"].to_numpy())
        if progress is not None:
            progress(done, len(days))
    return _counted(pl.concat(parcels), np.concatenate(values), store.outcomes())


def _parcels(items: pl.DataFrame) -> pl.DataFrame:
    """What is counted of each consignment of a day."""
    people = items.group_by(CONSIGNMENT).agg(
        pl.col("importer_name_tokens").first().list.sort().cast(pl.List(pl.String)).list.join(" ")
    )
    rolled = roll_up(items).join(people, on=CONSIGNMENT, how="left")
    return rolled.select(
        *CONSIGNMENT,
        "line_count",
        "ioss_number",
        broker="declarant_eori",
        sender=pl.col("exporter_name").str.to_uppercase().str.strip_chars(),
        consignee=pl.concat_str(
            "importer_name_tokens", pl.col("importer_postcode").fill_null(""), separator=" "
        ).hash(0),
        has_ioss=pl.col("additional_procedure_codes").str.contains(_IOSS_CODE),
    )


def _counted(
    parcels: pl.DataFrame, value_cents: npt.NDArray[np.int64], outcomes: pl.DataFrame
) -> MeasuredFlow:
    flights = parcels.group_by(FLIGHT).len("consignments").with_columns(
        pl.col("consignments").cast(pl.Int64)
    ).sort(FLIGHT)  # fmt: skip
    first, last = _span(parcels)
    span = (last - first).days + 1
    weekly = _weekly(parcels, last, span)
    leaving, followed = _leaving(parcels, first, last)
    of_these = outcomes.join(flights, on=FLIGHT, how="semi")
    controls = of_these.group_by("control_id").agg(
        (pl.col("selected_by") == "random").any(), (~pl.col("presented")).any().alias("is_gone")
    )
    return MeasuredFlow(
        first_on=first,
        last_on=last,
        flight_count=flights.height,
        consignment_count=parcels.height,
        flights_per_week=flights.height / max(span / _WEEK, 1.0),
        one_line_share=_share(parcels["line_count"] == 1),
        ioss_share=_share(parcels["has_ioss"]),
        median_item_eur=float(np.median(value_cents)) / 100,
        **weekly,
        broker_count=parcels["broker"].n_unique(),
        ioss_count=_in_use(parcels["ioss_number"]),
        leaving_per_month=leaving,
        followed_count=followed,
        control_count=controls.height,
        random_count=int(controls["selected_by"].sum()),
        gone_count=int(controls["is_gone"].sum()),
        estimation=estimate(
            of_these, flights, pl.DataFrame(schema=DECLARATION_SCHEMA), before=EVER
        ),
    )


def _span(parcels: pl.DataFrame) -> tuple[date, date]:
    days = parcels["flight_date"].unique().sort()
    first, last = days[0], days[-1]
    assert isinstance(first, date)
    assert isinstance(last, date)
    return first, last


def _share(is_so: pl.Series) -> float:
    return int(is_so.sum()) / len(is_so)


def _in_use(numbers: pl.Series) -> int:
    counts = numbers.drop_nulls().value_counts()
    return int((counts["count"] >= _KNOWN_NUMBER).sum())


def _weekly(parcels: pl.DataFrame, last: date, span: int) -> dict[str, float]:
    """Means of the whole weeks, counted back from the last day; of fewer days, of what there is."""
    weeks = max(span // _WEEK, 1)
    ago = (pl.lit(last) - pl.col("flight_date")).dt.total_days() // _WEEK
    of_weeks = parcels.with_columns(ago=ago).filter(pl.col("ago") < weeks)
    sums = of_weeks.group_by("ago").agg(
        pl.len(), pl.col("sender").n_unique(), pl.col("consignee").n_unique()
    )
    names = {"week_parcels": "len", "week_senders": "sender", "week_consignees": "consignee"}
    return {name: float(sums[column].sum()) / len(sums) for name, column in names.items()}


def _leaving(parcels: pl.DataFrame, first: date, last: date) -> tuple[float | None, int]:
    """Share of known senders gone a month later, from the first and the last fortnight."""
    gap = (last - first).days + 1 - _FORTNIGHT - _FORTNIGHT // 2
    if gap < _LEAST_GAP_DAYS:
        return None, 0
    early = parcels.filter(pl.col("flight_date") < first + timedelta(days=_FORTNIGHT))
    late = parcels.filter(pl.col("flight_date") > last - timedelta(days=_FORTNIGHT))
    known = early.group_by("sender").len().filter(pl.col("len") >= _KNOWN_PARCELS)
    if known.is_empty():
        return None, 0
    stayed = known.join(late, on="sender", how="semi").height / known.height
    monthly = float(max(stayed, 0.5 / known.height)) ** (30 / gap)
    return 1.0 - monthly, known.height
