"""What a feature is: a named, documented expression with a unit and a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl

Scope = Literal["consignment", "flight", "history"]
"""Where a feature looks: at its consignment, at its flight, or at the days before."""

Theme = Literal[
    "value", "mass", "commodity", "words", "consignee", "sender", "broker", "fiscal", "route",
    "preparation", "past controls",
]  # fmt: skip
"""What a feature is about, in an officer's words; reasons are grouped by it."""


@dataclass(frozen=True)
class Feature:
    """One number seen of a consignment.

    Attributes
    ----------
    name : its id, a column name.
    scope : where it looks.
    theme : what it is about.
    unit : unit of the number, such as "EUR", "ln ratio", "share 0 to 1", "count", "0 or 1".
    meaning : one line an officer can read.
    expression : over the consignment frame of `features.sight`; null where it does not apply.
    sentence : told as a reason; a format string over the facts of the consignment
        (`features.telling.FACTS`), those of the item that the feature speaks of
        (`features.named.ITEM_FACTS`), and forms of the number itself: `{value}`, `{rank}` (share of
        the flight with a smaller value, in percent), `{percent}`, `{down}`, `{up}`, `{times}`,
        `{odds}`, `{chance}`, `{each_eur}`, `{controls}`. Empty: never told.
    """

    name: str
    scope: Scope
    theme: Theme
    unit: str
    meaning: str
    expression: pl.Expr
    sentence: str = ""
