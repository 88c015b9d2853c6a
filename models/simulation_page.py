"""A simulation as one HTML page: no script, no outside address, light and dark."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape

from engine.strategies import REFERENCE
from models.measures import Measure
from models.page_frame import definitions, document, figure, folded
from models.simulation_measures import (
    FIGURE,
    FIGURES,
    HEADLINES,
    Span,
    Spread,
    against,
    best,
    caught_by_typology,
    figures,
    spans,
    spread,
    typology_words,
)
from models.simulation_plots import pictures
from models.simulation_tables import Simulated
from models.simulation_words import ONE_SEED, answer, sentences

_COMPARED = ("recovered_eur", "hits", "escaped_eur", "stopped_share", "typologies_caught_share")
"""Figures that are also told as times the reference's."""

_BEST = Callable[[Measure, Mapping[str, Spread]], frozenset[str]]


def page(simulated: Simulated) -> str:
    """The whole page.

    Parameters
    ----------
    simulated : the tables and what was asked.

    Returns
    -------
    HTML with its style and pictures inside; the same bytes for the same simulation.
    """
    title = f"{_counted(len(simulated.policies), 'policy')} over "
    title += _counted(simulated.week_count, "week")
    parts = [
        f"<h1>{escape(title)}</h1>",
        f'<p class="soft">{escape(_lead(simulated))}</p>',
        f'<p class="note">{escape(ONE_SEED)}</p>' if len(simulated.seeds) == 1 else "",
        "<h2>The answer</h2>",
        "".join(f"<p><strong>{_prose(told)}</strong></p>" for told in answer(simulated)),
        _listed(sentences(simulated).values()),
        "<h2>Figures</h2>",
        f'<p class="soft">{_how_to_read(simulated)}</p>',
        _figures(simulated, HEADLINES),
        folded(
            "More figures: the estimate, the random share, promotions",
            _figures(simulated, FIGURES[len(HEADLINES) :]),
        ),
        _times(simulated),
        _caught(simulated),
        "<h2>Pictures</h2>",
        f'<div class="pictures">{_pictures(simulated)}</div>',
        "<h2>What the figures mean</h2>",
        definitions({measure.label: measure.meaning for measure in FIGURES}),
        "<h2>What was raised</h2>",
        _alerts(simulated),
        "<h2>The policies</h2>",
        definitions(simulated.policies),
        "<h2>What was asked</h2>",
        definitions(_facts(simulated)),
    ]
    return document(title, parts)


def _lead(simulated: Simulated) -> str:
    first = simulated.weekly["week_of"].to_list()[0]
    seeds = len(simulated.seeds)
    worlds = "the same world" if seeds == 1 else f"the same {seeds} worlds (one a seed)"
    law = ""
    if simulated.law_changes_in_week is not None:
        law = f" The law changes on {simulated.law_changes_on}."
    return (
        f"From {first} on, each policy meets {worlds} with the same budget, and the shippers see "
        f"what it stops. How strongly they react is told under what was asked.{law}"
    )


def _how_to_read(simulated: Simulated) -> str:
    shaded = "The best of a line is shaded."
    if len(simulated.seeds) == 1:
        return shaded
    return (
        f"The median of {len(simulated.seeds)} seeds; below it the least and the greatest. "
        f"{shaded} Where the ranges overlap, that may be chance."
    )


def _figures(simulated: Simulated, measures: Sequence[Measure]) -> str:
    found = spread(figures(simulated))
    lines = [
        (measure, span, _row(found, simulated, span, measure.metric))
        for measure in measures
        for span in spans(simulated).values()
    ]
    return _table(simulated, lines, best)


def _times(simulated: Simulated) -> str:
    """The same against the reference, seed by seed."""
    found = spread(against(figures(simulated)))
    if not found:
        return ""
    lines = []
    for metric in _COMPARED:
        told = FIGURE[metric]
        measure = Measure(metric, told.label, told.meaning, "times", told.better)
        lines += [
            (measure, span, _row(found, simulated, span, metric))
            for span in spans(simulated).values()
        ]
    heading = f"Times {REFERENCE}, within the same seed"
    return folded(heading, _table(simulated, lines, lambda measure, row: frozenset()))


def _caught(simulated: Simulated) -> str:
    """What is caught of each typology, in every span."""
    found = spread(caught_by_typology(simulated))
    kinds = sorted({kind for _, _, kind in found})
    lines = []
    for kind in kinds:
        measure = Measure(kind, typology_words(kind), "", "share")
        lines += [
            (measure, span, _row(found, simulated, span, kind))
            for span in spans(simulated).values()
        ]
    if not lines:
        return ""
    return folded("Share caught, by typology", _table(simulated, lines, _highest))


def _highest(measure: Measure, row: Mapping[str, Spread]) -> frozenset[str]:
    return measure.best({policy: found.median for policy, found in row.items()})


def _row(
    found: Mapping[tuple[str, str, str], Spread], simulated: Simulated, span: Span, name: str
) -> dict[str, Spread]:
    keys = {policy: (policy, span.name, name) for policy in simulated.policies}
    return {policy: found[key] for policy, key in keys.items() if key in found}


def _table(
    simulated: Simulated, lines: list[tuple[Measure, Span, dict[str, Spread]]], shaded: _BEST
) -> str:
    """A line a figure and span, a column a policy."""
    heads = "".join(f"<th scope=col>{escape(policy)}</th>" for policy in simulated.policies)
    rows = []
    before = ""
    for measure, span, row in lines:
        if not row:
            continue
        subject = measure.label if measure.label != before else ""
        before = measure.label
        marked = shaded(measure, row)
        cells = "".join(
            _cell(measure, row.get(policy), policy in marked) for policy in simulated.policies
        )
        rows.append(
            f"<tr{' class=first' if subject else ''}><th scope=row>{escape(subject)}</th>"
            f"<td>{escape(span.label)}</td>{cells}</tr>"
        )
    return (
        '<div class="scroll"><table class="dense"><thead><tr><th scope=col>Figure</th>'
        "<th scope=col>Weeks</th>"
        f"{heads}</tr></thead>\n<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _cell(measure: Measure, found: Spread | None, is_best: bool) -> str:
    if found is None:
        return "<td>–</td>"
    mark = ' class="best"' if is_best else ""
    between = ""
    if measure.said(found.low) != measure.said(found.high):
        between = f"<small>{_prose(measure.said_between(found.low, found.high))}</small>"
    return f"<td{mark}>{escape(measure.said(found.median))}{between}</td>"


def _pictures(simulated: Simulated) -> str:
    return "".join(
        figure(picture.svg, number, is_wide=picture.is_wide)
        for number, picture in enumerate(pictures(simulated))
    )


def _alerts(simulated: Simulated) -> str:
    """What was raised, policy by policy."""
    raised = simulated.weekly.filter(simulated.weekly["alert"].str.strip_chars() != "")
    if raised.is_empty():
        return "<p>No alert was raised.</p>"
    parts = []
    for policy in simulated.policies:
        rows = raised.filter(policy=policy).sort("week", "seed").iter_rows(named=True)
        lines = [
            f"<strong>Week {row['week']}, seed {row['seed']}</strong> "
            f"({row['week_of']}): {escape(row['alert'])}"
            for row in rows
        ]
        if lines:
            heading = f"{policy}: {_counted(len(lines), 'alert')}"
            parts.append(folded(heading, f"<ul>{''.join(f'<li>{x}</li>' for x in lines)}</ul>"))
    return "".join(parts)


def _facts(simulated: Simulated) -> dict[str, str]:
    seeds = ", ".join(str(seed) for seed in simulated.seeds)
    law = {} if simulated.law_changes_on is None else {"law changes": str(simulated.law_changes_on)}
    return {**simulated.facts, **law, "seeds": seeds, "SHA-256 of the tables": simulated.sha256}


def _listed(lines: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{_prose(line)}</li>' for line in lines)}</ul>"


def _counted(count: int, what: str) -> str:
    plural = f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
    return f"{count} {what if count == 1 else plural}"


def _prose(text: str) -> str:
    """Text in which no line ends before a %, a × or the end of a range."""
    return re.sub(r" (?=[%×])|(?<= to) (?=[\d.,-])", "\N{NO-BREAK SPACE}", escape(text))
