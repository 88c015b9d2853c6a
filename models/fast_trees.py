"""Boosted trees evaluated in columns: the sums of `lightgbm.Booster.predict`, to the bit.

LightGBM's thresholds of a feature number 254 at most, so every value is replaced by one byte: how
many thresholds lie below it. That is done once for several forests that learned from the same
table. Then 64 rows go through a tree in some four instructions a node (`models.tree_kernels`). Leaf
values are added in the order of the trees, as LightGBM does, so that sums are equal to the bit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from models.risk_model import Floats
from models.tree_text import MISSING_NAN, Tree, UnsupportedError

Integers = NDArray[np.int64]

LANES, FIRST_NODE = 64, 256
"""As in `models.tree_kernels`, which is not imported until something is evaluated: that takes most
of a second."""

MOST_LEAVES = 256
MOST_THRESHOLDS = 254
"""What one byte can tell; 255 is the code of what is missing."""

MISSING = 255

NEAR_ZERO = float(np.float32(1e-35))
"""Values as near to zero count as zero (kZeroThreshold, LightGBM's include/LightGBM/meta.h)."""

FEW_ROWS = 3
"""Up to so many, walking each is quicker than a block of 64 (`tests.benchmarks.trees`)."""


@dataclass(frozen=True)
class Codebook:
    """How values of the features become bytes.

    Attributes
    ----------
    features : positions of the features that any tree looks at, ascending.
    thresholds : of all of them, each ascending, one after another.
    starts : where each feature's thresholds begin, and the end.
    missing : code of a missing value of each; that of zero where missing is no kind of its own.
    """

    features: Integers
    thresholds: Floats
    starts: Integers
    missing: NDArray[np.uint8]

    @classmethod
    def of(cls, trees: Iterable[Tree]) -> Codebook:
        """The codes that all these trees can be evaluated on.

        Raises
        ------
        UnsupportedError
            A feature has too many thresholds, or is missing in two ways.
        """
        cuts: dict[int, set[float]] = {}
        kinds: dict[int, set[int]] = {}
        for tree in trees:
            for feature, cut, kind in zip(tree.feature, tree.threshold, tree.missing, strict=True):
                cuts.setdefault(int(feature), set()).add(float(cut))
                kinds.setdefault(int(feature), set()).add(int(kind))
        features = sorted(cuts)
        tables = [np.array(sorted(cuts[feature])) for feature in features]
        if any(len(kinds[feature]) > 1 for feature in features):
            raise UnsupportedError("a feature is missing in two ways")
        if any(len(table) > MOST_THRESHOLDS for table in tables):
            raise UnsupportedError(f"a feature has more than {MOST_THRESHOLDS} thresholds")
        missing = [
            MISSING if MISSING_NAN in kinds[feature] else int(np.searchsorted(table, 0.0))
            for feature, table in zip(features, tables, strict=True)
        ]
        return cls(
            np.array(features, dtype=np.int64),
            np.concatenate([np.zeros(0), *tables]),
            _starts(len(table) for table in tables),
            np.array(missing, dtype=np.uint8),
        )

    def code_of(self, place: int, threshold: float) -> int:
        """Largest code of a feature (its place in `features`) that a threshold lets pass left."""
        table = self.thresholds[self.starts[place] : self.starts[place + 1]]
        return int(np.searchsorted(table, threshold))


@dataclass(frozen=True)
class FastTrees:
    """Forests that are evaluated together.

    Attributes
    ----------
    codebook : of all forests.
    nodes : children before parents; of each node, in bytes: where the codes of its feature begin,
        what is added to them (1 turns the code of what is missing to 0), the largest code that goes
        left, and where the leaves of the left and the right child and its own are kept.
    walks : of each node, parents first: feature, left and right child, whether missing goes left.
    cuts : threshold of each node, parents first.
    first_nodes, first_leaves : where each tree's begin, and the end.
    values : of all leaves.
    first_trees : where each forest's trees begin, and the end.
    """

    codebook: Codebook
    nodes: NDArray[np.uint16]
    walks: NDArray[np.int32]
    cuts: Floats
    first_nodes: Integers
    first_leaves: Integers
    values: Floats
    first_trees: Integers

    @classmethod
    def of(cls, forests: Sequence[Sequence[Tree]]) -> FastTrees:
        """Forests that learned from the same table.

        Parameters
        ----------
        forests : of each its trees in order (`models.tree_text.trees_of`).

        Raises
        ------
        UnsupportedError
            The forests cannot share one codebook, or a tree is too large for bytes.
        """
        trees = list(chain.from_iterable(forests))
        if any(len(tree.value) > MOST_LEAVES for tree in trees):
            raise UnsupportedError(f"a tree has more than {MOST_LEAVES} leaves")
        book = Codebook.of(trees)
        place = {int(feature): at for at, feature in enumerate(book.features)}
        if len(place) * LANES > np.iinfo(np.uint16).max:
            raise UnsupportedError("it looks at more than 1,023 features")
        return cls(
            book,
            np.array([n for tree in trees for n in _nodes(tree, book, place)], np.uint16).reshape(
                -1, 6
            ),
            np.concatenate([np.zeros((0, 4), np.int32), *(_walks(tree) for tree in trees)]),
            np.concatenate([np.zeros(0), *(tree.threshold for tree in trees)]),
            _starts(len(tree.feature) for tree in trees),
            _starts(len(tree.value) for tree in trees),
            np.concatenate([np.zeros(0), *(tree.value for tree in trees)]),
            _starts(len(forest) for forest in forests),
        )

    def sums(self, columns: Floats) -> Floats:
        """Raw scores: what the leaves that a row reaches add up to.

        Parameters
        ----------
        columns : (features, rows), contiguous; NaN is missing.

        Returns
        -------
        An array (forests, rows).
        """
        from models import tree_kernels

        sums = np.zeros((len(self.first_trees) - 1, columns.shape[1]))
        if columns.shape[1] <= FEW_ROWS:
            tree_kernels.walked(
                columns, self.walks, self.cuts, self.first_nodes, self.values, self.first_leaves,
                self.first_trees, NEAR_ZERO, sums,
            )  # fmt: skip
        else:
            book = self.codebook
            tree_kernels.summed(
                columns, book.features, book.thresholds, book.starts, NEAR_ZERO, book.missing,
                self.nodes, self.first_nodes, self.values, self.first_leaves, self.first_trees,
                sums,
            )  # fmt: skip
        return sums


def _starts(lengths: Iterable[int]) -> Integers:
    return np.cumsum([0, *lengths], dtype=np.int64)


def _nodes(tree: Tree, book: Codebook, place: dict[int, int]) -> Iterator[tuple[int, ...]]:
    """Nodes for `choose`, children first: LightGBM numbers parents before children."""
    for node in reversed(range(len(tree.feature))):
        left, right = int(tree.left[node]), int(tree.right[node])
        if max(left, right) >= 0 and 0 <= min(x for x in (left, right) if x >= 0) <= node:
            raise UnsupportedError("a tree's nodes are in another order than LightGBM's")
        at = place[int(tree.feature[node])]
        shift = int(tree.missing[node] == MISSING_NAN and tree.is_left_default[node])
        yield (
            at * LANES,
            shift,
            book.code_of(at, float(tree.threshold[node])) + shift,
            _slot(left),
            _slot(right),
            _slot(node),
        )


def _slot(child: int) -> int:
    """Where the leaf below a child is kept."""
    return (FIRST_NODE + child if child >= 0 else -1 - child) * LANES


def _walks(tree: Tree) -> NDArray[np.int32]:
    is_left = goes_left_missing(tree)
    return np.column_stack([tree.feature, tree.left, tree.right, is_left]).astype(np.int32)


def goes_left_missing(tree: Tree) -> NDArray[np.bool_]:
    """Whether a missing value goes left at each node; where missing is no kind, it is zero."""
    is_kind = tree.missing == MISSING_NAN
    return np.where(is_kind, tree.is_left_default, tree.threshold >= 0.0)
