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

from synthetic.draw import Indices, Mask, replaced, with_series
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


def prepare(
    world: World, items: pl.DataFrame, rng: Generator, parcels: Parcels
) -> tuple[pl.DataFrame, Indices]:
    """Work over the files of some master waybills.

    Parameters
    ----------
    world
        The brokers, with the share of files each prepares.
    items
        Working frame after the typologies.
    rng
        Source of chance of this flight.
    parcels
        The flight's parcels.

    Returns
    -------
    tuple
        The frame, and for each row the number of its master waybill if its file was prepared,
        else -1.
    """
    first = np.unique(parcels.master, return_index=True)[1]
    broker = parcels.broker[first]
    is_prepared = rng.random(len(first)) < world.brokers.prepared_share[broker]
    steps = _taste(world)[broker] & is_prepared[:, None]
    parcel = items["parcel"].to_numpy()
    master = parcels.master[parcel]
    does = dict(zip(STEPS, steps[master].T, strict=True))
    items = _masses(items, rng, np.flatnonzero(does["constant gross"]), master)
    items = _texts(items, does["words"], does["double space"])
    items = _codes(items, does["codes"])
    items = _exporters(world, items, does["filler city"], parcels.broker[parcel])
    items = _consignees(items, rng, does)
    items = _whole_euros(items, does["whole euros"])
    return items, np.where(is_prepared[master], master, -1)


def _masses(items: pl.DataFrame, rng: Generator, rows: Indices, master: Indices) -> pl.DataFrame:
    """Gross mass becomes net mass times one factor of the file, at least 10 grams."""
    factor = rng.uniform(1.02, 1.35, int(master.max()) + 1)[master[rows]]
    gross = np.maximum(items["net_mass_mg"].to_numpy()[rows] * factor, 10_000)
    return with_series(items, replaced(items["gross_mass_mg"], rows, gross.astype(np.int64)))


def _texts(items: pl.DataFrame, words: Mask, double_space: Mask) -> pl.DataFrame:
    text = items["goods_description"]
    rows = np.flatnonzero(words)
    rewritten = reduce(lambda said, word: said.str.replace_all(*word), _WORDS, pl.col("text"))
    is_empty = rewritten.str.strip_chars() == ""
    told = pl.DataFrame([text[rows].alias("text")]).select(
        pl.when(is_empty).then(pl.lit("for fun")).otherwise(rewritten)
    )
    text = replaced(text, rows, told.to_series())
    rows = np.flatnonzero(double_space)
    return with_series(items, replaced(text, rows, text[rows].str.replace(" ", "  ", literal=True)))


def _codes(items: pl.DataFrame, codes: Mask) -> pl.DataFrame:
    chapter = items["hs6"].str.slice(0, 2)
    is_steel = (chapter == "73").to_numpy()
    is_odd = chapter.is_in(["12", "21", "82", "96"]).to_numpy()
    hs6 = replaced(items["hs6"], codes & is_steel, "960719")
    return with_series(items, replaced(hs6, codes & is_odd, "392620"))


def _exporters(world: World, items: pl.DataFrame, filler: Mask, broker: Indices) -> pl.DataFrame:
    """Missing places of the consignor get one constant; here: all of a prepared file."""
    rows = np.flatnonzero(filler)
    place = world.identities.table.select("exporter_postcode", "exporter_city")
    constant = place[broker[rows] % len(place)]
    filled_in = (replaced(items[name], rows, constant[name]) for name in place.columns)
    return with_series(items, *filled_in)


def _consignees(items: pl.DataFrame, rng: Generator, does: dict[str, Mask]) -> pl.DataFrame:
    parcel = items["parcel"].to_numpy()
    count = int(parcel[-1]) + 1
    name, street = items["importer_name"], items["importer_street"]
    suffixed = np.flatnonzero(rng.random(count) < _SUFFIX_SHARE)
    rows = np.flatnonzero(np.isin(parcel, suffixed) & does["suffixes"])
    code = _codes_of(rng, len(suffixed))[np.searchsorted(suffixed, parcel[rows])]
    name = replaced(name, rows, name[rows] + " " + code)
    street = replaced(street, rows, street[rows] + " " + code)
    rows = np.flatnonzero((rng.random(count) < _UUIDS)[parcel] & does["placeholder"])
    name = replaced(name, rows, _uuids(rng, parcel[rows]))
    rows = np.flatnonzero(does["cut"])
    name = replaced(name, rows, name[rows].str.slice(0, _CUT))
    street = replaced(street, rows, _numbered(street[rows].str.slice(0, _CUT)))
    return with_series(items, name, street)


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


def _whole_euros(items: pl.DataFrame, whole: Mask) -> pl.DataFrame:
    cents = items["value_cents"].to_numpy()
    floored = np.maximum(cents // 100 * 100, 100)
    is_worth = cents >= 100
    return with_series(items, pl.Series("value_cents", np.where(whole & is_worth, floored, cents)))
