"""The inspection list for the eye: a table on the terminal, and how the list came about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from engine.harm import HARMS_EUR
from engine.routing.route import Route
from service.console import safe
from service.inspection import Inspection
from service.walk import Head, in_walking_order, walk

_STYLES = {"model": "bold", "rule": "bold", "random": "italic"}


def show_list(inspection: Inspection, console: Console, *, is_grouped: bool = False) -> None:
    """Print the list, and under it how it came about.

    Parameters
    ----------
    inspection : the list.
    console : where to.
    is_grouped : whether in the order an officer walks, with what there is to open on the way.
    """
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
    columns = [("#", "right"), ("hawb", "left"), ("ULD / bag", "left"), ("risk", "right"),
               ("EUR", "right"), ("min", "right"), ("by", "left")]  # fmt: skip
    for name, justify in columns:
        if name != "ULD / bag" or not is_grouped:
            table.add_column(name, justify=justify, no_wrap=name not in {"hawb", "ULD / bag"})  # type: ignore[arg-type]
    table.add_column("why", ratio=1)
    if is_grouped:
        for stop in walk(in_walking_order(inspection.rows), inspection.wish.times):
            table.add_row(*(_head(stop) if isinstance(stop, Head) else _cells(stop, 2)))
    else:
        for row in inspection.rows.iter_rows(named=True):
            table.add_row(*_cells(row))
    console.print(table)
    console.print(summary(inspection), markup=False)


def _cells(row: dict[str, Any], left_out: int | None = None) -> list[Text]:
    """The cells of a parcel, perhaps without its place."""
    cells = [
        Text(str(row["rank"])),
        _text(row["hawb"]),
        _text(" / ".join(place for place in (row["uld_id"], row["bag_id"]) if place)),
        Text(f"{row['risk']:.0%}" if row["risk"] >= 0.095 else f"{row['risk']:.1%}"),
        Text(f"{row['expected_revenue_eur']:,.2f}"),
        Text(f"{row['minutes']:.0f}"),
        Text(row["selected_by"], style=_STYLES.get(row["selected_by"], "")),
        _text(row["reasons"][0] if row["reasons"] else ""),
    ]
    return [cell for at, cell in enumerate(cells) if at != left_out]


def _head(head: Head) -> list[Text]:
    """The cells of a place to open."""
    minutes = Text(f"{head.minutes:.0f}" if head.minutes else "", style="cyan")
    nothing = Text("")
    name = Text(safe(head.name), overflow="fold", style="cyan")
    return [nothing, name, nothing, nothing, minutes, nothing, Text(head.about, style="cyan")]


def summary(inspection: Inspection) -> str:
    """How many of how many, for what budget, spent on what, chosen by what, and how well."""
    selection = inspection.selection
    flights = inspection.rows.select("flight_number", "flight_date").unique().sort("flight_number")
    names = ", ".join(f"{number} of {day}" for number, day in flights.iter_rows())
    by = "rules" if inspection.is_degraded else f"model version {inspection.version}"
    mandatory = f", {selection.mandatory_count:,} mandatory" if selection.mandatory_count else ""
    caps = f", {inspection.wish.caps}" if str(inspection.wish.caps) else ""
    told = [
        f"{selection.chosen.height:,} of {selection.offered_count:,} consignments of {names}; "
        f"{selection.spent:g} of {selection.budget} spent, {selection.random_count:,} drawn at "
        f"random{mandatory}; ranked by {by}, policy {selection.policy_name}{caps}.",
        f"Expected minutes: {selection.account.total_minutes:g} ({selection.account}).",
        _harms(inspection.wish.harm_weight, inspection.wish.harms_eur),
    ]
    if selection.route is not None:
        told.append(how_good(selection.route))
    return safe(" ".join(told))


def _harms(weight: float, harms_eur: Mapping[str, float]) -> str:
    """What harm counts beside revenue, and which harms are the user's own."""
    told = (
        f"Harm weight {weight:g}: beside its revenue a counterfeit counts "
        f"EUR {weight * harms_eur['IPR_INFRINGEMENT']:g}, a false description "
        f"EUR {weight * harms_eur['MISDESCRIPTION']:g}."
    )
    own = [f"{kind} EUR {eur:g} instead of {HARMS_EUR[kind]:g}"
           for kind, eur in harms_eur.items() if eur != HARMS_EUR[kind]]  # fmt: skip
    return f"{told} Harms of your own: {', '.join(own)}." if own else told


def how_good(route: Route) -> str:
    """How far what the policy chose can be from the best that the budget and the caps allow."""
    worth = f"What the policy chose is worth EUR {route.value_eur:,.2f}"
    if route.is_proven:
        return f"{worth}: proven the best that the budget allows."
    return (
        f"{worth}, at most {route.gap:.2%} less than the best that the budget allows "
        f"(bound EUR {route.bound_eur:,.2f})."
    )


def _text(value: str) -> Text:
    return Text(safe(value), overflow="fold")
