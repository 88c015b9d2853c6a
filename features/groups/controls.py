"""What past controls found, on whom and on what; shrunk where there were few."""

from __future__ import annotations

import polars as pl

from features.entities import ENTITIES
from features.feature import Feature

_ON = {
    "code": "goods of its commodity codes",
    "heading": "goods of its headings",
    "product": "its product identifiers",
    "text": "parcels described like this",
    "chapter": "goods of its chapters",
    "sender_heading": "such goods of the sender",
} | {entity.name: entity.meaning for entity in ENTITIES}

_WITH_KINDS = (
    "sender", "sender_address", "place", "broker", "ioss", "chapter", "code", "heading", "text",
    "sender_heading",
)  # fmt: skip
"""Entities whose findings are also told apart by kind and money."""

_WITH_DOUBT = ("sender", "sender_address", "broker", "code", "sender_heading")
"""Entities of which it is also said what is sure."""


_ON_ITEM = {
    "code": "the commodity code of '{item}'",
    "heading": "the heading of '{item}'",
    "product": "the product identifier of '{item}'",
    "text": "parcels described like '{item}'",
    "chapter": "the chapter of '{item}'",
    "sender_heading": "goods of this sender such as '{item}'",
}
"""What sentences say instead: of several items, the one with the highest rate."""

_WEIGHTED = "recent ones count more"


def _features(name: str, on: str) -> list[Feature]:
    spoken = f"past controls on {_ON_ITEM.get(name, on)}: {{controls:.1f}} ({_WEIGHTED}), "
    rate = Feature(
        f"{name}_rate", "history", "past controls", "share 0 to 1",
        f"share of past controls on {on} found irregular, shrunk",
        pl.col(f"{name}_rate"), spoken + "about {percent:.0f} % irregular",
    )  # fmt: skip
    count = Feature(
        f"{name}_controls", "history", "past controls", "count",
        f"weight of past controls on {on}", pl.col(f"{name}_controls"),
    )  # fmt: skip
    sure = Feature(
        f"{name}_sure_rate", "history", "past controls", "share 0 to 1",
        f"the same share on {on}, less its standard deviation: what is sure",
        pl.col(f"{name}_sure_rate"), spoken + "surely {percent:.0f} % irregular or more",
    )  # fmt: skip
    made = [rate, count, sure] if name in _WITH_DOUBT else [rate, count]
    if name not in _WITH_KINDS:
        return made
    goods = Feature(
        f"{name}_goods_rate", "history", "past controls", "share 0 to 1",
        f"share of past controls on {on} with intellectual property, safety or prohibited goods",
        pl.col(f"{name}_goods_rate"),
        spoken + "about {percent:.0f} % with imitations, unsafe or prohibited goods",
    )  # fmt: skip
    money = Feature(
        f"{name}_recovered", "history", "past controls", "ln EUR",
        f"ln(1 + EUR recovered) per past control on {on}, shrunk", pl.col(f"{name}_recovered"),
        spoken + "usually about EUR {each_eur:.2f} recovered by each",
    )  # fmt: skip
    return [*made, goods, money]


FEATURES: tuple[Feature, ...] = tuple(
    feature for name, on in _ON.items() for feature in _features(name, on)
)
