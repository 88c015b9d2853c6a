"""Compiled passes of `models.tree_contributions`, which says what the arrays mean."""

from __future__ import annotations

from typing import Any

import numpy as np

from features.compiled import kernel
from models.quadrature_lanes import EDGE, LANES, PRODUCT, ascend, descend, invert


@kernel
def added(
    columns: Any, near: float, features: Any, nodes: Any, cuts: Any, edges: Any, covers: Any,
    first_nodes: Any, values: Any, first_leaves: Any, points: Any, weights: Any,
) -> Any:  # fmt: skip
    """Contributions (rows, features) of all trees; every row's points one after another."""
    rows, count = columns.shape[1], len(points)
    most = np.max(np.diff(first_nodes)) if len(first_nodes) > 1 else 0
    kept = np.ones((2 * most + 1) * EDGE)
    below = np.empty((2 * most + 1) * LANES)
    asked = np.empty(len(features) * LANES)
    parts = np.empty(len(features) * LANES)
    t, row_of = np.empty(LANES), np.empty(LANES, np.int64)
    total = np.zeros((rows, columns.shape[0]))
    for first in range(0, rows * count, LANES):
        for lane in range(LANES):
            # Past the end the last point is worked out again, and forgotten.
            at = min(first + lane, rows * count - 1)
            t[lane] = points[at % count]
            kept[PRODUCT + lane] = weights[at % count]
            row_of[lane] = at // count
        for place in range(len(features)):
            column = columns[features[place]]
            for lane in range(LANES):
                value = column[row_of[lane]]
                asked[place * LANES + lane] = 0.0 if abs(value) <= near else value
        parts[:] = 0.0
        for tree in range(len(first_nodes) - 1):
            a, b = first_nodes[tree], first_nodes[tree + 1]
            _down(a, b, nodes, cuts, edges, covers, asked, t, kept)
            start, end = first_leaves[tree], first_leaves[tree + 1]
            _up(a, b, nodes, edges, covers, start, end, values, kept, below, parts)
        real = min(LANES, rows * count - first)
        for place in range(len(features)):
            feature = features[place]
            for lane in range(real):
                total[row_of[lane], feature] += parts[place * LANES + lane]
    return total


@kernel
def _down(
    a: int, b: int, nodes: Any, cuts: Any, edges: Any, covers: Any, asked: Any, t: Any, kept: Any
) -> None:
    """Nodes `a` to `b`, parents first."""
    edge = EDGE
    for node in range(a, b):
        for side in range(2):
            descend(
                asked, np.int64(nodes[node, 0] * LANES), cuts[node],
                (nodes[node, 1] > 0) != (side == 1), side == 1, t, np.int64(0),
                covers[node, side, 0], kept, np.int64(edges[node, 0] * EDGE),
                np.int64(edges[node, 1 + side] * EDGE), edge,
            )  # fmt: skip
            if edges[node, 3 + side]:
                invert(kept, edge)
            edge += EDGE


@kernel
def _up(
    a: int, b: int, nodes: Any, edges: Any, covers: Any, start: int, end: int, values: Any,
    kept: Any, below: Any, parts: Any,
) -> None:  # fmt: skip
    """Nodes `a` to `b`, children first; their leaves are kept after them."""
    for at in range((b - a) * LANES):
        below[at] = 0.0
    at = (b - a) * LANES
    for leaf in range(start, end):
        value = values[leaf]
        for lane in range(LANES):
            below[at + lane] = value
        at += LANES
    edge = (1 + 2 * (b - a)) * EDGE
    for node in range(b - 1, a - 1, -1):
        for side in range(1, -1, -1):
            edge -= EDGE
            ascend(
                kept, np.int64(edges[node, 0] * EDGE), np.int64(edges[node, 1 + side] * EDGE),
                edge, covers[node, side, 0], covers[node, side, 1], below,
                np.int64(nodes[node, 2 + side] * LANES), (node - a) * LANES, parts,
                np.int64(nodes[node, 0] * LANES),
            )  # fmt: skip
