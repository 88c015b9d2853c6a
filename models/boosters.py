"""Boosted trees behind one door: evaluated here where that is exact, else by LightGBM itself.

What is kept is LightGBM's text. Whatever of it this program cannot evaluate to the bit is left to
`lightgbm.Booster`, ten times slower: said in the log, and in `Boosters.note` to whoever asks.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from models.fast_trees import FastTrees
from models.risk_model import Floats
from models.tree_contributions import TreeContributions
from models.tree_text import Tree, UnsupportedError, trees_of

_log = logging.getLogger(__name__)


class _Sums(Protocol):
    def sums(self, columns: Floats) -> Floats: ...


class _Added(Protocol):
    def added(self, columns: Floats) -> Floats: ...


@dataclass(frozen=True)
class Boosters:
    """Some boosters a head, of which the mean counts; all learned from the same table.

    Attributes
    ----------
    texts : head -> LightGBM's text of each booster.
    evaluators : heads that are evaluated together, and what does it.
    explained : what explains the sum of the boosters of the head of any irregularity.
    note : why LightGBM itself must evaluate a part; empty where it need not.
    """

    texts: Mapping[str, Sequence[str]]
    evaluators: Sequence[tuple[Sequence[str], _Sums]]
    explained: _Added
    note: str

    @classmethod
    def of(cls, texts: Mapping[str, Sequence[str]]) -> Boosters:
        """Read boosters.

        Raises
        ------
        ValueError
            A text is damaged.
        """
        trees: dict[str, list[list[Tree]]] = {}
        reasons: dict[str, str] = {}
        for head, some in texts.items():
            try:
                trees[head] = [trees_of(text) for text in some]
            except UnsupportedError as reason:
                reasons[head] = str(reason)
        evaluators = list(_evaluators(trees, reasons))
        evaluators += [((head,), OriginalTrees.of(texts[head])) for head in reasons]
        bags = trees.get("any", [])
        explained: _Added = (
            OriginalTrees.of(texts["any"])
            if "any" in reasons
            else TreeContributions.of([tree for bag in bags for tree in bag])
        )
        note = "; ".join(f"{head}: {reason}" for head, reason in sorted(reasons.items()))
        if note:
            _log.warning("LightGBM itself must evaluate trees, which is slower: %s", note)
        return cls(texts, evaluators, explained, note)

    def means(self, columns: Floats) -> dict[str, Floats]:
        """Raw scores of each head, the mean of its boosters; zero where it has none.

        Parameters
        ----------
        columns : (features, rows), contiguous; NaN is missing.
        """
        found = {}
        for heads, evaluator in self.evaluators:
            sums, first = evaluator.sums(columns), 0
            for head in heads:
                bags = sums[first : first + len(self.texts[head])]
                # The mean, which numpy's own function takes ten times as long for on a single row.
                found[head] = (
                    np.add.reduce(bags, axis=0) / len(bags)
                    if len(bags)
                    else np.zeros(columns.shape[1])
                )
                first += len(bags)
        return found

    def mean_contributions(self, columns: Floats) -> Floats:
        """What each feature adds to the raw score of any irregularity: array (rows, features).

        Parameters
        ----------
        columns : (features, rows), contiguous; NaN is missing.
        """
        bags = len(self.texts["any"])
        return self.explained.added(columns) / bags if bags else np.zeros(columns.shape[::-1])


def _evaluators(
    trees: Mapping[str, list[list[Tree]]], reasons: dict[str, str]
) -> Sequence[tuple[Sequence[str], _Sums]]:
    """All heads together, or one by one where they cannot share their codes; for those that cannot
    be evaluated at all the reason is noted.
    """
    try:
        return [(tuple(trees), FastTrees.of([bag for bags in trees.values() for bag in bags]))]
    except UnsupportedError:
        found = []
        for head, bags in trees.items():
            try:
                found.append(((head,), FastTrees.of(bags)))
            except UnsupportedError as reason:
                reasons[head] = str(reason)
        return found


@dataclass(frozen=True)
class OriginalTrees:
    """Boosters evaluated by LightGBM itself.

    Attributes
    ----------
    boosters : `lightgbm.Booster` of each.
    """

    boosters: Sequence[Any]

    @classmethod
    def of(cls, texts: Sequence[str]) -> OriginalTrees:
        """Boosters from their text."""
        from models.lightgbm_alone import lightgbm  # a second that others need not wait

        return cls([lightgbm.Booster(model_str=text) for text in texts])

    def sums(self, columns: Floats) -> Floats:
        """Raw scores (boosters, rows) of columns (features, rows)."""
        if not columns.shape[1]:  # LightGBM divides by the number of rows
            return np.zeros((len(self.boosters), 0))
        return np.array([b.predict(columns.T, raw_score=True) for b in self.boosters])

    def added(self, columns: Floats) -> Floats:
        """Contributions to the sum of all boosters: array (rows, features)."""
        if not columns.shape[1]:
            return np.zeros(columns.shape[::-1])
        told = [b.predict(columns.T, pred_contrib=True) for b in self.boosters]
        return np.asarray(np.sum(told, axis=0)[:, :-1])
