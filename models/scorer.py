"""Scoring: the flights of a day in, one row of risks a consignment out."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from engine.caps import PARTY_COLUMNS
from engine.declaration import CONSIGNMENT
from engine.harm import expected_harm
from features.catalogue import day_after, features_of
from features.history import History
from features.past_rates import Controls
from features.sight import prepared, sight
from models.promises import Promises

CARRIED = ("uld_id", "bag_id", "mawb", "line_count", "package_count", *PARTY_COLUMNS)
"""Columns of the consignment that the list needs beside its risks."""


ROWS_AT_ONCE = 25_000
"""Consignments whose risks are worked out at once: some 150 MB (estimate)."""


@dataclass(frozen=True)
class ScoredFlights:
    """Risks, and what they were made of.

    Attributes
    ----------
    risks : key, carried columns, `risk`, `risk_fiscal`, `risk_goods`,
        `expected_revenue_eur`, `harm_eur`.
    features : key and features, in the same order.
    seen : the consignment frame behind the features, in the same order.
    """

    risks: pl.DataFrame
    features: pl.DataFrame
    seen: pl.DataFrame


@dataclass(frozen=True)
class Scorer:
    """Scores flights with a fitted model."""

    promises: Promises

    def score(self, items: pl.DataFrame, history: History, ledger: pl.DataFrame) -> pl.DataFrame:
        """Risks of all consignments, in canonical order; items may be of several days."""
        parts = items.partition_by("flight_date")
        risks = [self.score_day(part, history, ledger).risks for part in parts]
        return pl.concat(risks).sort(CONSIGNMENT)

    def score_day(
        self, items: pl.DataFrame, history: History, ledger: pl.DataFrame | Controls
    ) -> ScoredFlights:
        """Risks of the flights of one day, with what they were made of.

        Parameters
        ----------
        items : canonical rows of whole flights of one day, in any order.
        history : as of a day before.
        ledger : controls; only what was known at the start of the day is used. Or what was worked
            out of them for that day.

        Raises
        ------
        InputError
            The items are of several days, or of a day that the history includes.
        """
        day = day_after(items, history)
        goods, consignments = prepared(items)
        del items
        seen = sight(goods, consignments, history, ledger, day)
        del goods, consignments
        return self.of_sight(seen)

    def of_sight(self, seen: pl.DataFrame) -> ScoredFlights:
        """Risks of flights that were seen already (`features.sight.sight`)."""
        features = features_of(seen)
        # In parts: what a model makes of a row does not depend on the others, and half a gigabyte
        # of a large flight is saved.
        parts = [self.promises.of(part) for part in features.iter_slices(ROWS_AT_ONCE)]
        promised = pl.concat(parts, rechunk=True) if parts else self.promises.of(features)
        risks = pl.concat(
            [seen.select(*CONSIGNMENT, *CARRIED), promised], how="horizontal"
        ).with_columns(expected_harm())
        return ScoredFlights(risks, features, seen)
