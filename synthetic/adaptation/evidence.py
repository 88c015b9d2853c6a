"""What each group saw of the fate of its own parcels: four weeks of fading memory.

A group is an operator with one tactic. It sees which of its parcels were stopped, which were
held up and released, and which passed. It sees no list, no risk, no budget, and nothing of
parcels that are not its own, but for what others tell it (see `pressure`). That a parcel is held
shows at once, long before the final finding is recorded.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from synthetic.behaviour import Behaviour
from synthetic.draw import Floats, Indices
from synthetic.flight import Flight
from synthetic.shippers import Identities

MEMORY_DAYS: Final = 28
"""Mean age at which what was seen is forgotten: the four weeks of domain report 7."""

BANDS: Final = (0, 22, 45, 60, 90, 120, 140, 150)
"""Lower ends in EUR of the value bands in which cheating is told; the last has no upper end."""

_SEEN_RESULTS: Final = ("B1", "A5")
"""Results after which the sender knows that the parcel was stopped."""

_BAND_DAYS: Final = 7
"""Mean age of what is told of value bands: it is for the eye, and should be of the week."""


@dataclass(frozen=True, slots=True)
class Tally:
    """One flight as the groups see it; arrays are operator by typology.

    Attributes
    ----------
    sent, stopped, delayed
        Irregular parcels: all, those stopped, and those controlled and released.
    """

    sent: Floats
    stopped: Floats
    delayed: Floats


@dataclass(slots=True)
class Evidence:
    """Fading sums of what the groups saw.

    Attributes
    ----------
    sent, stopped, delayed
        As in `Tally`.
    sent_on, stopped_on
        By operator and weekday, whatever the tactic.
    in_band
        Undervalued parcels by declared value, of all senders: told, not known to anybody.
    """

    sent: Floats
    stopped: Floats
    delayed: Floats
    sent_on: Floats
    stopped_on: Floats
    in_band: Floats

    @classmethod
    def nothing(cls, operators: int, typologies: int) -> "Evidence":
        """Return the evidence before the first flight."""
        groups, days = (operators, typologies), (operators, 7)
        return cls(
            np.zeros(groups), np.zeros(groups), np.zeros(groups),
            np.zeros(days), np.zeros(days), np.zeros(len(BANDS)),
        )  # fmt: skip

    def see(self, tally: Tally, weekday: int) -> None:
        """Add a flight.

        Parameters
        ----------
        tally
            What the groups saw of it.
        weekday
            Of its arrival, Monday 0.
        """
        self.sent += tally.sent
        self.stopped += tally.stopped
        self.delayed += tally.delayed
        self.sent_on[:, weekday] += tally.sent.sum(axis=1)
        self.stopped_on[:, weekday] += tally.stopped.sum(axis=1)

    def fade(self, days: int) -> None:
        """Forget a part, as days go by."""
        left = np.exp(-days / MEMORY_DAYS)
        for sums in (self.sent, self.stopped, self.delayed, self.sent_on, self.stopped_on):
            sums *= left
        self.in_band *= np.exp(-days / _BAND_DAYS)

    def forget(self, operator: int, typology: int) -> None:
        """Begin anew for a group that has changed: what it saw says little of what it does now."""
        for sums in (self.sent, self.stopped, self.delayed):
            sums[operator, typology] = 0.0


def tally(
    flight: Flight, outcomes: pl.DataFrame, identities: Identities, behaviour: Behaviour
) -> Tally:
    """Count a flight's irregular parcels by group, and what became of them.

    Parameters
    ----------
    flight, outcomes
        The flight with its truth, and the outcome rows of its controls.
    identities
        Who is behind which true shipper id.
    behaviour
        For the names of the typologies.
    """
    guilty = flight.truth.filter("is_irregular").select("hawb", "shipper_id", "typologies")
    controlled = outcomes.group_by("hawb").agg(
        (pl.col("presented") & pl.col("result_code").is_in(_SEEN_RESULTS)).any().alias("stopped"),
        pl.col("presented").any().alias("seen"),
    )
    guilty = guilty.join(controlled, on="hawb", how="left", maintain_order="left")
    stopped = guilty["stopped"].fill_null(False).to_numpy()
    delayed = guilty["seen"].fill_null(False).to_numpy() & ~stopped
    identity = guilty["shipper_id"].str.slice(3).cast(pl.Int64).to_numpy()
    operator = identities.operator[identity]
    size = behaviour.propensity.shape
    row, column = _pairs(guilty["typologies"], behaviour.names)

    def counted(which: np.ndarray) -> Floats:
        of = which[row]
        cell = operator[row[of]] * size[1] + column[of]
        return np.bincount(cell, minlength=size[0] * size[1]).reshape(size).astype(np.float64)

    return Tally(counted(np.ones(len(guilty), np.bool_)), counted(stopped), counted(delayed))


def _pairs(joined: pl.Series, names: tuple[str, ...]) -> tuple[Indices, Indices]:
    """Return each parcel's position once for every typology in it, and the typology."""
    parts = (
        pl.DataFrame([joined.alias("name")])
        .with_row_index("row")
        .with_columns(pl.col("name").str.split("|"))
        .explode("name")
    )
    place = parts["name"].replace_strict(
        list(names), list(range(len(names))), return_dtype=pl.Int64
    )
    return parts["row"].to_numpy().astype(np.int64), place.to_numpy()


def undervalued_bands(flight: Flight) -> Floats:
    """Count the flight's undervalued parcels by declared value; see `BANDS`.

    Values in dollars are taken as they stand: they are few, and this is for the eye.
    """
    is_low = pl.col("typologies").str.contains("undervaluation", literal=True)
    guilty = flight.truth.filter(is_low).select("hawb")
    value = (
        flight.declarations.lazy()
        .select("hawb", "intrinsic_value")
        .join(guilty.lazy(), on="hawb", how="semi")
        .group_by("hawb")
        .agg(pl.col("intrinsic_value").sum())
        .collect()["intrinsic_value"]
        .to_numpy()
    )
    band = np.searchsorted(np.array(BANDS), value, side="right") - 1
    return np.bincount(band, minlength=len(BANDS)).astype(np.float64)
