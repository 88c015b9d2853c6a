"""The one place that puts concrete parts together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import StateError
from service.home import Home
from service.rates import ReferenceRates
from service.reception import Door, declarations_door
from service.settings import read_settings
from service.store import Store

if TYPE_CHECKING:
    from service.parts import Parts
    from service.storage.database import Database


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


def open_database(home: Home) -> Database:
    """The database of the state: the one that the environment names, or the folder's own.

    Raises
    ------
    StateError
        It cannot be used as it is; `service.storage.faults` says why.
    """
    from service.storage.database import Database

    settings = read_settings()
    return Database.open(settings.database_url, home.made().root, settings.audit_anchor)


def open_store(home: Home, database: Database | None = None) -> Store:
    """What was received.

    Parameters
    ----------
    home : the state folder.
    database : the database, if it is open already; else it is opened when it is needed.
    """
    if database is None and read_settings().database_url is not None:
        database = open_database(home)
    return Store(home, database)


def open_door(home: Home, *, keeps: bool = True) -> Door:
    """The door for declarations.

    Parameters
    ----------
    home : keeps the secret of the pseudonyms.
    keeps : False where the state folder must stay as it is.
    """
    key = home.pseudonym_key() if keeps else home.key_without_a_trace()
    return declarations_door(ReferenceRates(), key)


def open_parts() -> Parts:
    """The parts of one HTTP worker, on the state that the environment names.

    Raises
    ------
    StateError, SettingError
        The state cannot be used as it is.
    """
    from engine.express import ExpressDoor
    from service.access.access import Access
    from service.guard.metrics import METRICS
    from service.jobs.register import Manifests
    from service.parts import Parts
    from service.scoring_child import ScoringProcess
    from service.writing import Writer

    settings, home = read_settings(), open_home().made()
    database = open_database(home)
    rates = ReferenceRates()
    return Parts(
        home=home,
        settings=settings,
        database=database,
        store=Store(home, database),
        writer=Writer(database, METRICS.commit),
        express=ExpressDoor(rates, home.pseudonym_key()),
        rates=rates,
        posts=ScoringProcess(home, settings.database_url, "posts"),
        lists=ScoringProcess(home, settings.database_url, "lists"),
        queue=Manifests(home, database),
        access=Access(home, settings, database),
    )
