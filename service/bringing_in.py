"""Bring the user's own declarations and outcomes into the state."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path

import polars as pl

from service.composition import open_door
from service.console import Done
from service.home import Home
from service.odd_outcomes import odd_outcomes
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
    account = Account()
    door, keep = open_door(home), store.add_declarations
    for rows in _brought_in(account, paths, door, keep, "lodged_at", as_of, done):
        account.add_remarks(rows)
    return account


def record(
    store: Store, paths: Iterable[Path], *, as_of: date | None = None, done: Done | None = None
) -> Account:
    """Take control results into the state; rows recorded after `as_of` are left out."""
    account = Account()
    door, keep = outcomes_door(), store.add_outcomes
    rows = [*_brought_in(account, paths, door, keep, "recorded_at", as_of, done)]
    if rows:
        account.notes += odd_outcomes(pl.concat(rows), store)
    return account


def _brought_in(
    account: Account,
    paths: Iterable[Path],
    door: Door,
    keep: Callable[[pl.DataFrame], Receipt],
    instant: str,
    as_of: date | None,
    done: Done | None,
) -> Iterator[pl.DataFrame]:
    """Rows of each file after they were kept; the account grows on the way."""
    for received in receive_all(paths, door, done):
        if not isinstance(received, Reception):
            account.errors += (received,)
            continue
        rows = received.rows
        if as_of is not None:
            rows = rows.filter(pl.col(instant) < end_of(as_of))
        account.left_out_count += received.rows.height - rows.height
        account.add(received, keep(rows) if rows.height else Receipt())
        if rows.height:
            yield rows
