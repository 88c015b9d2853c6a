"""A first look at one consignment, without a frame: half a millisecond instead of half a second.

Whatever it cannot do is left to frames, and said in the log once for each reason: a number of the
model's, or a value of the message, that only frames know how to treat.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from features.history import History
from features.past_rates import Controls
from features.single.expressions import UnsupportedExpressionError, UnsupportedValueError
from features.single.parcel import day_number
from features.single.sight import SingleSight
from models.explanation import Population
from models.one_alone import OneAlone, OneScored
from service.scoring import InForce
from service.store import DECLARATION_SCHEMA

_log = logging.getLogger(__name__)

_COLUMNS = tuple(DECLARATION_SCHEMA)
_FLOATS = tuple(name for name, dtype in DECLARATION_SCHEMA.items() if dtype.is_float())


class Alone:
    """Looks at messages of one consignment.

    Parameters
    ----------
    scorer : of one day.
    day : the day.

    Attributes
    ----------
    looked : messages, by what became of them: `alone`, or the reason why a frame was needed.
    """

    def __init__(self, scorer: OneAlone, day: date) -> None:
        self._scorer = scorer
        self.day = day
        self.looked: Counter[str] = Counter()

    def look(self, rows: Sequence[Mapping[str, Any]]) -> OneScored | None:
        """Risks and reasons; None where only frames will do.

        Parameters
        ----------
        rows : canonical rows of one consignment; instants as microseconds, dates as text.
        """
        try:
            scored = self._scorer.score(_items(rows, day_number(self.day)))
        except UnsupportedValueError as why:
            return self._left(str(why))
        except (ArithmeticError, LookupError, TypeError, ValueError) as why:
            return self._left(type(why).__name__)  # its message may hold a value
        self.looked["alone"] += 1
        return scored

    def _left(self, reason: str) -> OneScored | None:
        """Count what is left to frames; a reason is told when it first occurs."""
        if not self.looked[reason]:
            _log.warning("A consignment is looked at in a frame, which is slower: %s", reason)
        self.looked[reason] += 1
        return None


def alone_of(
    model: InForce, history: History, controls: Controls, usual: Population | None, day: date
) -> Alone | None:
    """Make ready to look at consignments of a day one by one.

    Returns
    -------
    None where a feature, a remark or a fact of sentences holds what only frames know.
    """
    try:
        sight = SingleSight.of(history, controls, day)
        return Alone(OneAlone(sight, model.promises, usual), day)
    except UnsupportedExpressionError as why:
        _log.warning("Single consignments are looked at in frames, which is slower: %s", why)
        return None


def _items(rows: Sequence[Mapping[str, Any]], day: int) -> list[dict[str, Any]]:
    """The rows as `SingleSight` takes them, in canonical order; of two versions the later one."""
    items: dict[int, dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: (row["goods_item_number"], row["lodged_at"])):
        item = {name: row.get(name) for name in _COLUMNS}
        for name in _FLOATS:
            value = item[name]
            item[name] = None if value is None else float(value)
        item["flight_date"] = day
        items[row["goods_item_number"]] = item
    return list(items.values())
