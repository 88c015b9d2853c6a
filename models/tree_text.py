"""LightGBM's text model, read without LightGBM.

The text is the one source of truth of boosted trees: what is evaluated here is what
`lightgbm.Booster` would load. What this program cannot evaluate exactly (`UnsupportedError`) is
left to LightGBM itself (`models.boosters`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.risk_model import Floats

Integers = NDArray[np.int32]

MISSING_NONE, MISSING_ZERO, MISSING_NAN = 0, 1, 2
"""Missing kinds, bits 2 and 3 of a node's `decision_type` (LightGBM, include/LightGBM/tree.h)."""

_CATEGORICAL, _DEFAULT_LEFT = 1, 2
"""Bits 0 and 1 of a node's `decision_type` (LightGBM, include/LightGBM/tree.h)."""


class UnsupportedError(Exception):
    """A model that only LightGBM itself can evaluate; the message says why."""


@dataclass(frozen=True)
class Tree:
    """One tree; nodes and leaves in LightGBM's own order, node 0 the root.

    Attributes
    ----------
    feature, threshold, missing, is_left_default : of each node; a value up to the threshold goes
        left.
    left, right : children of each node: a node, or -1 - a leaf.
    node_cover, leaf_cover : training rows that came through.
    value : of each leaf, in the raw score's unit.
    """

    feature: Integers
    threshold: Floats
    missing: Integers
    is_left_default: NDArray[np.bool_]
    left: Integers
    right: Integers
    node_cover: Floats
    leaf_cover: Floats
    value: Floats


def trees_of(text: str) -> list[Tree]:
    """The trees of a text model in their order.

    Raises
    ------
    UnsupportedError
        The model has another form than one raw score, the sum of its numeric trees.
    ValueError
        The text is damaged.
    """
    body, end, _ = text.partition("\nend of trees")
    head, *blocks = re.split(r"^Tree=\d+\n", body, flags=re.M)
    fields = _fields(head)
    if fields.get("num_tree_per_iteration") != "1":
        raise UnsupportedError("it gives several scores a row")
    if re.search(r"^average_output$", head, flags=re.M):
        raise UnsupportedError("its score is an average of trees")
    if not end or len(fields.get("tree_sizes", "").split()) != len(blocks):
        raise ValueError("the text of a booster is cut short")
    return [_tree(_fields(block)) for block in blocks]


def _fields(block: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in block.splitlines() if "=" in line)


def _tree(fields: dict[str, str]) -> Tree:
    if fields.get("is_linear", "0") != "0":
        raise UnsupportedError("a tree has lines in its leaves")
    if fields["num_leaves"] == "1":
        return _stump(float(fields["leaf_value"]))
    kinds = _integers(fields["decision_type"])
    if (kinds & _CATEGORICAL).any():
        raise UnsupportedError("a tree splits by categories")
    missing = kinds >> 2
    if (missing == MISSING_ZERO).any():
        raise UnsupportedError("zero counts as missing")
    return Tree(
        feature=_integers(fields["split_feature"]),
        threshold=_floats(fields["threshold"]),
        missing=missing,
        is_left_default=(kinds & _DEFAULT_LEFT) > 0,
        left=_integers(fields["left_child"]),
        right=_integers(fields["right_child"]),
        node_cover=_floats(fields["internal_count"]),
        leaf_cover=_floats(fields["leaf_count"]),
        value=_floats(fields["leaf_value"]),
    )


def _stump(value: float) -> Tree:
    """A tree that never splits."""
    nodes, none = np.zeros(0, np.int32), np.zeros(0)
    return Tree(nodes, none, nodes, nodes > 0, nodes, nodes, none, np.ones(1), np.array([value]))


def _integers(text: str) -> Integers:
    return np.array([int(part) for part in text.split()], dtype=np.int32)


def _floats(text: str) -> Floats:
    return np.array([float(part) for part in text.split()])
