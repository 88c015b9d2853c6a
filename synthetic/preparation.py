"""What forwarders do to a file before it is declared, to guilty and innocent parcels alike.

After the public forwarder script seen in domain report 1.5, in our own words. Every broker has
a taste of its own: which steps it takes is drawn once per world and broker.
"""

from functools import reduce
from typing import Final
from uuid import UUID

import numpy as np
import polars as pl
from numpy.random import Generator

from synthetic.draw import Indices, Mask
from synthetic.rows import Rows, Words
from synthetic.traffic import Parcels
from synthetic.world import World

STEPS: Final = (
    "constant gross", "filler city", "words", "codes", "suffixes", "placeholder", "cut",
    "whole euros", "double space",
)  # fmt: skip
"""Steps of preparation; the mask below says which a broker takes."""

_STEP_SHARES: Final = (0.75, 0.35, 0.45, 0.35, 0.5, 0.35, 0.6, 0.2, 0.3)
"""Share of brokers that take each step in the files they prepare (estimate)."""

_WORDS: Final = (
    (r"(?i)\btoys?\b", "for fun"),
    (r"(?i)\bdoll\b", "for play"),
    (r"(?i)\bperfume\b", "make up"),
    (r"(?i)\bhelmet\b", "plastic hat"),
    (r"(?i)\bgun\b", ""),
    (r"(?i)\bmedical\b", ""),
    (r"(?i)\bbattery\b", "accessory pack"),
    (r"(?i)\bknife\b", "hand tool"),
    (r"(?i)\bgift\b", ""),
)

_CUT = 50
"""Characters to which names and addresses are cut."""

_UUIDS = 0.03
"""Share of consignees whose name a file with placeholders fills with a random one (estimate, so
that they are near 1 % of the prepared ones)."""


_SUFFIX_SHARE = 0.07
"""Share of consignees of such files with suffixes, so that they are near 2 % of all (estimate)."""


def _taste(world: World) -> Mask:
    rng = world.rng(2)
    return rng.random((world.scenario.brokers, len(STEPS))) < np.array(_STEP_SHARES)


def prepare(world: World, items: Rows, rng: Generator, parcels: Parcels) -> tuple[Rows, Indices]:
    """Work over the files of some master waybills.

    Parameters
    ----------
    world
        The brokers, with the share of files each prepares.
    items
        Working table after the typologies.
    rng
        Source of chance of this flight.
    parcels
        The flight's parcels.

    Returns
    -------
    tuple
        The table, and for each row the number of its master waybill if its file was prepared,
        else -1.
    """
    first = np.unique(parcels.master, return_index=True)[1]
    broker = parcels.broker[first]
    is_prepared = rng.random(len(first)) < world.brokers.prepared_share[broker]
    steps = _taste(world)[broker] & is_prepared[:, None]
    master = parcels.master[items["parcel"]]
    rows = np.flatnonzero(is_prepared[master])
    does = {name: rows[taken[master[rows]]] for name, taken in zip(STEPS, steps.T, strict=True)}
    words = items.words
    items = items.changed(
        gross_mass_mg=_masses(items, rng, does["constant gross"], master),
        goods_description=_text(words["goods_description"], does["words"], does["double space"]),
        hs6=words["hs6"].rewritten(does["codes"], _other_codes),
        value_cents=_whole_euros(items["value_cents"], does["whole euros"]),
        **_exporters(world, items, does["filler city"], parcels),
        **_consignees(items, rng, does),
    )
    return items, np.where(is_prepared[master], master, -1)


def _masses(items: Rows, rng: Generator, rows: Indices, master: Indices) -> Indices:
    """Gross mass becomes net mass times one factor of the file, at least 10 grams."""
    factor = rng.uniform(1.02, 1.35, int(master.max()) + 1)[master[rows]]
    gross = items["gross_mass_mg"].copy()
    gross[rows] = np.maximum(items["net_mass_mg"][rows] * factor, 10_000)
    return np.asarray(gross)


def _text(text: Words, words: Indices, double_space: Indices) -> Words:
    return text.rewritten(words, _other_words).rewritten(
        double_space, lambda said: said.str.replace(" ", "  ", literal=True)
    )


def _other_words(said: pl.Series) -> pl.Series:
    rewritten = reduce(lambda text, word: text.str.replace_all(*word), _WORDS, pl.col("text"))
    is_empty = rewritten.str.strip_chars() == ""
    return (
        pl.select(pl.lit(said.alias("text")))
        .select(pl.when(is_empty).then(pl.lit("for fun")).otherwise(rewritten))
        .to_series()
    )


def _other_codes(hs6: pl.Series) -> pl.Series:
    chapter = pl.col("hs6").str.slice(0, 2)
    return pl.DataFrame([hs6.alias("hs6")]).select(
        pl.when(chapter == "73").then(pl.lit("960719"))
        .when(chapter.is_in(["12", "21", "82", "96"])).then(pl.lit("392620"))
        .otherwise("hs6")
    ).to_series()  # fmt: skip


def _exporters(world: World, items: Rows, rows: Indices, parcels: Parcels) -> dict[str, Words]:
    """Missing places of the consignor get one constant; here: all of a prepared file."""
    table = world.identities.table
    constant = parcels.broker[items["parcel"][rows]] % len(table)
    names = ("exporter_postcode", "exporter_city")
    return {name: items.words[name].replaced(rows, table[name][constant]) for name in names}


def _consignees(items: Rows, rng: Generator, does: dict[str, Indices]) -> dict[str, Words]:
    parcel = items["parcel"]
    count = int(parcel[-1]) + 1
    name, street = items.words["importer_name"], items.words["importer_street"]
    is_suffixed = rng.random(count) < _SUFFIX_SHARE
    rows = does["suffixes"][is_suffixed[parcel[does["suffixes"]]]]
    codes = _codes_of(rng, int(is_suffixed.sum()))
    code = codes[(np.cumsum(is_suffixed) - 1)[parcel[rows]]]
    name = name.replaced(rows, name.at(rows).written() + " " + code)
    street = street.replaced(rows, street.at(rows).written() + " " + code)
    rows = does["placeholder"][(rng.random(count) < _UUIDS)[parcel[does["placeholder"]]]]
    name = name.replaced(rows, _uuids(rng, parcel[rows]))
    name = name.rewritten(does["cut"], lambda whole: whole.str.slice(0, _CUT))
    street = street.rewritten(does["cut"], lambda whole: _numbered(whole.str.slice(0, _CUT)))
    return {"importer_name": name, "importer_street": street}


def _numbered(street: pl.Series) -> pl.Series:
    """Give addresses without any digit a 0."""
    frame = pl.DataFrame({"street": street})
    has_digit = pl.col("street").str.contains(r"\d")
    return frame.select(
        pl.when(has_digit).then("street").otherwise(pl.col("street") + " 0").alias("street")
    ).to_series()


def _codes_of(rng: Generator, count: int) -> pl.Series:
    letters = pl.Series(list("ABCDEFGHJKLMNPQRSTUVWXYZ23456789"))
    parts = pl.DataFrame({str(k): letters[rng.integers(0, len(letters), count)] for k in range(5)})
    return parts.select(pl.concat_str(pl.all())).to_series()


def _uuids(rng: Generator, parcel: Indices) -> pl.Series:
    """Make a random name in the form of a UUID for each parcel; they are few."""
    distinct, place = np.unique(parcel, return_inverse=True)
    made = [str(UUID(bytes=rng.bytes(16), version=4)) for _ in distinct]
    return pl.Series(made, dtype=pl.String)[place]


def _whole_euros(cents: Indices, rows: Indices) -> Indices:
    rows = rows[cents[rows] >= 100]
    whole = cents.copy()
    whole[rows] = cents[rows] // 100 * 100
    return whole
