"""The linear bound of a route, by sorting alone.

Within a bag, parcels in order of yield per minute: the prefix with the best yield per minute,
opening included, is one bundle; every later parcel is a piece of its own. The pieces of a ULD's
bags are bundled in the same way with its break-down. All pieces sorted by density are then the
optimum of the linear relaxation: the budget is filled from the front, and the piece that no longer
fits whole gives the multiplier, the yield that one more unit of budget would bring.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.routing.stops import Ints, Mask, Stops

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Pieces:
    """What can be added to a list in one step.

    Attributes
    ----------
    values, costs
        Yield in millionths of euro, and budget taken with the set-up included.
    densities
        Yield for each unit of budget; within a group no later piece has more than its bundle.
    groups
        The place that each lies in.
    piece_of
        For each consignment its piece.
    """

    values: Ints
    costs: Ints
    densities: Floats
    groups: Ints
    piece_of: Ints


def pieces_of(values: Ints, costs: Ints, stops: Stops, room: int | None = None) -> Pieces:
    """Consignments as pieces, set-up included, in no order.

    Parameters
    ----------
    values, costs
        Yield and own cost of each consignment; costs are positive.
    stops
        Where they lie.
    room
        Bundles end where they would cost more; None: they do not.
    """
    parcels = Pieces(values, costs, values / costs, stops.bag, np.arange(len(values)))
    rooms = None if room is None else room - stops.uld_costs[stops.uld_of_bag]
    of_bags = _bundled(parcels, stops.bag_costs, stops.uld_of_bag, rooms)
    everywhere = np.zeros(len(stops.uld_costs), dtype=np.int64)
    return _bundled(
        of_bags, stops.uld_costs, everywhere, None if room is None else everywhere + room
    )


def _bundled(pieces: Pieces, openings: Ints, parents: Ints, rooms: Ints | None) -> Pieces:
    """The best prefix of each group as one piece with its opening, the later ones as they are."""
    if not len(pieces.values):
        return pieces
    order = np.lexsort((-pieces.densities, pieces.groups))
    groups = pieces.groups[order]
    is_first = np.concatenate(([True], groups[1:] != groups[:-1]))
    starts = np.flatnonzero(is_first)
    sizes = np.diff(np.append(starts, len(groups)))
    values, costs = pieces.values[order], pieces.costs[order]
    prefix_costs = _running(costs, starts, sizes) + openings[groups]
    prefix_densities = _running(values, starts, sizes) / prefix_costs
    if rooms is not None:
        prefix_densities[prefix_costs > rooms[groups]] = -1.0
    best = np.repeat(np.maximum.reduceat(prefix_densities, starts), sizes)
    places = np.arange(len(groups))
    ends = np.minimum.reduceat(np.where(prefix_densities == best, places, len(groups)), starts)
    is_single = places > np.repeat(ends, sizes)
    heads = np.flatnonzero(is_first | is_single)
    new_costs = np.add.reduceat(costs, heads)
    new_costs[~is_single[heads]] += openings[groups[starts]]
    piece_of = np.empty(len(groups), dtype=np.int64)
    piece_of[order] = np.cumsum(is_first | is_single) - 1
    # A later piece is never denser; the minimum keeps float noise from putting it before its bag.
    later = np.minimum(pieces.densities[order], best)
    return Pieces(
        np.add.reduceat(values, heads),
        new_costs,
        np.where(is_single, later, best)[heads],
        parents[groups[heads]],
        piece_of[pieces.piece_of],
    )


def _running(numbers: Ints, starts: Ints, sizes: Ints) -> Ints:
    """Sums from the start of each group."""
    sums = np.cumsum(numbers)
    return sums - np.repeat(sums[starts] - numbers[starts], sizes)


@dataclass(frozen=True)
class Relaxation:
    """The optimum of the linear relaxation.

    Attributes
    ----------
    bound
        No list within the budget has more yield (millionths of euro).
    multiplier
        Yield that one more unit of budget would bring.
    counted
        How much of each consignment the relaxed list takes: 1, 0, or a share of the last piece.
    split_uld
        The ULD of which the last piece breaks down a part; -1 if it is no such piece.
    """

    bound: int
    multiplier: float
    counted: Floats
    split_uld: int


def relaxed(values: Ints, costs: Ints, stops: Stops, capacity: int) -> Relaxation:
    """Solve the linear relaxation for consignments with some yield."""
    worthwhile = np.flatnonzero(values > 0)
    counted = np.zeros(len(values))
    if not len(worthwhile):
        return Relaxation(0, 0.0, counted, -1)
    pieces = pieces_of(values[worthwhile], costs[worthwhile], stops.of_rows(worthwhile))
    order = np.argsort(-pieces.densities, kind="stable")
    spent = np.cumsum(pieces.costs[order])
    whole = int(np.searchsorted(spent, capacity, side="right"))
    shares = np.zeros(len(order))
    shares[order[:whole]] = 1.0
    bound = int(pieces.values[order[:whole]].sum())
    multiplier, split_uld = 0.0, -1
    if whole < len(order):
        last = order[whole]
        left = capacity - (int(spent[whole - 1]) if whole else 0)
        multiplier = float(pieces.densities[last])
        shares[last] = left / pieces.costs[last]
        # Rounded up: a bound that is a millionth of a euro too high is still a bound.
        bound += -(-left * int(pieces.values[last]) // int(pieces.costs[last]))
        split_uld = _split(
            pieces.piece_of == last, shares[pieces.piece_of] == 1.0, stops.uld[worthwhile], stops
        )
    counted[worthwhile] = shares[pieces.piece_of]
    return Relaxation(bound, multiplier, counted, split_uld)


def _split(is_last: Mask, is_whole: Mask, ulds: Ints, stops: Stops) -> int:
    """The ULD of the last piece, if that piece is what would break it down."""
    uld = int(ulds[is_last][0])
    is_broken_down = stops.uld_costs[uld] == 0 or bool((is_whole & (ulds == uld)).any())
    return -1 if is_broken_down else uld
