"""Training beyond one machine: workers agree on trees, and go on when one of them is killed."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from engine.errors import InputError
from models.lightgbm_alone import lightgbm as lgb
from models.training_on_ray import TREES_A_CHECKPOINT, trees_from_shards

FEATURES = ["a", "b", "c"]
ROUNDS = 2 * TREES_A_CHECKPOINT
PARAMETERS = {"objective": "binary", "num_leaves": 15, "learning_rate": 0.1, "verbosity": -1}

ray = pytest.importorskip("ray")


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    draw = np.random.default_rng(1)
    count = 20_000
    values = {name: draw.normal(size=count) for name in FEATURES}
    odds = 2 * values["a"] - values["b"] * values["c"]
    label = (draw.random(count) < 1 / (1 + np.exp(-odds))).astype(np.float64)
    return pl.DataFrame(values | {"label": label, "weight": np.ones(count)})


@pytest.fixture(scope="module")
def shards(rows: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("shards")
    paths = []
    for at, part in enumerate(rows.iter_slices(5_000)):
        paths.append(folder / f"{at}.parquet")
        part.write_parquet(paths[-1])
    return paths


@pytest.fixture(scope="module", autouse=True)
def cluster() -> Iterator[None]:
    ray.init(num_cpus=3, include_dashboard=False, log_to_driver=False)
    yield
    ray.shutdown()


def auc(text: str, rows: pl.DataFrame) -> float:
    risk = lgb.Booster(model_str=text).predict(rows.select(FEATURES).to_numpy())
    rank = pl.Series(np.asarray(risk)).rank()
    found = rows["label"] == 1
    count = int(found.sum())
    return float((rank.filter(found).sum() - count * (count + 1) / 2)
                 / (count * (rows.height - count)))  # fmt: skip


def test_fewer_shards_than_workers_are_refused(shards: list[Path], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be dealt out to 5 workers"):
        trees_from_shards(shards, FEATURES, PARAMETERS, 10, workers=5, storage=tmp_path)


def test_a_training_goes_on_though_a_worker_is_killed(
    shards: list[Path], rows: pl.DataFrame, tmp_path: Path
) -> None:
    alone = lgb.train(
        PARAMETERS,
        lgb.Dataset(rows.select(FEATURES).to_numpy(), rows["label"].to_numpy()),
        ROUNDS,
    ).model_to_string()
    killed: list[int] = []

    def kill_one() -> None:
        while not list(tmp_path.rglob("trees.txt")):
            time.sleep(0.02)
        for folder in Path("/proc").iterdir():
            try:
                if b"RayTrainWorker" in (folder / "cmdline").read_bytes():
                    os.kill(int(folder.name), signal.SIGKILL)
                    killed.append(int(folder.name))
                    return
            except (OSError, ValueError):
                continue

    killer = threading.Thread(target=kill_one, daemon=True)
    killer.start()
    text = trees_from_shards(shards, FEATURES, PARAMETERS, ROUNDS, workers=2, storage=tmp_path)
    killer.join(60)
    assert killed
    assert lgb.Booster(model_str=text).num_trees() == ROUNDS
    assert abs(auc(text, rows) - auc(alone, rows)) < 0.01
