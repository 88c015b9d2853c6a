"""What is odd about control results that were accepted, in sentences with a way out.

Nothing here is rejected: a result may come before its declaration, and a parcel was opened even
where a time was mistyped. But what no model can learn from must not be taken in silence.
"""

from __future__ import annotations

import polars as pl

from engine.declaration import CONSIGNMENT
from engine.outcome import recorded_too_early, shared_controls
from service.store import Store

_KEYS = ("control_id", "hawb", "flight_number", "flight_date")


def odd_outcomes(rows: pl.DataFrame, store: Store) -> tuple[str, ...]:
    """Sentences about rows that were just received; none where nothing is odd.

    Parameters
    ----------
    rows : accepted outcome rows, of all files of one command.
    store : holds them already, and what was known before.
    """
    if rows.is_empty():
        return ()
    told = (_undeclared(rows, store), _shared(rows, store), _too_early(rows))
    return tuple(sentence for sentence in told if sentence)


def _undeclared(rows: pl.DataFrame, store: Store) -> str:
    declared = store.items_of(rows, CONSIGNMENT).unique()
    missing = rows.join(declared, on=CONSIGNMENT, how="anti").sort(_KEYS)
    if missing.is_empty():
        return ""
    control, *parcel = missing.select(_KEYS).row(0)
    return (
        f"{_counted(missing.height, 'row')} of {rows.height:,} without a declaration in the state; "
        f"the first: control {control}, {_parcel(parcel)}. They are kept, but teach nothing "
        "until it is there: bring it in with `triage ingest`, or correct waybill, flight and date."
    )


def _shared(rows: pl.DataFrame, store: Store) -> str:
    # Of two rows with one key the store has the later one alone, so what came is looked at too.
    both = pl.concat([part.select(_KEYS) for part in (store.outcomes(), rows)])
    shared = shared_controls(both.join(rows, on="control_id", how="semi"))
    if shared.is_empty():
        return ""
    (control, *first), (_, *second) = shared.select(_KEYS).head(2).rows()
    return (
        f"{_counted(shared['control_id'].n_unique(), 'control_id')} of several parcels; the "
        f"first: {control}, {_parcel(first)} and {_parcel(second)}. A control_id is the key of one "
        "control, of which the last result counts: give every parcel one of its own."
    )


def _too_early(rows: pl.DataFrame) -> str:
    early = recorded_too_early(rows).sort(_KEYS)
    if early.is_empty():
        return ""
    shown = early.select("control_id", "controlled_at", "recorded_at")
    control, controlled, recorded = shown.row(0)
    return (
        f"{_counted(early.height, 'row')} recorded before the control; the first: {control}, "
        f"controlled {controlled:%Y-%m-%d %H:%M}, recorded {recorded:%Y-%m-%d %H:%M} (UTC). A "
        "result counts from recorded_at on, so it would be known too early: correct the times and "
        "send the rows again under the same control_id."
    )


def _parcel(key: list[object]) -> str:
    hawb, number, day = key
    return f"{hawb} on {number} of {day}"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
