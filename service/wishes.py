"""A wish as JSON and back: what a list was asked for is kept, so that it can be made again."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import date
from typing import Any

import orjson

from engine.budget import Budget
from engine.caps import Caps
from engine.times import InspectionTimes
from service.inspection import Wish


def wish_json(wish: Wish) -> str:
    """A wish as text; equal wishes give equal texts."""
    told = {one.name: getattr(wish, one.name) for one in fields(wish)}
    told |= {name: asdict(told[name]) for name in ("budget", "times", "caps")}
    told |= {"mandatory": sorted(wish.mandatory), "harms_eur": dict(wish.harms_eur)}
    return orjson.dumps(told, option=orjson.OPT_SORT_KEYS).decode()


def wish_of(text: str | bytes) -> Wish:
    """The wish that a text tells of.

    Raises
    ------
    SettingError
        Its values make no sense.
    """
    told: dict[str, Any] = orjson.loads(text)
    as_of = told["as_of"]
    return Wish(
        Budget(**told["budget"]),
        told["policy"],
        told["random_share"],
        told["harm_weight"],
        as_of=None if as_of is None else date.fromisoformat(as_of),
        times=InspectionTimes(**told["times"]),
        caps=Caps(**told["caps"]),
        mandatory=frozenset(told["mandatory"]),
        proves=told["proves"],
        harms_eur=told["harms_eur"],
    )
