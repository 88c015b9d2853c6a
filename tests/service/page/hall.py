"""A small hall: the page as `triage serve` serves it, on a state of its own, in this process.

The lists are made by the same `service.flights` that the scoring child runs, in a thread instead of
a child, so that a test need not wait for it to start.
"""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

import uvicorn
from fastapi import FastAPI

from service import guard, problems
from service.access.access import Access
from service.access.roles import Role
from service.composition import open_database, open_home, open_store
from service.flights import Flights
from service.inspection import Wish
from service.issued import IssuedList
from service.page.refusals import page_answer
from service.page.router import page_router
from service.parts import Parts
from service.rates import ReferenceRates
from service.settings import read_settings
from service.writing import Writer


class InThisProcess:
    """The door of `service.scoring_child`, without a child."""

    def __init__(self, flights: Flights) -> None:
        self.flights = flights

    async def inspection_list(
        self, flight_number: str, flight_date: date, wish: Wish, issued_to: str
    ) -> IssuedList:
        return await asyncio.to_thread(
            self.flights.issued_list, flight_number, flight_date, wish, issued_to
        )


@dataclass(frozen=True)
class Hall:
    """A page that is being served, and what is behind it."""

    address: str
    parts: Parts

    def key(self, role: str, **more: Any) -> str:
        from datetime import UTC, datetime

        at = more.pop("at", datetime.now(UTC))
        ring = self.parts.access.key_ring
        return ring.create(Role(role), f"a {role}", by="a test", at=at, **more)[1]


def app_of(parts: Parts) -> FastAPI:
    app = FastAPI(docs_url=None, redoc_url=None)
    app.state.parts = parts
    app.include_router(page_router(parts))
    app.state.page_answer = page_answer
    app.state.access = parts.access
    problems.install(app)
    guard.install(app, parts.settings)
    return app


def parts_of_home() -> Parts:
    """The parts of the state that the environment names."""
    home, settings = open_home(), read_settings()
    database = open_database(home)
    store = open_store(home, database)
    lists = InThisProcess(Flights(home, database, store))
    return Parts(
        home=home, settings=settings, database=database, store=store, writer=Writer(database),
        express=None, rates=ReferenceRates(), posts=cast(Any, lists), lists=cast(Any, lists),
        queue=cast(Any, None), access=Access(home, settings, database),
    )  # fmt: skip


@contextmanager
def served(parts: Parts) -> Iterator[Hall]:
    """The page at an address of this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = uvicorn.Config(app_of(parts), host="127.0.0.1", port=port, log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield Hall(f"http://127.0.0.1:{port}", parts)
    finally:
        server.should_exit = True
        thread.join()
