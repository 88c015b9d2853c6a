"""Consignees without a table: the plain twin of `engine.pseudonym`, one text at a time.

Both must make the same hashes of the same text to the bit, or people would no longer be linked.
The twin takes its letters from `normalised` itself and its patterns from the same module; where
those are written within an expression they are repeated here, and tests compare both.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

import polars as pl

from engine.express.cells import Unusual
from engine.pseudonym import (
    _CODE_ALONE,
    _CODE_WORD,
    _PLACEHOLDER,
    _TITLES,
    _UUID,
    BITS_A_PAIR,
    BLOOM_WORDS,
    keyed_hash,
    normalised,
)

_BLOCKS = (range(0x20, 0x530), range(0x1E00, 0x1F00), range(0x2010, 0x2028))
"""Latin, Greek and Cyrillic letters with their accents, typographic dashes and quotes (Unicode)."""

_SIGMAS = frozenset("\u03a3\u03f9")
"""Capitals whose small letter depends on their place in the word (Unicode, Final_Sigma)."""

KEPT_HASHES = 65_536
"""Words, and letter pairs, whose hashes are kept in memory: some 10 MB each (estimate)."""

_LETTER = r"[^\W\d_]"
_DIGITS_AFTER_WORD = re.compile(rf"({_LETTER}{{2,}})[0-9]{{1,4}}( |$)")
_DIGIT_THEN_LETTER = re.compile(r"([0-9])([a-z])")
_WORD_THEN_DIGIT = re.compile(rf"({_LETTER}{{3,}})([0-9])")
_HAS_LETTER = re.compile(_LETTER).search
_HAS_DIGIT = re.compile(r"[0-9]").search
_IS_CODE_ALONE = re.compile(_CODE_ALONE).search
_HAS_CODE_WORD = re.compile(_CODE_WORD).search
_HAS_UUID = re.compile(_UUID.replace("-?", "")).search
_IS_PLACEHOLDER = re.compile(_PLACEHOLDER).search
_HAS_STREET_CODE = re.compile(
    r"(^| )[bcdfghjklmnpqrstvwxz]{4,}( |$)|(^| )[0-9]+ [a-z]{2,3} [0-9a-z]+( |$)"
).search
_TITLE_SET = frozenset(_TITLES)

_WORD_BITS = 64


class Consignees:
    """Pseudonyms of consignees, one at a time.

    Parameters
    ----------
    key : secret of the pseudonyms, 16 to 64 bytes.
    """

    def __init__(self, key: bytes) -> None:
        self._name_word = _kept(lambda text: keyed_hash(text, key, b"importer name"))
        self._street_word = _kept(lambda text: keyed_hash(text, key, b"importer street"))
        self._pair = _kept(lambda text: _pair_bits(keyed_hash(text, key, b"importer pair")))
        self._key = key
        _letters()  # now, not when the first row waits

    def of(self, name: str, street: str | None, identifier: str | None) -> dict[str, Any]:
        """The `importer_*` columns of `Declaration` that stand for name, street and identifier.

        Raises
        ------
        Unusual
            A text holds letters of another script.
        """
        return {
            "importer_key": self._identifier(identifier),
            **self._name(_plain(name)),
            **self._street(street),
        }

    def _identifier(self, text: str | None) -> int | None:
        plain = _plain(text) if text is not None else ""
        return keyed_hash(plain, self._key, b"importer id") if plain else None

    def _name(self, name: str) -> dict[str, Any]:
        letters = name.replace(" ", "")
        person = _person(name)
        bits = self._bits(person)
        return {
            "importer_name_tokens": _tokens(person, self._name_word),
            **{
                f"importer_name_bits_{word}": bits >> (_WORD_BITS * word) & (1 << _WORD_BITS) - 1
                for word in range(BLOOM_WORDS)
            },
            "importer_name_length": len(letters),
            "importer_name_has_digit": _HAS_DIGIT(name) is not None,
            "importer_name_has_code": _HAS_CODE_WORD(name) is not None,
            "importer_name_is_uuid": _HAS_UUID(letters) is not None,
            "importer_name_is_placeholder": name == "" or _IS_PLACEHOLDER(name) is not None,
        }

    def _street(self, text: str | None) -> dict[str, Any]:
        street = _spaced(_plain(text)) if text is not None else ""
        return {
            "importer_street_tokens": _tokens(street, self._street_word),
            "importer_street_has_number": _HAS_DIGIT(street) is not None if street else None,
            "importer_street_has_code": _HAS_STREET_CODE(street) is not None if street else None,
        }

    def _bits(self, person: str) -> int:
        """The Bloom filter of all letter pairs, as one number of 256 bits."""
        text = f" {person} "
        bits = 0
        for at in range(len(text) - 1):
            bits |= self._pair(text[at : at + 2])
        return bits


def _kept(made: Callable[[str], int]) -> Callable[[str], int]:
    return lru_cache(maxsize=KEPT_HASHES)(made)


def _pair_bits(digest: int) -> int:
    bits = 0
    for part in range(BITS_A_PAIR):
        bits |= 1 << (digest >> (16 * part)) % (_WORD_BITS * BLOOM_WORDS)
    return bits


def _tokens(text: str, hashed: Callable[[str], int]) -> list[int]:
    """Sorted distinct hashes of the words."""
    return sorted({hashed(word) for word in text.split(" ") if word})


def _plain(text: str) -> str:
    """`engine.pseudonym.normalised` of one text."""
    letters = _letters()
    try:
        return " ".join("".join([letters[letter] for letter in text]).split())
    except KeyError as error:
        raise Unusual from error


@cache
def _letters() -> dict[str, str]:
    """What becomes of each letter between two others, as `normalised` has it.

    None of them is treated otherwise for the sake of its neighbours.
    """
    letters = {chr(code) for block in _BLOCKS for code in block} - _SIGMAS
    known = sorted(filter(str.isprintable, letters))
    between = pl.Series("text", [f"a{letter}a" for letter in known]).to_frame()
    plain = between.select(normalised(pl.col("text"))).to_series()
    return {letter: text[1:-1] for letter, text in zip(known, plain, strict=True)}


def _person(name: str) -> str:
    """The words that say who it is, unless none is left."""
    words = _DIGITS_AFTER_WORD.sub(r"\1\2", name).split(" ")
    return " ".join(word for word in words if _is_of_person(word)) or name


def _is_of_person(word: str) -> bool:
    return (
        len(word) >= 2
        and word not in _TITLE_SET
        and _HAS_LETTER(word) is not None
        and _IS_CODE_ALONE(word) is None
    )


def _spaced(text: str) -> str:
    apart = _DIGIT_THEN_LETTER.sub(r"\1 \2", text)
    return _WORD_THEN_DIGIT.sub(r"\1 \2", apart)
