"""The page without a browser: who sees what, what a form may do, what is said when it may not."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from service.page.desk import Desk
from service.page.sheet import KeptList
from service.page.visit import own_path
from service.parts import Parts
from service.storage.tables import decisions, jobs, lists, sessions
from tests.service.page.hall import Hall, app_of
from tests.service.page.test_drift_told import MOVED, QUIET

HTML = {"Accept": "text/html"}


class Visitor:
    """A browser without script."""

    def __init__(self, app: Any, key: str) -> None:
        self.client = TestClient(app, base_url="http://127.0.0.1", headers=HTML)
        self.entered = self.client.post("/session", data={"key": key})

    def get(self, path: str) -> Any:
        return self.client.get(path)

    def post(self, path: str, *, fragment: bool = False, **fields: Any) -> Any:
        headers = {"X-Fragment": "row"} if fragment else {}
        fields = {"csrf": self.csrf} | fields
        return self.client.post(path, data=fields, headers=headers, follow_redirects=False)

    @property
    def csrf(self) -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', self.client.get("/").text)
        assert found is not None
        return found.group(1)


@pytest.fixture
def app(parts: Parts) -> Iterator[Any]:
    return app_of(parts)


@pytest.fixture
def enter(app: Any, parts: Parts) -> Any:
    def entered(role: str, **more: Any) -> Visitor:
        return Visitor(app, Hall("", parts).key(role, **more))

    return entered


@pytest.fixture
def officer(enter: Any) -> Visitor:
    visitor: Visitor = enter("officer")
    return visitor


@pytest.fixture
def place(kept: KeptList) -> str:
    return f"/flights/{kept.flight_date}/{kept.flight_number}"


def free(desk: Desk, kept: KeptList) -> dict[str, Any]:
    """A row that nobody has controlled."""
    return next(row.told for row in desk.sheet(kept).rows if row.state == "open")


def fields(kept: KeptList, row: dict[str, Any], what: str, **more: Any) -> dict[str, Any]:
    return {"list": kept.public_id, "hawb": row["hawb"], "seen": 0, "what": what, **more}


def test_an_officer_sees_the_day_and_the_list(officer: Visitor, kept: KeptList, place: str) -> None:
    day = officer.get(f"/?day={kept.flight_date}").text
    assert kept.flight_number in day
    flight = officer.get(place).text
    for row in kept.rows:
        assert row["hawb"] in flight
        assert all(html.escape(one, quote=False).replace("'", "&#39;") in flight
                   for one in row["reasons"] if not one.startswith("drawn"))  # fmt: skip


def test_a_day_without_flights_says_what_to_do(officer: Visitor, kept: KeptList) -> None:
    text = officer.get("/?day=2001-01-01").text
    assert "No flight has come for this day" in text
    assert f"/?day={kept.flight_date}" in text


def test_random_controls_cannot_be_told_apart_before_their_result(
    officer: Visitor, desk: Desk, kept: KeptList, place: str
) -> None:
    waiting = {row.told["hawb"] for row in desk.sheet(kept).rows if row.state == "open"}
    assert "random" in {row["selected_by"] for row in kept.rows if row["hawb"] in waiting}
    for order in ("rank", "walk"):
        articles = officer.get(f"{place}?order={order}").text.split("<article")[1:]
        shown = [one for one in articles if any(f'data-hawb="{hawb}"' in one for hawb in waiting)]
        assert len(shown) == len(waiting)
        for word in ("drawn at random", "selection_probability", "Random control", "selected_by"):
            assert not any(word in one for one in shown)


@pytest.mark.parametrize("role", ["declarant", "analyst", "operator"])
def test_other_roles_see_no_parcel(enter: Any, role: str, kept: KeptList, place: str) -> None:
    visitor = enter(role)
    for path in ("/", place, f"/?day={kept.flight_date}", "/jobs"):
        answer = visitor.get(path)
        assert answer.status_code == 403
        assert "not for your role" in answer.text
        assert kept.rows[0]["hawb"] not in answer.text


def test_a_declarant_is_told_where_to_go(enter: Any) -> None:
    assert "/v1/declarations" in enter("declarant").get("/").text


def test_an_analyst_sees_sums_and_no_parcel(enter: Any, kept: KeptList) -> None:
    answer = enter("analyst").get("/analysis")
    assert answer.status_code == 200
    assert "Hit rate by week" in answer.text
    assert answer.text.count("<svg") >= 3
    assert not any(row["hawb"] in answer.text for row in kept.rows)
    assert 'href="http://127.0.0.1:5000"' in answer.text


def test_an_alert_is_seen_by_officers_and_analysts(enter: Any, parts: Parts) -> None:
    pages = {"officer": "/", "analyst": "/analysis"}
    assert "The flow has moved" not in enter("officer").get("/").text
    QUIET.save(parts.home.root)
    assert "The flow has moved" not in enter("officer").get("/").text
    assert "Nothing moved beyond chance" in enter("analyst").get("/analysis").text
    MOVED.save(parts.home.root)
    for role, path in pages.items():
        text = enter(role).get(path).text
        assert "EUR 140 to 150 fell by half" in text
        assert "BE&lt;b&gt;1" in text
        assert "BE<b>1" not in text


def test_an_officer_is_no_analyst(officer: Visitor) -> None:
    assert officer.get("/analysis").status_code == 403


def test_who_has_no_key_is_led_to_the_log_in_and_back(app: Any, parts: Parts, place: str) -> None:
    client = TestClient(app, base_url="http://127.0.0.1", headers=HTML)
    answer = client.get(f"{place}?order=walk", follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login?back=%2Fflights")
    page = client.get(answer.headers["location"])
    back = html.unescape(re.findall(r'name="back" value="([^"]*)"', page.text)[-1])
    key = Hall("", parts).key("officer")
    entered = client.post("/session", data={"key": key, "back": back}, follow_redirects=False)
    assert entered.headers["location"] == f"{place}?order=walk"


def test_a_key_that_has_expired_is_refused_in_words(enter: Any) -> None:
    entered = enter("officer", at=datetime.now(UTC) - timedelta(days=2), expires_days=1).entered
    assert entered.status_code == 401
    assert "has expired or was withdrawn" in entered.text


def test_a_session_that_ran_out_says_so_and_loses_nothing(
    officer: Visitor, parts: Parts, place: str
) -> None:
    with parts.database.writing() as connection:
        connection.execute(sa.delete(sessions))
    parts.access._recall._known.clear()
    answer = officer.get(place)
    assert answer.url.path == "/login"
    assert "Your session is over" in answer.text


@pytest.mark.parametrize("what", ["clean", "skip", "undo"])
def test_a_form_from_elsewhere_does_nothing(
    officer: Visitor, parts: Parts, desk: Desk, kept: KeptList, place: str, what: str
) -> None:
    form = fields(kept, free(desk, kept), what, reason="x", csrf="guessed")
    answer = officer.post(f"{place}/decisions", **form)
    assert answer.status_code == 403
    assert "too old" in answer.text
    assert made(parts) == []


def made(parts: Parts) -> list[str]:
    with parts.database.reading() as connection:
        return list(connection.execute(sa.select(decisions.c.what)).scalars())


def test_without_script_an_act_leads_back_to_its_row(
    officer: Visitor, desk: Desk, kept: KeptList, place: str
) -> None:
    row = free(desk, kept)
    form = fields(kept, row, "found", finding="FALSE_GIFT", revenue_recovered_eur="12,50")
    answer = officer.post(f"{place}/decisions", **form)
    assert answer.status_code == 303
    assert answer.headers["location"].endswith(f"said=recorded#parcel-{row['rank']}")
    outcome = desk.sheet(kept).row(row["hawb"]).outcome  # type: ignore[union-attr]
    assert outcome is not None
    assert (outcome["finding_types"], outcome["revenue_recovered_eur"]) == ("FALSE_GIFT", 12.5)


def test_with_script_an_act_is_answered_with_the_row_and_the_bar(
    officer: Visitor, desk: Desk, kept: KeptList, place: str
) -> None:
    row = free(desk, kept)
    answer = officer.post(f"{place}/decisions", fragment=True, **fields(kept, row, "clean"))
    assert answer.status_code == 200
    assert f'id="parcel-{row["rank"]}"' in answer.text
    assert 'id="bar"' in answer.text
    assert "Recorded." in answer.text
    again = officer.post(f"{place}/decisions", fragment=True, **fields(kept, row, "clean"))
    assert again.status_code == 409
    assert "since you saw it" in again.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"what": "skip", "reason": "  "},
        {"what": "skip", "reason": "x" * 201},
        {"what": "found"},
        {"what": "found", "finding": "SMUGGLING"},
        {"what": "clean", "minutes": "ten"},
        {"what": "clean", "minutes": "nan"},
        {"what": "clean", "control_type": "smell"},
        {"what": "burn"},
        {"what": "clean", "hawb": "not-on-the-list"},
    ],
)
@pytest.mark.parametrize("fragment", [False, True])
def test_a_form_that_makes_no_sense_is_refused_and_nothing_kept(
    officer: Visitor, parts: Parts, desk: Desk, kept: KeptList, place: str,
    wrong: dict[str, str], fragment: bool,
) -> None:  # fmt: skip
    form = fields(kept, free(desk, kept), "clean") | wrong
    answer = officer.post(f"{place}/decisions", fragment=fragment, **form)
    assert answer.status_code == 422
    assert made(parts) == []


def test_a_list_of_another_flight_is_not_there(officer: Visitor, kept: KeptList) -> None:
    assert officer.get(f"/flights/2001-01-01/XY1?list={kept.public_id}").status_code == 404
    assert officer.get("/flights/2001-01-01/XY1").status_code == 404
    assert officer.get("/flights/never/XY1").status_code == 422


def test_a_list_is_made_for_the_budget_that_was_asked(
    officer: Visitor, desk: Desk, kept: KeptList, place: str
) -> None:
    answer = officer.post(f"{place}/list", amount="300", unit="minutes")
    assert answer.status_code == 303
    last = desk.last_list(kept.flight_number, kept.flight_date)
    assert last is not None
    assert (last.budget, last.unit) == (300, "minutes")
    assert last.public_id in answer.headers["location"]
    for amount in ("", "none", "-3", "1e999"):
        assert officer.post(f"{place}/list", amount=amount, unit="minutes").status_code == 422


def test_what_brokers_write_stays_text(
    officer: Visitor, parts: Parts, kept: KeptList, place: str
) -> None:
    evil = "<script>alert('x')</script>"
    rows = [kept.rows[0] | {"hawb": evil, "bag_id": evil, "reasons": [evil]}]
    seen = [{"sender": evil, "declarant": evil, "linked": [{"hawb": evil, "why": evil}],
             "goods": [{"item": 1, "description": evil, "hs6": evil, "value_eur": 1.0,
                        "mass_kg": None, "quantity": None}],
             "pictures": [{"measure": "unit_value_eur", "goods": evil, "hs6": evil,
                           "declared": 0.0, "usual": 1.0, "edges": [0.5, 1, 2],
                           "shares": [0.5, 0.5]}]}]  # fmt: skip
    with parts.database.writing() as connection:
        change = sa.update(lists).where(lists.c.id == kept.id)
        told = {"rows_json": json.dumps(rows), "evidence_json": json.dumps(seen)}
        connection.execute(change.values(**told))
    for order in ("rank", "walk"):
        text = officer.get(f"{place}?order={order}").text
        assert "<script>alert" not in text
        assert text.count("&lt;script&gt;alert") >= 8


def test_rules_that_rank_for_want_of_a_model_are_told(
    officer: Visitor, parts: Parts, kept: KeptList, place: str
) -> None:
    about = kept.about | {"is_degraded": True, "note": "no model is in force yet."}
    with parts.database.writing() as connection:
        change = sa.update(lists).where(lists.c.id == kept.id)
        connection.execute(change.values(about_json=json.dumps(about)))
    assert "no model is in force yet." in officer.get(place).text
    assert "Rules only" in officer.get(f"/?day={kept.flight_date}").text


def test_jobs_show_how_far_they_are_and_what_went_wrong(officer: Visitor, parts: Parts) -> None:
    one = {
        "file_sha256": "a", "file_name": "x.csv", "source": "s", "done_count": 30,
        "total_count": 90, "received_count": 90, "accepted_count": 80, "rejected_count": 10,
        "submitted_at_us": 1, "changed_at_us": 1,
    }  # fmt: skip
    flights = {"flights": [{"flight_number": "XY7", "flight_date": "2026-11-02"}]}
    wrong = {"row": 7, "column": "hs6", "rule": "form", "value": "12", "message": "is no code"}
    failed = {"error": "The file is no table.", "rejections": [wrong] * 30}
    with parts.database.writing() as connection:
        for at, (state, report) in enumerate([("scoring", flights), ("failed", failed)]):
            row = one | {"id": str(at), "source": str(at), "state": state}
            connection.execute(sa.insert(jobs).values(row | {"report_json": json.dumps(report)}))
    text = officer.get("/jobs").text
    assert 'data-running="yes"' in text
    assert '<progress max="90" value="30">' in text
    assert "/flights/2026-11-02/XY7" in text
    assert "The file is no table." in text
    assert text.count("is no code") == 20


def test_language_and_light_are_remembered(officer: Visitor) -> None:
    answer = officer.post("/preferences", language="fr", back="/?day=2001-01-01")
    assert answer.headers["location"] == "/?day=2001-01-01"
    officer.post("/preferences", theme="dark")
    text = officer.get("/").text
    assert '<html lang="fr" data-theme="dark">' in text
    officer.post("/preferences", language="xx", theme="<script>")
    assert '<html lang="fr" data-theme="dark">' in officer.get("/").text


@pytest.mark.parametrize(
    "path", ["//evil.example", "/\\evil.example", "https://evil.example", "x", "", None, "/a\nb"]
)
def test_nobody_is_sent_to_another_site(path: str | None) -> None:
    assert own_path(path) == "/"


def test_answers_are_kept_by_no_browser_and_run_nothing_foreign(
    officer: Visitor, place: str
) -> None:
    answer = officer.get(place)
    assert answer.headers["cache-control"] == "no-store"
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    file = re.search(r'href="(/page/page.css[^"]+)"', answer.text)
    assert file is not None
    assert "immutable" in officer.get(file.group(1)).headers["cache-control"]
    assert officer.get("/page/..%2frouter.py").status_code == 404


def test_who_logs_out_is_out(officer: Visitor, place: str) -> None:
    officer.post("/session/close")
    assert officer.get(place).url.path == "/login"
