"""Trees and reasons evaluated here against LightGBM itself, alternated, in CPU time of one core.

`python -m tests.benchmarks.trees [--rows N] [--model FOLDER] [--no-page]`; a folder is that of a
saved model with trees, whose boosters are measured beside a large one.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from features.catalogue import NAMES
from models.fast_trees import FastTrees
from models.lightgbm_alone import lightgbm
from models.risk_model import Floats
from models.tree_contributions import TreeContributions
from models.tree_text import trees_of
from tests.benchmarks.figures import table, write

ROWS = 100_000
EXPLAINED = 500
SINGLE = 100
ROUNDS = 5
LARGE = {"objective": "binary", "num_leaves": 63, "learning_rate": 0.05, "verbosity": -1,
         "num_threads": 1}  # fmt: skip


@dataclass(frozen=True)
class Figure:
    """CPU microseconds a row of LightGBM and of this program, a round each."""

    name: str
    theirs: Sequence[float]
    ours: Sequence[float]

    def row(self) -> list[str]:
        ratio = median(a / b for a, b in zip(self.theirs, self.ours, strict=True))
        return [self.name, f"{median(self.theirs):.2f}", f"{median(self.ours):.2f}", f"{ratio:.1f}"]


def invented(rows: int, seed: int = 1) -> Floats:
    """As many features as the catalogue has: counts, shares and amounts, some of them missing."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, len(NAMES)))
    x[:, ::3] = np.maximum(np.round(x[:, ::3]), 0.0)
    x[:, 1::3] = np.exp(x[:, 1::3])
    x[:, ::4][random.random(x[:, ::4].shape) < 0.3] = np.nan
    return x


def large() -> str:
    """A booster of 300 trees with 63 leaves."""
    x = invented(40_000, seed=2)
    random = np.random.default_rng(3)
    odds = np.nan_to_num(x) @ random.normal(size=x.shape[1]) + 5 * random.normal(size=len(x))
    labels = (odds > np.quantile(odds, 0.9)).astype(float)
    return str(lightgbm.train(LARGE, lightgbm.Dataset(x, labels), 300).model_to_string())


def measured(name: str, texts: Sequence[str], explained: Sequence[str], rows: int) -> list[Figure]:
    """Figures of boosters that are evaluated together, and of those that are explained."""
    x = invented(rows)
    columns = np.ascontiguousarray(x.T)
    boosters = [lightgbm.Booster(model_str=text) for text in texts]
    forest = FastTrees.of([trees_of(text) for text in texts])
    told = np.array([booster.predict(x, raw_score=True) for booster in boosters])
    if not (forest.sums(columns) == told).all():
        raise AssertionError("the scores differ from LightGBM's")
    originals = [lightgbm.Booster(model_str=text) for text in explained]
    reasons = TreeContributions.of([tree for text in explained for tree in trees_of(text)])
    some, few = x[:EXPLAINED], x[:SINGLE]
    return [
        alternated(
            f"{name}: scores, {rows:,} rows at once", rows,
            lambda: [b.predict(x, raw_score=True, num_threads=1) for b in boosters],
            lambda: forest.sums(columns),
        ),
        alternated(
            f"{name}: scores, one row a call", SINGLE,
            lambda: [b.predict(row, raw_score=True, num_threads=1) for row in ones(few)
                     for b in boosters],
            lambda: [forest.sums(row.T) for row in ones(few)],
        ),
        alternated(
            f"{name}: reasons, {EXPLAINED:,} rows at once", EXPLAINED,
            lambda: [b.predict(some, pred_contrib=True, num_threads=1) for b in originals],
            lambda: reasons.added(np.ascontiguousarray(some.T)),
        ),
        alternated(
            f"{name}: reasons, one row a call", SINGLE,
            lambda: [b.predict(row, pred_contrib=True, num_threads=1) for row in ones(few)
                     for b in originals],
            lambda: [reasons.added(row.T) for row in ones(few)],
        ),
    ]  # fmt: skip


def ones(rows: Floats) -> list[Floats]:
    """Each row as a table of one."""
    return [np.ascontiguousarray(row[np.newaxis]) for row in rows]


def alternated(
    name: str, rows: int, theirs: Callable[[], object], ours: Callable[[], object]
) -> Figure:
    """Both in turn, after one turn that does not count."""
    theirs(), ours()
    pairs = [(_cpu(theirs), _cpu(ours)) for _ in range(ROUNDS)]
    return Figure(name, [a / rows * 1e6 for a, _ in pairs], [b / rows * 1e6 for _, b in pairs])


def _cpu(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    """Measure and write the section."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--no-page", action="store_true")
    told = parser.parse_args()
    text = large()
    figures = measured("300 trees of 63 leaves", [text], [text], told.rows)
    if told.model:
        files = sorted(told.model.rglob("trees-*.txt"))
        bags = [file.read_text() for file in files if file.name.startswith("trees-any")]
        name = f"{len(files)} boosters of small trees"
        figures += measured(name, [file.read_text() for file in files], bags, told.rows)
    head = ["", "LightGBM, us a row", "here, us a row", "ratio"]
    body = (
        f"CPU time of one core, median of {ROUNDS} alternated rounds; {len(NAMES)} features. Scores"
        " are equal to the bit. Reasons: `pred_contrib` against the quadrature.\n\n"
        + table(head, [figure.row() for figure in figures])
    )
    if told.no_page:
        print(body)
    else:
        write("Trees and reasons", "python -m tests.benchmarks.trees --model FOLDER", body)


if __name__ == "__main__":
    main()
