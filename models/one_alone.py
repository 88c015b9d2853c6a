"""One consignment scored and explained without a frame: what `models.scorer` and
`models.explanation` make of a flight of one, to the bit and to the letter.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np

from features.catalogue import FEATURES, NAMES
from features.feature import Feature
from features.single.expressions import Row, compiled
from features.single.sight import SingleSight
from features.telling import (
    ABOVE,
    BELOW,
    BY_NAME,
    FACTS,
    WORSE_PAST,
    Among,
    Told,
    is_ordinary,
    plainly,
    told,
)
from models.calibration import log_odds
from models.columnar import columnar
from models.explanation import Population, Search, claims_by_theme, numbers_alone
from models.ordinary import Asked
from models.promises import Promises
from models.risk_model import Floats
from models.values import Values

_PAST = "past controls"
"""The theme of what past controls found."""


def _bounds(feature: Feature) -> tuple[float, float]:
    """Values outside of which `features.telling.told` tells nothing, whatever else is known."""
    if feature.name in ABOVE:
        return ABOVE[feature.name], math.inf
    if feature.name in BELOW:
        return -math.inf, BELOW[feature.name]
    if feature.unit == "0 or 1" and feature.theme != _PAST:
        return 1.0, 1.0
    return -math.inf, math.inf


_BOUNDS = tuple(_bounds(feature) for feature in FEATURES)
"""Looked at first, for most values are outside of them."""


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
        usual = row if self._medians is None else self._medians
        one = _One(self, row, usual, seen)
        search = Search(claims_by_theme(one, contributions))
        asked = Asked(self._model, row[np.newaxis], usual[np.newaxis], np.array([before]))
        while claims := search.next_claims():
            search.learn(iter(asked.falls([claim.question for claim in claims]).tolist()))
        if found := search.told():
            return found
        strongest = NAMES[int(np.argmax(numbers_alone(contributions)))]
        return [plainly(BY_NAME[strongest], one.values[strongest])]

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


class _One:
    """A consignment that is told about (`models.explanation.Spoken`).

    Attributes
    ----------
    values : its features by name.
    """

    row = 0

    def __init__(self, alone: OneAlone, row: Floats, usual: Floats, seen: Row) -> None:
        self._alone = alone
        self._seen = seen
        self._usual = usual
        told = [None if math.isnan(value) else value for value in row.tolist()]
        self.values: dict[str, float | None] = dict(zip(NAMES, told, strict=True))

    @cached_property
    def _facts(self) -> dict[str, Any]:
        return self._alone.facts(self._seen)

    def sentence(self, at: int) -> Told | None:
        """The sentence of a feature whose value tells the parcel apart; None if it does not."""
        feature = FEATURES[at]
        value = self.values[feature.name]
        least, most = _BOUNDS[at]
        if value is None or not least <= value <= most:
            return None
        usual = float(self._usual[at])
        if feature.theme == _PAST and value < usual * WORSE_PAST:
            return None
        smaller, no_larger = self._alone.standing(at, value)
        if is_ordinary(feature, smaller, no_larger):
            return None
        among = Among(smaller, no_larger, usual)
        return told(feature, self.values, smaller, self._facts, among)
