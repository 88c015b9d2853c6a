"""Controls as they arose in the past: a rule list, a small random share, hints and hunches."""

from datetime import datetime, timedelta
from typing import Final

import numpy as np
import polars as pl
from numpy.random import Generator

from synthetic.draw import Floats, Indices
from synthetic.flight import Flight
from synthetic.legacy_rules import points, roll_up
from synthetic.officers import examine
from synthetic.scenario import Scenario

_MEMORY: Final = timedelta(days=60)
"""How long the list remembers an exporter's finding (estimate)."""

_REFERRAL_SHARE: Final = 0.03
"""Share of controls asked for by another authority; half of the hints are good (estimate)."""

_OFFICER_SHARE: Final = 0.07
"""Share of controls on an officer's hunch (estimate)."""

_ATTENTION: Final = 0.7
"""How unevenly the list is worked through: spread of chance beside the points (estimate)."""


class ControlRoom:
    """The desk that chooses parcels day after day and remembers what was found.

    Parameters
    ----------
    scenario
        How much is controlled.
    seed
        Seed of the world; the room's chance is its own, apart from the traffic's.
    """

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self._scenario = scenario
        self._seed = seed
        self._flights = 0
        self._finds = pl.DataFrame(
            schema={"exporter_name": pl.String, "recorded_at": pl.Datetime("us", "UTC")}
        )

    def control(self, flight: Flight) -> pl.DataFrame:
        """Choose parcels of the next flight, and return the outcome rows.

        Parameters
        ----------
        flight
            Flights must come in the order of arrival.
        """
        rng = np.random.default_rng([self._seed, 3, self._flights])
        self._flights += 1
        parcels = roll_up(flight.declarations)
        outcomes = examine(
            flight,
            self._choose(parcels, flight, rng),
            rng,
            not_presented_share=self._scenario.not_presented_share,
        )
        self._remember(outcomes, parcels)
        return outcomes

    def _choose(self, parcels: pl.DataFrame, flight: Flight, rng: Generator) -> pl.DataFrame:
        count = len(parcels)
        budget = max(1, int(rng.poisson(count * self._scenario.controls_share)))
        draws = int(rng.binomial(budget, self._scenario.random_share))
        at_random = rng.permutation(count)[:draws]
        told = self._told(flight, rng, int(rng.binomial(budget, _REFERRAL_SHARE)))
        hunches = rng.permutation(count)[: int(rng.binomial(budget, _OFFICER_SHARE))]
        attention = self._attention(parcels, flight, rng)
        enough = min(count, budget + draws + len(told) + len(hunches))  # others may be the same
        top = np.argpartition(-attention, enough - 1)[:enough]
        listed = top[np.lexsort((top, -attention[top]))]
        reasons = pl.Series("selected_by", ["random", "referral", "officer", "rule"])
        wanted = (at_random, told, hunches, listed)
        why = np.repeat(np.arange(len(wanted)), [len(rows) for rows in wanted])
        chosen = pl.DataFrame([parcels["hawb"][np.concatenate(wanted)], reasons[why]]).unique(
            "hawb", keep="first", maintain_order=True
        )
        return chosen.head(max(budget, draws)).with_columns(
            pl.when(pl.col("selected_by") == "random")
            .then(pl.lit(draws / count))
            .alias("selection_probability")
        )

    def _attention(self, parcels: pl.DataFrame, flight: Flight, rng: Generator) -> Floats:
        noise = rng.gumbel(0.0, _ATTENTION, len(parcels))
        return np.asarray(points(parcels, self._known(flight)).to_numpy() + noise)

    @staticmethod
    def _told(flight: Flight, rng: Generator, count: int) -> Indices:
        """Draw hinted parcels: as many from all guilty as from all innocent ones."""
        is_guilty = flight.truth["is_irregular"].to_numpy()  # in the order of the parcels
        guilty, innocent = np.flatnonzero(is_guilty), np.flatnonzero(~is_guilty)
        good = int(rng.binomial(count, 0.5))
        drawn = [
            rng.permutation(of)[:size] for of, size in ((guilty, good), (innocent, count - good))
        ]
        return np.concatenate(drawn)

    def _known(self, flight: Flight) -> pl.DataFrame:
        now = datetime(flight.on.year, flight.on.month, flight.on.day)
        recorded = self._finds["recorded_at"].dt.replace_time_zone(None)
        return self._finds.filter((recorded < now) & (recorded >= now - _MEMORY))

    def _remember(self, outcomes: pl.DataFrame, parcels: pl.DataFrame) -> None:
        finds = outcomes.filter((pl.col("result_code") == "B1") & (pl.col("status") == "final"))
        named = finds.join(
            parcels.select("hawb", "exporter_name"), on="hawb", how="left", maintain_order="left"
        )
        self._finds = pl.concat([self._finds, named.select("exporter_name", "recorded_at")])
