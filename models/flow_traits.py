"""By what a flow is told apart: bands of value and mass, broker, chapter, procedure, papers, route.

A trait may name a broker, never a consignee. Only what is declared before anybody looked is one;
risks are told apart by bands of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import polars as pl

from engine.declaration import FLIGHT

UNTOLD = ""
"""Value of a trait that was not declared."""

VALUE_EDGES_EUR = (5, 10, 22, 45, 60, 90, 120, 140, 150)
"""Ends of value bands, each belonging to the band below: the lines of the law (150, 45 for gifts,
22 before July 2021), where those who stay under EUR 150 sit (140 to 150, and from 120; domain
report 3.2), and, below, steps that hold some tenth of the flow each (median EUR 8; estimate)."""

MASS_EDGES_KG = (0.1, 0.25, 0.5, 1, 2, 5, 10)
"""Ends of bands of declared gross mass (median 0.25 kg, mean 0.5 kg: domain report 7)."""

RISK_EDGES = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
"""Ends of bands of risk: one, two, five, fine where most risks lie."""

SETTLED_DAYS = 28
"""From this age on a sender is no newcomer (domain report 3.1, T13: younger ones are watched)."""

LONG_HISTORY_DAYS = 56
"""Age of the oldest sender of a flight from which newness is told at all: with a shorter history
everybody is new, and grows old as it grows (estimate: twice the age of a newcomer)."""

_CENTS, _MG_PER_KG = 100, 1_000_000


@dataclass(frozen=True, slots=True)
class Trait:
    """One thing by which consignments are told apart.

    Parameters
    ----------
    name : its id.
    value : over one row a consignment; text, null where it was not declared.
    columns : what `value` is made of.
    """

    name: str
    value: pl.Expr
    columns: tuple[str, ...]

    def is_told_by(self, consignments: pl.DataFrame) -> bool:
        """Whether consignments have what the trait is read from."""
        return all(name in consignments.columns for name in self.columns)


def _bands(column: str, edges: tuple[float, ...], unit: int = 1) -> pl.Expr:
    """The band of each number; one that lies on an edge belongs to the band below."""
    number = pl.col(column)
    *below, above = bands(edges)
    ends = (round(edge * unit, 9) for edge in edges)
    told = [
        pl.when(number <= end).then(pl.lit(name)) for name, end in zip(below, ends, strict=True)
    ]
    return pl.coalesce(*told, pl.when(number.is_not_null()).then(pl.lit(above)))


def bands(edges: tuple[float, ...]) -> list[str]:
    """Names of the bands between edges, from the lowest: `0-5`, `5-10`, `10+`."""
    told = [f"{edge:g}" for edge in (0, *edges)]
    return [*(f"{low}-{high}" for low, high in pairwise(told)), f"{told[-1]}+"]


def _newness() -> pl.Expr:
    age = pl.col("sender_age_days")
    told = (
        pl.when(age.is_null())
        .then(pl.lit("new"))
        .when(age < SETTLED_DAYS)
        .then(pl.lit("newcomer"))
        .otherwise(pl.lit("known"))
    )
    is_long = (age.max().over(FLIGHT) >= LONG_HISTORY_DAYS).fill_null(value=False)
    return pl.when(is_long).then(told)


def _channel() -> pl.Expr:
    has_platform = pl.col("platform").fill_null("") != ""
    has_ioss = pl.col("ioss_number").fill_null("") != ""
    return (
        pl.when(has_platform & has_ioss)
        .then(pl.lit("platform and IOSS"))
        .when(has_platform)
        .then(pl.lit("platform"))
        .when(has_ioss)
        .then(pl.lit("IOSS"))
        .otherwise(pl.lit("neither"))
    )


TRAITS: tuple[Trait, ...] = (
    Trait("value", _bands("value_cents", VALUE_EDGES_EUR, _CENTS), ("value_cents",)),
    Trait("broker", pl.col("declarant_eori"), ("declarant_eori",)),
    Trait("hs_chapter", pl.col("main_code").str.head(2), ("main_code",)),
    Trait("procedure", pl.col("additional_procedure_codes"), ("additional_procedure_codes",)),
    Trait("channel", _channel(), ("platform", "ioss_number")),
    Trait("mass", _bands("gross_mass_mg", MASS_EDGES_KG, _MG_PER_KG), ("gross_mass_mg",)),
    Trait("sender_country", pl.col("exporter_country"), ("exporter_country",)),
    Trait("airport", pl.col("airport_of_loading"), ("airport_of_loading",)),
    Trait("sender", _newness(), ("sender_age_days",)),
)
"""What movements are told of: declared before anybody looked."""

SCORES: tuple[Trait, ...] = tuple(
    Trait(name, _bands(name, RISK_EDGES), (name,)) for name in ("risk", "risk_fiscal", "risk_goods")
)
"""Risks, told apart by bands."""
