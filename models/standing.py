"""Where a few consignments stand among all of their flight, without sorting the flight.

Of hundreds of thousands of consignments some dozens are told about, by some of the features. So the
few values asked for are sorted, and the many are counted between them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from engine.declaration import FLIGHT
from features.catalogue import NAMES
from models.risk_model import Floats


class Standing:
    """Ranks and middles of some consignments in their flights, worked out feature by feature.

    Parameters
    ----------
    features : of whole flights.
    chosen : some of their rows.

    Attributes
    ----------
    ranks : shares of the flight with a smaller value, and with a value no larger, in percent:
        (2, chosen rows, features); 0 until a feature is asked for.
    middles : medians of the flight: (chosen rows, features); NaN where no row has a value, and
        until a feature is asked for.
    """

    def __init__(self, features: pl.DataFrame, chosen: pl.DataFrame) -> None:
        self.ranks = np.zeros((2, chosen.height, len(NAMES)))
        self.middles = np.full((chosen.height, len(NAMES)), np.nan)
        self._features, self._chosen = features, chosen
        self._flights = list(_flights(features, chosen))
        self._known: set[int] = set()

    def ask(self, feature: int) -> None:
        """Work out a feature, a position in `NAMES`, unless it is known already."""
        if feature in self._known:
            return
        self._known.add(feature)
        whole, some = self._features[NAMES[feature]], self._chosen[NAMES[feature]]
        for rows, is_own in self._flights:
            flight = whole if is_own is None else whole.filter(is_own)
            median = flight.median()
            if median is not None:
                self.middles[rows, feature] = median
            self.ranks[:, rows, feature] = _ranks(flight, some[rows])


def _flights(
    features: pl.DataFrame, chosen: pl.DataFrame
) -> Iterator[tuple[list[int], pl.Series | None]]:
    """Of each flight of the chosen: which of them are on it, and which rows are its; None: all."""
    keys = chosen.select(FLIGHT).with_row_index("at").group_by(FLIGHT, maintain_order=True)
    for (number, on), some in keys:
        is_own = (features[FLIGHT[0]] == number) & (features[FLIGHT[1]] == on)
        yield some["at"].to_list(), None if is_own.all() else is_own


def _ranks(flight: pl.Series, asked: pl.Series) -> Floats:
    """Shares with a smaller value, and with one no larger, in percent: (2, asked)."""
    from models.standing_kernels import counted  # numba's import takes most of a second

    values = np.nan_to_num(asked.to_numpy().astype(np.float64), nan=np.inf)
    different, place = np.unique(values, return_inverse=True)
    counts, known = counted(flight.to_numpy().astype(np.float64, copy=False), different)
    return np.asarray(100.0 * counts[:, place] / max(known, 1))
