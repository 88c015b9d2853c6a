"""By what the sender of one consignment is known again: `features.traits` for one alone."""

from __future__ import annotations

import hashlib
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from features.single.expressions import UnsupportedValueError
from features.single.parcel import Item
from features.single.texts import folded, signs
from features.traits import KINDS, MOST_TRAITS

Trait = tuple[int, int]
"""Position of the kind in `KINDS`, and the trait's hash."""

_LETTERS = re.compile("[A-Z]{2,}")
_MARKS = re.compile("[,;/|]")
_DIGIT = re.compile("[0-9]")
_SMALL, _CAPITAL = re.compile("[a-z]"), re.compile("[A-Z]")


def _text(text: str | None) -> tuple[str | None, ...]:
    return (None if text is None else folded(text),)


def _words(text: str | None) -> tuple[str, ...]:
    return () if text is None else tuple(folded(text).split(" "))


def _series(text: str | None) -> tuple[str | None, ...]:
    found = _LETTERS.match(signs(text) or "")
    return (found.group() if found else None,)


def _case(raw: str) -> tuple[str, ...]:
    if not _SMALL.search(raw):
        return ("capitals",)
    if not _CAPITAL.search(raw):
        return ("small",)
    # What follows a blank may begin with that blank, so that the first letter alone decides.
    category = unicodedata.category(raw[0])
    if category == "Cn":  # polars may know a newer alphabet than Python does
        raise UnsupportedValueError("A letter that is not known yet.")
    return ("mixed" if category == "Ll" else "titles",)


def _marked(raw: str) -> tuple[str, ...]:
    marks, digit = (bool(pattern.search(raw)) for pattern in (_MARKS, _DIGIT))
    return (f"{str(marks).lower()} {str(digit).lower()} {raw.count(' ') // 3}",)


def _packing(ratio: float | None) -> tuple[str | None, ...]:
    return (None if ratio is None else str(float(math.floor(ratio / 200))),)


def _as_it_is(name: str) -> Callable[[Item], Iterable[str | None]]:
    return lambda item: (item[name],)


_READ: Mapping[str, Callable[[Item], Iterable[str | None]]] = {
    "address": _as_it_is("key_sender_address"),
    "street": lambda item: _words(item["exporter_street"]),
    "postcode": lambda item: (signs(item["exporter_postcode"]),),
    "city": lambda item: _text(item["exporter_city"]),
    "name": lambda item: _words(item["exporter_name"]),
    "text": _as_it_is("text_key"),
    "word": lambda item: item["words"],
    "code": _as_it_is("hs6"),
    "product": _as_it_is("merchant_product_id"),
    "maker's product": _as_it_is("manufacturer_product_id"),
    "broker": _as_it_is("key_broker"),
    "ioss": _as_it_is("key_ioss"),
    "bag": lambda item: _series(item["bag_id"]),
    "waybill": _as_it_is("key_waybill_series"),
    "platform": _as_it_is("key_platform"),
    "currency": _as_it_is("intrinsic_value_currency"),
    "case": lambda item: _case(item["goods_description"]),
    "marks": lambda item: _marked(item["goods_description"]),
    "packing": lambda item: _packing(item["gross_net"]),
}
"""What `features.traits.KINDS` reads, kind by kind."""


def shown(items: Iterable[Mapping[str, Any]], keys: Mapping[str, Any]) -> dict[Trait, int]:
    """How many items show each trait, the most frequent of each kind.

    Parameters
    ----------
    items : of one consignment.
    keys : the keys of the consignment.

    Raises
    ------
    UnsupportedValueError
        A description begins with a letter that is not known yet.
    """
    rows = [{**item, **keys} for item in items]
    traits: dict[Trait, int] = {}
    for at, kind in enumerate(KINDS):
        read = _READ[kind.name]
        counts: dict[str, int] = {}
        for row in rows:
            for value in read(row):
                if value:
                    counts[value] = counts.get(value, 0) + 1
        if len(counts) > MOST_TRAITS:
            most = sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:MOST_TRAITS]
            counts = dict(most)
        for value, count in counts.items():
            traits[at, hashed(at, value)] = count
    return traits


@lru_cache(100_000)
def hashed(kind: int, value: str) -> int:
    """The hash of a trait, as `features.traits` keeps it."""
    digest = hashlib.blake2b(value.encode(), digest_size=8, person=KINDS[kind].name.encode())
    return int.from_bytes(digest.digest(), "little")
