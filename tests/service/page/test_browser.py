"""The page as an officer uses it, in Chromium: keys, scanner, taps, languages, without a reload."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from service.page.desk import Desk
from service.page.sheet import KeptList
from service.storage.tables import sessions
from tests.service.page.conftest import flight_of
from tests.service.page.hall import Hall, parts_of_home, served

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt install chromium")


@pytest.fixture(scope="module")
def hall(listed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    folder = tmp_path_factory.mktemp("browser") / "state"
    shutil.copytree(listed, folder)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TRIAGE_HOME", str(folder))
        parts = parts_of_home()
        with served(parts) as made:
            yield made
        parts.writer.close()
        parts.access.close()
        parts.database.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
    with api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def entered(browser: Any, hall: Hall) -> Any:
    """The cookies of an officer who has logged in."""
    context = browser.new_context()
    log_in(context.new_page(), hall, hall.key("officer"))
    cookies = context.storage_state()
    context.close()
    return cookies


@pytest.fixture
def page(browser: Any, hall: Hall, entered: Any) -> Iterator[Any]:
    """A page of an officer at the list; what the browser complains of fails the test."""
    context = browser.new_context(
        locale="en-GB", viewport={"width": 1280, "height": 800}, storage_state=entered
    )
    shown = context.new_page()
    shown.set_default_timeout(10_000)
    complaints: list[str] = []
    shown.on("pageerror", lambda error: complaints.append(str(error)))
    shown.on("console", lambda said: complaints.append(said.text) if is_bad(said) else None)
    day, number = flight_of(hall.parts)
    shown.goto(f"{hall.address}/flights/{day}/{number}")
    yield shown
    context.close()
    assert complaints == []


def is_bad(said: Any) -> bool:
    """Complaints of the browser, such as of the content security policy; refusals are wanted."""
    return said.type in ("error", "warning") and not any(
        wanted in said.text for wanted in ("status of 4", "ERR_INTERNET_DISCONNECTED")
    )


def log_in(shown: Any, hall: Hall, key: str) -> None:
    shown.goto(f"{hall.address}/login")
    shown.fill("#key", key)
    shown.click("main .primary")


def free_rows(hall: Hall) -> list[str]:
    """Ids of the rows that are open, in order."""
    desk, kept = Desk(hall.parts.database, hall.parts.store), kept_of(hall)
    return [f"#parcel-{r.told['rank']}" for r in desk.sheet(kept).rows if r.state == "open"]


def kept_of(hall: Hall) -> KeptList:
    day, number = flight_of(hall.parts)
    kept = Desk(hall.parts.database, hall.parts.store).last_list(number, day)
    assert kept is not None
    return kept


def said(page: Any) -> str:
    page.wait_for_function(
        "() => document.getElementById('message').classList.contains('shown')"
        " && !document.getElementById('message').textContent.startsWith('Saving')"
    )
    return str(page.inner_text("#message"))


def test_two_taps_record_a_finding_and_one_takes_it_back(page: Any, hall: Hall) -> None:
    row, count = free_rows(hall)[0], len(free_rows(hall))
    page.click(f"{row} details.found > summary")
    page.click(f"{row} button[value=FALSE_GIFT]")
    assert said(page) == "Recorded."
    assert "False gift" in page.inner_text(f"{row} .result")
    assert f"{count - 1} open" in page.inner_text("#bar")
    page.click(f"{row} form.undo button")
    page.wait_for_selector(f"{row} details.found")
    assert said(page).startswith("Undone.")
    assert f"{count} open" in page.inner_text("#bar")


def test_a_skip_without_a_reason_is_refused_and_with_one_taken(page: Any, hall: Hall) -> None:
    row = free_rows(hall)[0]
    page.click(f"{row} details.leave > summary")
    page.click(f"{row} details.leave .confirm")
    assert page.evaluate(f"document.querySelector('{row} input[name=reason]').matches(':invalid')")
    page.evaluate(f"document.querySelector('{row} details.leave form').noValidate = true")
    page.click(f"{row} details.leave .confirm")
    assert "reason" in said(page)
    page.click(f"{row} details.leave > summary")
    page.fill(f"{row} input[name=reason]", "the pallet has left")
    page.click(f"{row} details.leave .confirm")
    page.wait_for_selector(f"{row} .result.skipped")
    assert "the pallet has left" in page.inner_text(f"{row} .result")
    page.click(f"{row} form.undo button")
    page.wait_for_selector(f"{row} details.leave")


def test_the_keyboard_is_enough(page: Any, hall: Hall) -> None:
    row = free_rows(hall)[0]
    for rank in range(1, int(row.rpartition("-")[2]) + 1):
        page.keyboard.press("j")
        page.wait_for_function(f"() => document.activeElement.id === 'parcel-{rank}'")
    page.keyboard.press("Enter")
    assert page.is_visible(f"{row} .more-in")
    page.keyboard.press("1")
    page.wait_for_selector(f"{row} details.clean[open]")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{row} .result.clean")
    page.keyboard.press("u")
    page.wait_for_selector(f"{row} details.clean")
    page.keyboard.press("?")
    page.wait_for_selector("#help")
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.wait_for_function("() => document.activeElement.id === 'hawb'")


def hawb_of(page: Any, row: str) -> str:
    return str(page.get_attribute(row, "data-hawb"))


def test_a_scanner_is_heard_anywhere_and_presses_nothing(page: Any, hall: Hall) -> None:
    rows = free_rows(hall)
    page.evaluate("document.body.dataset.scannerGapMs = 3000")  # however busy this machine is
    page.click(f"{rows[0]} details.clean > summary")
    page.focus(f"{rows[0]} details.clean button.confirm")
    page.keyboard.type(hawb_of(page, rows[-1]), delay=2)
    page.keyboard.press("Enter")
    page.wait_for_function(f"() => document.activeElement.id === '{rows[-1][1:]}'")
    assert free_rows(hall) == rows
    page.fill("#hawb", "NOT-ON-IT")
    page.press("#hawb", "Enter")
    assert said(page) == "NOT-ON-IT is not on this list."


def test_random_controls_are_marked_once_their_result_is_in(page: Any, hall: Hall) -> None:
    free = free_rows(hall)
    drawn = next(r for r in kept_of(hall).rows
                 if r["selected_by"] == "random" and f"#parcel-{r['rank']}" in free)  # fmt: skip
    row = f"#parcel-{drawn['rank']}"
    assert drawn["reasons"][0].lower() not in page.inner_text(row).lower()
    page.click(f"{row} details.clean > summary")
    page.click(f"{row} details.clean .confirm >> nth=0")
    page.wait_for_selector(f"{row} .random")
    assert drawn["reasons"][0].lower() in page.inner_text(row).lower()


def test_a_lost_connection_loses_nothing_that_was_typed(page: Any, hall: Hall) -> None:
    row = free_rows(hall)[0]
    page.click(f"{row} details.leave > summary")
    page.fill(f"{row} input[name=reason]", "the pallet has left")
    page.context.set_offline(True)
    page.click(f"{row} details.leave .primary")
    assert "Nothing was recorded" in said(page)
    assert page.input_value(f"{row} input[name=reason]") == "the pallet has left"
    page.context.set_offline(False)


def test_the_page_speaks_three_languages(page: Any) -> None:
    page.click("button[value=fr]")
    assert "Rien trouvé" in page.inner_text("main")
    page.click("button[value=nl]")
    assert "Niets gevonden" in page.inner_text("main")
    assert page.get_attribute("html", "lang") == "nl"
    page.click("button[value=en]")


def test_everything_that_is_tapped_is_large_enough_and_nothing_sticks_out(page: Any) -> None:
    for width in (820, 400):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        small = page.evaluate(
            "[...document.querySelectorAll('button, .button, input:not([type=radio],"
            "[type=checkbox]), select')].filter(e => e.checkVisibility()).map(e =>"
            " [e.outerHTML.slice(0, 60), e.getBoundingClientRect()])"
            ".filter(([_, box]) => box.height && (box.height < 44 || box.width < 44))"
        )
        assert small == []


def test_a_manifest_is_chosen_and_its_refusal_is_told(page: Any, hall: Hall) -> None:
    page.goto(hall.address)
    file = {"name": "m.csv", "mimeType": "text/csv", "buffer": b"x"}
    page.set_input_files("#manifest", file)
    page.click("#upload .primary")
    # This hall has no job runner; the service has (tests of the routes).
    assert "was not taken" in said(page)


def test_an_expired_key_and_an_ended_session_are_told_in_words(browser: Any, hall: Hall) -> None:
    context = browser.new_context(locale="en-GB")
    shown = context.new_page()
    made = datetime.now(UTC) - timedelta(days=3)
    log_in(shown, hall, hall.key("officer", at=made, expires_days=1))
    assert "expired" in shown.inner_text("#message")
    log_in(shown, hall, hall.key("officer"))
    day, number = flight_of(hall.parts)
    shown.goto(f"{hall.address}/flights/{day}/{number}")
    with hall.parts.database.writing() as connection:
        connection.execute(sa.delete(sessions))
    hall.parts.access._recall._known.clear()
    shown.click(f"{free_rows(hall)[0]} details.clean > summary")
    shown.click(f"{free_rows(hall)[0]} details.clean .confirm >> nth=0")
    shown.wait_for_url("**/login?**")
    assert "Your session is over" in shown.inner_text("#message")
    context.close()
