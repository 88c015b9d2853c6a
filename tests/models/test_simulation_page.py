from dataclasses import replace
from html.parser import HTMLParser

import pytest

from models.drawing import PALETTE
from models.page_frame import figure
from models.simulation_page import page
from models.simulation_tables import Simulated
from tests.models.simulations import POLICIES, TRAITS, simulated

TITLES = (
    "What is recovered",
    "What flows past",
    "How many controls find something",
    "How often a control finds something",
    "How evenly typologies are caught",
    "How much is drawn at random",
    "What is caught of each typology",
    "Share of irregular parcels: estimated and true",
    "What the shippers did",
    "Drift: the largest population stability index",
)


@pytest.fixture(scope="module")
def world() -> Simulated:
    return simulated(policies=3, seeds=2, weeks=10)


@pytest.fixture(scope="module")
def html(world: Simulated) -> str:
    return page(world)


class Outline(HTMLParser):
    """Tags and texts of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_stands_alone(html: str) -> None:
    outline = Outline(html)
    assert {"script", "link", "img", "iframe", "object"}.isdisjoint(outline.tags)
    assert outline.addresses == []
    assert "http:" not in html
    assert "https:" not in html
    assert "default-src 'none'" in html


def test_the_answer_comes_before_the_table_and_the_pictures(html: str) -> None:
    text = Outline(html).text
    places = [text.index(word) for word in (
        "3 policies over 10 weeks", "Over the last 8 weeks", "times what greedy does",
        "EUR recovered a week", "What is recovered", "What the figures mean", "What was asked",
    )]  # fmt: skip
    assert places == sorted(places)


def test_what_was_asked_and_raised_is_told_as_text(html: str) -> None:
    text = Outline(html).text
    assert all(sentence in text for sentence in list(POLICIES.values())[:3])
    assert "50 a flight" in text
    assert "Value band 140-150 EUR moved by" in text
    assert "<b>" not in html  # the alerts' own markup is text


def test_the_same_tables_make_the_same_bytes(world: Simulated, html: str) -> None:
    shuffled = replace(world, weekly=world.weekly.sample(fraction=1.0, shuffle=True, seed=1))
    assert page(shuffled) == html


def test_numbers_that_a_renderer_counts_up_do_not_show() -> None:
    told = [
        figure(f'<svg xmlns="x"><g clip-path="url(#{n})"/><clipPath id="{n}"></clipPath></svg>', 3)
        for n in ("clip1", "clip12")
    ]
    assert told[0] == told[1]
    assert "url(#picture-3-0)" in told[0]
    assert 'id="picture-3-0"' in told[0]


def test_every_picture_is_drawn_and_names_what_it_shows(html: str) -> None:
    text = Outline(html).text
    assert html.count("<figure") == len(TITLES)
    places = [text.index(title) for title in TITLES]
    assert places == sorted(places)
    assert all(colour.lower() in html.lower() for colour in PALETTE[:3])
    assert all(kind in text for kind in ("undervaluation", "splitting", "IOSS misuse"))
    assert all(trait in text for trait in TRAITS)
    assert "rules and greedy drew too little at random to tell" in text
    assert text.count("law of 2026-05-14") == len(TITLES)


def test_one_seed_one_week_one_policy_is_told_without_a_band() -> None:
    lone = simulated(policies=1, seeds=1, weeks=1, law=None)
    lone = replace(lone, typologies=lone.typologies.clear(), behaviour=lone.behaviour.clear())
    text = Outline(page(lone)).text
    assert "1 policy over 1 week" in text
    assert "may be chance" in text
    assert "band: least to greatest" not in text
    assert "No alert was raised" in text
