"""Bring the user's own declarations and outcomes into the state."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

import polars as pl

from service.composition import open_door
from service.console import Done
from service.home import Home
from service.receipts import Receipt
from service.reception import Account, Door, Reception, outcomes_door, receive_all
from service.store import Store, end_of


def ingest(
    home: Home,
    store: Store,
    paths: Iterable[Path],
    *,
    as_of: date | None = None,
    done: Done | None = None,
) -> Account:
    """Take declarations into the state.

    Parameters
    ----------
    as_of : rows lodged later than this day are left out; None: all.
    done : told after each file.
    """
    return _bring_in(
        paths, open_door(home), store.add_declarations, "lodged_at", as_of, done, with_remarks=True
    )


def record(
    store: Store, paths: Iterable[Path], *, as_of: date | None = None, done: Done | None = None
) -> Account:
    """Take control results into the state; rows recorded after `as_of` are left out."""
    return _bring_in(paths, outcomes_door(), store.add_outcomes, "recorded_at", as_of, done)


def _bring_in(
    paths: Iterable[Path],
    door: Door,
    keep: Callable[[pl.DataFrame], Receipt],
    instant: str,
    as_of: date | None,
    done: Done | None,
    *,
    with_remarks: bool = False,
) -> Account:
    account = Account()
    for received in receive_all(paths, door, done):
        if not isinstance(received, Reception):
            account.errors += (received,)
            continue
        rows = received.rows
        if as_of is not None:
            rows = rows.filter(pl.col(instant) < end_of(as_of))
        account.left_out_count += received.rows.height - rows.height
        account.add(received, keep(rows) if rows.height else Receipt())
        if with_remarks and rows.height:
            account.add_remarks(rows)
    return account
