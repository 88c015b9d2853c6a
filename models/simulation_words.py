"""What a simulation says of its policies, in sentences, with how sure that is."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from engine.strategies import REFERENCE
from models.simulation_measures import (
    FIGURE,
    Span,
    Spread,
    against,
    best,
    figures,
    first_places,
    said,
    spans,
    spread,
)
from models.simulation_tables import Simulated

ONE_SEED = (
    "One seed was simulated: there is no band, and what sets the policies apart may be chance. "
    "Simulate five seeds before acting on it."
)

_EVEN = 0.005
"""Ratios closer to 1 than this are written as a tie: they show as 1.00."""


def answer(simulated: Simulated) -> list[str]:
    """Which policy recovers and finds most, at the end and over all weeks."""
    table = figures(simulated)
    found = spread(table)
    weeks = spans(simulated)
    late = weeks.get("last", weeks["all"])
    told = [_most(table, found, late, "recovered_eur"), _most(table, found, late, "hits")]
    if "last" in weeks:
        told.append(_most(table, found, weeks["all"], "recovered_eur"))
    return [sentence for sentence in told if sentence]


def sentences(simulated: Simulated) -> dict[str, str]:
    """Policy -> what it gains and costs, against the reference if that was simulated too."""
    table = figures(simulated)
    found, times = spread(table), spread(against(table))
    weeks = spans(simulated)
    late = weeks.get("last", weeks["all"])
    has_reference = REFERENCE in simulated.policies
    told = {}
    for policy in simulated.policies:
        if policy == REFERENCE or not has_reference:
            told[policy] = _absolute(policy, found, late)
        else:
            told[policy] = _compared(policy, times, late, weeks.get("first"))
    return told


def _most(
    table: pl.DataFrame, found: Mapping[tuple[str, str, str], Spread], span: Span, metric: str
) -> str:
    """Who is best in a figure, by how much, and in how many seeds."""
    figure = FIGURE[metric]
    row = {
        policy: at for (policy, name, of), at in found.items() if (name, of) == (span.name, metric)
    }
    leaders = [policy for policy in row if policy in best(figure, row)]
    if not leaders:
        return ""
    leader = leaders[0]
    verb = "recover" if metric == "recovered_eur" else "find"
    subject = " and ".join(leaders) + (f" {verb}" if len(leaders) > 1 else f" {verb}s")
    unit = "EUR {} a week" if metric == "recovered_eur" else "{} hits a week"
    sentence = f"Over {span.words} {subject} most: {unit.format(said(figure, row[leader]))}"
    if len(leaders) == 1 and row[leader].seed_count > 1:
        won, of = first_places(table, span.name, metric)[leader], row[leader].seed_count
        sentence += f"; it comes first in {'all' if won == of else f'{won} of'} {of} seeds"
    return sentence + "."


def _absolute(policy: str, found: Mapping[tuple[str, str, str], Spread], span: Span) -> str:
    parts = {
        metric: said(FIGURE[metric], found[policy, span.name, metric])
        for metric in ("recovered_eur", "hits", "escaped_eur")
    }
    measure = "; the others are measured against it" if policy == REFERENCE else ""
    return (
        f"{policy} recovers EUR {parts['recovered_eur']} a week over {span.words}, with "
        f"{parts['hits']} hits a week; EUR {parts['escaped_eur']} a week flow past{measure}."
    )


def _compared(
    policy: str, times: Mapping[tuple[str, str, str], Spread], late: Span, early: Span | None
) -> str:
    ratio = times.get((policy, late.name, "recovered_eur"))
    if ratio is None:
        sentence = f"Over {late.words} {REFERENCE} recovers nothing to measure {policy} against"
    elif abs(ratio.median - 1) < _EVEN:
        sentence = (
            f"{policy} recovers as much as {REFERENCE} over {late.words} ({_agreement(ratio)})"
        )
    else:
        sentence = (
            f"{policy} recovers {ratio.median:.2f} times what {REFERENCE} does over {late.words} "
            f"({_agreement(ratio)})"
        )
    escaped = times.get((policy, late.name, "escaped_eur"))
    if escaped is not None:
        sentence += f"; {_change(escaped, 'as much', 'less', ' flows past')}"
    hits = times.get((policy, early.name, "hits")) if early else None
    if early and hits is not None:
        sentence += f"; over {early.words} it makes {_change(hits, 'as many', 'fewer', ' hits')}"
    return sentence + "."


def _agreement(ratio: Spread) -> str:
    """The range of a ratio over seeds, and whether the seeds say the same."""
    if ratio.seed_count == 1:
        return "one seed: no band, may be chance"
    between = f"{ratio.seed_count} seeds, {ratio.low:.2f} to {ratio.high:.2f}"
    return between + (", which disagree" if ratio.low < 1 < ratio.high else "")


def _change(ratio: Spread, same: str, less: str, what: str) -> str:
    """`4.0 % fewer hits`, or the word for no difference, and whether the seeds disagree."""
    if abs(ratio.median - 1) < _EVEN:
        return same + what
    share = 100 * abs(ratio.median - 1)
    more = "more" if ratio.median > 1 else less
    doubt = " (the seeds disagree)" if ratio.low < 1 < ratio.high else ""
    return f"{share:.{0 if share >= 10 else 1}f} % {more}{what}{doubt}"
