"""What a profile of a flow may say: its tables and keys, and what each takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from engine.strategies import STRATEGIES
from models.kinds import KINDS

CHAMPION: Final = "champion"
"""First model: the one in force in the state."""


@dataclass(frozen=True)
class Rule:
    """What a key takes.

    Attributes
    ----------
    words : the same for a reader, after "takes".
    fits : whether a value is such a thing.
    """

    words: str
    fits: Callable[[Any], bool]


def whole(least: int, most: int) -> Rule:
    """A whole number between two, both included."""
    return Rule(
        f"a whole number from {least:,} to {most:,}",
        lambda value: type(value) is int and least <= value <= most,
    )


def number(least: float, most: float) -> Rule:
    """A number between two, both included."""
    return Rule(
        f"a number from {least:g} to {most:g}",
        lambda value: type(value) in (int, float) and least <= value <= most,
    )


def one_of(known: tuple[str, ...]) -> Rule:
    """One of some names."""
    return Rule(f"one of {', '.join(known)}", lambda value: value in known)


def some_of(known: tuple[str, ...]) -> Rule:
    """A list of some names, each once."""
    return Rule(
        f"a list of names, each once, out of {', '.join(known)}",
        lambda value: _is_list(value, lambda name: name in known) and len({*value}) == len(value),
    )


def _is_list(value: Any, fits: Callable[[Any], bool]) -> bool:
    return isinstance(value, list) and bool(value) and all(fits(one) for one in value)


def _is_monday(value: Any) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime) and value.weekday() == 0


SHARE: Final = number(0, 1)

PREVALENCE: Final = number(0, 0.5)
"""One typology on more than half of all parcels is no flow that the generator can invent."""

_PATHS: Final = Rule(
    'a list of paths or patterns in quotes, such as ["2026/*.csv"]',
    lambda value: _is_list(value, lambda path: isinstance(path, str) and path != ""),
)

FLOW: Final[Mapping[str, Rule]] = {
    "declarations": _PATHS,
    "outcomes": _PATHS,
    "from_state": Rule("true or false", lambda value: isinstance(value, bool)),
    "flights_per_week": whole(1, 500),
    "parcels_per_flight": whole(50, 200_000),
    "shippers": whole(20, 2_000_000),
    "consignees": whole(20, 2_000_000),
    "brokers": whole(3, 5_000),
    "ioss_numbers": whole(6, 1_000_000),
    "ioss_share": SHARE,
    "one_line_share": SHARE,
    "prepared_share": SHARE,
    "price_factor": number(0.01, 100),
    "new_per_month": SHARE,
    "phoenix_per_month": SHARE,
    "dishonest_share": SHARE,
    "habitual_share": SHARE,
}

CONTROLS: Final[Mapping[str, Rule]] = {
    "controls_share": SHARE,
    "random_share": SHARE,
    "not_presented_share": SHARE,
}

START: Final[Mapping[str, Rule]] = {
    "on": Rule("a Monday, without quotes, such as 2026-10-05", _is_monday),
    "warm_up_weeks": whole(1, 52),
    "model": one_of((CHAMPION,)),
}


def simulation(scenarios: tuple[str, ...]) -> dict[str, Rule]:
    """Keys of the table of what is simulated.

    Parameters
    ----------
    scenarios : names of the worlds that there are.
    """
    return {
        "scenario": one_of(scenarios),
        "weeks": whole(1, 520),
        "budget_controls": whole(1, 100_000),
        "budget_minutes": number(1, 1_000_000),
        "intensity": number(0, 1),
        "seeds": Rule(
            "a list of whole numbers of 0 or more, each once, such as [1, 2, 3]",
            lambda value: (
                _is_list(value, lambda seed: type(seed) is int and seed >= 0)
                and len({*value}) == len(value)
            ),
        ),
        "policies": some_of(tuple(strategy.name for strategy in STRATEGIES)),
        "retrain_days": whole(1, 3650),
        "model": one_of(tuple(kind.kind for kind in KINDS)),
    }
