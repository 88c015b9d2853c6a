"""What was known of the parties of one consignment: `features.seen_flight` and
`features.probing` for one alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from features.history import PAIRS, TRAFFIC, History
from features.ledger import sums_by
from features.probing import SMALL_COUNT, TESTED_DAYS, VARIANT
from features.single.lookup import Lookup
from features.single.parcel import Consignment
from features.units import UNIT, whole

_MET = ("sender_ioss", "sender_broker", "address_name")
_COUNTED = {
    "ioss_senders": ("sender_ioss", "key_ioss"),
    "address_past_names": ("address_name", "key_consignee_address"),
    "sender_brokers": ("sender_broker", "key_sender"),
}
"""How many others a party met: the pair, and the party's key."""


class Traffic:
    """Volume, values and age of each followed party, as of a day.

    Parameters
    ----------
    history : as of a day before.
    day : the day.
    wanted : columns to be told; no memory is spent on others.
    """

    def __init__(self, history: History, day: date, wanted: frozenset[str]) -> None:
        self._traffic = {name: _traffic(history, name, day, wanted) for name in TRAFFIC}
        self._met = {
            f"{name}_items": Lookup.of(history.pairs[name].at(day), PAIRS[name], ["items"])
            for name in _MET
            if f"{name}_items" in wanted
        }
        self._counted = {
            name: Lookup.of(
                history.pairs[pair].at(day).group_by(key).agg(pl.len().alias(name)), [key], [name]
            )
            for name, (pair, key) in _COUNTED.items()
        }
        self._history_days = 0 if history.as_of is None else 1

    def add(self, table: Consignment) -> None:
        """Add what was known of the parties."""
        for name, (lookup, columns) in self._traffic.items():
            row = lookup.row(table[f"key_{name}"])
            for column in columns:
                table[column] = lookup.told(column, row)
        for name, lookup in self._met.items():
            first, second = PAIRS[name.removesuffix("_items")]
            row = lookup.row(table[first], table[second])
            table[name] = lookup.told("items", row)
        for name, lookup in self._counted.items():
            table[name] = lookup.told(name, lookup.row(table[_COUNTED[name][1]]))
        table["history_days"] = self._history_days


def _traffic(
    history: History, name: str, day: date, wanted: frozenset[str]
) -> tuple[Lookup, Sequence[str]]:
    n = pl.col("consignments")
    columns = {
        f"{name}_consignments": n,
        f"{name}_recent_share": pl.col("recent_consignments") / n,
        f"{name}_daily": n / pl.col("days"),
        f"{name}_value_log": pl.col("value_sum") / n,
        f"{name}_value_per_kg_log": pl.col("value_per_kg_sum") / n,
        f"{name}_near_line_share": pl.col("near_line") / n,
        f"{name}_gift_share": pl.col("gifts") / n,
        f"{name}_age_days": (pl.lit(day) - pl.col("first_on")).dt.total_days(),
    }
    columns = {column: told for column, told in columns.items() if column in wanted}
    rows = history.traffic[name].at(day).select(f"key_{name}", **columns)
    return Lookup.of(rows, [f"key_{name}"], list(columns)), list(columns)


class Variants:
    """Variants that senders tried in the last days, as of a day.

    Parameters
    ----------
    history : as of a day before.
    known : the ledger as known on the day.
    day : the day.
    """

    def __init__(self, history: History, known: pl.DataFrame, day: date) -> None:
        rows = history.variants.at(day)
        is_tried = (pl.lit(day) - pl.col("first_on")).dt.total_days() <= TESTED_DAYS
        is_tried &= pl.col("parcels") <= SMALL_COUNT
        senders = rows.group_by("key_sender").agg(
            sender_tests=is_tried.sum().cast(pl.Int64),
            sender_recent_variety=pl.len() * UNIT / whole("parcels").sum(),
        )
        self._past = Lookup.of(rows, VARIANT, ["parcels"])
        self._senders = Lookup.of(
            senders, ["key_sender"], ["sender_tests", "sender_recent_variety"]
        )
        self._controls = Lookup.of(sums_by(known, *VARIANT), VARIANT, ["controls", "irregular"])

    def add(self, table: Consignment) -> None:
        """Add whether the sender tries variants; one parcel alone never comes in numbers."""
        key = tuple(table[name] for name in VARIANT)
        table["variant_past"] = self._past.told("parcels", self._past.row(*key))
        row = self._senders.row(table["key_sender"])
        for name in ("sender_tests", "sender_recent_variety"):
            table[name] = self._senders.told(name, row)
        row = self._controls.row(*key)
        is_found = row >= 0 and self._controls.told("irregular", row) != 0
        passed = None if is_found else self._controls.told("controls", row)
        table["variant_passed"] = passed
        table["sender_passed"] = int(passed is not None and passed > 0)
        table["variant_parcels"] = table["sender_variants"] = 1
        table["is_tested_volume"] = False
