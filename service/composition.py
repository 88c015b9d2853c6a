"""The one place that puts concrete parts together."""

from __future__ import annotations

from engine.errors import StateError
from service.home import Home
from service.rates import ReferenceRates
from service.reception import Door, declarations_door
from service.settings import read_settings
from service.store import Store


def open_home() -> Home:
    """The state folder that the environment names.

    Raises
    ------
    StateError
        It is a file, or would lie in one.
    """
    home = Home.of(read_settings())
    there = next(path for path in (home.root, *home.root.parents) if path.exists())
    if not there.is_dir():
        raise StateError(
            f"The state folder {home.root} cannot be used: {there} is a file.",
            "Set TRIAGE_HOME to a folder; it is made if it is not there.",
        )
    return home


def open_store(home: Home) -> Store:
    """What was received."""
    return Store(home)


def open_door(home: Home, *, keeps: bool = True) -> Door:
    """The door for declarations.

    Parameters
    ----------
    home : keeps the secret of the pseudonyms.
    keeps : False where the state folder must stay as it is.
    """
    key = home.pseudonym_key() if keeps else home.key_without_a_trace()
    return declarations_door(ReferenceRates(), key)
