"""New names for known senders: identities taken in answer to controls."""

from typing import Final

import numpy as np
import polars as pl
from numpy.random import Generator

from synthetic.adaptation.choices import Choices
from synthetic.draw import Floats, Indices
from synthetic.shippers import COUNTRIES, Identities, chinese_firms
from synthetic.world import World

_MOVES_HOUSE: Final = 0.4
"""Share of new names at a new street and postcode, so that kin is not in sight (estimate)."""

_PREFIXES: Final = ("91440300MA5", "SLR", "CN", "91330782")
"""Beginnings of exporter ids, as of all other senders."""


def rename(world: World, choices: Choices, rng: Generator, operators: list[int], day: int) -> None:
    """Give operators a new name and exporter id from a day on; the old ones are no longer used.

    Goods, texts, broker and bag prefix stay; street and postcode mostly do. All parcels of the
    firm go under the new name, honest ones too.

    Parameters
    ----------
    world
        As built; tells who is active under which identity.
    choices
        Changed in place.
    rng
        Source of chance.
    operators
        Who.
    day
        First day under the new name.
    """
    active = world.active(day)
    holder = {int(world.identities.operator[row]): int(row) for row in active}
    held = np.array([holder[o] for o in operators if o in holder], dtype=np.int64)
    if not len(held):
        return
    before = choices.goes_by[held]
    new = len(choices.identities.operator) + np.arange(len(held))
    to_day = choices.identities.to_day.copy()
    to_day[before] = np.minimum(to_day[before], day)
    known = choices.identities
    choices.identities = Identities(
        table=pl.concat([known.table, _table(world, known, rng, before, new)]),
        operator=np.concatenate([known.operator, known.operator[before]]),
        from_day=_with(known.from_day, np.full(len(held), float(day))),
        to_day=_with(to_day, world.identities.to_day[held]),
    )
    choices.goes_by[held] = new
    choices.renamed_count[known.operator[before]] += 1


def _with(known: Floats, added: Floats) -> Floats:
    return np.concatenate([known, added])


def _table(
    world: World, known: Identities, rng: Generator, before: Indices, new: Indices
) -> pl.DataFrame:
    old, firms = known.table[before], chinese_firms(rng, len(new))
    country = world.operators.country[known.operator[before]]
    is_chinese = np.isin(country, [COUNTRIES.index("CN"), COUNTRIES.index("HK")])
    moves = pl.Series(rng.random(len(new)) < _MOVES_HOUSE)
    goes_far = pl.Series(is_chinese) & moves
    places = ("exporter_street", "exporter_postcode", "exporter_city")
    street = old["exporter_street"]
    upstairs = pl.when(moves).then(street + ", 2F").otherwise(street)
    changed = {
        name: pl.when(goes_far)
        .then(firms[name])
        .otherwise(upstairs if name == "exporter_street" else pl.lit(old[name]))
        for name in places
    }
    return old.with_columns(
        **changed,
        exporter_name=firms["exporter_name"],
        exporter_id=_ids(known, rng, len(new)),
        shipper_id=pl.Series([f"SH-{number:06d}" for number in new]),
        shipper_is_phoenix_of=old["shipper_id"],
    ).select(known.table.columns)


def _ids(known: Identities, rng: Generator, count: int) -> pl.Series:
    """Invent exporter ids that nobody has."""
    taken = set(known.table["exporter_id"])
    made: list[str] = []
    while len(made) < count:
        drawn = f"{_PREFIXES[int(rng.integers(len(_PREFIXES)))]}{int(rng.integers(10**8, 10**9))}"
        if drawn not in taken:
            taken.add(drawn)
            made.append(drawn)
    return pl.Series(made, dtype=pl.String)
