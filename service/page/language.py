"""The page in French, Dutch and English: its words, and how numbers and days are written.

The sentences that the model gives as reasons stay as they are, in English; all around them is
translated.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Code = Literal["en", "fr", "nl"]

LANGUAGES: dict[Code, str] = {"en": "English", "fr": "Français", "nl": "Nederlands"}
"""Codes and the names that their speakers use."""

DEFAULT: Code = "en"

_SPACE = "\N{NO-BREAK SPACE}"
_SEPARATORS: dict[Code, tuple[str, str]] = {
    "en": (",", "."),
    "fr": ("\N{NARROW NO-BREAK SPACE}", ","),
    "nl": (".", ","),
}
"""Between thousands, and before decimals."""


@dataclass(frozen=True)
class Language:
    """One language of the page.

    Attributes
    ----------
    code : such as `fr`.
    words : key to text; `{name}` in a text is filled in.
    """

    code: Code
    words: dict[str, str]

    def __call__(self, key: str, **values: Any) -> str:
        """The text of a key with its values, whole numbers written the language's way.

        With `count=1` the text of `<key>_one` is taken where there is one.

        Raises
        ------
        KeyError
            There is no such text, or a value is missing.
        """
        if values.get("count") == 1 and f"{key}_one" in self.words:
            key = f"{key}_one"
        told = {n: self.number(v) if isinstance(v, int) else v for n, v in values.items()}
        return self.words[key].format(**told)

    def number(self, value: float, digits: int = 0) -> str:
        """A number with so many decimals."""
        thousands, point = _SEPARATORS[self.code]
        text = f"{value:,.{digits}f}".replace("-", "\N{MINUS SIGN}")
        return text.replace(",", "\0").replace(".", point).replace("\0", thousands)

    def percent(self, share: float, digits: int | None = None) -> str:
        """A share as a percentage; small ones keep a decimal."""
        if digits is None:
            digits = 0 if share >= 0.0995 or share == 0 else 1
        return f"{self.number(100 * share, digits)}{'' if self.code == 'en' else _SPACE}%"

    def euros(self, amount: float, digits: int = 2) -> str:
        """An amount of money."""
        return f"EUR{_SPACE}{self.number(amount, digits)}"

    def minutes(self, minutes: float) -> str:
        """Officer time in minutes, a decimal only where there is one."""
        return self.number(minutes, 0 if round(minutes, 1) == round(minutes) else 1)

    def day(self, day: date, *, is_long: bool = False) -> str:
        """A day of the calendar in words."""
        text = f"{day.day}{_SPACE}{self.words[f'months.m{day.month}']}{_SPACE}{day.year}"
        return f"{self.words[f'weekdays.d{day.isoweekday()}']} {text}" if is_long else text

    def instant(self, at: datetime) -> str:
        """Day, hour and minute; all times of the page are UTC, and say so."""
        return f"{self.day(at.date())}, {at:%H:%M}{_SPACE}UTC"


@cache
def language(code: str) -> Language:
    """The language of a code.

    Raises
    ------
    KeyError
        There is none.
    """
    if code not in LANGUAGES:
        raise KeyError(code)
    text = (files("service.page") / "wording" / f"{code}.toml").read_text(encoding="utf-8")
    words = {
        f"{part}.{name}": words
        for part, texts in tomllib.loads(text).items()
        for name, words in texts.items()
    }
    return Language(code, words)


def language_for(cookie: str | None, accepted: str | None) -> Language:
    """The language that a browser asks for.

    Parameters
    ----------
    cookie : what was chosen on the page; it goes first.
    accepted : the header `Accept-Language`.
    """
    if cookie in LANGUAGES:
        return language(cookie)
    wishes = []
    for at, part in enumerate((accepted or "").split(",")[:20]):
        tag, _, quality = part.strip().partition(";q=")
        wishes.append((-_quality(quality), at, tag.strip()[:2].lower()))
    known = [code for quality, _, code in sorted(wishes) if code in LANGUAGES and quality < 0]
    return language(known[0] if known else DEFAULT)


def _quality(text: str) -> float:
    """How much a language is wished for; 1 where it is not said, 0 where it cannot be read."""
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0
