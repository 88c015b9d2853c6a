"""What can be read and touched: contrast of the colours, size of the targets, nothing inline."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[3] / "service" / "page"
SHEET = (PAGE / "static" / "page.css").read_text()

TEXT, GRAPHIC = 4.5, 3.0
"""Least contrasts of text and of what is drawn (WCAG 2.2, AA: 1.4.3 and 1.4.11)."""

PAIRS = [
    *((text, ground, TEXT) for text in ("text", "soft", "accent") for ground in
      ("ground", "raised", "tint")),
    ("on-accent", "accent", TEXT), ("good", "good-ground", TEXT), ("bad", "bad-ground", TEXT),
    ("bad", "ground", TEXT), ("warn", "warn-ground", TEXT), ("second", "ground", TEXT),
    *((drawn, "ground", GRAPHIC) for drawn in
      ("edge", "risk", "accent", "third", "second", "fourth", "reserved")),
    ("edge", "raised", GRAPHIC), ("risk", "track", GRAPHIC), ("accent", "track", GRAPHIC),
    ("risk", "tint", GRAPHIC),
]  # fmt: skip


def colours() -> dict[str, tuple[str, str]]:
    found = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", SHEET)
    return {name: (light, dark) for name, light, dark in found}


def luminance(colour: str) -> float:
    """Relative luminance of sRGB (WCAG 2.2, definitions)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_the_contrast_of_black_on_white_is_known() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("at", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_colours_can_be_told_apart(front: str, back: str, least: float, at: int) -> None:
    known = colours()
    assert contrast(known[front][at], known[back][at]) >= least


def test_every_colour_comes_from_the_pairs() -> None:
    rules = re.sub(r":root \{.*?\}", "", SHEET, count=1, flags=re.DOTALL)
    alone = set(re.findall(r"#[0-9a-fA-F]{3,8}\b", rules))
    assert alone <= {"#0003", "#000a", "#0008"}  # shadows


def test_nothing_is_inline_and_nothing_comes_from_elsewhere() -> None:
    files = [*PAGE.glob("templates/*.html"), *PAGE.glob("static/*")]
    assert len(files) > 10
    for file in files:
        text = file.read_text().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"""\sstyle=|<style|\son\w+=["']|javascript:|https?:|@import""", text)
        assert re.findall(r"<script(?![^>]*\ssrc=)", text) == []
