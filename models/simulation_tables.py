"""What a simulation of policies leaves behind: three tables, and what was asked of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TypeAlias

import polars as pl

from engine.errors import InputError, MissingColumnsError

Schema: TypeAlias = dict[str, type[pl.DataType]]

WEEKLY: Schema = {
    "policy": pl.String,
    "seed": pl.Int64,
    "week": pl.Int64,
    "week_of": pl.Date,
    "flight_count": pl.Int64,
    "consignment_count": pl.Int64,
    "control_count": pl.Int64,
    "random_count": pl.Int64,
    "gone_count": pl.Int64,
    "hit_count": pl.Int64,
    "recovered_cents": pl.Int64,
    "lost_cents": pl.Int64,
    "stopped_cents": pl.Int64,
    "irregular_count": pl.Int64,
    "estimated_rate": pl.Float64,
    "estimated_low": pl.Float64,
    "estimated_high": pl.Float64,
    "true_rate": pl.Float64,
    "random_share": pl.Float64,
    "drift_index": pl.Float64,
    "promoted_count": pl.Int64,
    "champion": pl.Int64,
    "alert": pl.String,
}
"""One row a policy, seed and week; weeks count from 1 and `week_of` is their Monday.

`control_count` parcels were chosen, `random_count` of them drawn; `gone_count` had left,
`hit_count` were found irregular. `lost_cents` is what all irregular consignments of the week truly
cost, `stopped_cents` the part of it in which a control found something. The estimate and its
interval come from the random controls of the last four weeks, and `true_rate` is the truth of the
same weeks. `drift_index` is the largest population stability index of a trait, `champion` the
number of the fit in force (0 is the first), `alert` a sentence or empty."""

TYPOLOGIES: Schema = {
    "policy": pl.String,
    "seed": pl.Int64,
    "week": pl.Int64,
    "typology": pl.String,
    "irregular_count": pl.Int64,
    "caught_count": pl.Int64,
    "lost_cents": pl.Int64,
    "stopped_cents": pl.Int64,
}
"""One row a policy, seed, week and typology."""

BEHAVIOUR: Schema = {
    "policy": pl.String,
    "seed": pl.Int64,
    "week": pl.Int64,
    "trait": pl.String,
    "value": pl.Float64,
}
"""One row a policy, seed, week and trait of what the shippers did."""

_MAY_BE_NULL = ("estimated_rate", "estimated_low", "estimated_high", "drift_index")


@dataclass(frozen=True)
class Simulated:
    """A finished simulation, in an order that no process or thread decides.

    Parameters
    ----------
    weekly : rows of `WEEKLY`.
    typologies : rows of `TYPOLOGIES`.
    behaviour : rows of `BEHAVIOUR`.
    policies : name to one sentence of what it does, in the order of the report; every policy of
        the tables is among them, and every one of them in `weekly`.
    facts : what was asked: scenario, budget, intensity and the like, in the order of the report.
    law_changes_on : first day of another law within the weeks, if there is one.

    Raises
    ------
    MissingColumnsError
        A table lacks a column.
    InputError
        A table has no rows, nulls where none may be, rows twice, weeks missing for a policy, or
        policies that are not told.
    """

    weekly: pl.DataFrame
    typologies: pl.DataFrame
    behaviour: pl.DataFrame
    policies: Mapping[str, str]
    facts: Mapping[str, str]
    law_changes_on: date | None = None

    def __post_init__(self) -> None:
        keys = {"weekly": (), "typologies": ("typology",), "behaviour": ("trait",)}
        schemas = {"weekly": WEEKLY, "typologies": TYPOLOGIES, "behaviour": BEHAVIOUR}
        for name, schema in schemas.items():
            table = _ordered(name, getattr(self, name), schema, keys[name], list(self.policies))
            object.__setattr__(self, name, table)
        _check_weeks(self.weekly, list(self.policies))

    @property
    def seeds(self) -> list[int]:
        """Seeds of the worlds, smallest first."""
        return sorted(self.weekly["seed"].unique().to_list())

    @property
    def week_count(self) -> int:
        """Weeks that were simulated."""
        return int(self.weekly["week"].n_unique())

    @property
    def law_changes_in_week(self) -> float | None:
        """Where on an axis of weeks the law changes; None if not within the weeks.

        A week's number stands for its Monday: 3.5 is the Thursday or Friday of week 3.
        """
        if self.law_changes_on is None:
            return None
        first = self.weekly.row(0, named=True)
        at = int(first["week"]) + (self.law_changes_on - first["week_of"]).days / 7
        last = int(first["week"]) + self.week_count
        return at if first["week"] <= at < last else None

    @cached_property
    def sha256(self) -> str:
        """Of the tables' rows and all that was asked; the same for the same simulation."""
        digest = hashlib.sha256()
        for table in (self.weekly, self.typologies, self.behaviour):
            digest.update(hashlib.sha256(table.write_csv().encode()).digest())
        asked = [*self.policies.items(), *self.facts.items(), ("law", str(self.law_changes_on))]
        digest.update(repr(asked).encode())
        return digest.hexdigest()


def _ordered(
    name: str, table: pl.DataFrame, schema: Schema, key: tuple[str, ...], policies: list[str]
) -> pl.DataFrame:
    missing = [column for column in schema if column not in table.columns]
    if missing:
        raise MissingColumnsError(f"The table '{name}' of a simulation", missing, table.columns)
    table = table.select(pl.col(column).cast(dtype) for column, dtype in schema.items())
    unknown = sorted(set(table["policy"].drop_nulls().to_list()) - set(policies))
    if unknown:
        raise InputError(
            f"The table '{name}' of a simulation has the policies {', '.join(unknown)}, which "
            f"are not told; told are {', '.join(policies) or 'none'}.",
            "Give one sentence for each policy.",
        )
    required = [column for column in schema if column not in _MAY_BE_NULL]
    nulls = [column for column in required if table[column].null_count()]
    if nulls:
        raise InputError(
            f"The table '{name}' of a simulation has nulls in {', '.join(nulls)}.",
            "Simulate those weeks again.",
        )
    at = ["policy", "seed", "week", *key]
    if table.select(at).is_duplicated().any():
        raise InputError(
            f"The table '{name}' of a simulation has rows twice for the same {', '.join(at)}.",
            "Keep one of them: a resumed simulation replaces the weeks it does again.",
        )
    place = pl.col("policy").replace_strict(
        {policy: number for number, policy in enumerate(policies)}, return_dtype=pl.Int64
    )
    return table.sort(place, "seed", "week", *key)


def _check_weeks(weekly: pl.DataFrame, policies: list[str]) -> None:
    """Every policy ran through the same weeks of every seed, or no comparison is fair."""
    seeds, weeks = weekly["seed"].n_unique(), weekly["week"].n_unique()
    lengths = dict(weekly.group_by("policy").len().iter_rows())
    for policy in policies:
        if lengths.get(policy, 0) != seeds * weeks or not weeks:
            raise InputError(
                f"The policy {policy} has {lengths.get(policy, 0)} rows in the table 'weekly' of "
                f"a simulation of {seeds} seeds and {weeks} weeks, which makes {seeds * weeks}.",
                "Let the simulation finish, or leave the policy out.",
            )
