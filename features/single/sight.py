"""One consignment alone: all that features are made of, and the features themselves.

What is known on a day is made ready once; a consignment is then looked at without a frame.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from features.catalogue import FEATURES
from features.history import History
from features.named import GOODS
from features.past_rates import Controls
from features.single.expressions import Row, compiled
from features.single.kin import Kin
from features.single.met import Met
from features.single.own import Own, add_likely_goods
from features.single.parcel import Consignment, prepared
from features.single.parties import add_keys
from features.single.past import PastControls
from features.single.rolled import add_flight, add_rolled
from features.single.traffic import Traffic, Variants
from features.single.usual import Usual
from features.single.wording import Wording

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class SingleSight:
    """What is known on a day, to look at one consignment after the other.

    Attributes
    ----------
    day : the day of the flights.
    """

    day: date
    _read: Callable[[Row], tuple[Any, ...]]
    _wanted: frozenset[str]
    _usual: Usual
    _wording: Wording
    _own: Own
    _past: PastControls
    _traffic: Traffic
    _met: Met
    _kin: Kin
    _variants: Variants

    @classmethod
    def of(cls, history: History, controls: Controls, day: date) -> SingleSight:
        """Make ready what is known on a day.

        Parameters
        ----------
        history : as of a day before.
        controls : the ledger as seen on the day.
        day : the day of the flights.

        Raises
        ------
        UnsupportedExpressionError
            A feature, or a remark that one is made of, holds something that is not known here.
        """
        read, wanted = compiled({feature.name: feature.expression for feature in FEATURES})
        return cls(
            day, read, wanted, Usual(history.references), Wording(history, day),
            Own(history, day), PastControls(controls), Traffic(history, day, wanted),
            Met(history.consignees, day), Kin(history.senders, day),
            Variants(history, controls.known, day),
        )  # fmt: skip

    def seen(self, rows: Sequence[Mapping[str, Any]]) -> Consignment:
        """All that features and sentences are made of, as the columns of `features.sight.sight`.

        Parameters
        ----------
        rows : canonical rows of one consignment, one an item, in the order of their numbers; dates
            as days and instants as microseconds since 1970.

        Raises
        ------
        UnsupportedValueError
            A value for which frames have rules of their own.
        """
        items, table = prepared(rows, self._wanted)
        add_keys(table)
        self._usual.add(items)
        self._wording.add(items)
        self._own.add_goods(table, items)
        add_likely_goods(items)
        self._own.add_mass(table, items)
        self._own.add_deviations(table, items)
        self._past.add(table, items)
        add_rolled(table, items)
        add_flight(table)
        self._traffic.add(table)
        self._met.add(table)
        self._kin.add(table, items, self._past)
        self._variants.add(table)
        table["goods"] = [{name: item[name] for name in GOODS} for item in items]
        return table

    def features(self, seen: Row) -> Floats:
        """Every feature, in the order of the catalogue; NaN where missing."""
        told = self._read(seen)
        return np.array([math.nan if one is None else one for one in told], dtype=np.float64)
