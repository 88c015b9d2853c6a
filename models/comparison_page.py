"""The comparison as one HTML page: no script, no outside address, light and dark."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from models.comparison import CURVES, Cell, Comparison
from models.measures import Measure
from models.metrics import Population
from models.page_frame import definitions, document, figure, folded
from models.plots import (
    Runs,
    at_usual_budget,
    calibration_plot,
    frontier_plot,
    gain_plot,
    hit_rate_plot,
    revenue_plot,
)
from models.tracking import Run


def page(comparison: Comparison) -> str:
    """The whole page.

    Parameters
    ----------
    comparison : the runs, read from the store.

    Returns
    -------
    HTML with its style and pictures inside.
    """
    title = f"{len(comparison.runs)} runs side by side"
    parts = [
        f"<h1>{escape(title)}</h1>",
        f'<p class="soft">{_lead(comparison)}</p>',
        *(f'<p class="note">{escape(note)}</p>' for note in comparison.notes),
        _differences(comparison),
        _drift(comparison),
        "<h2>Pictures</h2>",
        f'<div class="pictures">{"".join(_pictures(comparison))}</div>',
        "<h2>Figures</h2>",
        '<p class="soft">Below each, a 95 % interval: where the figure would lie had other days '
        "come. The best of a line is shaded; whether that is more than chance is said "
        "above.</p>",
        _table(comparison),
        "<h2>What the figures mean</h2>",
        _meanings(comparison),
        "<h2>The runs</h2>",
        *(_details(comparison, run) for run in comparison.runs),
    ]
    return document(title, parts)


def _lead(comparison: Comparison) -> str:
    spans = {comparison.measured_on(run.name) for run in comparison.runs}
    when = spans.pop() if len(spans) == 1 else "different days"
    reference = comparison.reference
    is_flow = reference.tags.get("population") != "controlled"
    what = "every parcel of the flow" if is_flow else "controlled parcels alone"
    held = f"{reference.name}, the champion," if reference.is_champion else reference.name
    return escape(f"Measured on {what}, {when}. {held} is the reference.")


def _differences(comparison: Comparison) -> str:
    if not comparison.differences:
        return ""
    found = "".join(f"<li>{escape(d.sentence)}</li>" for d in comparison.differences)
    return f"<h2>Is one better?</h2>\n<ul>{found}</ul>"


def _drift(comparison: Comparison) -> str:
    if not comparison.drift:
        return ""
    found = "".join(f"<li>{escape(line)}</li>" for line in comparison.drift)
    return (
        "<h2>Is the flow still the same?</h2>\n"
        '<p class="soft">The flow that each run learned from against the one it was judged on, and '
        "against the latest days where any came after that. An index below 0.10 tells of no "
        "drift, one above 0.25 of a change to look at; a movement is told where chance alone "
        "would hardly make it.</p>\n"
        f"<ul>{found}</ul>"
    )


def _table(comparison: Comparison) -> str:
    heads = "".join(f"<th scope=col>{_head(run)}</th>" for run in comparison.runs)
    lines = []
    before = ""
    for measure, cells in comparison.rows:
        subject = measure.subject if measure.subject != before else ""
        budget = measure.label.partition(", ")[2]
        before = measure.subject
        lines.append(
            f"<tr{' class=first' if subject else ''}><th scope=row>{escape(subject)}</th>"
            f"<td>{escape(budget)}</td>"
            + "".join(_cell(measure, cells.get(run.name)) for run in comparison.runs)
            + "</tr>"
        )
    return (
        '<div class="scroll"><table><thead><tr><th scope=col>Figure</th><th></th>'
        f"{heads}</tr></thead>\n<tbody>{''.join(lines)}</tbody></table></div>"
    )


def _head(run: Run) -> str:
    version = f"version {run.version}" if run.version is not None else "no version"
    champion = ", champion" if run.is_champion else ""
    return f"{escape(run.name)}<small>{version}{champion}</small>"


def _cell(measure: Measure, cell: Cell | None) -> str:
    if cell is None:
        return "<td>–</td>"
    best = ' class="best"' if cell.is_best else ""
    interval = ""
    if cell.over_days is not None:
        between = measure.said_between(cell.over_days.low, cell.over_days.high)
        interval = f"<small>{escape(between)}</small>"
    return f"<td{best}>{escape(measure.said(cell.value))}{interval}</td>"


def _pictures(comparison: Comparison) -> list[str]:
    """All runs of the reference's population, overlaid."""
    population: Population = (
        "controlled" if comparison.reference.tags.get("population") == "controlled" else "flow"
    )
    names = [
        run.name for run in comparison.runs if run.tags.get("population", "flow") == population
    ]
    curves = {
        curve: {
            name: comparison.curves[name][curve]
            for name in names
            if curve in comparison.curves.get(name, {})
        }
        for curve in CURVES
    }
    whole = {name: frame.filter(head="irregular") for name, frame in curves["calibration"].items()}
    days = {name: comparison.by_day[name] for name in names if name in comparison.by_day}
    exchanged = {name: at_usual_budget(frame) for name, frame in curves["frontier"].items()}
    exchanged = {name: frame for name, frame in exchanged.items() if not frame.is_empty()}
    drawn: list[tuple[Runs, Callable[[Runs], str]]] = [
        (curves["gain"], lambda runs: gain_plot(runs, population)),
        (curves["revenue"], lambda runs: revenue_plot(runs, population)),
        (exchanged, frontier_plot),
        (days, hit_rate_plot),
        (whole, calibration_plot),
    ]
    return [figure(draw(runs), at) for at, (runs, draw) in enumerate(drawn) if runs]


def _meanings(comparison: Comparison) -> str:
    meanings: dict[str, str] = {}
    for measure, _ in comparison.rows:
        meanings.setdefault(measure.subject, measure.meaning)
    return definitions(meanings)


def _details(comparison: Comparison, run: Run) -> str:
    facts = {
        "run": run.run_id,
        "started": f"{run.started_at:%Y-%m-%d %H:%M} UTC",
        "measured on": comparison.measured_on(run.name),
        **run.tags,
        **run.params,
    }
    return folded(f"{run.name}, {run.kind}", definitions(facts))
