"""The profiles of the days: rolled forward in parts, and read as one.

The profiles as of an evening are a folder of Parquet tables, one or more a profile: those of many
keys are divided by a hash of the first key, so that several processes or machines can roll them.
The ledger of controls is kept and rolled beside them. They are of one run and are cleared with it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl

from features.day_counts import REFERENCES, Counts, of_day, references_of_day
from features.decayed import DecayedTable
from features.history import History
from features.levels import BINS, MEASURES
from features.references import References
from service.rescoring.places import Place
from service.rescoring.tasks import Evening, Job, Roll, Rolled

LEDGER = "ledger"
"""Name of the ledger among the profiles."""

NAMES: tuple[str, ...] = (*History.empty().tables(), REFERENCES, LEDGER)
"""Everything that is rolled."""

UNDIVIDED = (REFERENCES, LEDGER)
"""What is small enough to be rolled in one."""

ROWS_A_SHARE = 4_000_000
"""Rows of a profile from which on it is divided: some 1 GB while it is rolled (estimate)."""

WHOLE = "whole.json"
"""Says that all parts of a day's profiles are there."""


@dataclass(frozen=True)
class Past:
    """Profiles and controls as of an evening."""

    history: History
    ledger: pl.DataFrame


def keep_counts(job: Job, day: date, flight: str, counts: Counts) -> None:
    """Keep what a flight adds to the profiles.

    Parameters
    ----------
    flight : its file name.
    counts : of `features.day_counts.counts_of`, and the flight's rows of the ledger.
    """
    folder = job.counts(day)
    for name, rows in counts.items():
        folder.at(name, f"{flight}.parquet").keep(rows, lasts=False)


def roll(job: Job, task: Roll) -> Rolled:
    """Roll a profile, or a share of its keys, forward over a day."""
    parts = [
        job.counts(task.day).at(task.profile, f"{flight}.parquet").frame()
        for flight in task.flights
    ]
    rows = _ROLLED.get(task.profile, _rolled_table)(job, parts, task)
    after = job.profiles(Evening.of(task.day))
    after.at(task.profile, f"{task.share}.parquet").keep(rows, lasts=False)
    return Rolled(rows.height)


def past_of(job: Job, evening: Evening) -> Past:
    """The profiles and the ledger as of an evening."""
    tables = {profile: _table(job, evening, profile) for profile in History.empty().tables()}
    history = History.of(_references(job, evening), tables, evening.on)
    return Past(history, _read(job.profiles(evening), LEDGER))


def _rolled_table(job: Job, parts: list[pl.DataFrame], task: Roll) -> pl.DataFrame:
    table = _table(job, task.before, task.profile)
    if task.shares > 1:
        is_ours = pl.col(table.keys[0]).hash() % task.shares == task.share
        table = replace(table, rows=table.rows.filter(is_ours))
        parts = [part.filter(is_ours) for part in parts]
    return table.advanced(of_day(task.profile, parts), task.day).rows


def _rolled_references(job: Job, parts: list[pl.DataFrame], task: Roll) -> pl.DataFrame:
    references = _references(job, task.before).after(references_of_day(parts), task.day)
    histograms = {
        name: pl.Series(name, values, dtype=pl.Array(pl.Float64, BINS))
        for name, values in references.histograms.items()
    }
    return pl.DataFrame({"hs6": references.codes}).with_columns(**histograms)


def _rolled_ledger(job: Job, parts: list[pl.DataFrame], task: Roll) -> pl.DataFrame:
    ledger = _read(job.profiles(task.before), LEDGER)
    added = (part.select(ledger.columns) for part in parts)
    return pl.concat([ledger, *added]).sort("control_id", "recorded_at", "status")


_ROLLED = {REFERENCES: _rolled_references, LEDGER: _rolled_ledger}


def _table(job: Job, evening: Evening, profile: str) -> DecayedTable:
    table = History.empty().tables()[profile]
    if evening.on is None:
        return table
    return replace(table, rows=_read(job.profiles(evening), profile), as_of=evening.on)


def _references(job: Job, evening: Evening) -> References:
    if evening.on is None:
        return References.empty()
    rows = _read(job.profiles(evening), REFERENCES)
    histograms = {
        name: np.ascontiguousarray(rows[name].to_numpy(), dtype=np.float64).reshape(-1, BINS)
        for name in MEASURES
    }
    return References(rows["hs6"].to_numpy().astype(np.int64), histograms, evening.on)


def _read(folder: Place, profile: str) -> pl.DataFrame:
    """A profile with all its shares, by key."""
    parts = [file.frame() for file in folder.at(profile).files()]
    return parts[0] if len(parts) == 1 else pl.concat(parts)
