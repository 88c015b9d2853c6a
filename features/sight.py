"""From canonical goods items to everything that features are made of, one row a consignment.

`prepared` looks at the consignments alone; `sight` adds the flight, the history and the ledger of
controls. Rows are in canonical order throughout, so that the order of arrival changes nothing.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from engine.consignment import Rows, first_rows, in_item_order, roll_up
from engine.declaration import CONSIGNMENT, FLIGHT
from engine.remarks import marked
from features.acquaintance import with_acquaintances
from features.codes import Keyed
from features.entities import entity_keys
from features.euphemisms import with_word_odds
from features.history import History
from features.identity import consignee_groups
from features.item_keys import ItemKeys
from features.kinship import with_kin
from features.named import goods_of
from features.past_rates import Controls, rates_of_goods, rates_of_parties, told
from features.probing import probing, variant
from features.references import milli_log
from features.seen_flight import with_flight, with_pair_counts, with_traffic
from features.seen_items import deviating, rolled, with_usual
from features.text import words_of

NEAR_LINE_CENTS = (12_000, 15_000)
"""Where those who stay under EUR 150 sit (domain report 3.2: 120 to 149.99)."""

_CONSIGNEE = (
    "importer_key", "importer_name_tokens", "importer_name_bits_0", "importer_name_bits_1",
    "importer_name_bits_2", "importer_name_bits_3", "importer_name_length",
    "importer_name_has_digit", "importer_name_has_code", "importer_name_is_uuid",
    "importer_name_is_placeholder", "importer_street_tokens", "importer_street_has_number",
    "importer_street_has_code",
)  # fmt: skip


def prepared(items: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Items and consignments with what can be read off them alone.

    Parameters
    ----------
    items : `Declaration` rows of whole flights of one day, in any order.

    Returns
    -------
    items : with `flight_index`, `row` (index of their consignment), logarithmic measures, words.
    consignments : rolled up, with `flight_index`, entity keys, marks of oddities.
    """
    items = in_item_order(items)
    words = words_of(items["goods_description"])
    items = items.join(words, on="goods_description", how="left", maintain_order="left")
    marks = marked(items).select(pl.all().name.prefix("is_"))
    mass = pl.coalesce("net_mass_mg", "gross_mass_mg")
    pieces = pl.col("quantity").fill_null(1.0).clip(0.001)
    value = pl.col("value_cents").clip(1)
    items = items.with_columns(
        flight_index=pl.struct(FLIGHT).rle_id(),
        row=pl.struct(CONSIGNMENT).rle_id(),
        hs4=pl.col("hs6").str.head(4),
        hs2=pl.col("hs6").str.head(2),
        pieces=pieces,
        mass_mg=mass,
        unit_mass=milli_log(mass / pieces),
        unit_value=milli_log(value / pieces),
        has_pieces=pl.col("quantity").is_not_null(),
        lot=milli_log(pieces),
        value_per_kg=milli_log(value * 1_000_000 / mass),
        value_log=milli_log(value),
        gross_net=(pl.col("gross_mass_mg") / pl.col("net_mass_mg") * 10_000).round(),
    ).hstack(marks)
    starts = first_rows(items)
    firsts = items.select("flight_index", *_CONSIGNEE)[starts]
    consignments = roll_up(items).with_row_index("row").hstack(firsts).with_columns(
        main_code=items["hs6"][_dearest(items["value_cents"], starts)],
        **{mark.name: _any(mark, starts) for mark in marks},
    )  # fmt: skip
    consignments = entity_keys(consignments)
    low, high = NEAR_LINE_CENTS
    consignments = consignments.with_columns(
        value_log=milli_log(pl.col("value_cents").clip(1)),
        value_per_kg_log=milli_log(
            pl.col("value_cents").clip(1) * 1_000_000 / pl.coalesce("net_mass_mg", "gross_mass_mg")
        ),
        is_near_line=pl.col("value_cents").is_between(low, high),
        variant=variant(),
        is_gift=pl.col("additional_procedure_codes").str.contains("C08"),
    )
    keys = consignments.select("row", *(c for c in consignments.columns if c.startswith("key_")))
    of_items = keys.drop("row")[items["row"]]
    return items.hstack(of_items), consignments


def _dearest(values: pl.Series, starts: Rows) -> Rows:
    """Position of the dearest item of each consignment, the first of several."""
    cents = values.to_numpy()
    row = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(cents))))
    most = np.maximum.reduceat(cents, starts) if len(starts) else cents
    at = np.flatnonzero(cents == most[row])
    return at[np.append(True, row[at][1:] != row[at][:-1])] if len(at) else at


def _any(marks: pl.Series, starts: Rows) -> pl.Series:
    """Whether any item of each consignment is marked."""
    told = marks.to_numpy()
    return pl.Series(np.logical_or.reduceat(told, starts) if len(starts) else told)


def sight(
    items: pl.DataFrame,
    consignments: pl.DataFrame,
    history: History,
    ledger: pl.DataFrame | Controls,
    day: date,
) -> pl.DataFrame:
    """Everything that features are made of.

    Parameters
    ----------
    items, consignments : the frames of `prepared`.
    history : as of a day before `day`.
    ledger : rows of `features.ledger.ledger_rows`; only what was known on `day` is used. Or what
        was worked out of them for `day`.
    day : the day of the flights.

    Returns
    -------
    One row a consignment in canonical order: the columns that `features.groups` build on, and
    `goods`, its items as sentences speak of them (`features.named`).
    """
    controls = Controls.of(ledger, day) if isinstance(ledger, pl.DataFrame) else ledger
    known, past = controls.known, controls.past
    parties = rates_of_parties(consignments, past)
    of_items = ItemKeys(items)
    items = with_usual(items, of_items, history, day)
    items = pl.concat([items, rates_of_goods(items, parties, past)], how="horizontal")
    items = deviating(with_word_odds(items, of_items, known, past.base["irregular"]))
    table = consignments.hstack(rolled(items, of_items))
    table = pl.concat([table, consignee_groups(table)], how="horizontal")
    keys = Keyed(table)
    table = with_flight(table, keys)
    table = with_traffic(table, history, day, keys)
    table = with_pair_counts(table, history, day, keys)
    table = with_acquaintances(table, history.consignees, day)
    table = with_kin(table, items, history.senders, known, day)
    tests = probing(table, history.variants, known, day)
    return pl.concat([table, tests, told(parties), goods_of(items)], how="horizontal")
