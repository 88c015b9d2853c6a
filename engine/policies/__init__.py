"""The policies a user can ask for. To add one: its file here, and its line in `POLICIES`."""

from typing import Final

from engine.errors import SettingError
from engine.policies.balanced import Balanced
from engine.policies.expected_yield import ExpectedYield
from engine.policies.random_draw import RandomDraw
from engine.policies.top_risk import TopRisk
from engine.selection import Policy

POLICIES: Final[tuple[Policy, ...]] = (
    Balanced(),
    TopRisk(),
    ExpectedYield(),
    RandomDraw(),
)


def policy_named(name: str) -> Policy:
    """The policy of that name.

    Raises
    ------
    SettingError
        There is none; the message lists those there are.
    """
    for policy in POLICIES:
        if policy.name == name:
            return policy
    known = ", ".join(policy.name for policy in POLICIES)
    raise SettingError(f"There is no policy {name!r}.", f"Choose one of: {known}.")
