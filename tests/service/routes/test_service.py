"""What carriers, officers, analysts and operators rely on, through the door they take."""

from __future__ import annotations

import json
import random
import time
from typing import Any

import polars as pl
import pytest

from service.access.matrix import deviations
from service.cli import run
from service.home import Home
from service.routes.examples import DECLARATION, MANIFEST_CSV, OUTCOME
from service.storage.audit import verify
from tests.service.routes.conftest import Service

SCORES = {"risk", "risk_fiscal", "risk_goods", "expected_revenue_eur", "reasons", "model_version"}


def listed(service: Service, rows: list[dict[str, Any]], **asked: Any) -> Any:
    day, number = rows[0]["flight_date"], rows[0]["flight_number"]
    return service.ask(
        "GET", f"/v1/flights/{day}/{number}/inspection-list",
        params={"budget_controls": 10} | asked,
    )  # fmt: skip


def renamed(rows: list[dict[str, Any]], number: str) -> list[dict[str, Any]]:
    return [row | {"flight_number": number} for row in rows]


def done(service: Service, answer: Any) -> dict[str, Any]:
    """The job when it is over."""
    assert answer.status_code == 202, answer.text
    until = time.monotonic() + 90
    while time.monotonic() < until:
        job = service.ask("GET", answer.headers["location"]).json()
        if job["state"] in {"done", "failed"}:
            return dict(job)
        time.sleep(0.1)
    raise AssertionError(f"the job did not end: {job}")


def test_a_row_is_acknowledged_once_repeated_and_amended(service: Service) -> None:
    row = DECLARATION | {"flight_number": "AK1"}
    first = service.post([row])
    assert first.status_code == 201, first.text
    assert first.json()["consignments"][0]["items"][0]["status"] == "stored"
    assert service.post([row]).json()["consignments"][0]["items"][0]["status"] == "repeated"
    changed = service.post([row | {"intrinsic_value": 149.0}]).json()
    assert changed["consignments"][0]["items"][0]["status"] == "amended"
    kept = service.parts.store.flight("AK1", pl.Series([row["flight_date"]]).str.to_date()[0])
    assert kept["value_cents"].to_list() == [14_900]


def test_good_rows_go_on_and_bad_ones_are_named(service: Service) -> None:
    good = DECLARATION | {"flight_number": "BR1"}
    bad = good | {"hawb": "B2", "hs6": "12", "gross_mass_kg": -1}
    mixed = service.post([good, bad, {}])
    assert mixed.status_code == 201
    told = mixed.json()
    assert (told["accepted_count"], told["rejected_count"]) == (1, 2)
    assert {(one["row"], one["column"]) for one in told["rejections"]} == {
        (2, "gross_mass_kg"), (2, "hs6"), (3, ""),
    }  # fmt: skip
    refused = service.post([bad])
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    problem = refused.json()
    assert {one["column"] for one in problem["errors"]} == {"gross_mass_kg", "hs6"}
    assert problem["way_out"]


def test_names_of_people_are_never_repeated(service: Service) -> None:
    row = DECLARATION | {"importer_name": "Zacharias Quodlibet " * 20, "importer_street": "x" * 300}
    assert "Quodlibet" not in service.post([row]).text


def test_a_declarant_learns_nothing_of_risks(service: Service) -> None:
    row = DECLARATION | {"flight_number": "DL1", "goods_description": "gift", "intrinsic_value": 1}
    told = service.post([row])
    assert not SCORES & set(json.dumps(told.json()).replace('"', " ").split())
    officer = service.post([row], "officer").json()["consignments"][0]
    assert 0 < officer["risk"] < 1
    assert officer["reasons"]
    assert officer["model_version"].startswith("1 ")
    receipt = told.json()["receipt"]
    assert service.ask("GET", f"/v1/receipts/{receipt}", "declarant").status_code == 200
    assert service.ask("GET", f"/v1/receipts/{receipt}", "other declarant").status_code == 404
    assert service.ask("GET", f"/v1/receipts/{receipt}", "officer").status_code == 200


def test_the_answer_to_one_message_does_not_depend_on_others(
    service: Service, rows: list[dict[str, Any]]
) -> None:
    some = renamed(rows[:3], "ALONE")
    together = service.post(some, "officer").json()["consignments"]
    again = service.post(some, "officer").json()["consignments"]
    assert [one["risk"] for one in together] == [one["risk"] for one in again]


def test_the_list_is_the_same_by_file_by_single_posts_and_by_the_command(
    service: Service, rows: list[dict[str, Any]], tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_command = tmp_path / "command.csv"
    manifest = tmp_path / "manifest.jsonl"
    manifest.write_text("".join(json.dumps(row) + "\n" for row in rows))
    monkeypatch.setenv("TRIAGE_HOME", str(service.parts.home.root))
    assert run(["manifest", str(manifest), "--no-store", "--budget-controls", "10",
                "--out", str(by_command)]) == 0  # fmt: skip
    mixed = random.Random(7).sample(rows, len(rows))
    for row in mixed[:40]:
        assert service.post([row]).status_code == 201
    assert service.post(mixed[40:]).status_code == 201
    posted = listed(service, rows, form="csv")
    assert posted.status_code == 200, posted.text
    assert posted.content == by_command.read_bytes()
    job = done(service, service.ask("POST", "/v1/manifests", content=manifest.read_bytes(),
                                    headers={"Content-Type": "application/x-ndjson"}))  # fmt: skip
    assert job["state"] == "done", job
    assert job["accepted_count"] == len(rows)
    assert listed(service, rows, form="csv").content == by_command.read_bytes()
    told = listed(service, rows).json()
    assert [row["hawb"] for row in told["rows"]] == pl.read_csv(by_command)["hawb"].to_list()
    assert told["about"]["model_version"].startswith("1 ")


def test_a_manifest_is_the_same_job_again_and_says_what_it_rejected(service: Service) -> None:
    content = (
        MANIFEST_CSV + MANIFEST_CSV.split("\n")[1].replace("961310", "96131") + "\n"
    ).encode()
    headers = {"Content-Type": "text/csv"}
    first = service.ask("POST", "/v1/manifests", content=content, headers=headers)
    job = done(service, first)
    again = service.ask("POST", "/v1/manifests", content=content, headers=headers)
    assert again.json()["id"] == job["id"]
    assert (job["received_count"], job["accepted_count"], job["rejected_count"]) == (2, 1, 1)
    assert job["report"]["rejections"][0]["column"] == "hs6"


def test_an_issued_list_stays_and_unknown_things_are_named(
    service: Service, rows: list[dict[str, Any]]
) -> None:
    service.post(renamed(rows[:50], "STAY1"))
    first = listed(service, renamed(rows[:1], "STAY1")).json()
    second = listed(service, renamed(rows[:1], "STAY1")).json()
    assert first == second
    unknown = service.ask("GET", "/v1/flights/2026-01-01/NONE/inspection-list",
                          params={"budget_minutes": 240})  # fmt: skip
    assert unknown.status_code == 404, unknown.text
    assert service.ask("GET", "/v1/manifests/none").status_code == 404
    neither = listed(service, rows[:1], budget_controls=None)
    assert neither.status_code == 422
    assert "budget" in neither.json()["detail"]


def test_outcomes_are_events(service: Service) -> None:
    posted = service.ask("POST", "/v1/outcomes", json=[OUTCOME])
    assert posted.status_code == 201, posted.text
    assert posted.json()["statuses"] == {"stored": 1}
    assert service.ask("POST", "/v1/outcomes", json=OUTCOME).json()["statuses"] == {"repeated": 1}
    final = OUTCOME | {"status": "final", "recorded_at": "2026-11-20T10:00:00Z"}
    assert service.ask("POST", "/v1/outcomes", json=final).json()["statuses"] == {"stored": 1}
    kept = service.parts.store.outcomes().filter(control_id=OUTCOME["control_id"])
    assert sorted(kept["status"]) == ["final", "provisional"]
    assert service.ask("POST", "/v1/outcomes", "declarant", json=OUTCOME).status_code == 403


def test_every_route_asks_for_the_roles_of_the_matrix(service: Service) -> None:
    assert deviations(service.app) == []


@pytest.mark.parametrize("path", ["/v1/models", "/v1/features", "/v1/policies"])
def test_analysts_read_what_is_in_force(service: Service, path: str) -> None:
    assert service.ask("GET", path, "analyst").status_code == 200
    assert service.ask("GET", path, "officer").status_code == 403
    assert service.client.get(path).status_code == 401


def test_the_examples_of_the_openapi_document_work(service: Service) -> None:
    document = service.client.get("/openapi.json").json()
    tried = 0
    for path, methods in document["paths"].items():
        for form, content in (
            methods.get("post", {}).get("requestBody", {}).get("content", {}).items()
        ):
            for example in content.get("examples", {}).values():
                value = example["value"]
                body = value if isinstance(value, str) else json.dumps(value)
                answer = service.ask("POST", path, content=body.encode(),
                                     headers={"Content-Type": form})  # fmt: skip
                assert answer.status_code in {201, 202}, (path, form, answer.text)
                tried += 1
    assert tried == 3


def test_nothing_that_was_sent_of_a_person_lies_anywhere(
    service: Service, home: Home, capfd: pytest.CaptureFixture[str]
) -> None:
    private = {"importer_name": "Wilhelmina Xylander", "importer_street": "Quittenweg 4711470815",
               "importer_id": "ID-4455667788"}  # fmt: skip
    row = DECLARATION | private | {"flight_number": "PD1"}
    assert service.post([row]).status_code == 201
    assert service.post([row | {"hs6": "x"}]).status_code == 422
    body = (
        json.dumps(row | {"hawb": "PD2"}) + "\n"
    ).encode() * 2 + b'{"importer_name": "Xylander"\n'
    job = done(service, service.ask("POST", "/v1/manifests", content=body,
                                    headers={"Content-Type": "application/x-ndjson"}))  # fmt: skip
    assert job["accepted_count"] == 1 or job["accepted_count"] == 2, job
    told = capfd.readouterr()
    # Numbers long enough that no hash, which is written in digits too, holds them by chance.
    words = [b"Wilhelmina", b"Xylander", b"Quittenweg", b"4711470815", b"4455667788"]
    for word in words:
        for path in home.root.rglob("*"):
            if path.is_file() and "mlruns" not in path.parts:
                assert word not in path.read_bytes(), (word, path)
        assert word.decode() not in told.out + told.err


def test_the_audit_log_is_whole_and_health_and_metrics_answer(service: Service) -> None:
    with service.parts.database.reading() as connection:
        assert verify(connection).is_whole
    assert service.client.get("/health/live").json()["status"] == "alive"
    assert service.client.get("/health/ready").json()["status"] == "ready"
    metrics = service.ask("GET", "/metrics", "operator").text
    assert "triage_requests" in metrics
    assert service.ask("GET", "/metrics", "officer").status_code == 403
