"""Who is really who on a flight: consignees behind altered names, found without reading one.

Splitting shows only when consignments meet again that were made not to: a random suffix on the
name, a digit added, another spelling, an address with a tail. All is seen through keyed hashes
(`engine.pseudonym`). Consignments written alike are first taken together; those that share a place
and a word of the name, or a place and a street (`features.meeting`), are then compared
(`features.likeness`), and links sure enough make groups, over which sums are taken.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from features.codes import coded, combined
from features.compiled import kernel
from features.likeness import LEAST_SAID, confidence, rarity, said_of
from features.meeting import blocks_within, met_within, points_of
from features.people import WRITTEN_FROM, people_of, senders_of, stretches_of, words_of

Ints = npt.NDArray[np.int64]

_UNLINKED = -(2**62)
"""Less than anything that can be said."""


def consignee_groups(consignments: pl.DataFrame) -> pl.DataFrame:
    """Group consignments of the same consignee, flight by flight.

    Parameters
    ----------
    consignments : prepared consignments (`features.sight.prepared`) of some flights, in canonical
        order.

    Returns
    -------
    In the same order: `consignee_group` (smallest row number of its group), `link_confidence` (of
    the surest link of the row to another of its group that is not written the same way; null if
    there is none) and `consignee_form` (number of the way it is written, for `distinct` counts).
    """
    rows = people_of(consignments)
    flight = coded(consignments["flight_index"])
    place = combined(flight, coded(rows["place"]))
    senders, sender = senders_of(consignments["key_sender"])
    rare = rarity(flight, senders)
    people = stretches_of(
        rows, words_of(rows["names"]), words_of(rows["streets"]), place.of, sender,
        consignments["value_log"], rare,
    )  # fmt: skip
    form = np.asarray(_first_written(people.starts, people.told))
    units = combined(coded(pl.Series(form)), senders)
    # Neighbours of a large block are those of the next waybills, then of the next sender.
    order = units.first[np.lexsort((sender[units.first], form[units.first]))]
    blocks = blocks_within(points_of(people, order, flight.of))
    # Those of one place one after the other, so that they are still at hand when they meet.
    turns = np.argsort(place.of[order].astype(np.int32), kind="stable")
    group, surest = _groups(people.starts, people.told, form, blocks, turns)
    first = units.first[units.of]
    told = pl.DataFrame({"group": group[first], "told": surest[first], "form": form})
    is_linked = pl.col("told") != _UNLINKED
    return told.select(
        consignee_group="group",
        link_confidence=pl.when(is_linked).then(confidence(pl.col("told"))),
        consignee_form="form",
    )


@kernel
def _first_written(starts: Any, told: Any) -> Any:
    """The first row that is written the same way, and lives at the same place."""
    rows = len(starts) - 1
    size = 16
    while size < 2 * rows:
        size *= 2
    slots = np.full(size, -1, np.int64)
    hashes = np.empty(rows, np.int64)
    first = np.empty(rows, np.int64)
    for row in range(rows):
        hashes[row] = _hash(told, starts[row] + WRITTEN_FROM, starts[row + 1])
        at = hashes[row] & (size - 1)
        while slots[at] >= 0:
            other = slots[at]
            if hashes[other] == hashes[row] and _is_written_alike(starts, told, row, other):
                break
            at = (at + 1) & (size - 1)
        if slots[at] < 0:
            slots[at] = row
        first[row] = slots[at]
    return first


_MIX = 0x1E3779B97F4A7C15
"""Golden ratio in 64 bits (Knuth, The Art of Computer Programming 3, 6.4), within an int64."""


@kernel
def _hash(told: Any, start: int, end: int) -> Any:
    """A hash of a stretch; only speed depends on it."""
    mixed = np.int64(end - start)
    for at in range(start, end):
        mixed = (mixed ^ told[at]) * _MIX
        mixed ^= mixed >> 32
    return mixed


@kernel
def _is_written_alike(starts: Any, told: Any, row: int, other: int) -> bool:
    length = starts[row + 1] - starts[row]
    if starts[other + 1] - starts[other] != length:
        return False
    for at in range(WRITTEN_FROM, length):
        if told[starts[row] + at] != told[starts[other] + at]:
            return False
    return True


@kernel
def _groups(starts: Any, told: Any, form: Any, blocks: Any, turns: Any) -> Any:
    count = len(form)
    parent = np.arange(count)
    surest = np.full(count, _UNLINKED, np.int64)
    seen = np.full(count, -1, np.int64)
    met = np.empty(count, np.int64)
    for at in turns:
        row = blocks.rows[at]
        for one in range(met_within(at, blocks, seen, met)):
            other = met[one]
            said = said_of(told, starts[row], told, starts[other])
            if said < LEAST_SAID:
                continue
            _unite(parent, row, other)
            if form[row] != form[other]:
                surest[row] = max(surest[row], said)
                surest[other] = max(surest[other], said)
    for row in range(count):
        parent[row] = _root(parent, row)
    return parent, surest


@kernel
def _root(parent: Any, row: int) -> int:
    while parent[row] != row:
        parent[row] = parent[parent[row]]
        row = parent[row]
    return row


@kernel
def _unite(parent: Any, row: int, other: int) -> None:
    """Make two groups one; the smallest row stays its root."""
    one, two = _root(parent, row), _root(parent, other)
    parent[max(one, two)] = min(one, two)
