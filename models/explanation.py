"""Why a consignment is on the list: the model's own contributions, told in an officer's words.

Exact contributions are computed for the chosen alone and summed by theme (what they are about).
Each theme that raises the risk is told by its strongest feature that makes a sentence and that
holds: with its value made ordinary (`models.ordinary`) the risk falls.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import polars as pl

from engine.declaration import FLIGHT
from features.catalogue import FEATURES, NAMES
from features.telling import BY_NAME, Among, Told, facts_of, is_ordinary, plainly, told
from models.logistic import matrix
from models.ordinary import Question, falls, middles
from models.risk_model import Floats, RiskModel
from models.scorer import ScoredFlights

MOST_REASONS = 4
"""More than this nobody reads while a conveyor runs (estimate)."""

SMALLEST_CONTRIBUTION = 0.05
"""Log-odds below which a theme is no reason (estimate: risk changes by a twentieth)."""

SMALLEST_FALL = SMALLEST_CONTRIBUTION / 2
"""Log-odds that a reason must take with it when its value is made ordinary (estimate)."""

MOST_TRIED = 4
"""Features of a theme that are tried one by one (estimate; the fifth was never told)."""


@dataclass(frozen=True)
class _Claim:
    """A sentence that may be told, and what must be made ordinary to see whether it holds."""

    one: Told
    question: Question


@dataclass(frozen=True)
class Population:
    """The features of a flight, to compare with what did not come on a flight of its own.

    Attributes
    ----------
    known : of each feature the values known, ascending.
    medians : of each feature; NaN where no value is known.
    """

    known: list[Floats]
    medians: Floats

    @classmethod
    def of(cls, features: pl.DataFrame) -> Self:
        """The population of a flight's features (`models.scorer.ScoredFlights.features`)."""
        known = [np.sort(features[name].drop_nulls().to_numpy()) for name in NAMES]
        return cls(known, matrix(features.select(pl.col(NAMES).median()))[0])

    def ranks(self, chosen: pl.DataFrame) -> Floats:
        """Shares with a smaller value, and with one no larger, percent: (2, rows, features)."""
        return _ranks_among(self.known, chosen)

    def middles(self, chosen: pl.DataFrame) -> Floats:
        """The medians, once for each row."""
        return np.tile(self.medians, (chosen.height, 1))


def reasons(model: RiskModel, scored: ScoredFlights, rows: list[int]) -> list[list[str]]:
    """Reasons for some consignments as sentences, strongest first; see `told_reasons`."""
    return [[one.sentence for one in some] for some in told_reasons(model, scored, rows)]


def told_reasons(
    model: RiskModel, scored: ScoredFlights, rows: list[int], usual_flight: Population | None = None
) -> list[list[Told]]:
    """Reasons for some consignments, strongest first.

    Parameters
    ----------
    model : the fitted model behind the risks.
    scored : the flights with their features.
    rows : positions of the consignments in `scored`.
    usual_flight : what they are compared with; None: the flight that they came on.

    Returns
    -------
    For each row one to `MOST_REASONS` sentences, each of another theme. The risk falls when the
    features that a sentence `rests_on` are made ordinary. Where no sentence holds, one is told that
    rests on nothing: the feature that the model weighed most, plainly.
    """
    chosen = scored.features[rows]
    contributions = model.contributions(chosen)
    facts = facts_of(scored.seen[rows])
    values = chosen.select(NAMES).to_dicts()
    if usual_flight is None:
        ranks, usual = _ranks(scored.features, chosen), middles(scored.features, chosen)
    else:
        ranks, usual = usual_flight.ranks(chosen), usual_flight.middles(chosen)
    claims = [
        claim
        for at in range(len(rows))
        for claim in _claims(at, contributions[at], values[at], ranks[:, at], usual[at], facts[at])
    ]
    fallen = falls(model, chosen, usual, [claim.question for claim in claims])
    found: list[dict[str, Told]] = [{} for _ in rows]
    for claim, fall in zip(claims, fallen, strict=True):
        of_row = found[claim.question.row]
        if fall >= SMALLEST_FALL and claim.one.theme not in of_row and len(of_row) < MOST_REASONS:
            of_row[claim.one.theme] = claim.one
    strongest = [NAMES[int(at)] for at in np.argmax(_numbers_alone(contributions), axis=1)]
    return [
        list(some.values()) or [plainly(BY_NAME[name], values[at][name])]
        for at, (some, name) in enumerate(zip(found, strongest, strict=True))
    ]


def _numbers_alone(contributions: Floats) -> Floats:
    """Contributions without those of features whose number is a name: it tells nobody a thing."""
    is_name = [feature.unit in {"chapter", "heading"} for feature in FEATURES]
    return np.where(is_name, -np.inf, contributions)


def _claims(
    row: int,
    contributions: Floats,
    values: dict[str, float | None],
    ranks: Floats,
    usual: Floats,
    facts: dict[str, object],
) -> Iterator[_Claim]:
    """What may be told of one consignment, the strongest theme first; of a theme its features one
    by one, and last the strongest for all of these together, which may repeat each other.
    """
    by_theme: dict[str, float] = {}
    for feature, contribution in zip(FEATURES, contributions, strict=True):
        by_theme[feature.theme] = by_theme.get(feature.theme, 0.0) + float(contribution)
    strongest = [int(at) for at in np.argsort(-contributions, kind="stable")]
    for theme in sorted(by_theme, key=lambda theme: -by_theme[theme]):
        if by_theme[theme] < SMALLEST_CONTRIBUTION:
            return
        raising = [at for at in strongest if FEATURES[at].theme == theme and contributions[at] > 0]
        sayable: dict[int, Told] = {}
        for at in raising:
            one = _sentence(at, values, ranks, usual, facts)
            if one is None:
                continue
            sayable[at] = one
            yield _Claim(one, Question(row, (at,)))
            if len(sayable) == MOST_TRIED:
                break
        if len(sayable) > 1:
            names = tuple(NAMES[at] for at in sayable)
            one = next(iter(sayable.values()))
            yield _Claim(replace(one, rests_on=names), Question(row, tuple(sayable)))


def _sentence(
    at: int,
    values: dict[str, float | None],
    ranks: Floats,
    usual: Floats,
    facts: dict[str, object],
) -> Told | None:
    """The sentence of a feature whose value tells the parcel apart; None if it does not."""
    smaller, no_larger = (float(share) for share in ranks[:, at])
    if is_ordinary(FEATURES[at], smaller, no_larger):
        return None
    return told(FEATURES[at], values, smaller, facts, Among(smaller, no_larger, float(usual[at])))


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
    return _ranks_among([np.sort(features[name].drop_nulls().to_numpy()) for name in NAMES], chosen)


def _ranks_among(known: list[Floats], chosen: pl.DataFrame) -> Floats:
    columns: list[list[Floats]] = [[], []]
    for asked, values in zip(matrix(chosen).T, known, strict=True):
        for side, where in zip(columns, ("left", "right"), strict=True):
            below = np.searchsorted(values, asked, side=where)  # type: ignore[call-overload]
            side.append(100.0 * below / max(len(values), 1))
    return np.array([np.column_stack(side) for side in columns])
