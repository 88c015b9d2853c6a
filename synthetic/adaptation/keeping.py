"""A living world's state as plain data: arrays, tables and text, no code."""

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl

from synthetic.adaptation.choices import Array, Choices, arrays_of, with_arrays
from synthetic.adaptation.evidence import Evidence
from synthetic.adaptation.probing import Trial
from synthetic.behaviour import Behaviour
from synthetic.draw import replaced
from synthetic.products import Products
from synthetic.shippers import Identities
from synthetic.world import World

_ARRAYS: Final = "arrays.npz"
_SENDERS: Final = "senders.parquet"
_LISTINGS: Final = "listings.parquet"
_TRIALS: Final = "trials.json"
_FIELDS: Final = (
    "goes_by", "broker", "weekdays", "renamed_count", "has_given_up", "is_newcomer",
)  # fmt: skip


def keep(
    folder: Path,
    world: World,
    choices: Choices,
    reference: Behaviour,
    evidence: Evidence,
    trials: list[Trial],
    facts: dict[str, Any],
) -> None:
    """Write the state to a folder.

    Parameters
    ----------
    folder
        Made if need be.
    world
        As built; what it tells again is not written.
    choices, reference, evidence, trials
        The state.
    facts
        Small figures that belong to it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {f"choices.{name}": getattr(choices, name) for name in _FIELDS}
    for prefix, behaviour in (("behaviour", choices.behaviour), ("reference", reference)):
        arrays |= {f"{prefix}.{name}": values for name, values in arrays_of(behaviour).items()}
    arrays |= {f"evidence.{f.name}": getattr(evidence, f.name) for f in fields(evidence)}
    arrays["identities.to_day"] = choices.identities.to_day
    np.savez_compressed(folder / _ARRAYS, allow_pickle=False, **arrays)
    first = len(world.identities.operator)
    known = choices.identities
    known.table[first:].with_columns(
        pl.Series("operator", known.operator[first:]),
        pl.Series("from_day", known.from_day[first:]),
    ).write_parquet(folder / _SENDERS)
    _listings(world, choices).write_parquet(folder / _LISTINGS)
    text = {"trials": [trial.to_json() for trial in trials], "facts": facts}
    (folder / _TRIALS).write_text(json.dumps(text, sort_keys=True))


def kept(
    folder: Path, world: World
) -> tuple[Choices, Behaviour, Evidence, list[Trial], dict[str, Any]]:
    """Read what `keep` wrote.

    Parameters
    ----------
    folder
        The folder.
    world
        Built from the same scenario and seed.
    """
    with np.load(folder / _ARRAYS, allow_pickle=False) as data:
        arrays = {name: data[name] for name in data.files}
    added = pl.read_parquet(folder / _SENDERS)
    first = world.identities
    identities = Identities(
        table=pl.concat([first.table, added.select(first.table.columns)]),
        operator=np.concatenate([first.operator, added["operator"].to_numpy()]),
        from_day=np.concatenate([first.from_day, added["from_day"].to_numpy()]),
        to_day=arrays["identities.to_day"],
    )
    choices = Choices(
        behaviour=_behaviour(world, arrays, "behaviour"),
        products=_relisted(world, pl.read_parquet(folder / _LISTINGS)),
        identities=identities,
        **{name: arrays[f"choices.{name}"] for name in _FIELDS},
    )
    evidence = Evidence(**{f.name: arrays[f"evidence.{f.name}"] for f in fields(Evidence)})
    text = json.loads((folder / _TRIALS).read_text())
    trials = [Trial.from_json(trial) for trial in text["trials"]]
    return choices, _behaviour(world, arrays, "reference"), evidence, trials, text["facts"]


def _behaviour(world: World, arrays: dict[str, Array], prefix: str) -> Behaviour:
    start = len(prefix) + 1
    own = {name[start:]: a for name, a in arrays.items() if name.startswith(f"{prefix}.")}
    return with_arrays(world.behaviour, own)


def _listing_columns(products: Products) -> pl.DataFrame:
    count = len(products.goods)
    editions = {
        f"edition_{number}": products.editions[first : first + count]
        for number, first in enumerate(range(0, len(products.editions), count))
    }
    return pl.DataFrame(
        {
            "value_cents": products.value_cents,
            "hs6": products.hs6,
            "merchant_id": products.merchant_id,
            "manufacturer_id": products.manufacturer_id,
            **editions,
        }
    )


def _listings(world: World, choices: Choices) -> pl.DataFrame:
    """Return the articles that are listed otherwise than at first, with their position."""
    first, now = _listing_columns(world.products), _listing_columns(choices.products)
    changed = pl.any_horizontal(now[name].ne_missing(first[name]) for name in now.columns)
    return now.with_row_index("article").filter(pl.select(changed).to_series())


def _relisted(world: World, listings: pl.DataFrame) -> Products:
    products, article = world.products, listings["article"].to_numpy().astype(np.int64)
    value, editions = products.value_cents.copy(), products.editions
    value[article] = listings["value_cents"].to_numpy()
    names = [name for name in listings.columns if name.startswith("edition_")]
    for number, name in enumerate(names):
        rows = article + number * len(products.goods)
        editions = replaced(editions, rows, listings[name])
    return replace(
        products,
        value_cents=value,
        editions=editions,
        hs6=replaced(products.hs6, article, listings["hs6"]),
        merchant_id=replaced(products.merchant_id, article, listings["merchant_id"]),
        manufacturer_id=replaced(products.manufacturer_id, article, listings["manufacturer_id"]),
    )
