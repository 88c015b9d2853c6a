"""What flows past: the share of irregular consignments and the revenue lost, from random draws.

Controls that somebody chose say nothing of the flow; those drawn at random do, each standing for
the inverse of its probability. Three things are between their results and the truth:

- Controls miss. Each finding stands for the inverse of the power with which controls of the mix
  at hand find its type (`engine.detection`, estimates). A consignment with several findings
  stands for 1 - product(1 - 1 / power), which is unbiased where types are found independently.
- Results are late. A provisional finding counts as often as such findings were confirmed.
- Parcels are gone. They are taken to be like the others; nothing can be said of them.

The intervals hold sampling chance alone. How they are made, why they hold the truth where
Student's does not, and what they cost: docs/decisions/0014-what-flows-past.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from engine.assessment import assessed_loss
from engine.declaration import CONSIGNMENT, FLIGHT
from engine.detection import USUAL_MIX, detection_power, usual_power
from engine.errors import InputError
from engine.finding import CONTROL_TYPES, FINDING_TYPES, FISCAL_FINDINGS, GOODS_FINDINGS
from engine.outcome import label_columns, latest_known
from models.intervals import Interval, Numbers
from models.probabilities import wilson

Kind: TypeAlias = Literal["any", "fiscal", "goods"]
Mask: TypeAlias = npt.NDArray[np.bool_]

UNNAMED = "UNNAMED"
"""Stands for the type of a result B1 that names none; it counts as fiscal, as in the labels."""

TYPES: tuple[str, ...] = (*FINDING_TYPES, UNNAMED)

KINDS: dict[Kind, frozenset[str]] = {
    "any": frozenset(TYPES),
    "fiscal": frozenset((*FISCAL_FINDINGS, UNNAMED)),
    "goods": frozenset(GOODS_FINDINGS),
}
"""Kinds of findings and their types."""

CONFIRMED = (1.5, 0.5)
"""Provisional findings confirmed and lifted that are assumed before any was seen: three in four.
Experts confirm 95 % of suspicions on chosen parcels (domain.md 1.6); on random parcels there are
fewer infringements to suspect rightly (estimate)."""

SPREAD, SPREAD_COUNT = 6.5, 100
"""Squared coefficient of variation of the loss of a finding, and how many findings that belief is
worth. Few findings never show their own tail; estimate, from development worlds (5.3 to 11.7)."""

UNSEEN_COUNT, UNSEEN_EUR = 0.5, 10.0
"""Findings assumed to be still unseen, and the loss of one: at the lower end of the EUR 5 to 40 of
a low-value hit (domain.md 2.5). They keep the interval honest where little or nothing was found."""

DOUBT = 0.2
"""By how much all powers together are moved to show what the correction rests on (estimate)."""

LOW_SHIFT, HIGH_SHIFT = 0.25, -0.3
"""Where the ends of a mean loss lie beside its logarithm, in squared deviations: found by
simulation on development worlds, with 20 to 4,000 draws (docs/decisions/0014)."""

QUANTILE = 1.959964
"""Normal quantile of the ends of a 95 % interval."""


@dataclass(frozen=True, slots=True)
class Estimated:
    """A figure with its 95 % interval, and the figure if powers were a fifth higher or lower."""

    value: float
    interval: Interval
    if_powers_higher: float
    if_powers_lower: float


@dataclass(frozen=True, slots=True)
class KindEstimate:
    """What flows past of one kind of irregularity.

    Parameters
    ----------
    finding_count : random controls with such a finding.
    rate : share of all consignments that are irregular, corrected for what controls miss.
    rate_as_found : share of which such controls find it, without correction.
    lost_eur : duty and VAT lost on the whole flow of the period, corrected.
    flowing_past_eur : the same less what controls of all sorts stopped.
    flowing_past_as_found_eur : the same without correction.
    stopped_eur : duty and VAT that controls of all sorts stopped, assessed, without fines.
    """

    finding_count: int
    rate: Estimated
    rate_as_found: Estimated
    lost_eur: Estimated
    flowing_past_eur: Estimated
    flowing_past_as_found_eur: Estimated
    stopped_eur: float


@dataclass(frozen=True, slots=True)
class Estimation:
    """What flows past in a period, with all that it rests on.

    Parameters
    ----------
    first_on, last_on, day_count : the days of the period that had flights.
    flight_count, consignment_count : the flow.
    unsampled_flight_count : flights without a random control; taken to be like the others.
    drawn_count, gone_count, counted_count : consignments drawn at random, of these gone, and those
        with a result.
    effective_count : as many equally likely draws would say as much.
    assumed_probability_count : counted draws whose probability was not recorded.
    pending_count : counted with a provisional finding.
    confirmed_share : how often such findings are confirmed.
    unassessed_count : findings whose loss had to be taken from what was recovered, fines included.
    powers : finding type -> power of the mix of controls at hand; empty if there were none.
    found_shares : finding type -> share of the flow in which such controls find it, not corrected;
        provisional findings count as often as they are confirmed. Empty if there were none.
    kinds : by kind; empty if there is no random control with a result: nothing can be said.
    """

    first_on: date
    last_on: date
    day_count: int
    flight_count: int
    consignment_count: int
    unsampled_flight_count: int
    drawn_count: int
    gone_count: int
    counted_count: int
    effective_count: float
    assumed_probability_count: int
    pending_count: int
    confirmed_share: float
    unassessed_count: int
    powers: Mapping[str, float] = field(default_factory=dict)
    found_shares: Mapping[str, float] = field(default_factory=dict)
    kinds: Mapping[Kind, KindEstimate] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Sample:
    """The counted draws, in the order of their keys; a row of each matrix a consignment.

    `share` sums to one; `found` and `power` have a column each of `TYPES`; `sure` is one, or the
    chance that a provisional finding is confirmed; `lost_eur` is assessed.
    """

    share: Numbers
    found: Mask
    power: Numbers
    sure: Numbers
    lost_eur: Numbers


_Measure: TypeAlias = Callable[[_Sample, Kind, Numbers], tuple[float, Interval]]


def estimate(
    outcomes: pl.DataFrame, flights: pl.DataFrame, items: pl.DataFrame, *, before: datetime
) -> Estimation:
    """Estimate what flows past on the flights of a period.

    Parameters
    ----------
    outcomes
        Events of `OutcomeRow`. Those of other flights only say how often provisional findings
        are confirmed.
    flights
        The flow: `flight_number`, `flight_date`, `consignments` (how many), one row a flight.
    items
        `Declaration` rows of the consignments with a finding; more do no harm.
    before
        Events recorded at this instant (UTC) or later are not known yet.

    Raises
    ------
    InputError
        There are no flights.
    """
    if flights.is_empty():
        raise InputError("The period has no flights.", "Name days with declarations.")
    known = _by_consignment(outcomes, before).join(flights, on=FLIGHT, how="inner")
    confirmed = confirmed_share(outcomes, before=before)
    judged = _with_losses(known, items, confirmed)
    drawn = _drawn(outcomes, flights, before)
    counted = judged.join(drawn, on=CONSIGNMENT, how="inner").sort(CONSIGNMENT)
    flow = int(flights["consignments"].sum())
    days = flights["flight_date"].unique().sort()
    sample = _sample(counted)
    spread = float((sample.share**2).sum())
    first, last = days[0], days[-1]
    assert isinstance(first, date)
    assert isinstance(last, date)
    return Estimation(
        first_on=first,
        last_on=last,
        day_count=len(days),
        flight_count=len(flights),
        consignment_count=flow,
        unsampled_flight_count=flights.join(counted, on=FLIGHT, how="anti").height,
        drawn_count=len(drawn),
        gone_count=len(drawn) - len(counted),
        counted_count=len(counted),
        effective_count=1.0 / spread if spread else 0.0,
        assumed_probability_count=int(counted["is_assumed"].sum()),
        pending_count=int(counted["is_pending"].sum()),
        confirmed_share=confirmed,
        unassessed_count=int((~judged["is_assessed"]).sum()),
        powers=dict(zip(TYPES, map(float, _mean_power(sample)), strict=True)) if spread else {},
        found_shares=_found_shares(sample) if spread else {},
        kinds={kind: _kind(kind, sample, judged, flow) for kind in KINDS} if spread else {},
    )


def confirmed_share(outcomes: pl.DataFrame, *, before: datetime) -> float:
    """How often provisional findings on random controls are confirmed by the final result.

    Parameters
    ----------
    outcomes : events of `OutcomeRow`.
    before : instant (UTC); only events recorded before it are known.
    """
    known = label_columns(outcomes.filter(pl.col("recorded_at") < before, selected_by="random"))
    first = known.filter("is_irregular", status="provisional").select("control_id").unique()
    final = known.filter(pl.col("presented"), status="final").join(first, on="control_id")
    settled = final.group_by("control_id").agg(pl.col("is_irregular").any())
    kept = CONFIRMED[0]
    kept += settled.filter("is_irregular").height
    return kept / (len(settled) + sum(CONFIRMED))


def rate_of(stands_for: Numbers, share: Numbers, usual: float) -> tuple[float, Interval]:
    """A share of the flow from weighted draws, with Wilson's interval on an effective count.

    Parameters
    ----------
    stands_for : how many irregular consignments each draw stands for, among those like it: 0
        where nothing was found, else at least 1 (less if unsure).
    share : share of the flow that each draw stands for; sums to one.
    usual : what a finding usually stands for; one is assumed unseen in the variance.
    """
    squares = float((share**2).sum())
    value = min(float((share * stands_for).sum()), 1.0)
    unseen = squares * usual
    middle = min(value + unseen, 0.99)
    second = float((share * stands_for**2).sum()) + unseen * usual
    variance = max(squares * (second - middle**2), squares * middle * (1.0 - middle))
    low, high = wilson(value, middle * (1.0 - middle) / variance)
    return value, Interval(min(low, value), max(high, value))


def mean_loss_of(
    loss_eur: Numbers, stands_for: Numbers, share: Numbers, usual: float
) -> tuple[float, Interval]:
    """Mean loss of a consignment of the flow, EUR, with an interval on the logarithmic scale.

    The relative variance of a sum of losses is (1 + spread) / findings; the spread of the losses
    is what was seen shrunk towards `SPREAD`, and half a finding is taken to be still unseen.

    Parameters
    ----------
    loss_eur : assessed loss of each draw.
    stands_for : as for `rate_of`; 0 where nothing was found.
    share : share of the flow that each draw stands for; sums to one.
    usual : what a finding usually stands for.
    """
    weight = share * stands_for
    value = float((weight * loss_eur).sum())
    unseen = UNSEEN_COUNT * float((share**2).sum()) * usual
    count = float(weight.sum()) + unseen
    squares = float((weight**2).sum()) + unseen * usual * float((share**2).sum())
    relative = (1.0 + _spread(loss_eur, weight)) * squares / count**2
    deviation = float(np.sqrt(np.log1p(relative)))
    middle = value + unseen * UNSEEN_EUR
    low = middle * float(np.exp(LOW_SHIFT * deviation**2 - QUANTILE * deviation))
    high = middle * float(np.exp(HIGH_SHIFT * deviation**2 + QUANTILE * deviation))
    return value, Interval(min(low, value) if value > 0 else 0.0, max(high, value))


def _spread(loss_eur: Numbers, weight: Numbers) -> float:
    """Squared coefficient of variation of the losses found, shrunk towards `SPREAD`."""
    total, seen = float(weight.sum()), int((weight > 0).sum())
    mean = float((weight * loss_eur).sum()) / total if total else 0.0
    if mean == 0.0:
        return SPREAD
    own = float((weight * (loss_eur - mean) ** 2).sum()) / total / mean**2
    return (seen * own + SPREAD_COUNT * SPREAD) / (seen + SPREAD_COUNT)


def _by_consignment(outcomes: pl.DataFrame, before: datetime) -> pl.DataFrame:
    """What was known of each controlled consignment that was there, from all its controls."""
    known = label_columns(latest_known(outcomes, before=before)).sort("control_id")
    is_named = pl.col("finding_types").fill_null("") != ""
    unnamed = pl.when(pl.col("is_irregular") & ~is_named).then(pl.lit(UNNAMED))
    return known.group_by(CONSIGNMENT).agg(
        pl.coalesce(pl.when(is_named).then("finding_types"), unnamed)
        .drop_nulls().unique().sort().str.join("|").alias("finding_types"),
        pl.col("found_hs6").drop_nulls().first(),
        pl.col("found_value_eur").max(),
        pl.col("revenue_recovered_eur").sum(),
        pl.col("control_type"),
        ((pl.col("status") == "provisional") & pl.col("is_irregular")).any().alias("is_pending"),
    ).sort(CONSIGNMENT)  # fmt: skip


def _with_losses(known: pl.DataFrame, items: pl.DataFrame, confirmed: float) -> pl.DataFrame:
    """Add what was lost, if it was assessed, and how sure the finding is.

    Of a consignment without a declaration only what was recovered is known.
    """
    recovered = (pl.col("revenue_recovered_eur") * 100).round().cast(pl.Int64)
    found = known.filter(pl.col("finding_types") != "")
    named = found.with_columns(
        pl.col("finding_types").str.replace_all(UNNAMED, "").str.strip_chars("|")
    )
    return (
        known.join(assessed_loss(named, items), on=CONSIGNMENT, how="left")
        .with_columns(
            pl.coalesce(
                "lost_cents", pl.when(pl.col("finding_types") != "").then(recovered), pl.lit(0)
            ),
            pl.col("is_assessed").fill_null(pl.col("finding_types") == ""),
            sure=pl.when("is_pending").then(confirmed).otherwise(1.0),
        )
        .sort(CONSIGNMENT)
    )


def _drawn(outcomes: pl.DataFrame, flights: pl.DataFrame, before: datetime) -> pl.DataFrame:
    """Consignments drawn at random, gone or not, with the number of those each stands for.

    Where a flight's draws carry no probability they are taken as a simple random sample of it.
    """
    drawn = outcomes.filter(pl.col("recorded_at") < before, selected_by="random")
    drawn = drawn.group_by(CONSIGNMENT).agg(pl.col("selection_probability").max())
    drawn = drawn.join(flights, on=FLIGHT, how="inner")
    assumed = pl.col("consignments") / pl.len().over(FLIGHT)
    return drawn.select(
        *CONSIGNMENT,
        stands_for=pl.coalesce(1.0 / pl.col("selection_probability"), assumed),
        is_assumed=pl.col("selection_probability").is_null(),
    ).sort(CONSIGNMENT)


def _sample(counted: pl.DataFrame) -> _Sample:
    weight = counted["stands_for"].to_numpy()
    types = counted["finding_types"].str.split("|").to_list()
    missed = [
        np.prod([1.0 - _POWERS[control] for control in controls], axis=0)
        for controls in counted["control_type"].to_list()
    ]
    return _Sample(
        share=weight / max(weight.sum(), 1e-300),
        found=np.array([[t in found for t in TYPES] for found in types], dtype=np.bool_).reshape(
            -1, len(TYPES)
        ),
        power=1.0 - np.array(missed, dtype=np.float64).reshape(-1, len(TYPES)),
        sure=counted["sure"].to_numpy(),
        lost_eur=counted["lost_cents"].to_numpy() / 100,
    )


def _power(finding: str, control: str) -> float:
    if finding == UNNAMED:
        return usual_power(FISCAL_FINDINGS, control)
    return detection_power(finding, control)


_POWERS: dict[str, Numbers] = {
    control: np.array([_power(finding, control) for finding in TYPES]) for control in CONTROL_TYPES
}
"""Control type -> power by `TYPES`."""


def _mean_power(sample: _Sample) -> Numbers:
    """Power against each type of the mix of controls that the draws had."""
    return np.asarray((sample.share[:, None] * sample.power).sum(axis=0))


def _found_shares(sample: _Sample) -> dict[str, float]:
    """Share of the flow in which each type would be found."""
    shares = ((sample.share * sample.sure)[:, None] * sample.found).sum(axis=0)
    return dict(zip(TYPES, map(float, shares), strict=True))


def _columns(kind: Kind) -> Mask:
    return np.array([name in KINDS[kind] for name in TYPES])


def _stands_for(sample: _Sample, columns: Mask, power: Numbers) -> Numbers:
    """How many irregular consignments each draw stands for: 1 - product(1 - 1 / power).

    Two findings on one consignment can make it less than one, which is right on average and odd
    for one parcel; a parcel found stands at least for itself.
    """
    found = sample.found & columns
    factors = np.where(found, 1.0 - 1.0 / power, 1.0)
    stands = np.maximum(1.0 - factors.prod(axis=1), 1.0)
    return np.asarray(np.where(found.any(axis=1), stands, 0.0) * sample.sure)


def _usual(columns: Mask, power: Numbers) -> float:
    """What a finding of the usual mix of types stands for."""
    mix = np.array([USUAL_MIX.get(name, 0.0) for name in TYPES]) * columns
    return float(mix.sum() / (mix * power).sum())


def _kind(kind: Kind, sample: _Sample, judged: pl.DataFrame, flow: int) -> KindEstimate:
    """All figures of one kind."""
    columns = _columns(kind)
    pattern = "|".join(sorted(KINDS[kind]))
    stopped = judged.filter(pl.col("finding_types").str.contains(pattern))
    stopped_eur = float((stopped["lost_cents"] * stopped["sure"]).to_numpy().sum()) / 100
    powers = _mean_power(sample)
    all_found = np.ones_like(powers)
    lost = _estimated(_mean_loss, sample, kind, powers, flow)
    as_found = _estimated(_mean_loss, sample, kind, all_found, flow)
    return KindEstimate(
        finding_count=int((sample.found & columns).any(axis=1).sum()),
        rate=_estimated(_rate, sample, kind, powers, 1),
        rate_as_found=_estimated(_rate, sample, kind, all_found, 1),
        lost_eur=lost,
        flowing_past_eur=_less(lost, stopped_eur),
        flowing_past_as_found_eur=_less(as_found, stopped_eur),
        stopped_eur=stopped_eur,
    )


def _rate(sample: _Sample, kind: Kind, powers: Numbers) -> tuple[float, Interval]:
    columns = _columns(kind)
    return rate_of(_stands_for(sample, columns, powers), sample.share, _usual(columns, powers))


def _mean_loss(sample: _Sample, kind: Kind, powers: Numbers) -> tuple[float, Interval]:
    """A loss shows when the fiscal side is found; only where there is none, the goods' side."""
    columns = _columns("fiscal" if kind == "any" else kind)
    stands = _stands_for(sample, columns, powers)
    if kind == "any":
        goods = _stands_for(sample, _columns("goods"), powers) * (sample.lost_eur > 0)
        stands = np.where(stands > 0, stands, goods)
    return mean_loss_of(sample.lost_eur, stands, sample.share, _usual(columns, powers))


def _estimated(
    measure: _Measure, sample: _Sample, kind: Kind, powers: Numbers, times: int
) -> Estimated:
    """A measure, times the flow, with what it would be were powers higher or lower."""
    value, interval = measure(sample, kind, powers)
    is_corrected = bool((powers < 1).any())
    higher, lower = (
        measure(sample, kind, np.clip(powers * factor, None, 1.0))[0] if is_corrected else value
        for factor in (1.0 + DOUBT, 1.0 - DOUBT)
    )
    ends = Interval(interval.low * times, interval.high * times)
    return Estimated(value * times, ends, higher * times, lower * times)


def _less(lost: Estimated, stopped_eur: float) -> Estimated:
    """What is left of a loss, at least nothing."""
    low, high = lost.interval.low - stopped_eur, lost.interval.high - stopped_eur
    return Estimated(
        max(lost.value - stopped_eur, 0.0),
        Interval(max(low, 0.0), max(high, 0.0)),
        max(lost.if_powers_higher - stopped_eur, 0.0),
        max(lost.if_powers_lower - stopped_eur, 0.0),
    )
