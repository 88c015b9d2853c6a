"""The catalogue: every feature, its fingerprint, and the one way to compute them all."""

from __future__ import annotations

import hashlib
import inspect
from datetime import date

import polars as pl

from engine import consignment, outcome, pseudonym, regime, remarks
from engine.declaration import CONSIGNMENT
from engine.errors import InputError
from features import (
    acquaintance,
    agreement,
    day_counts,
    decayed,
    entities,
    euphemisms,
    goods_words,
    history,
    identity,
    kinship,
    ledger,
    likely_goods,
    likeness,
    look_alikes,
    own_goods,
    own_mass,
    past_rates,
    probing,
    references,
    seen_flight,
    seen_items,
    sight,
    text,
    text_codes,
    traits,
    units,
)
from features.feature import Feature
from features.groups import GROUPS
from features.history import History
from features.sight import prepared
from features.sight import sight as see

FEATURES: tuple[Feature, ...] = tuple(feature for group in GROUPS for feature in group.FEATURES)
"""All features, in the order of the columns that models learn."""

NAMES: tuple[str, ...] = tuple(feature.name for feature in FEATURES)

_SEEN_THROUGH = (
    acquaintance,
    consignment, outcome, pseudonym, regime, remarks,
    agreement, euphemisms, goods_words, likely_goods, look_alikes, own_goods, own_mass, text_codes,
    day_counts, decayed, entities, history, identity,
    kinship, ledger, likeness, past_rates, probing, references, seen_flight,
    seen_items, sight, text, traits, units,
)  # fmt: skip
"""Modules whose code decides what a feature's number means, beside the groups."""


def fingerprint() -> str:
    """Fingerprint of the catalogue: names, order, expressions and the code behind them.

    A model is refused when it was learned under another fingerprint: its numbers meant something
    else then.
    """
    digest = hashlib.sha256()
    for feature in FEATURES:
        digest.update(f"{feature.name}\0{feature.unit}\0{feature.meaning}\n".encode())
    for module in (*_SEEN_THROUGH, *GROUPS):
        digest.update(inspect.getsource(module).encode())
    return digest.hexdigest()[:16]


def catalogue() -> pl.DataFrame:
    """The catalogue as a table: name, scope, theme, unit, meaning."""
    return pl.DataFrame(
        [
            {"name": f.name, "scope": f.scope, "theme": f.theme, "unit": f.unit,
             "dtype": "Float64", "meaning": f.meaning}
            for f in FEATURES
        ]
    )  # fmt: skip


def day_of(items: pl.DataFrame) -> date:
    """The one day of the flights in a table of items.

    Raises
    ------
    InputError
        The items are of several days; a day is the unit of history.
    """
    days = items["flight_date"].unique().sort()
    if len(days) != 1:
        raise InputError(
            f"Flights are looked at day by day; got items of {len(days)} days.",
            "Give the items of one day.",
        )
    return days[0]  # type: ignore[no-any-return]


def day_after(items: pl.DataFrame, history: History) -> date:
    """The one day of the flights in a table of items, which the history must not include.

    Raises
    ------
    InputError
        The items are of several days, or of a day that the history includes already: they would
        be compared with themselves and with their future.
    """
    day = day_of(items)
    if history.as_of is not None and day <= history.as_of:
        raise InputError(
            f"Flights of {day} cannot be seen with a history that includes all days up to "
            f"{history.as_of}.",
            f"Give flights after {history.as_of}, or a model or history of an earlier day.",
        )
    return day


def features_of(seen: pl.DataFrame) -> pl.DataFrame:
    """Every feature of every consignment of a sight: key and one Float64 column a feature."""
    return seen.select(
        *CONSIGNMENT,
        *(feature.expression.cast(pl.Float64).alias(feature.name) for feature in FEATURES),
    ).with_columns(pl.col(pl.Float64).fill_nan(None))


def compute(items: pl.DataFrame, history: History, controls: pl.DataFrame) -> pl.DataFrame:
    """Features of the flights of one day.

    Parameters
    ----------
    items : canonical rows of whole flights of one day, in any order.
    history : as of a day before.
    controls : ledger of controls; only what was known at the start of the day is used.

    Returns
    -------
    One row a consignment in canonical order: its key and one Float64 column a feature.

    Raises
    ------
    InputError
        The items are of several days, or of a day that the history includes.
    """
    day = day_after(items, history)
    goods, consignments = prepared(items)
    return features_of(see(goods, consignments, history, controls, day))
