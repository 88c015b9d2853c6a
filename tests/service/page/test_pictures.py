"""Pictures are whole, hold no style and no foreign markup, and show what they say."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from service.page import pictures
from service.page.pictures import Axis, Point, Series

EVIL = '"><script>alert(1)</script>'
AXIS = Axis(EVIL, 0, 1, [(0, EVIL), (1, "1")])

DRAWN = {
    "risk": pictures.risk_bar(0.4, EVIL),
    "budget": pictures.budget_bar([("used", 30.0), ("reserved", 90.0)], 100, EVIL),
    "distribution": pictures.distribution([1, 2, 4], [0.4, 0.6], 3, 1.5, EVIL, (EVIL, EVIL)),
    "chart": pictures.chart(
        AXIS, AXIS, [Series(EVIL, [Point(0.1, 0.2, 0.1, 0.3, EVIL)])] * 6, EVIL, is_diagonal=True
    ),
    "bars": pictures.bars([(EVIL, 1.0, EVIL), ("none", 0.0, "0")], EVIL),
}


@pytest.mark.parametrize("name", DRAWN)
def test_a_picture_is_one_whole_element_that_says_what_it_shows(name: str) -> None:
    root = ElementTree.fromstring(DRAWN[name])
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == EVIL
    kinds = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert kinds <= {"svg", "rect", "line", "path", "circle", "text", "title", "g"}
    assert all("style" not in element.attrib for element in root.iter())


def widths(picture: Markup, kind: str) -> list[float]:
    found = ElementTree.fromstring(picture).iter("rect")
    return [float(one.attrib["width"]) for one in found if one.attrib["class"].startswith(kind)]


@given(st.floats(0, 1))
def test_a_risk_fills_its_share_of_the_bar(risk: float) -> None:
    assert widths(pictures.risk_bar(risk, ""), "fill")[0] == pytest.approx(100 * risk, abs=0.051)


def test_a_budget_that_is_overdrawn_shows_where_it_ended() -> None:
    drawn = pictures.budget_bar([("used", 150.0), ("reserved", 50.0)], 100, "")
    assert widths(drawn, "used") == [300.0]
    limit = ElementTree.fromstring(drawn).find("line")
    assert limit is not None
    assert limit.attrib["x1"] == "200"


@given(st.floats(1e-6, 1e6), st.floats(1e-6, 1e6))
def test_what_is_declared_is_drawn_inside_the_picture(declared: float, usual: float) -> None:
    drawn = pictures.distribution([0.5, 1, 2], [0.5, 0.5], declared, usual, "", ("", ""))
    mark = next(one for one in ElementTree.fromstring(drawn).iter("path"))
    assert 0 <= float(mark.attrib["d"][1:].partition(" ")[0]) <= 200
