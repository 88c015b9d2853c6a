"""What every feature adds to a forest's raw score: exact Shapley values of trees, by quadrature.

For one leaf whose path asks distinct features j, with o_j = 1 where the row meets all the path asks
of j, and z_j the share of the training rows that do, the Shapley value of a feature i is

    value * (o_i - z_i) * integral over t from 0 to 1 of the product of (t o_j + (1 - t) z_j)

over all other features j.

The integrand is a polynomial whose degree is less than the number of features, so that
Gauss-Legendre points give it exactly. One pass down a tree carries the products, one up gathers
them: some thirty instructions an edge, where the usual way (`pred_contrib`; Lundberg et al., 2018)
takes the square of the depth a leaf. Published as Quadrature-TreeSHAP (arXiv 2605.04497).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.fast_trees import NEAR_ZERO, goes_left_missing
from models.risk_model import Floats
from models.tree_text import Tree


@dataclass(frozen=True)
class TreeContributions:
    """Trees that are explained together; their contributions are added.

    Attributes
    ----------
    features : positions of the features that any tree looks at, ascending.
    nodes : parents first; of each node its feature (place in `features`), whether missing goes
        left, and its left and right child: a node, or the number of nodes plus a leaf.
    cuts : threshold of each node.
    edges : of each node the edge that leads to it, the last edges above that asked the same feature
        as its left and its right edge (0 for none; 1 + 2 n and 2 + 2 n leave node n of a tree to
        the left and the right), and whether its left and its right edge are such a one themselves.
    covers : of the left and the right edge of each node: the share of the training rows above (at
        the first edge that asked the feature) that meet all that was asked of it, and the same at
        the last edge above that asked it (1 for none).
    first_nodes, first_leaves : where each tree's begin, and the end.
    values : of all leaves.
    points, weights : of the quadrature.
    """

    features: NDArray[np.int64]
    nodes: NDArray[np.int32]
    cuts: Floats
    edges: NDArray[np.int32]
    covers: Floats
    first_nodes: NDArray[np.int64]
    first_leaves: NDArray[np.int64]
    values: Floats
    points: Floats
    weights: Floats

    @classmethod
    def of(cls, trees: Sequence[Tree]) -> TreeContributions:
        """Prepare what does not depend on the rows."""
        paths = [_Paths.of(tree) for tree in trees]
        features = np.unique(np.concatenate([np.zeros(0, np.int64), *(t.feature for t in trees)]))
        # So many points are exact up to a degree of twice their number, less one.
        count = -(-max((path.most_features for path in paths), default=1) // 2)
        points, weights = np.polynomial.legendre.leggauss(count)
        return cls(
            features.astype(np.int64),
            np.concatenate([np.zeros((0, 4), np.int32), *(_nodes(t, features) for t in trees)]),
            np.concatenate([np.zeros(0), *(tree.threshold for tree in trees)]),
            np.concatenate([np.zeros((0, 5), np.int32), *(path.edges for path in paths)]),
            np.concatenate([np.zeros((0, 2, 2)), *(path.covers for path in paths)]),
            np.cumsum([0, *(len(tree.feature) for tree in trees)]),
            np.cumsum([0, *(len(tree.value) for tree in trees)]),
            np.concatenate([np.zeros(0), *(tree.value for tree in trees)]),
            (points + 1) / 2,
            weights / 2,
        )

    def added(self, columns: Floats) -> Floats:
        """Contributions of every feature to the sum of the trees: array (rows, features).

        Parameters
        ----------
        columns : (features, rows), contiguous; NaN is missing.
        """
        from models import contribution_kernels  # numba's import takes most of a second

        return np.asarray(
            contribution_kernels.added(
                columns, NEAR_ZERO, self.features, self.nodes, self.cuts, self.edges, self.covers,
                self.first_nodes, self.values, self.first_leaves, self.points, self.weights,
            )
        )  # fmt: skip


def _nodes(tree: Tree, features: NDArray[np.int64]) -> NDArray[np.int32]:
    children = [np.where(c < 0, len(tree.feature) - 1 - c, c) for c in (tree.left, tree.right)]
    places = np.searchsorted(features, tree.feature)
    return np.column_stack([places, goes_left_missing(tree), *children]).astype(np.int32)


@dataclass(frozen=True)
class _Paths:
    """Of one tree: edges and covers as above, and the most features that any path asks."""

    edges: NDArray[np.int32]
    covers: Floats
    most_features: int

    @classmethod
    def of(cls, tree: Tree) -> _Paths:
        edges = np.zeros((len(tree.feature), 5), dtype=np.int32)
        covers = np.ones((len(tree.feature), 2, 2))
        last: list[dict[int, int]] = [{} for _ in tree.feature]
        most = 1
        for node, side, child in _edges(tree):
            feature, edge = int(tree.feature[node]), 1 + 2 * node + side
            before = last[node].get(feature, 0)
            if before:
                covers[node, side, 1] = covers[(before - 1) // 2, (before - 1) % 2, 0]
                edges[(before - 1) // 2, 3 + (before - 1) % 2] = 1
            here = _cover(tree, child) / tree.node_cover[node]
            covers[node, side, 0] = here * covers[node, side, 1]
            edges[node, 1 + side] = before
            path = last[node] | {feature: edge}
            most = max(most, len(path))
            if child >= 0:
                edges[child, 0], last[child] = edge, path
        return cls(edges, covers, most)


def _edges(tree: Tree) -> Iterator[tuple[int, int, int]]:
    for node in range(len(tree.feature)):
        yield node, 0, int(tree.left[node])
        yield node, 1, int(tree.right[node])


def _cover(tree: Tree, child: int) -> float:
    """Training rows at a child."""
    return float(tree.node_cover[child] if child >= 0 else tree.leaf_cover[-1 - child])
