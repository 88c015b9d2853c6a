"""From a preset, what was measured and what a file says, to the world that is simulated.

Each number keeps where it comes from, so that a profile can be written that says so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final, Protocol

from models.estimation import Estimation
from models.intervals import Interval
from models.prevalence import prevalences_of
from models.probabilities import wilson
from models.simulation.season import most_on_a_day
from service.simulation.measured_flow import MeasuredFlow
from service.simulation.profile import Profile
from service.simulation.profile_keys import CONTROLS, FLOW

FLIGHTS_PER_WEEK: Final = 5
"""Flights a week unless something else is said."""

_SOURCES: Final = ("declarations", "outcomes", "from_state", "flights_per_week")
_FEWEST_PARCELS: Final = 50


@dataclass(frozen=True)
class Figure:
    """A number of a world.

    Attributes
    ----------
    value : the number.
    told : where it comes from.
    interval : 95 %, where there is one.
    """

    value: Any
    told: str
    interval: Interval | None = None


Figures = dict[str, Figure]


class Fitting(Protocol):
    """What the generator knows of its own numbers (`synthetic.fitting`)."""

    def begun(self, scenario: Any, on: date) -> Any:
        """The scenario begun on another day, under the law of that day."""

    def by_finding(self, prevalences: Mapping[str, float]) -> dict[str, float]:
        """Shares by typology as shares by type of finding."""

    def divided(
        self, prevalences: Mapping[str, float], finding: str, share: float
    ) -> dict[str, float]:
        """A share by type of finding as shares by typology."""

    def senders_behind(self, seen: float, parcels: float) -> int:
        """How many senders there are if so many show on so many parcels."""

    def consignees_behind(self, seen: float, parcels: float) -> int:
        """How many people order if so many show on so many parcels."""

    def price_factor_for(self, scenario: Any, median_eur: float) -> float:
        """The price level at which so much is the usual value of an item."""


@dataclass(frozen=True)
class OwnFlow:
    """A world like a flow.

    Attributes
    ----------
    scenario : what the world is made from.
    flights_per_week : how often it flies.
    flow, prevalences, controls : figures by key, as a profile has them.
    starts_on : first day, with where that comes from.
    """

    scenario: Any
    flights_per_week: int
    flow: Figures
    prevalences: Figures
    controls: Figures
    starts_on: Figure


def own_flow(
    preset: Any,
    fitting: Fitting,
    profile: Profile,
    measured: MeasuredFlow | None,
    given: Mapping[str, Any],
) -> OwnFlow:
    """Put a world together: the file over what was measured, that over the preset.

    Parameters
    ----------
    preset : the scenario that stands where nothing else does.
    fitting : the generator's.
    profile : what a file says; an empty one says nothing.
    measured : what was counted, if something was.
    given : keys of the flow that the command line gives; they stand over all.
    """
    starts_on = _starts_on(preset, profile, measured)
    base = fitting.begun(preset, starts_on.value)
    flow = _flow_of(base)
    controls = {key: _default(getattr(base, key)) for key in CONTROLS}
    prevalences = {name: _default(share) for name, share in base.prevalences.items()}
    if measured is not None:
        flow |= _measured_flow(measured, fitting, base)
        controls |= _measured_controls(measured)
        prevalences |= _measured_prevalences(measured.estimation, fitting, base.prevalences)
    flow |= _given(profile, profile.flow)
    flow |= {key: Figure(value, "given on the command line") for key, value in given.items()}
    controls |= _given(profile, profile.controls)
    prevalences |= _given(profile, _by_typology(profile.prevalences, fitting, base.prevalences))
    if measured is not None and "price_factor" not in profile.flow:
        made = _made(base, flow, controls, prevalences)
        price = fitting.price_factor_for(made, measured.median_item_eur)
        told = f"measured: half of the items are worth EUR {measured.median_item_eur:,.2f} or less"
        flow["price_factor"] = Figure(_short(min(max(price, 0.01), 100.0)), told)
    flights = int(flow["flights_per_week"].value)
    made = _made(base, flow, controls, prevalences)
    return OwnFlow(made, flights, flow, prevalences, controls, starts_on)


def _starts_on(preset: Any, profile: Profile, measured: MeasuredFlow | None) -> Figure:
    if "on" in profile.start:
        return Figure(profile.start["on"], _from(profile))
    if measured is not None:
        after = measured.last_on + timedelta(days=7 - measured.last_on.weekday())
        return Figure(after, f"the Monday after the last flight measured ({measured.last_on})")
    return _default(preset.start_date)


def _flow_of(base: Any) -> Figures:
    fields = {key: _default(getattr(base, key)) for key in FLOW if key not in _SOURCES}
    return {"flights_per_week": _default(FLIGHTS_PER_WEEK), **fields}


def _made(base: Any, flow: Figures, controls: Figures, prevalences: Figures) -> Any:
    fields = {key: figure.value for key, figure in (flow | controls).items()}
    flights = fields.pop("flights_per_week")
    return replace(
        base,
        **fields,
        flights_per_day=most_on_a_day(flights),
        prevalences={name: figure.value for name, figure in prevalences.items()},
    )


def _measured_flow(seen: MeasuredFlow, fitting: Fitting, base: Any) -> Figures:
    week = f"in a week of {seen.week_parcels:,.0f} parcels"
    figures = {
        "flights_per_week": Figure(
            max(1, round(seen.flights_per_week)), f"measured: {seen.flight_count:,} flights"
        ),
        "parcels_per_flight": Figure(
            max(_FEWEST_PARCELS, round(seen.parcels_per_flight)),
            f"measured: {seen.consignment_count:,} parcels",
        ),
        "shippers": Figure(
            fitting.senders_behind(seen.week_senders, seen.week_parcels),
            f"measured: {seen.week_senders:,.0f} different ones {week}",
        ),
        "consignees": Figure(
            fitting.consignees_behind(seen.week_consignees, seen.week_parcels),
            f"measured: {seen.week_consignees:,.0f} different ones {week}",
        ),
        "brokers": Figure(max(3, seen.broker_count), f"measured: {seen.broker_count:,} seen"),
        "ioss_numbers": Figure(
            max(6, seen.ioss_count), f"measured: {seen.ioss_count:,} on five parcels or more"
        ),
        "ioss_share": Figure(_short(seen.ioss_share), "measured: parcels that claim F48"),
        "one_line_share": Figure(_short(seen.one_line_share), "measured: parcels of one item"),
    }
    if seen.leaving_per_month is not None:
        rate = -math.log1p(-seen.leaving_per_month) - base.phoenix_per_month
        told = (
            f"measured: of {seen.followed_count:,} senders, {seen.leaving_per_month:.1%} leave in "
            "a month; less those who come back under another name"
        )
        figures["new_per_month"] = Figure(_short(min(max(rate, 0.0), 1.0)), told)
    return figures


def _measured_controls(seen: MeasuredFlow) -> Figures:
    if not seen.control_count:
        return {}
    return {
        "controls_share": Figure(
            _short(min(seen.control_count / seen.consignment_count, 1.0)),
            f"measured: {seen.control_count:,} controls",
        ),
        "random_share": _of_controls(seen.random_count, seen.control_count, "drawn at random"),
        "not_presented_share": _of_controls(seen.gone_count, seen.control_count, "had gone"),
    }


def _of_controls(count: int, controls: int, what: str) -> Figure:
    interval = Interval(*wilson(count / controls, controls))
    return Figure(_short(count / controls), f"measured: {count:,} {what}", interval)


def _measured_prevalences(
    made: Estimation, fitting: Fitting, usual: Mapping[str, float]
) -> Figures:
    """Shares by typology; the usual ones where no random control tells anything."""
    by_finding = prevalences_of(made, fitting.by_finding(usual))
    if not by_finding:
        told = "default: no random control has a result, and chosen ones cannot tell"
        return {name: Figure(share, told) for name, share in usual.items()}
    figures: Figures = {}
    for finding, one in by_finding.items():
        told = f"measured: {one.found_count:.1f} {finding} in {made.effective_count:,.0f} draws"
        ends = [fitting.divided(usual, finding, end) for end in
                (one.interval.low, one.interval.high)]  # fmt: skip
        for name, share in fitting.divided(usual, finding, one.value).items():
            interval = Interval(ends[0][name], ends[1][name]) if share else None
            figures[name] = Figure(_short(share), told, interval)
    return figures


def _by_typology(
    shares: Mapping[str, float], fitting: Fitting, usual: Mapping[str, float]
) -> dict[str, float]:
    """What a file says of typologies and of types of finding, by typology."""
    told: dict[str, float] = {}
    for name, share in shares.items():
        told |= {name: share} if name in usual else fitting.divided(usual, name, share)
    return told


def _given(profile: Profile, values: Mapping[str, Any]) -> Figures:
    return {key: Figure(value, _from(profile)) for key, value in values.items()}


def _from(profile: Profile) -> str:
    return f"given in {profile.name}"


def _default(value: Any) -> Figure:
    return Figure(value, "default")


def _short(value: float) -> float:
    """Four significant digits: what is written and read again is the same number."""
    return float(f"{value:.4g}")
