"""Trees from a training set beyond one machine: LightGBM's data-parallel training on Ray Train.

Models are learned from controlled consignments, and one machine learns from tens of millions of
them; this is for those who have more. Shards of Parquet are dealt out to workers, which agree on
the trees. Every 50 trees are a checkpoint, from which all go on when one of them dies; reports for
every tree would take longer than the trees (Ray's controller looks every two seconds).

Ray is an optional extra; nothing imports this module but who calls it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from engine.errors import InputError, SettingError

if TYPE_CHECKING:
    from lightgbm import Booster, Dataset

TREES_A_CHECKPOINT = 50
"""Trees between two checkpoints; fewer are slower than they are worth (measured: one report a tree
did not finish 200 trees in 200 s)."""

MOST_FAILURES = 3
"""Deaths of workers after which a training is given up."""

LABEL, WEIGHT = "label", "weight"
"""Columns of a shard beside the features. A margin to start from, as a model of few labels takes it
from the expert, has no place here: LightGBM forgets it when a training goes on."""

_CHECKPOINT = "trees.txt"

_SEED = 20_261_121
"""All workers must draw the same columns and rows."""


def trees_from_shards(
    shards: Sequence[Path | str],
    features: Sequence[str],
    parameters: Mapping[str, Any],
    rounds: int,
    *,
    workers: int,
    storage: Path | str,
    name: str = "trees",
) -> str:
    """Grow trees from shards that no single machine could hold.

    Parameters
    ----------
    shards : Parquet files with the features, `label` and `weight`; every node reaches them
        under the same name. At least one a worker.
    features : columns to learn from, in the order of the model.
    parameters : of LightGBM, such as `objective` and `num_leaves`.
    rounds : trees.
    workers : processes, one core each.
    storage : folder of the checkpoints that every node reaches.
    name : of the training; one that was broken off under the same name and storage goes on.

    Returns
    -------
    LightGBM's text, as a model folder holds it.

    Raises
    ------
    InputError
        There are fewer shards than workers.
    SettingError
        Ray is not installed.
    """
    if len(shards) < workers:
        raise InputError(
            f"{len(shards)} shards cannot be dealt out to {workers} workers.",
            "Write smaller shards, or ask for fewer workers.",
        )
    try:
        from ray.train import CheckpointConfig, FailureConfig, RunConfig, ScalingConfig
        from ray.train.lightgbm import LightGBMTrainer
    except ImportError as problem:
        raise SettingError(
            "Training on a cluster needs Ray, which is not installed.",
            "Install the extra with `pip install --require-hashes -r requirements-ray.lock`.",
        ) from problem
    trainer = LightGBMTrainer(
        _grow,
        train_loop_config={
            "shards": [str(shard) for shard in shards],
            "features": list(features),
            "parameters": dict(parameters),
            "rounds": rounds,
        },
        scaling_config=ScalingConfig(num_workers=workers, resources_per_worker={"CPU": 1}),
        run_config=RunConfig(
            name=name,
            storage_path=str(storage),
            failure_config=FailureConfig(max_failures=MOST_FAILURES),
            checkpoint_config=CheckpointConfig(num_to_keep=1),
        ),
    )
    checkpoint = trainer.fit().checkpoint
    assert checkpoint is not None
    with checkpoint.as_directory() as folder:
        return Path(folder, _CHECKPOINT).read_text(encoding="utf-8")


def _grow(told: dict[str, Any]) -> None:
    """What every worker does: learn from its shards together with the others."""
    import ray.train
    from ray.train.lightgbm import get_network_params

    from models.lightgbm_alone import lightgbm as lgb

    context = ray.train.get_context()
    ours = told["shards"][context.get_world_rank() :: context.get_world_size()]
    before = _checkpointed()
    parameters = (
        told["parameters"]
        | {"num_threads": 1, "tree_learner": "data", "pre_partition": True, "seed": _SEED}
        | get_network_params()
    )
    left = told["rounds"] - (0 if before is None else before.num_trees())
    booster = lgb.train(
        parameters,
        _dataset(ours, told["features"], parameters),
        max(left, 0),
        init_model=before,
        callbacks=[_reporting(told["rounds"])],
    )
    if left <= 0:
        _report(booster)


def _dataset(shards: Sequence[str], features: list[str], parameters: dict[str, Any]) -> Dataset:
    from models.lightgbm_alone import lightgbm as lgb

    rows = pl.concat(pl.read_parquet(shard, hive_partitioning=False) for shard in shards)
    return lgb.Dataset(
        rows.select(features).cast(pl.Float64).to_numpy(),
        rows[LABEL].to_numpy(),
        weight=rows[WEIGHT].to_numpy(),
        feature_name=features,
        params=parameters,
    )


def _checkpointed() -> Booster | None:
    """The trees of the last checkpoint, if a training goes on."""
    import ray.train

    from models.lightgbm_alone import lightgbm as lgb

    checkpoint = ray.train.get_checkpoint()
    if checkpoint is None:
        return None
    with checkpoint.as_directory() as folder:
        return lgb.Booster(model_file=str(Path(folder, _CHECKPOINT)))


def _reporting(rounds: int) -> Callable[[Any], None]:
    """A callback of LightGBM that reports seldom, and at the end."""

    def after_a_tree(environment: Any) -> None:
        grown = environment.model.num_trees()
        if grown % TREES_A_CHECKPOINT == 0 or grown == rounds:
            _report(environment.model)

    return after_a_tree


def _report(booster: Booster) -> None:
    """Report how far the training is; the first worker brings the checkpoint along."""
    import ray.train

    told = {"trees": booster.num_trees()}
    if ray.train.get_context().get_world_rank() != 0:
        ray.train.report(told)
        return
    with tempfile.TemporaryDirectory(prefix="triage-trees-") as folder:
        booster.save_model(str(Path(folder, _CHECKPOINT)))
        ray.train.report(told, checkpoint=ray.train.Checkpoint.from_directory(folder))
