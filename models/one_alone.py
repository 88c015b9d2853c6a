"""One consignment scored and explained without a frame: what `models.scorer` and
`models.explanation` make of a flight of one, to the bit and to the letter.

Questions are asked in rounds: of each of the strongest themes the first sentence that can be told,
and only where it does not hold the next. Most reasons hold at once.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from features.catalogue import FEATURES, NAMES
from features.single.expressions import Row, compiled
from features.single.sight import SingleSight
from features.telling import BY_NAME, FACTS, Among, Told, is_ordinary, plainly, told
from models.calibration import log_odds
from models.columnar import columnar
from models.explanation import (
    MOST_REASONS,
    MOST_TRIED,
    SMALLEST_CONTRIBUTION,
    SMALLEST_FALL,
    Population,
)
from models.promises import Promises
from models.risk_model import Floats
from models.values import Values

Places = tuple[int, ...]
"""Positions in `NAMES`."""

_THEMES = tuple(dict.fromkeys(feature.theme for feature in FEATURES))
_THEME_OF = np.array([_THEMES.index(feature.theme) for feature in FEATURES])
_IS_NAME = np.array([feature.unit in {"chapter", "heading"} for feature in FEATURES])
_HAS_SENTENCE = np.array([bool(feature.sentence) for feature in FEATURES])


@dataclass(frozen=True)
class OneScored:
    """What is told of one consignment.

    Attributes
    ----------
    risks : as `models.promises.Promises.heads` names them.
    reasons : one to `MOST_REASONS` sentences, the strongest first.
    """

    risks: dict[str, float]
    reasons: list[Told]


@cache
def _facts_reader() -> Callable[[Row], tuple[Any, ...]]:
    return compiled(FACTS)[0]


class OneAlone:
    """Scores consignments one by one, each as a flight of its own.

    Parameters
    ----------
    sight : what is known on the day.
    promises : the model.
    usual : what a consignment is compared with; None: with itself, so that nothing is unusual.

    Raises
    ------
    UnsupportedExpressionError
        A fact that sentences speak of holds something that is not known without a frame.
    """

    def __init__(self, sight: SingleSight, promises: Promises, usual: Population | None) -> None:
        self._sight = sight
        self._promises = promises
        self._model = columnar(promises.model)
        self._facts = _facts_reader()
        self._known = None if usual is None else [values.data for values in usual.known]
        self._medians = None if usual is None else usual.medians

    def score(self, rows: Sequence[Mapping[str, Any]]) -> OneScored:
        """Risks and reasons of one consignment.

        Parameters
        ----------
        rows : its canonical rows, as `SingleSight.seen` takes them.

        Raises
        ------
        UnsupportedValueError
            A value for which frames have rules of their own.
        """
        seen = self._sight.seen(rows)
        row = self._sight.features(seen)
        values = Values.of_rows(row)
        answers = self._model.answers(values)
        told_risks = self._promises.told_of(answers).items()
        contributions = np.asarray(self._model.contributed(values)[0])
        before = float(log_odds(answers["any"])[0])
        return OneScored(
            {name: float(one[0]) for name, one in told_risks},
            self._reasons(row, seen, contributions, before),
        )

    def _reasons(self, row: Floats, seen: Row, contributions: Floats, before: float) -> list[Told]:
        """Reasons as `models.explanation.told_reasons` tells them.

        Parameters
        ----------
        row : the features.
        seen : what they were made of.
        contributions : what each adds to the log-odds.
        before : log-odds of any irregularity, as it is.
        """
        claims = _Claims(self, row, seen, contributions)
        found = self._held(row, claims, before)
        if found:
            return found
        strongest = NAMES[int(np.argmax(np.where(_IS_NAME, -np.inf, contributions)))]
        return [plainly(BY_NAME[strongest], claims.values[strongest])]

    def usual_of(self, row: Floats) -> Floats:
        """The ordinary values that a consignment is compared with."""
        return row if self._medians is None else self._medians

    def standing(self, at: int, value: float) -> tuple[float, float]:
        """Shares of what it is compared with that have a smaller value, and one no larger, in
        percent.
        """
        if self._known is None:
            return 0.0, 100.0
        known = self._known[at]
        n = max(len(known), 1)
        return 100.0 * bisect_left(known, value) / n, 100.0 * bisect_right(known, value) / n

    def facts(self, seen: Row) -> dict[str, Any]:
        """What sentences speak of."""
        return dict(zip(FACTS, self._facts(seen), strict=True))

    def _held(self, row: Floats, claims: _Claims, before: float) -> list[Told]:
        """Of the strongest themes the first sentence that holds, of as many as are told."""
        waiting = claims.by_theme()
        asked = [theme for _, theme in zip(range(MOST_REASONS), waiting, strict=False)]
        found: dict[int, Told] = {}
        while asked:
            claimed: list[tuple[int, Iterator[_Claim], _Claim]] = []
            for place, theme in asked:
                claim, at = next(theme, None), (place, theme)
                while claim is None and (following := next(waiting, None)) is not None:
                    at = following
                    claim = next(at[1], None)
                if claim is not None:
                    claimed.append((*at, claim))
            if not claimed:
                break
            questions = [claim.places for _, _, claim in claimed]
            odds = self._odds_without(row, questions)
            asked = []
            for (place, theme, claim), after in zip(claimed, odds, strict=True):
                if before - after >= SMALLEST_FALL:
                    found[place] = claim.one
                else:
                    asked.append((place, theme))
        return [found[place] for place in sorted(found)]

    def _odds_without(self, row: Floats, questions: Sequence[Places]) -> list[float]:
        """Log-odds of any irregularity with some features made ordinary."""
        rows = np.tile(row, (len(questions), 1))
        usual = self.usual_of(row)
        for at, places in enumerate(questions):
            for place in places:
                rows[at, place] = math.nan if math.isnan(row[place]) else usual[place]
        odds: list[float] = log_odds(self._model.answers(Values.of_rows(rows))["any"]).tolist()
        return odds


@dataclass(frozen=True, slots=True)
class _Claim:
    """A sentence that may be told, and what must be made ordinary to see whether it holds."""

    one: Told
    places: Places


class _Claims:
    """What may be told of one consignment, as `models.explanation` orders it."""

    def __init__(self, alone: OneAlone, row: Floats, seen: Row, contributions: Floats) -> None:
        self._alone = alone
        self._seen = seen
        self._usual = alone.usual_of(row)
        self._contributions = contributions
        self._facts: dict[str, Any] | None = None
        told = [None if math.isnan(value) else value for value in row.tolist()]
        self.values: dict[str, float | None] = dict(zip(NAMES, told, strict=True))

    def by_theme(self) -> Iterator[tuple[int, Iterator[_Claim]]]:
        """Themes that raise the risk, the strongest first, each with its claims."""
        contributions = self._contributions
        sums = np.bincount(_THEME_OF, weights=contributions, minlength=len(_THEMES)).tolist()
        strongest = np.argsort(-contributions, kind="stable")
        raising = strongest[(contributions[strongest] > 0) & _HAS_SENTENCE[strongest]]
        themes = _THEME_OF[raising]
        order = sorted(range(len(_THEMES)), key=lambda theme: -sums[theme])
        for place, theme in enumerate(order):
            if sums[theme] < SMALLEST_CONTRIBUTION:
                return
            yield place, self._claims(raising[themes == theme].tolist())

    def _claims(self, raising: Sequence[int]) -> Iterator[_Claim]:
        """Features one by one, and last the strongest for all of these together."""
        sayable: dict[int, Told] = {}
        for at in raising:
            one = self._sentence(at)
            if one is None:
                continue
            sayable[at] = one
            yield _Claim(one, (at,))
            if len(sayable) == MOST_TRIED:
                break
        if len(sayable) > 1:
            names = tuple(NAMES[at] for at in sayable)
            one = next(iter(sayable.values()))
            yield _Claim(replace(one, rests_on=names), tuple(sayable))

    def _sentence(self, at: int) -> Told | None:
        """The sentence of a feature whose value tells the parcel apart; None if it does not."""
        feature = FEATURES[at]
        value = self.values[feature.name]
        if value is None:
            return None
        smaller, no_larger = self._alone.standing(at, value)
        if is_ordinary(feature, smaller, no_larger):
            return None
        if self._facts is None:
            self._facts = self._alone.facts(self._seen)
        among = Among(smaller, no_larger, float(self._usual[at]))
        return told(feature, self.values, smaller, self._facts, among)
