"""Whether a flow, and what is promised of it, is still what it was; and if not, what moved.

Every column is measured by its population stability index, every value of what is declared by a
test of its share (`models.movements`), the random controls by exact tests
(`models.random_controls`). Method, figures and limits: docs/decisions/0029-drift.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from models.drift_words import (
    movement_groups,
    movements_told,
    promise_told,
    scores_told,
    share_told,
)
from models.flow import Flow
from models.movements import CHANGED, FALSE_ALARMS, Movement, Stability, moved
from models.random_controls import Draws, PromiseTest, ShareTest, promise_test, share_test


@dataclass(frozen=True)
class Drift:
    """What moved between two periods.

    Attributes
    ----------
    before, now : the periods' flights and consignments.
    stabilities : of all columns that both periods have enough of, the most moved first.
    movements : beyond chance, the weightiest first.
    share_test, promise_test : on the random controls.
    """

    before: tuple[int, int]
    now: tuple[int, int]
    stabilities: tuple[Stability, ...]
    movements: tuple[Movement, ...]
    share_test: ShareTest
    promise_test: PromiseTest

    @property
    def largest_index(self) -> float | None:
        """The largest index beyond chance; None where there is too little to say."""
        return self.stabilities[0].excess if self.stabilities else None

    @property
    def largest_trait_index(self) -> float | None:
        """The same of what is declared alone: neither the risks, which move as the history grows,
        nor the features, of which some are noise where flights are few.
        """
        return next((one.excess for one in self.stabilities if one.kind == "trait"), None)

    @property
    def changed_scores(self) -> tuple[Stability, ...]:
        """Risks that moved so far that it must be looked at."""
        return tuple(o for o in self.stabilities if o.kind == "score" and o.excess >= CHANGED)

    @property
    def is_more_or_less_found(self) -> bool:
        """Whether random controls find another share than before, beyond chance."""
        p = self.share_test.p_value
        return p is not None and p <= FALSE_ALARMS / 4

    @property
    def is_promise_broken(self) -> bool:
        """Whether random controls find more or less than was promised, beyond chance."""
        p = self.promise_test.p_value
        return p is not None and p <= FALSE_ALARMS / 4

    @property
    def is_alert(self) -> bool:
        """Whether anything moved that somebody should look at."""
        return bool(
            self.movements
            or self.changed_scores
            or self.is_more_or_less_found
            or self.is_promise_broken
        )

    @cached_property
    def alert(self) -> str:
        """What moved, in one sentence; empty where nothing did. It may name brokers.

        Of a few traits, the weightiest first, the values that moved most; then risks that changed,
        and what the random controls say.
        """
        parts = [movements_told(some) for some in movement_groups(self.movements)]
        if self.changed_scores:
            parts.append(scores_told(self.changed_scores))
        if self.is_alert and self.share_test.p_value is not None:
            parts.append(share_told(self.share_test))
        if self.is_promise_broken:
            parts.append(promise_told(self.promise_test))
        text = "; ".join(parts)
        return f"{text[0].upper()}{text[1:]}." if text else ""

    def index_of(self, column: str) -> float | None:
        """The index of a column beyond chance, None where it was not measured."""
        found = (one.excess for one in self.stabilities if one.column == column)
        return next(found, None)


def drift_between(
    before: Flow,
    now: Flow,
    draws_before: Draws | None = None,
    draws_now: Draws | None = None,
) -> Drift:
    """Compare two periods.

    Parameters
    ----------
    before, now : their flows; columns that one of them lacks are left out.
    draws_before, draws_now : their random controls with a result; None: there are none.

    Returns
    -------
    The drift; nothing moved where either period has fewer than `FEWEST_FLIGHTS` flights or
    `FEWEST_CONSIGNMENTS` consignments.
    """
    first, second = draws_before or Draws(), draws_now or Draws()
    return Drift(
        (before.flight_count, before.consignment_count),
        (now.flight_count, now.consignment_count),
        *moved(before, now),
        share_test(first, second),
        promise_test(second),
    )
