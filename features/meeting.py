"""Who is compared with whom: consignees meet at a word, not each with each.

Those of one place meet at every word of the name and at the street, those of one flight at an
identifier. Where more than a few meet, the word is common or the address a drop address; there they
meet at two words together, and if that is still too many, each meets only those next to it.

All a meeting point needs is one number, mixed of the place and the keyed hash. That two points get
the same one is as unlikely as that two words have the same hash.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from features.codes import coded
from features.compiled import kernel
from features.people import IDENTIFIER, NAMES, PLACE, STREETS, WORDS, People

Ints = npt.NDArray[np.int64]

LARGEST_BLOCK = 60
"""Blocks of more than this share a common word or a drop address, not a person; they are refined
by a second token instead of being compared pair by pair (estimate)."""

NEIGHBOURS = 8
"""In what is still too large each is compared with that many after it, in the order of waybills:
parts of one order mostly follow each other (domain report 3.1, T2; the number is an estimate)."""

_NAME, _STREET, _IDENTIFIER = 0, 1, 2
_KINDS = 3
_MIX = 0x1E3779B97F4A7C15
"""Golden ratio in 64 bits (Knuth, The Art of Computer Programming 3, 6.4), within an int64."""

_SECOND = 31
"""Tells a word met as the second from the same word met as the first."""


@dataclass(frozen=True)
class Points:
    """Meeting points of some rows.

    Attributes
    ----------
    rows : positions of the rows among the people, in the order in which neighbours are counted.
    starts : where the points of each of `rows` begin in `keys`; one more at the end.
    keys : the points.
    """

    rows: Ints
    starts: Ints
    keys: Ints


class Blocks(NamedTuple):
    """Rows by the points at which they meet.

    Attributes
    ----------
    rows, starts : as in `Points`.
    blocks : block of every point of the rows.
    places : place of the row among the members of that block.
    block_starts : where the members of each block begin; one more at the end.
    members : positions of rows among the people.
    """

    rows: Ints
    starts: Ints
    blocks: Ints
    places: Ints
    block_starts: Ints
    members: Ints


def points_of(people: People, rows: Ints, everywhere: Ints) -> Points:
    """Where the rows meet others.

    Parameters
    ----------
    rows : positions among the people.
    everywhere : code of what those of one identifier must have in common.
    """
    starts, keys, kinds = _first_points(people.starts, people.told, rows, everywhere)
    sizes = np.asarray(coded(pl.Series(keys)).counted())
    is_large = (sizes > LARGEST_BLOCK) & (kinds != _IDENTIFIER)
    if is_large.any():
        starts, keys = _refined(people.starts, people.told, rows, starts, keys, kinds, is_large)
    return Points(rows, starts, keys)


def blocks_within(points: Points) -> Blocks:
    """Who meets whom of the same rows."""
    codes = coded(pl.Series(points.keys))
    return Blocks(
        points.rows,
        points.starts,
        codes.of,
        *_members(points.rows, points.starts, codes.of, codes.count),
    )


def blocks_between(points: Points, known: Points) -> tuple[Blocks, Blocks]:
    """Blocks of two tables, so numbered that the rows of a number meet."""
    codes = coded(pl.Series(np.concatenate([points.keys, known.keys])))
    parts = np.split(codes.of, [len(points.keys)])
    one, other = (
        Blocks(part.rows, part.starts, of, *_members(part.rows, part.starts, of, codes.count))
        for part, of in zip((points, known), parts, strict=True)
    )
    return one, other


@kernel
def _point(where: int, kind: int, token: int) -> Any:
    return np.int64(token ^ ((where * _KINDS + kind + 1) * _MIX))


@kernel
def _first_points(people: Any, told: Any, rows: Any, everywhere: Any) -> Any:
    starts = np.zeros(len(rows) + 1, np.int64)
    for at in range(len(rows)):
        one = people[rows[at]]
        count = told[one + NAMES] + (told[one + STREETS] > 0) + (told[one + IDENTIFIER] != 0)
        starts[at + 1] = starts[at] + count
    keys = np.empty(starts[-1], np.int64)
    kinds = np.empty(starts[-1], np.uint8)
    for at in range(len(rows)):
        one, to = people[rows[at]], starts[at]
        place, word, streets = told[one + PLACE], one + WORDS, told[one + STREETS]
        for _ in range(told[one + NAMES]):
            keys[to], kinds[to] = _point(place, _NAME, told[word]), _NAME
            to += 1
            word += 1
        if streets > 0:
            # A house number may be altered: then the longest words of the street still meet.
            street = 0
            for second in range(word, word + streets):
                street += told[second]
            keys[to] = _point(place, _STREET, street)
            kinds[to] = _STREET
            to += 1
        if told[one + IDENTIFIER] != 0:
            keys[to] = _point(everywhere[rows[at]], _IDENTIFIER, told[one + IDENTIFIER])
            kinds[to] = _IDENTIFIER
    return starts, keys, kinds


@kernel
def _refined(
    people: Any, told: Any, rows: Any, starts: Any, keys: Any, kinds: Any, is_large: Any
) -> Any:
    """Split points that are too large by a second word: a street's, or a name's."""
    new_starts = np.zeros(len(rows) + 1, np.int64)
    for at in range(len(rows)):
        count = 0
        for point in range(starts[at], starts[at + 1]):
            count += 1
            if is_large[point]:
                count += max(_seconds(told, people[rows[at]], kinds[point])[1], 1) - 1
        new_starts[at + 1] = new_starts[at] + count
    refined = np.empty(new_starts[-1], np.int64)
    for at in range(len(rows)):
        to = new_starts[at]
        for point in range(starts[at], starts[at + 1]):
            # Without a second word the first must do alone.
            refined[to] = keys[point]
            count = 1
            if is_large[point]:
                start, count = _seconds(told, people[rows[at]], kinds[point])
                for word in range(count):
                    refined[to + word] = keys[point] ^ (told[start + word] * _SECOND)
            to += max(count, 1)
    return new_starts, refined


@kernel
def _seconds(told: Any, one: int, kind: int) -> Any:
    """Where the words for a refinement begin, and how many they are."""
    if kind == _NAME:
        return one + WORDS + told[one + NAMES], told[one + STREETS]
    return one + WORDS, told[one + NAMES]


@kernel
def _members(rows: Any, starts: Any, blocks: Any, count: int) -> Any:
    """Place of each row in its block, where blocks start, and their members in order."""
    block_starts = np.zeros(count + 1, np.int64)
    for point in range(len(blocks)):
        block_starts[blocks[point] + 1] += 1
    for block in range(count):
        block_starts[block + 1] += block_starts[block]
    filled = block_starts[:-1].copy()
    places = np.empty(len(blocks), np.int64)
    members = np.empty(len(blocks), np.int64)
    for at in range(len(rows)):
        for point in range(starts[at], starts[at + 1]):
            to = filled[blocks[point]]
            places[point] = to
            members[to] = rows[at]
            filled[blocks[point]] += 1
    return places, block_starts, members


@kernel
def met_within(at: int, blocks: Any, seen: Any, met: Any) -> int:
    """Fill `met` with those after a row that it meets, each once.

    Parameters
    ----------
    at : position in `blocks.rows`.
    seen : whom each of the people was last met by; `at` is entered.
    met : room for all people.

    Returns
    -------
    How many they are.
    """
    count = 0
    for point in range(blocks.starts[at], blocks.starts[at + 1]):
        block, place = blocks.blocks[point], blocks.places[point]
        end = blocks.block_starts[block + 1]
        if end - blocks.block_starts[block] > LARGEST_BLOCK:
            end = min(end, place + NEIGHBOURS + 1)
        for member in range(place + 1, end):
            other = blocks.members[member]
            if seen[other] != at:
                seen[other] = at
                met[count] = other
                count += 1
    return count


@kernel
def met_between(at: int, blocks: Any, known: Any, seen: Any, met: Any) -> int:
    """Fill `met` with those of another table whom a row meets, large blocks left out.

    Parameters and result are those of `met_within`; `known` has the same numbers of blocks.
    """
    count = 0
    for point in range(blocks.starts[at], blocks.starts[at + 1]):
        block = blocks.blocks[point]
        start, end = known.block_starts[block], known.block_starts[block + 1]
        if end - start > LARGEST_BLOCK:
            continue
        for member in range(start, end):
            other = known.members[member]
            if seen[other] != at:
                seen[other] = at
                met[count] = other
                count += 1
    return count
