"""Rescoring on a Ray cluster of two nodes that the test starts and ends; one of them is killed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from service.composition import open_home, open_store
from service.rescoring.opening import Rescoring
from service.rescoring.places import Place
from service.rescoring.ray_engine import RayEngine
from service.rescoring.run import rescore
from service.rescoring.tasks import Done, Job, Task
from tests.service.rescoring import LISTS, rescored, told

ray = pytest.importorskip("ray")

KILLED_AFTER = 30
"""Tasks after which a node dies: in the middle of the days."""


@pytest.fixture
def cluster() -> Iterator[Any]:
    """A head and a second node, on this machine."""
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    made.add_node(num_cpus=1)
    made.wait_for_nodes()
    ray.init(address=made.address, log_to_driver=False)
    yield made
    ray.shutdown()
    made.shutdown()


class OneNodeDies(RayEngine):
    """The engine of a cluster whose second node is killed on the way."""

    def __init__(self, job: Job, cluster: Any) -> None:
        super().__init__(job)
        self._cluster = cluster
        self._left = KILLED_AFTER

    def next_done(self) -> tuple[Task, Done]:
        self._left -= 1
        if self._left == 0:
            (node,) = self._cluster.worker_nodes
            self._cluster.remove_node(node, allow_graceful=False)
        return super().next_done()


def test_a_cluster_that_loses_a_node_gives_the_same_to_the_byte(
    world: Path, trained: Path, cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(trained, tmp_path / "state")
    monkeypatch.setenv("TRIAGE_HOME", str(tmp_path / "state"))
    rescored(world, tmp_path / "here")
    home = open_home()
    engines: list[OneNodeDies] = []

    def engine_for(job: Job) -> OneNodeDies:
        engines.append(OneNodeDies(job, cluster))
        return engines[0]

    far = Place(f"file://{tmp_path}/far")
    rescore(
        home,
        open_store(home),
        Rescoring(Place(f"file://{world}"), far, lists=LISTS),
        engine_for,
        progress=lambda what, done, total: None,
        say=lambda sentence: None,
    )
    assert engines[0]._left < 0, "Nothing was left to be killed."
    here, there = told(tmp_path / "here"), told(tmp_path / "far")
    assert here.keys() == there.keys()
    for name in here.keys() - {"rescore.json"}:
        assert here[name] == there[name], name
