"""The comparison as one HTML page: no script, no outside address, light and dark."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

from models.comparison import CURVES, Cell, Comparison
from models.measures import Measure
from models.metrics import Population
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

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --ground: #ffffff;
  --line: #d0d7de; --best: #dff3e4; --band: #f6f8fa; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9aa4af; --ground: #0d1117;
  --line: #30363d; --best: #12391f; --band: #161b22; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 78rem; padding: 2rem 1.25rem 4rem; background: var(--ground);
  color: var(--ink); font: 16px/1.5 system-ui, "Segoe UI", Helvetica, Arial, sans-serif; }
h1 { font-size: 1.7rem; margin: 0 0 .25rem; } h2 { font-size: 1.2rem; margin: 2.5rem 0 .75rem; }
p, ul { max-width: 52rem; } .soft { color: var(--soft); } li { margin: .3rem 0; }
.note { border-left: 4px solid #d29922; background: var(--band); padding: .5rem .9rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .7rem; text-align: right; vertical-align: top; line-height: 1.3;
  white-space: nowrap; }
tr.first > * { border-top: 1px solid var(--line); }
th:first-child, th:first-child + * { text-align: left; }
tbody th:first-child { min-width: 9rem; } th:first-child + td { color: var(--soft); }
thead th { border-bottom: 2px solid var(--line); vertical-align: bottom; }
td small, th small { display: block; color: var(--soft); font-weight: normal; }
td.best { background: var(--best); font-weight: 600; }
.pictures { display: grid; gap: 1.25rem; grid-template-columns: repeat(auto-fit, minmax(min(30rem,
  100%), 1fr)); }
figure { margin: 0; background: #fff; border: 1px solid var(--line); border-radius: 8px;
  padding: .5rem; } figure svg { width: 100%; height: auto; display: block; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
details { border-bottom: 1px solid var(--line); padding: .5rem 0; } summary { cursor: pointer; }
"""

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""The browser is told to load nothing, whatever is written in the page."""


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
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Parcel Triage: {escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        "<body>\n" + "\n".join(part for part in parts if part) + "\n</body>\n</html>\n"
    )


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
    return [f"<figure>{_inline(draw(runs))}</figure>" for runs, draw in drawn if runs]


def _inline(svg: str) -> str:
    """An SVG fit for HTML, which needs no namespace addresses."""
    return re.sub(r' xmlns(:\w+)?="[^"]*"', "", svg)


def _meanings(comparison: Comparison) -> str:
    meanings: dict[str, str] = {}
    for measure, _ in comparison.rows:
        meanings.setdefault(measure.subject, measure.meaning)
    lines = (f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in meanings.items())
    return f"<dl>{''.join(lines)}</dl>"


def _details(comparison: Comparison, run: Run) -> str:
    facts = {
        "run": run.run_id,
        "started": f"{run.started_at:%Y-%m-%d %H:%M} UTC",
        "measured on": comparison.measured_on(run.name),
        **run.tags,
        **run.params,
    }
    lines = (f"<dt>{escape(name)}</dt><dd>{escape(str(fact))}</dd>" for name, fact in facts.items())
    return (
        f"<details><summary>{escape(run.name)}, {escape(run.kind)}</summary>"
        f"<dl>{''.join(lines)}</dl></details>"
    )
