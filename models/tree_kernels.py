"""Compiled evaluation of forests; `models.fast_trees` says what the arrays mean.

Many rows: every node is evaluated for 64 rows at once, without a branch. The leaf that a row
reaches below a node is the one below its left or its right child, chosen by one comparison of
bytes; children come before parents, so the last chosen is the tree's (after QuickScorer: Lucchese
et al., SIGIR 2015, and its vectorised kin). Few rows: one walk from root to leaf a tree.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from features.compiled import kernel
from models.lanes import LANES, choose, count_below

FIRST_NODE = 256
"""Slots below hold the numbers of the leaves, those from here on the leaf below each node."""

BLOCKS_AT_ONCE = 16
"""Blocks whose codes are made together: about 200 kB, which the second cache holds (estimate)."""


@kernel
def code_block(
    columns: Any, first_row: int, features: Any, thresholds: Any, starts: Any, near: float,
    missing: Any, codes: Any, start: int,
) -> None:  # fmt: skip
    """Codes of 64 rows of all features, from byte `start` of `codes` on, a feature after another.

    Rows past the end of the columns get the codes of zeros.
    """
    rest = min(LANES, columns.shape[1] - first_row)
    padded = np.zeros(LANES)
    for at in range(len(features)):
        column, row = columns[features[at]], first_row
        if rest < LANES:
            padded[:rest] = column[first_row:]
            column, row = padded, 0
        count_below(
            column, row, near, thresholds, starts[at], starts[at + 1], missing[at], codes,
            start + at * LANES,
        )  # fmt: skip


@kernel
def summed(
    columns: Any, features: Any, thresholds: Any, starts: Any, near: float, missing: Any,
    nodes: Any, first_nodes: Any, values: Any, first_leaves: Any, first_trees: Any, sums: Any,
) -> None:  # fmt: skip
    """Sums of the leaf values of each forest, tree after tree, into `sums` (forests, rows)."""
    codes = np.empty(BLOCKS_AT_ONCE * len(features) * LANES, np.uint8)
    slots = np.empty(2 * FIRST_NODE * LANES, np.uint8)
    for leaf in range(FIRST_NODE):
        slots[leaf * LANES : (leaf + 1) * LANES] = leaf
    total = np.empty(LANES)
    rows = columns.shape[1]
    for chunk in range(0, rows, BLOCKS_AT_ONCE * LANES):
        for row in range(chunk, min(rows, chunk + BLOCKS_AT_ONCE * LANES), LANES):
            code_block(
                columns, row, features, thresholds, starts, near, missing, codes,
                (row - chunk) * len(features),
            )  # fmt: skip
        for row in range(chunk, min(rows, chunk + BLOCKS_AT_ONCE * LANES), LANES):
            first_code = np.uint64((row - chunk) * len(features))
            for forest in range(len(first_trees) - 1):
                total[:] = 0.0
                for tree in range(first_trees[forest], first_trees[forest + 1]):
                    _grown(
                        nodes[first_nodes[tree] : first_nodes[tree + 1]], codes, first_code, slots,
                        values[first_leaves[tree] : first_leaves[tree + 1]], total,
                    )  # fmt: skip
                rest = min(LANES, rows - row)
                sums[forest, row : row + rest] = total[:rest]


@kernel
def _grown(nodes: Any, codes: Any, first_code: Any, slots: Any, values: Any, total: Any) -> None:
    """Add the leaf values that 64 rows reach in a tree."""
    for node in range(len(nodes)):
        choose(
            codes, first_code + np.uint64(nodes[node, 0]), np.uint8(nodes[node, 1]),
            np.uint8(nodes[node, 2]), slots, np.uint64(nodes[node, 3]), np.uint64(nodes[node, 4]),
            np.uint64(nodes[node, 5]),
        )  # fmt: skip
    root = np.uint64(FIRST_NODE * LANES if len(nodes) else 0)
    for lane in range(LANES):
        total[lane] += values[slots[root + np.uint64(lane)]]


@kernel
def walked(
    columns: Any, walks: Any, cuts: Any, first_nodes: Any, values: Any, first_leaves: Any,
    first_trees: Any, near: float, sums: Any,
) -> None:  # fmt: skip
    """The same sums, row by row; for fewer rows than are worth a block."""
    row_values = np.empty(columns.shape[0])
    for row in range(columns.shape[1]):
        for at in range(columns.shape[0]):
            value = columns[at, row]
            row_values[at] = 0.0 if abs(value) <= near else value
        for forest in range(len(first_trees) - 1):
            total = 0.0
            for tree in range(first_trees[forest], first_trees[forest + 1]):
                first = first_nodes[tree]
                node = 0 if first_nodes[tree + 1] > first else -1
                while node >= 0:
                    value = row_values[walks[first + node, 0]]
                    if np.isnan(value):
                        goes_left = walks[first + node, 3] > 0
                    else:
                        goes_left = value <= cuts[first + node]
                    node = walks[first + node, 1] if goes_left else walks[first + node, 2]
                total += values[first_leaves[tree] - 1 - node]
            sums[forest, row] = total
