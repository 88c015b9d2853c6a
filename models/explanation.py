"""Why a consignment is on the list: the model's own contributions, told in an officer's words.

Exact contributions are computed for the chosen alone and summed by theme (what they are about).
Each theme that raises the risk is told by its strongest feature that makes a sentence and that
holds: with its value made ordinary (`models.ordinary`) the risk falls.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol, Self

import numpy as np
import polars as pl

from features.catalogue import FEATURES, NAMES
from features.telling import BY_NAME, Among, Told, facts_of, is_ordinary, plainly, told
from models.columnar import columnar
from models.logistic import matrix
from models.ordinary import Asked, Question
from models.risk_model import Floats, RiskModel
from models.scorer import ScoredFlights
from models.standing import Standing
from models.values import Values

MOST_REASONS = 4
"""More than this nobody reads while a conveyor runs (estimate)."""

SMALLEST_CONTRIBUTION = 0.05
"""Log-odds below which a theme is no reason (estimate: risk changes by a twentieth)."""

SMALLEST_FALL = SMALLEST_CONTRIBUTION / 2
"""Log-odds that a reason must take with it when its value is made ordinary (estimate)."""

MOST_TRIED = 4
"""Features of a theme that are tried one by one (estimate; the fifth was never told)."""

_THEMES = tuple(dict.fromkeys(feature.theme for feature in FEATURES))
_THEME_OF = np.array([_THEMES.index(feature.theme) for feature in FEATURES])
_IS_NAME = np.array([feature.unit in {"chapter", "heading"} for feature in FEATURES])
_HAS_SENTENCE = np.array([bool(feature.sentence) for feature in FEATURES])


@dataclass(frozen=True)
class Claim:
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

    def standing(self, chosen: pl.DataFrame) -> UsualStanding:
        """Where consignments stand in it."""
        values = Values.of(chosen).columns
        ranks = np.zeros((2, chosen.height, len(NAMES)))
        for at, (asked, known) in enumerate(zip(values, self.known, strict=True)):
            for side, where in enumerate(("left", "right")):
                below = np.searchsorted(known, asked, side=where)  # type: ignore[call-overload]
                ranks[side, :, at] = 100.0 * below / max(len(known), 1)
        return UsualStanding(ranks, np.tile(self.medians, (chosen.height, 1)))


@dataclass(frozen=True)
class UsualStanding:
    """As `models.standing.Standing`, all of it known already."""

    ranks: Floats
    middles: Floats

    def ask(self, feature: int) -> None:
        """Nothing is left to be worked out."""


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
    values, asked_model = Values.of(chosen), columnar(model)
    contributions = asked_model.contributed(values)
    among = (
        Standing(scored.features, chosen) if usual_flight is None else usual_flight.standing(chosen)
    )
    facts, numbers = facts_of(scored.seen[rows]), chosen.select(NAMES).to_dicts()
    searches = [
        Search(claims_by_theme(_One(at, among, numbers[at], facts[at]), contributions[at]))
        for at in range(len(rows))
    ]
    asked = Asked.of(asked_model, values, among.middles)
    while claims := [claim for search in searches for claim in search.next_claims()]:
        fallen = iter(asked.falls([claim.question for claim in claims]).tolist())
        for search in searches:
            search.learn(fallen)
    strongest = [NAMES[int(at)] for at in np.argmax(numbers_alone(contributions), axis=1)]
    return [
        search.told() or [plainly(BY_NAME[name], numbers[at][name])]
        for at, (search, name) in enumerate(zip(searches, strongest, strict=True))
    ]


class Spoken(Protocol):
    """A consignment that is told about."""

    @property
    def row(self) -> int:
        """Which of the chosen."""
        ...

    def sentence(self, at: int) -> Told | None:
        """The sentence of a feature whose value tells the parcel apart; None if it does not."""
        ...


class Search:
    """The reasons of one consignment, found in rounds: of each of the strongest themes one claim,
    and only where it does not hold the next. Most hold at once.

    Parameters
    ----------
    themes : claims of each theme, the strongest first.
    """

    def __init__(self, themes: Iterator[Iterator[Claim]]) -> None:
        self._waiting = enumerate(themes)
        self._open = [theme for _, theme in zip(range(MOST_REASONS), self._waiting, strict=False)]
        self._asked: list[tuple[int, Iterator[Claim], Claim]] = []
        self._found: dict[int, Told] = {}

    def next_claims(self) -> list[Claim]:
        """What is to be asked now; a theme that has no claim left makes room for the next one."""
        self._asked = []
        for place, theme in self._open:
            claim = next(theme, None)
            while claim is None and (following := next(self._waiting, None)) is not None:
                place, theme = following
                claim = next(theme, None)
            if claim is not None:
                self._asked.append((place, theme, claim))
        return [claim for _, _, claim in self._asked]

    def learn(self, fallen: Iterator[float]) -> None:
        """Take the answers to what was asked."""
        self._open = []
        for (place, theme, claim), fall in zip(self._asked, fallen, strict=False):
            if fall >= SMALLEST_FALL:
                self._found[place] = claim.one
            else:
                self._open.append((place, theme))

    def told(self) -> list[Told]:
        """Reasons that hold, the strongest theme first."""
        return [self._found[place] for place in sorted(self._found)]


def numbers_alone(contributions: Floats) -> Floats:
    """Contributions without those of features whose number is a name: it tells nobody a thing."""
    return np.where(_IS_NAME, -np.inf, contributions)


def claims_by_theme(one: Spoken, contributions: Floats) -> Iterator[Iterator[Claim]]:
    """What may be told of one consignment, by themes that raise the risk, the strongest first."""
    sums = np.bincount(_THEME_OF, weights=contributions, minlength=len(_THEMES)).tolist()
    strongest = np.argsort(-contributions, kind="stable")
    raising = strongest[(contributions[strongest] > 0) & _HAS_SENTENCE[strongest]]
    for theme in sorted(range(len(_THEMES)), key=lambda theme: -sums[theme]):
        if sums[theme] < SMALLEST_CONTRIBUTION:
            return
        yield _claims_of(one, raising[_THEME_OF[raising] == theme].tolist())


def _claims_of(one: Spoken, raising: list[int]) -> Iterator[Claim]:
    """Of a theme its features one by one, and last the strongest for all of these together, which
    may repeat each other.
    """
    sayable: dict[int, Told] = {}
    for at in raising:
        sentence = one.sentence(at)
        if sentence is None:
            continue
        sayable[at] = sentence
        yield Claim(sentence, Question(one.row, (at,)))
        if len(sayable) == MOST_TRIED:
            break
    if len(sayable) > 1:
        names = tuple(NAMES[at] for at in sayable)
        first = next(iter(sayable.values()))
        yield Claim(replace(first, rests_on=names), Question(one.row, tuple(sayable)))


@dataclass(frozen=True)
class _One:
    """A consignment that is told about.

    Attributes
    ----------
    row : which of the chosen.
    among : where it stands.
    values : its features.
    facts : what sentences speak of.
    """

    row: int
    among: Standing | UsualStanding
    values: dict[str, float | None]
    facts: dict[str, object]

    def sentence(self, at: int) -> Told | None:
        """The sentence of a feature whose value tells the parcel apart; None if it does not."""
        self.among.ask(at)
        smaller, no_larger = self.among.ranks[:, self.row, at].tolist()
        if is_ordinary(FEATURES[at], smaller, no_larger):
            return None
        usual = float(self.among.middles[self.row, at])
        return told(
            FEATURES[at], self.values, smaller, self.facts, Among(smaller, no_larger, usual)
        )
