"""Consignees of this flight known again from the last days, under whatever name they had then.

Who may not split on one flight splits over days (domain report 3.1, T2). What was written of each
consignee in the last week is kept as the door left it: keyed hashes and letter-pair filters, with
the sender and the sums. A flight is compared with it as with itself (`features.identity`): only
those that share a place and a word of the name, or a place and a street.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from features.decayed import DecayedTable
from features.identity import candidates
from features.likeness import LINKED, confidence, of_one_sender, people_of

LEAST_CENTS = 2_000
"""Consignments of less are not followed: an order above EUR 150 would be in eight parts or more.
That leaves about a quarter of the flow (domain report 3.2: the median is EUR 8)."""

ALIVE_DAYS = 1.4
"""Half-life of the count that decides what is kept: one sighting is forgotten after eight days."""

SUM_DAYS = 14.0
"""Half-life of what is summed: within the week nearly all of it."""

_NAMES, _STREETS = 4, 6
"""Words kept of a name and of a street."""

_TOKENS = (*(f"name_{at}" for at in range(_NAMES)), *(f"street_{at}" for at in range(_STREETS)))
_BITS = tuple(f"bits_{word}" for word in range(4))

KEYS: dict[str, pl.DataType] = (
    {"place": pl.String(), "key_sender": pl.String()}
    | {name: pl.UInt64() for name in (*_TOKENS, *_BITS, "identifier")}
    | {"written": pl.Int64(), "is_blank": pl.Boolean()}
)
"""How a consignee was written, and by which sender; no word is 0."""


def empty_profile() -> DecayedTable:
    """Nobody was seen."""
    sums = {"alive": ALIVE_DAYS, "consignments": SUM_DAYS, "value_cents": SUM_DAYS}
    return DecayedTable.empty(KEYS, sums)


def advanced_profile(table: DecayedTable, consignments: pl.DataFrame, day: date) -> DecayedTable:
    """The profile after one more day of prepared consignments."""
    return table.advanced(sightings(consignments), day)


def sightings(consignments: pl.DataFrame) -> pl.DataFrame:
    """How often consignees were written so, and for how much; those of flights may be added up."""
    followed = consignments.filter(pl.col("value_cents") >= LEAST_CENTS)
    rows = people_of(followed).hstack(followed.select("key_sender", "value_cents"))
    flat = rows.with_columns(
        pl.col("key_sender").fill_null(""),
        pl.col("identifier").fill_null(0),
        *(pl.col("names").list.get(at, null_on_oob=True).fill_null(0).alias(f"name_{at}")
          for at in range(_NAMES)),
        *(pl.col("streets").list.get(at, null_on_oob=True).fill_null(0).alias(f"street_{at}")
          for at in range(_STREETS)),
    )  # fmt: skip
    return flat.group_by(list(KEYS)).agg(
        alive=pl.len(), consignments=pl.len(), value_cents=pl.col("value_cents").sum()
    )


def _people(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of the profile as `features.likeness.people_of` gives them."""

    def listed(names: tuple[str, ...]) -> pl.Expr:
        return pl.concat_list(names).list.eval(pl.element().filter(pl.element() != 0))

    return rows.select(
        "place", "key_sender", *_BITS, "written", "is_blank", "consignments", "value_cents",
        names=listed(_TOKENS[:_NAMES]),
        streets=listed(_TOKENS[_NAMES:]),
        identifier=pl.when(pl.col("identifier") != 0).then("identifier"),
    )  # fmt: skip


def with_acquaintances(table: pl.DataFrame, profile: DecayedTable, day: date) -> pl.DataFrame:
    """Add what the consignee of each consignment got in the last days.

    Parameters
    ----------
    table : one row a consignment, with `consignee_group` and `consignee_form`.
    profile : as of a day before.
    day : the day of the flights.

    Returns
    -------
    The rows with `past_value_cents`, `past_consignments` and `past_forms` (ways of writing) of the
    group's consignee in the last days, and `past_sender_...`, those of the same sender alone; 0 for
    none, and for consignments that are not followed.
    """
    rows = profile.at(day)
    known = _people(rows.sort(profile.keys))
    followed = table.filter(pl.col("value_cents") >= LEAST_CENTS)
    units = people_of(followed).hstack(
        followed.select("flight_index", "key_sender", "value_log", "consignee_group")
    )
    shares = pl.len().over("flight_index", "key_sender") / pl.len().over("flight_index")
    units = units.with_columns(sender_share=shares)
    pairs = _linked(units, known)
    group = ["flight_index", "consignee_group"]
    by_group = pairs.unique([*group, "b"], maintain_order=True)
    by_sender = pairs.filter("is_same_sender").unique([*group, "key_sender", "b"])
    table = table.join(_summed(by_group, group, "past"), on=group, how="left",
                       maintain_order="left")  # fmt: skip
    table = table.join(_summed(by_sender, [*group, "key_sender"], "past_sender"),
                       on=[*group, "key_sender"], how="left", maintain_order="left")  # fmt: skip
    return table.with_columns(pl.col("^past_(sender_)?(value_cents|consignments|forms)$")
                              .fill_null(0))  # fmt: skip


def _linked(units: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Links of units to known rows, with what is known of these."""
    pairs = candidates(units, known)
    one, other = units[pairs["a"].to_numpy()], known[pairs["b"].to_numpy()]
    mean = (pl.col("value_cents") / pl.col("consignments")).log() * 1000
    sides = pl.concat(
        [
            one.select("flight_index", "consignee_group", "key_sender", "sender_share",
                       "value_log"),
            other.select("consignments", "value_cents", "written", *_BITS, "streets",
                         sender="key_sender", mean_log=mean.round().cast(pl.Int64)),
        ],
        how="horizontal",
    )  # fmt: skip
    is_same = (pl.col("key_sender") == pl.col("sender")).fill_null(False)
    sides = sides.with_columns(is_same_sender=is_same)
    beside = sides.select(
        told=of_one_sender(
            pl.col("is_same_sender"), pl.col("sender_share"), pl.col("value_log"),
            pl.col("mean_log"),
        )
    )["told"]  # fmt: skip
    sure = confidence(units, known, pairs, beside)
    return sides.hstack([pairs["b"], sure]).filter(pl.col("sure") >= LINKED)


def _summed(pairs: pl.DataFrame, by: list[str], name: str) -> pl.DataFrame:
    """Sums over the known rows, as integers, so that they are the same in any order."""
    form = pl.struct("written", *_BITS, pl.col("streets").list.sum())
    return pairs.group_by(by).agg(
        pl.col("value_cents").round().cast(pl.Int64).sum().alias(f"{name}_value_cents"),
        (pl.col("consignments") * 100).round().cast(pl.Int64).sum().alias(f"{name}_consignments"),
        form.n_unique().cast(pl.Int64).alias(f"{name}_forms"),
    )
