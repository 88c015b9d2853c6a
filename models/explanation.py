"""Why a consignment is on the list: the model's own contributions, told in an officer's words.

Exact contributions are computed for the chosen alone, summed by theme (what they are about), and
each theme that raises the risk is told by its strongest feature that makes a sentence.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from engine.declaration import FLIGHT
from features.catalogue import FEATURES, NAMES
from features.telling import BY_NAME, Told, facts_of, is_ordinary, plainly, told
from models.risk_model import Floats, RiskModel
from models.scorer import ScoredFlights

MOST_REASONS = 4
"""More than this nobody reads while a conveyor runs (estimate)."""

SMALLEST_CONTRIBUTION = 0.05
"""Log-odds below which a theme is no reason (estimate: risk changes by a twentieth)."""


def reasons(model: RiskModel, scored: ScoredFlights, rows: list[int]) -> list[list[str]]:
    """Reasons for some consignments as sentences, strongest first; see `told_reasons`."""
    return [[one.sentence for one in some] for some in told_reasons(model, scored, rows)]


def told_reasons(model: RiskModel, scored: ScoredFlights, rows: list[int]) -> list[list[Told]]:
    """Reasons for some consignments, strongest first.

    Parameters
    ----------
    model : the fitted model behind the risks.
    scored : the flights with their features.
    rows : positions of the consignments in `scored`.

    Returns
    -------
    For each row one to `MOST_REASONS` sentences, each of another theme.
    """
    chosen = scored.features[rows]
    contributions = model.contributions(chosen)
    facts = facts_of(scored.seen[rows])
    values = chosen.select(NAMES).to_dicts()
    ranks = _ranks(scored.features, chosen)
    return [
        _told_of(contributions[at], values[at], ranks[:, at], facts[at]) for at in range(len(rows))
    ]


def _told_of(
    contributions: Floats,
    values: dict[str, float | None],
    ranks: Floats,
    facts: dict[str, object],
) -> list[Told]:
    """The sentences for one consignment."""
    by_theme: dict[str, float] = {}
    for feature, contribution in zip(FEATURES, contributions, strict=True):
        by_theme[feature.theme] = by_theme.get(feature.theme, 0.0) + float(contribution)
    themes = sorted(by_theme, key=lambda theme: -by_theme[theme])
    strongest = np.argsort(-contributions, kind="stable")
    found: list[Told] = []
    for theme in themes:
        if by_theme[theme] < SMALLEST_CONTRIBUTION or len(found) == MOST_REASONS:
            break
        raising = [at for at in strongest if FEATURES[at].theme == theme and contributions[at] > 0]
        found += _first_told(raising, values, ranks, facts)
    if not found:
        name = NAMES[int(strongest[0])]
        found.append(plainly(BY_NAME[name], values[name]))
    return found


def _first_told(
    raising: list[int],
    values: dict[str, float | None],
    ranks: Floats,
    facts: dict[str, object],
) -> list[Told]:
    """The sentence of the strongest feature whose value tells the parcel apart; none if none."""
    for at in raising:
        smaller, no_larger = (float(share) for share in ranks[:, at])
        if is_ordinary(FEATURES[at], smaller, no_larger):
            continue
        one = told(FEATURES[at], values, smaller, facts)
        if one is not None:
            return [one]
    return []


def _ranks(features: pl.DataFrame, chosen: pl.DataFrame) -> Floats:
    """Shares of the flight with a smaller value, and with a value no larger; in percent, per chosen
    row and feature.
    """
    ranks = np.zeros((2, chosen.height, len(NAMES)))
    flights = features.partition_by(FLIGHT, as_dict=True)
    for key, some in chosen.with_row_index("at").partition_by(FLIGHT, as_dict=True).items():
        ranks[:, some["at"].to_numpy()] = _ranks_within(flights[key], some)
    return ranks


def _ranks_within(features: pl.DataFrame, chosen: pl.DataFrame) -> Floats:
    columns: list[list[Floats]] = [[], []]
    for name in NAMES:
        known = np.sort(features[name].drop_nulls().to_numpy())
        asked = chosen[name].fill_null(float("nan")).to_numpy()
        columns[0].append(100.0 * np.searchsorted(known, asked, side="left") / max(len(known), 1))
        columns[1].append(100.0 * np.searchsorted(known, asked, side="right") / max(len(known), 1))
    return np.array([np.column_stack(side) for side in columns])
