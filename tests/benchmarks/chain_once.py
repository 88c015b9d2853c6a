"""The process of `tests.benchmarks.chain` that is measured: one thread, one state, one flight."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from engine.budget import Budget
from features.catalogue import NAMES, day_of, features_of
from features.past_rates import Controls
from features.sight import prepared, sight
from models.lightgbm_alone import lightgbm
from models.risk_model import Floats
from service.archive import Known, known_before
from service.composition import open_home, open_store
from service.inspection import Wish, inspect, receive_manifest
from service.list_file import write_table
from service.scoring import InForce, Scored, in_force, scored
from service.store import DECLARATION_SCHEMA
from tests.benchmarks.chain import CONTROLS, LEAVES, TREES, alternated, peak_mb

LEARNED_ROWS = 60_000
"""Rows that the yardstick learns from: enough for trees of that size."""


def yardstick(features: Floats) -> Any:
    """A booster of the agreed size, on labels that depend on many of the features."""
    random = np.random.default_rng(1)
    rows = features[random.choice(len(features), min(LEARNED_ROWS, len(features)), replace=False)]
    ranks = np.nan_to_num(rows).argsort(axis=0).argsort(axis=0) / len(rows)
    signal = ranks @ random.normal(size=rows.shape[1])
    signal = signal + random.normal(size=len(rows)) * signal.std()
    told = (signal > np.quantile(signal, 0.9)).astype(np.float64)
    settings = {"objective": "binary", "num_leaves": LEAVES, "learning_rate": 0.05,
                "verbosity": -1, "num_threads": 1}  # fmt: skip
    return lightgbm.train(settings, lightgbm.Dataset(rows, told), TREES)


def main(folder: Path) -> None:
    """Measure, and print what was found as one line of JSON."""
    home = open_home()
    store = open_store(home)
    _, items = receive_manifest(home, store, [folder / "flight.parquet"], keeps=False)
    items.select(DECLARATION_SCHEMA.keys()).write_parquet(folder / "kept.parquet")
    day = day_of(items)
    model = in_force(home)
    assert not model.is_degraded, model.note
    known = known_before(home, store, model.history, model.base_id, model.ledger, day)
    known = Known(known.history, known.ledger, known.note, known.mark)
    key = home.pseudonym_key()
    wish = Wish(Budget.controls(CONTROLS))

    def listed(rows: pl.DataFrame, model: InForce = model) -> Scored:
        return scored(model, known, rows)

    def from_kept() -> None:
        rows = pl.read_parquet(folder / "kept.parquet")
        write_table(inspect(rows, wish, listed, key).rows, folder / "list.csv")

    def through_the_door() -> None:
        _, rows = receive_manifest(home, store, [folder / "flight.parquet"], keeps=False)
        write_table(inspect(rows, wish, listed, key).rows, folder / "list.csv")

    features = scored(model, known, items).flights.features.select(NAMES)
    matrix = features.to_numpy().astype(np.float64, order="C")
    booster = yardstick(matrix)

    def predict() -> None:
        booster.predict(matrix, raw_score=True, num_threads=1)

    seconds = alternated({"predict": predict, "kept": from_kept, "door": through_the_door})
    told = {
        "seconds": seconds,
        "steps": _steps(folder, model, known, wish, key),
        "items": items.height,
        "consignments": features.height,
        "features": len(NAMES),
        "peak_mb": peak_mb(),
    }
    print(json.dumps(told))


def _steps(folder: Path, model: InForce, known: Known, wish: Wish, key: bytes) -> dict[str, float]:
    """Where the time of the chain goes."""
    steps: dict[str, float] = {}

    def timed(name: str, step: Callable[[], Any]) -> Any:
        before = time.process_time()
        made = step()
        steps[name] = time.process_time() - before
        return made

    rows = timed("read", lambda: pl.read_parquet(folder / "kept.parquet"))
    day = day_of(rows)
    goods, consignments = timed("items and consignments", lambda: prepared(rows))
    controls = timed("past controls", lambda: Controls.of(known.ledger, day))
    seen = timed("sight", lambda: sight(goods, consignments, known.history, controls, day))
    features = timed("features", lambda: features_of(seen))
    timed("all heads", lambda: model.promises.of(features))
    made = scored(model, known, rows)
    timed("selection, reasons, list", lambda: inspect(rows, wish, lambda _: made, key))
    return steps


if __name__ == "__main__":
    main(Path(sys.argv[1]))
