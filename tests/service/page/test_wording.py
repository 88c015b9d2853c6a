"""The three languages say the same things, and numbers are written as their readers write them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from engine.finding import CONTROL_TYPES, FINDING_TYPES
from features.catalogue import FEATURES
from service.page.drawing import SKIP_REASONS
from service.page.language import LANGUAGES, language, language_for

PAGE = Path(__file__).resolve().parents[3] / "service" / "page"


def gaps(text: str) -> list[str]:
    return sorted(set(re.findall(r"\{(\w+)\}", text)))


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_has_the_same_texts_with_the_same_gaps(code: str) -> None:
    ours, english = language(code).words, language("en").words
    assert ours.keys() == english.keys()
    assert {key for key in ours if gaps(ours[key]) != gaps(english[key])} == set()
    assert all(text.strip() == text and text for text in ours.values())


def test_every_text_that_is_asked_for_is_there() -> None:
    asked: set[str] = set()
    for file in [*PAGE.glob("*.py"), *PAGE.glob("templates/*.html")]:
        asked |= set(re.findall(r"""\bt\(\s*["'](\w+\.\w+)["']\s*[,)]""", file.read_text()))
    assert len(asked) > 100
    assert asked - language("en").words.keys() == set()


def test_every_name_of_the_contract_has_a_text() -> None:
    words = language("en").words
    wanted = [f"finding.{name}" for name in FINDING_TYPES]
    wanted += [f"control.{name}" for name in CONTROL_TYPES]
    wanted += [f"skip.{name}" for name in SKIP_REASONS]
    wanted += [f"theme.{one.theme.replace(' ', '_')}" for one in FEATURES]
    assert set(wanted) - words.keys() == set()


@pytest.mark.parametrize(
    ("code", "number", "share", "money"),
    [
        ("en", "12,345.6", "4.2%", "EUR\xa01,234.50"),
        ("fr", "12\u202f345,6", "4,2\xa0%", "EUR\xa01\u202f234,50"),
        ("nl", "12.345,6", "4,2\xa0%", "EUR\xa01.234,50"),
    ],
)
def test_numbers_are_written_the_way_of_the_language(
    code: str, number: str, share: str, money: str
) -> None:
    t = language(code)
    assert (t.number(12345.6, 1), t.percent(0.042), t.euros(1234.5)) == (number, share, money)


def test_a_day_and_an_hour_have_words() -> None:
    assert language("nl").day(date(2026, 9, 21), is_long=True) == "maandag 21\xa0september\xa02026"
    at = datetime(2026, 8, 1, 7, 5, tzinfo=UTC)
    assert language("fr").instant(at) == "1\xa0août\xa02026, 07:05\xa0UTC"


def test_one_parcel_is_not_told_as_many() -> None:
    assert language("en")("flights.rows", count=1) == "1 parcel"
    assert language("en")("flights.rows", count=1200) == "1,200 parcels"


@pytest.mark.parametrize(
    ("cookie", "accepted", "code"),
    [
        (None, "nl-BE,nl;q=0.9,en;q=0.8", "nl"),
        (None, "de;q=1.0, fr;q=0.3, en;q=0.2", "fr"),
        (None, "fr;q=0, nl;q=0.1", "nl"),
        (None, "fr;q=nonsense", "en"),
        (None, None, "en"),
        ("fr", "nl", "fr"),
        ("../en", "nl", "nl"),
    ],
)
def test_the_language_is_the_chosen_one_or_the_browsers(
    cookie: str | None, accepted: str | None, code: str
) -> None:
    assert language_for(cookie, accepted).code == code
