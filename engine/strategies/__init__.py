"""The strategies that a simulation can put side by side. To add one: its file here, and its line in
`STRATEGIES`.
"""

from typing import Final

from engine.errors import SettingError
from engine.strategies.adaptive import Adaptive
from engine.strategies.greedy import Greedy
from engine.strategies.mixed import Mixed
from engine.strategies.random_alone import RandomAlone
from engine.strategies.rule_list import RuleList
from engine.strategies.thompson import Thompson
from engine.strategies.upper_bound import UpperBound
from engine.strategy import Strategy

STRATEGIES: Final[tuple[Strategy, ...]] = (
    RandomAlone(),
    RuleList(),
    Greedy(),
    Mixed(0.05),
    Mixed(0.10),
    Mixed(0.20),
    Thompson(),
    UpperBound(),
    Adaptive(),
)

USUAL: Final = ("random", "rules", "greedy", "mixed-10", "thompson", "adaptive")
"""Put side by side unless others are named."""

REFERENCE: Final = "greedy"
"""The one that the others are held against, if it takes part."""


def strategy_named(name: str) -> Strategy:
    """The strategy of that name.

    Raises
    ------
    SettingError
        There is none; the message lists those there are.
    """
    for strategy in STRATEGIES:
        if strategy.name == name:
            return strategy
    known = ", ".join(strategy.name for strategy in STRATEGIES)
    raise SettingError(f"There is no policy {name!r} to simulate.", f"Choose one of: {known}.")
