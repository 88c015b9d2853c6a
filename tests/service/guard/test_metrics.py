from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from service.access.roles import Role
from service.app import create_app_from_environment
from service.guard.metrics import Metrics
from service.issued import PostScore

SCORE = PostScore("XX1", date(2026, 9, 21), "1", 0.04, 0.03, 0.01, 7.0, [], "3", "f", False)


def test_the_application_tells_its_states(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAGE_HOME", str(tmp_path))
    app = create_app_from_environment()
    client = TestClient(app, base_url="http://127.0.0.1")
    _, key = app.state.access.key_ring.create(
        Role.OPERATOR, "operator", by="test", at=datetime.now(UTC)
    )
    told = client.get("/metrics", headers={"X-API-Key": key}).text
    assert 'triage_jobs{state="done"} 0.0' in told
    assert "triage_queue_length 0.0" in told
    assert "triage_degraded 1.0" in told
    assert "process_resident_memory_bytes" in told
    app.state.parts.writer.close()
    app.state.parts.database.close()


def test_what_happens_is_counted() -> None:
    metrics = Metrics()
    metrics.rows("declarations", 7, 2)
    metrics.commit(12, 0.003)
    metrics.scored([SCORE])
    metrics.drift({"risk": 0.01, "broker": 0.3}, is_alert=False, p_values={"promise": 0.4})
    metrics.drift({"risk": 0.07}, is_alert=True, p_values={"share": 0.2})
    metrics.hit_rates({"value": 0.25})
    told = metrics.exposition().decode()
    assert 'triage_rows_total{became="accepted",kind="declarations"} 7.0' in told
    assert 'triage_rows_total{became="rejected",kind="declarations"} 2.0' in told
    assert 'triage_commit_size_bucket{le="16.0"} 1.0' in told
    assert 'triage_commit_seconds_bucket{le="0.002"} 0.0' in told
    assert 'triage_risk_bucket{head="fiscal",le="0.05"} 1.0' in told
    assert 'triage_drift_psi{column="risk"} 0.07' in told
    assert 'triage_drift_psi{column="broker"} 0.0' in told
    assert "triage_drift_alert 1.0" in told
    assert 'triage_random_controls_p_value{test="share"} 0.2' in told
    assert 'test="promise"' not in told  # it could be made before, and no longer
    assert 'triage_hit_rate_ratio{reason="value"} 0.25' in told


def test_one_version_is_in_force() -> None:
    metrics = Metrics()
    metrics.model("3", is_degraded=False)
    metrics.model("4", is_degraded=True)
    told = metrics.exposition().decode()
    assert 'triage_model_info{version="3"} 0.0' in told
    assert 'triage_model_info{version="4"} 1.0' in told
    assert "triage_degraded 1.0" in told


def test_a_state_that_cannot_be_asked_spoils_nothing() -> None:
    metrics = Metrics()

    def broken() -> None:
        raise OSError("away")

    metrics.before_exposition("broken", broken)
    metrics.rows("outcomes", 1, 0)
    assert b"triage_rows_total" in metrics.exposition()


def test_several_workers_are_added_up(tmp_path: Path) -> None:
    counting = (
        "from service.guard.metrics import METRICS\n"
        "METRICS.rows('outcomes', 3, 0); METRICS.queue_length(5)\n"
        "print(METRICS.exposition().decode())"
    )
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    told = ""
    for _ in range(2):
        told = subprocess.run(
            [sys.executable, "-c", counting], env=environment, check=True, capture_output=True,
            text=True,
        ).stdout  # fmt: skip
    assert 'triage_rows_total{became="accepted",kind="outcomes"} 6.0' in told
    assert "triage_queue_length 5.0" in told
