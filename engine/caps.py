"""Caps: at most so many consignments of one ULD, one shipper, one broker on a list."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import polars as pl

from engine.declaration import FLIGHT
from engine.errors import MissingColumnsError, SettingError
from engine.pseudonym import normalised
from engine.routing.stops import Ints, Mask

PARTY_COLUMNS: Final = ("declarant_eori", "exporter_id", "exporter_name", "exporter_country")
"""What a scored consignment must have beside the rest if shippers or brokers are capped."""


@dataclass(frozen=True)
class Caps:
    """At most so many consignments of a list; None: no cap.

    A cap binds what a policy chooses. Random and mandatory controls are never taken off a list for
    a cap, but they count: a ULD with two of them and a cap of three has room for one more.

    Attributes
    ----------
    per_uld
        Of one pallet or container of one flight. Loose parcels are not capped.
    per_shipper
        Of one exporter: its identifier, or else its name as normalised and its country.
    per_broker
        Of one declarant.

    Raises
    ------
    SettingError
        A cap is below one.
    """

    per_uld: int | None = None
    per_shipper: int | None = None
    per_broker: int | None = None

    def __post_init__(self) -> None:
        for what, most in self._given().items():
            if most < 1:
                raise SettingError(f"The cap per {what} is {most}.", "Give 1 or more.")

    def __str__(self) -> str:
        return ", ".join(f"at most {most} per {what}" for what, most in self._given().items())

    def limits(self, consignments: pl.DataFrame) -> "Limits":
        """What the caps mean for these consignments.

        Raises
        ------
        MissingColumnsError
            Shippers or brokers are capped, and the frame does not say who they are.
        """
        given = self._given()
        missing = [name for name in PARTY_COLUMNS if name not in consignments.columns]
        if missing and given.keys() & {"shipper", "broker"}:
            raise MissingColumnsError("The scored frame", missing, consignments.columns)
        families, left = [], [np.full(1, consignments.height + 1, dtype=np.int64)]
        for what, most in given.items():
            keys = consignments.select(_KEYS[what].alias("key"))["key"]
            known = keys.drop_nulls().unique(maintain_order=True)
            first = sum(len(part) for part in left)
            place = keys.replace_strict(
                known, range(first, first + len(known)), default=0, return_dtype=pl.Int64
            )
            families.append(place.fill_null(0).to_numpy())
            left.append(np.full(len(known), most, dtype=np.int64))
        groups = np.stack(families) if families else np.empty((0, consignments.height), np.int64)
        return Limits(groups, np.concatenate(left))

    def _given(self) -> dict[str, int]:
        caps = {"uld": self.per_uld, "shipper": self.per_shipper, "broker": self.per_broker}
        return {what: most for what, most in caps.items() if most is not None}


NO_CAPS: Final = Caps()


@dataclass(frozen=True)
class Limits:
    """Groups of consignments of which only so many more may be chosen.

    Attributes
    ----------
    groups
        Family by consignment: the index of its group. Group 0 has no limit.
    left
        How many more of each group; never below zero.
    """

    groups: Ints
    left: Ints

    @property
    def is_none(self) -> bool:
        """Whether nothing is capped."""
        return not len(self.groups)

    def of_rows(self, rows: Ints | Mask) -> "Limits":
        """The same limits for some of the consignments."""
        return replace(self, groups=self.groups[:, rows])

    def after(self, rows: Ints | Mask) -> "Limits":
        """What is left when these consignments are chosen."""
        used = np.bincount(self.groups[:, rows].ravel(), minlength=len(self.left))
        return replace(self, left=np.maximum(self.left - used, 0))

    def allowed(self) -> Mask:
        """Which consignments may still be chosen, each by itself."""
        return np.asarray((self.left[self.groups] > 0).all(axis=0))

    def admitted(self, rows: Ints) -> Ints:
        """Of these consignments, taken in order, those that keep within all limits together."""
        if self.is_none:
            return rows
        left, kept = self.left.tolist(), []
        for row, groups in zip(rows.tolist(), self.groups[:, rows].T.tolist(), strict=True):
            if all(left[group] > 0 for group in groups):
                kept.append(row)
                for group in groups:
                    left[group] -= 1
        return np.array(kept, dtype=np.int64)


def _filled(column: str) -> pl.Expr:
    return pl.when(pl.col(column).str.strip_chars() != "").then(pl.col(column))


_KEYS: Final[dict[str, pl.Expr]] = {
    "uld": pl.when(pl.col("uld_id").is_not_null()).then(pl.struct(*FLIGHT, "uld_id")),
    "shipper": pl.coalesce(
        _filled("exporter_id"),
        pl.format("{}|{}", normalised(pl.col("exporter_name")), pl.col("exporter_country")),
    ),
    "broker": pl.col("declarant_eori"),
}
