"""What flows past, for the outside: the state's own flights and results, told in plain words."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from engine.declaration import CONSIGNMENT, FLIGHT
from engine.detection import detection_powers
from engine.errors import SettingError, StateError
from engine.outcome import latest_known
from models.estimation import Estimated, Estimation, Kind, estimate
from service.console import Done
from service.store import Store, StoreAsOf, end_of

EVER = datetime(9999, 1, 1, tzinfo=UTC)
"""After everything that can have been recorded."""

FEW = 20
"""Random controls below which the text warns that the interval says next to nothing (estimate:
half the width is then some fifteen points of a hundred)."""

KIND_WORDS: dict[Kind, str] = {
    "any": "any irregularity",
    "fiscal": "fiscal (value, code, origin, scheme)",
    "goods": "goods (counterfeit, unsafe, prohibited)",
}


def what_flows_past(
    store: Store,
    *,
    since: date | None = None,
    until: date | None = None,
    as_of: date | None = None,
    progress: Done | None = None,
) -> Estimation:
    """Estimate what flows past on the state's own flights of a period.

    Parameters
    ----------
    store : what was received.
    since, until : first and last day of arrival; the first and last there are if None.
    as_of : nothing later than this day is seen; None: everything is.
    progress : told after every day.

    Raises
    ------
    SettingError
        The period ends before it begins.
    StateError
        There are no declarations in the period.
    """
    if since is not None and until is not None and until < since:
        raise SettingError(f"The period ends on {until}, before it begins on {since}.",
                           "Give --from the earlier day.")  # fmt: skip
    seen = store if as_of is None else StoreAsOf(store, as_of)
    days = [
        day
        for day in seen.days()
        if (since is None or day >= since) and (until is None or day <= until)
    ]
    if not days:
        raise StateError("There are no declarations in this period.",
                         "Bring some in with `triage ingest`, or name other days.")  # fmt: skip
    before = EVER if as_of is None else end_of(as_of)
    outcomes = seen.outcomes()
    controlled = latest_known(outcomes, before=before).select(CONSIGNMENT).unique()
    flights, items = [], []
    for done, day in enumerate(days, start=1):
        rows = seen.day(day)
        flights.append(rows.select(CONSIGNMENT).unique().group_by(FLIGHT).len("consignments"))
        items.append(rows.join(controlled, on=CONSIGNMENT, how="semi"))
        if progress is not None:
            progress(done, len(days))
    flow = pl.concat(flights).with_columns(pl.col("consignments").cast(pl.Int64)).sort(FLIGHT)
    return estimate(outcomes, flow, pl.concat(items), before=before)


def write_json(estimation: Estimation, path: Path) -> None:
    """Write an estimate with the table of powers it assumed."""
    powers = detection_powers().to_dicts()
    whole = {**asdict(estimation), "assumed_detection_powers": powers}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(whole, indent=1, default=str) + "\n", encoding="utf-8")


def told(estimation: Estimation) -> list[str]:
    """The estimate in sentences: what it rests on, and whether anything can be said at all."""
    e = estimation
    lines = [
        f"{e.consignment_count:,} consignments on {e.flight_count:,} flights, {e.first_on} to "
        f"{e.last_on}. Drawn at random: {e.drawn_count:,}; {e.gone_count:,} of them had gone, "
        f"{e.counted_count:,} have a result."
    ]
    if not e.counted_count:
        return [
            *lines,
            "What flows past cannot be said: no consignment drawn at random has a result in this "
            "period. Chosen controls cannot tell it, because they were chosen. Keep a random share "
            "(`triage manifest` draws one) and record its results with selected_by = random.",
        ]
    if e.counted_count < FEW:
        lines.append(f"So few ({e.counted_count}) say next to nothing; mind the intervals.")
    return lines


def figures(estimation: Estimation) -> list[dict[str, object]]:
    """The table of figures, a dict a line; intervals of 95 %."""
    days = estimation.day_count
    rows: list[dict[str, object]] = []
    for kind, made in estimation.kinds.items():
        rows.append(
            {
                "kind": KIND_WORDS[kind],
                "found": made.finding_count,
                "share irregular": _share(made.rate),
                "share found": _share(made.rate_as_found),
                "EUR a day flowing past": _money(made.flowing_past_eur, days),
                "EUR a day stopped": f"{made.stopped_eur / days:,.0f}",
            }
        )
    return rows


def assumptions(estimation: Estimation) -> list[str]:
    """What the figures assume, in sentences."""
    e = estimation
    if not e.kinds:
        return []
    rate, money = e.kinds["any"].rate, e.kinds["any"].flowing_past_eur
    lines = [
        "In brackets: 95 % intervals, of sampling chance alone. `share irregular` is corrected for "
        "what controls miss; `share found` is what such controls find, not corrected. EUR are duty "
        "and VAT, without fines.",
        "The correction rests on detection powers that are estimates. If all were a fifth "
        f"lower, {100 * rate.if_powers_lower:.1f} % would be irregular and "
        f"EUR {money.if_powers_lower / e.day_count:,.0f} a day would flow past; a fifth higher, "
        f"{100 * rate.if_powers_higher:.1f} % and EUR {money.if_powers_higher / e.day_count:,.0f}.",
        f"Drawn parcels that had gone are taken to be like those that were there. The draws say as "
        f"much as {e.effective_count:,.0f} equally likely ones.",
    ]
    if e.unsampled_flight_count:
        lines.append(
            f"{e.unsampled_flight_count:,} of {e.flight_count:,} flights have no random draw with "
            "a result; they are taken to be like the others."
        )
    if e.assumed_probability_count:
        lines.append(
            f"{e.assumed_probability_count:,} draws carry no probability; they are taken as simple "
            "random draws of their flight."
        )
    if e.pending_count:
        lines.append(
            f"{e.pending_count:,} findings are provisional; each counts {e.confirmed_share:.2f}, "
            "as often as such findings were confirmed."
        )
    if e.unassessed_count:
        lines.append(
            f"{e.unassessed_count:,} findings do not note what was inside; what was recovered "
            "stands for their loss, fines included."
        )
    return lines


def power_rows(estimation: Estimation) -> list[dict[str, object]]:
    """The powers assumed: finding types, their power by way of control, and of the mix at hand.

    Empty where there was no control to have a mix.
    """
    if not estimation.powers:
        return []
    wide = detection_powers().pivot("control_type", index="finding_type", values="power")
    return [
        {**row, "your mix": f"{estimation.powers[row['finding_type']]:.2f}"}
        for row in wide.iter_rows(named=True)
    ]


def _share(made: Estimated) -> str:
    low, high = 100 * made.interval.low, 100 * made.interval.high
    return f"{100 * made.value:.1f} % ({low:.1f} to {high:.1f})"


def _money(made: Estimated, days: int) -> str:
    low, high = made.interval.low / days, made.interval.high / days
    return f"{made.value / days:,.0f} ({low:,.0f} to {high:,.0f})"
