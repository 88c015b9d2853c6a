"""The inspection list for the eye: a table on the terminal."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from service.console import safe
from service.inspection import Inspection

_STYLES = {"model": "bold", "rule": "bold", "random": "italic"}


def show_list(inspection: Inspection, console: Console) -> None:
    """Print the list, and under it how it came about."""
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for name, justify in (("#", "right"), ("hawb", "left"), ("ULD / bag", "left"),
                          ("risk", "right"), ("EUR", "right"), ("min", "right"),
                          ("by", "left")):  # fmt: skip
        table.add_column(name, justify=justify, no_wrap=name not in {"hawb", "ULD / bag"})  # type: ignore[arg-type]
    table.add_column("why", ratio=1)
    for row in inspection.rows.iter_rows(named=True):
        table.add_row(
            str(row["rank"]),
            _text(row["hawb"]),
            _text(" / ".join(place for place in (row["uld_id"], row["bag_id"]) if place)),
            f"{row['risk']:.0%}" if row["risk"] >= 0.095 else f"{row['risk']:.1%}",
            f"{row['expected_revenue_eur']:,.2f}",
            f"{row['minutes']:.0f}",
            Text(row["selected_by"], style=_STYLES.get(row["selected_by"], "")),
            _text(row["reasons"][0] if row["reasons"] else ""),
        )
    console.print(table)
    console.print(summary(inspection), markup=False)


def summary(inspection: Inspection) -> str:
    """One line: how many of how many, for what budget, chosen by what."""
    selection = inspection.selection
    flights = inspection.rows.select("flight_number", "flight_date").unique().sort("flight_number")
    names = ", ".join(f"{number} of {day}" for number, day in flights.iter_rows())
    by = "rules" if inspection.is_degraded else f"model version {inspection.version}"
    return safe(
        f"{selection.chosen.height:,} of {selection.offered_count:,} consignments of {names}; "
        f"{selection.spent:g} of {selection.budget} spent, {selection.random_count:,} drawn at "
        f"random; ranked by {by}, policy {selection.policy_name}."
    )


def _text(value: str) -> Text:
    return Text(safe(value), overflow="fold")
