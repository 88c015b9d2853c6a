"""How often past controls found something, entity by entity, each leaning on its parent.

Few entities were controlled often. Where controls are few, the rate of an entity is mostly that of
its parent (a sender's: that of its address, then of its broker, then of everybody); the more were
made on it, the more it speaks for itself. That is the mean of a beta distribution whose prior is
the parent, seen without the entity's own controls so that none counts twice. How many controls the
prior is worth is estimated from the ledger, level by level: senders differ from each other more
than chapters do (decision record 0017).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import betaln

from features.codes import Ints, Keyed
from features.entities import ENTITIES
from features.ledger import known_on, overall, sums_by

Floats = npt.NDArray[np.float64]

USUAL_STRENGTH = 8.0
"""Controls that a parent's rate is worth where the ledger does not say (estimate; estimated
strengths on development worlds lie between 3 and 40)."""

STRENGTHS = (2.0, 3.0, 5.0, 8.0, 12.0, 18.0, 28.0, 42.0, 64.0)
"""Strengths compared; steps of half again, so that a few controls more do not move all rates."""

DOUBT = 1.0
"""Standard deviation, in natural logarithms, of our belief about a strength (estimate)."""

REPEATED_FROM = 1.2
"""Weight of controls from which on an entity says how alike its controls are: one does not."""

LARGEST_SAMPLE = 4_000
"""Entities that a strength is estimated from, the most controlled ones; more tell no more."""

LEAST, MOST = 0.001, 0.95
"""No rate leaned on is nearer to never or always than this."""

JOINT_SHARE = 0.5
"""How much of what its heading says is added to what a sender says, in log-odds. One half, because
the sender's own finds are among the heading's and the other way round (0017: 0.5 to 1 alike)."""

KINDS: dict[str, str] = {"rate": "irregular", "goods_rate": "goods", "recovered": "recovered"}
"""Ending of a rate's name -> the sum it is of."""


TOLD: tuple[str, ...] = ("controls", "sure_rate", *KINDS)
"""Endings of the columns that features are made of."""


@dataclass(frozen=True)
class Level:
    """One kind of entity whose controls are followed.

    Attributes
    ----------
    name : its id; columns are `<name>_rate`, `<name>_controls`, ...
    keys : key columns, of the rows and of the ledger.
    parent : the level it leans on; empty: the overall rate.
    beside : a second level whose rate moves the parent's; empty: none.
    """

    name: str
    keys: tuple[str, ...]
    parent: str = ""
    beside: str = ""

    @property
    def all_keys(self) -> list[str]:
        """Its keys, and those of its parent."""
        above = _BY_NAME[self.parent].keys if self.parent else ()
        return list(dict.fromkeys((*self.keys, *above)))


CONSIGNMENT_LEVELS: tuple[Level, ...] = tuple(
    Level(entity.name, (f"key_{entity.name}",), entity.parent) for entity in ENTITIES
)
"""Levels of the consignment; parents come before their children."""

ITEM_LEVELS: tuple[Level, ...] = (
    Level("chapter", ("hs2",)),
    Level("heading", ("hs4",), "chapter"),
    Level("code", ("hs6",), "heading"),
    Level("product", ("merchant_product_id",), "code"),
    Level("text", ("text_key",), "code"),
    Level("sender_heading", ("key_sender", "hs4"), "sender", "heading"),
)
"""Levels of the item; `sender` is told by the consignment."""

LEVELS: tuple[Level, ...] = (*CONSIGNMENT_LEVELS, *ITEM_LEVELS)

_BY_NAME = {level.name: level for level in LEVELS}

_PREFIX = {"heading": ("hs4", "hs2", 2), "code": ("hs6", "hs4", 4)}
"""Levels whose key begins with their parent's: key, parent's key, its length."""


@dataclass(frozen=True)
class Past:
    """What the ledger says on a day, summed once for all consignments.

    Attributes
    ----------
    base : overall rates (`features.ledger.overall`).
    own : sums by the key of each level.
    shared : of levels whose entities may have several parents, sums by both keys.
    strengths : controls that the prior is worth, by level and kind of rate.
    """

    base: dict[str, float]
    own: dict[str, pl.DataFrame]
    shared: dict[str, pl.DataFrame]
    strengths: dict[tuple[str, str], float]

    @classmethod
    def of(cls, known: pl.DataFrame) -> Past:
        """Sum a ledger as known on a day (`features.ledger.known_on`)."""
        known = _addressed(known)
        own = {level.name: sums_by(known, *level.keys) for level in LEVELS}
        shared = {
            level.name: sums_by(known, *level.keys, *_BY_NAME[level.parent].keys)
            for level in LEVELS
            if level.parent and not _is_within(level)
        }
        past = cls(overall(known), own, shared, {})
        for level in LEVELS:
            for kind in ("rate", "goods_rate"):
                past.strengths[level.name, kind] = _strength_of(past, level, kind)
            past.strengths[level.name, "recovered"] = past.strengths[level.name, "rate"]
        return past


@dataclass(frozen=True)
class Controls:
    """The ledger as seen on a day, worked out once for all who ask on that day.

    Attributes
    ----------
    known : what was known (`features.ledger.known_on`).
    past : its sums.
    """

    known: pl.DataFrame
    past: Past

    @classmethod
    def of(cls, ledger: pl.DataFrame, day: date) -> Controls:
        """What a ledger says on a day."""
        known = known_on(ledger, day)
        return cls(known, Past.of(known))


def rates_of_parties(consignments: pl.DataFrame, past: Past) -> pl.DataFrame:
    """Rates of every party, place and thing that consignments belong to.

    Parameters
    ----------
    consignments : with the key columns of `CONSIGNMENT_LEVELS`.
    past : what is known of past controls.

    Returns
    -------
    In the order of `consignments`, for every level: `<name>_controls` (weight of past controls),
    `<name>_rate` (share irregular), `<name>_goods_rate` (share with goods findings),
    `<name>_recovered` (ln(1 + EUR) a control), `<name>_sure_rate` (the rate less its standard
    deviation), and what lower levels need, in columns that begin with `_`.
    """
    return _climbed(_addressed(consignments), past, CONSIGNMENT_LEVELS, {})


def rates_of_goods(items: pl.DataFrame, parties: pl.DataFrame, past: Past) -> pl.DataFrame:
    """Rates of chapter, heading, code, product, description, and of this sender's such goods.

    Parameters
    ----------
    items : with the key columns of `ITEM_LEVELS` and of the sender and those it leans on, and
        `row`, the index of their consignment.
    parties : of `rates_of_parties`, one row a consignment.
    past : what is known of past controls.

    Returns
    -------
    In the order of `items`, the columns of `ITEM_LEVELS` as in `rates_of_parties`.
    """
    rows = items["row"].to_numpy()
    sender = _Told(rows.astype(np.int64), parties.select(_columns("sender")))
    return _climbed(_addressed(items), past, ITEM_LEVELS, {"sender": sender})


def _addressed(rows: pl.DataFrame) -> pl.DataFrame:
    """A sender without an address stands for its address: its controls are then left out of what
    its broker says of it.
    """
    return rows.with_columns(pl.coalesce("key_sender_address", "key_sender"))


def told(parties: pl.DataFrame) -> pl.DataFrame:
    """The columns of `rates_of_parties` that features are made of."""
    return parties.select(pl.exclude("^_.*$"))


@dataclass(frozen=True)
class _Told:
    """What a level tells, once for all rows that share its keys and those it leans on.

    Attributes
    ----------
    of : for each row, the row of `columns` that speaks of it.
    columns : `_columns` of the level.
    """

    of: Ints
    columns: pl.DataFrame

    def at(self, rows: Ints) -> pl.DataFrame:
        """What it tells of some rows."""
        return self.columns[self.of[rows]]


def _climbed(
    table: pl.DataFrame, past: Past, levels: tuple[Level, ...], told: dict[str, _Told]
) -> pl.DataFrame:
    """The columns of several levels, parents before their children.

    Few of the rows differ in the keys of a level and of those it leans on: each is worked out once.

    Parameters
    ----------
    told : levels below which these stand, and what they tell.
    """
    keyed = Keyed(table)
    found = dict(told)
    for level in levels:
        codes = keyed.of(*_leaning(level))
        leaned_on = [found[name].at(codes.first) for name in (level.parent, level.beside) if name]
        rows = pl.concat([table.select(level.all_keys)[codes.first], *leaned_on], how="horizontal")
        found[level.name] = _Told(
            codes.of, _with_level(rows, past, level).select(_columns(level.name))
        )
    parts = [found[level.name].columns[found[level.name].of] for level in levels]
    return pl.concat(parts, how="horizontal")


def _leaning(level: Level) -> tuple[str, ...]:
    """The keys of a level and of all that it leans on."""
    above = [_leaning(_BY_NAME[name]) for name in (level.parent, level.beside) if name]
    return tuple(dict.fromkeys(key for keys in (*above, level.keys) for key in keys))


def _columns(name: str) -> list[str]:
    """The columns of a level: what is told, then what its children need."""
    endings = [f"{name}_{ending}" for ending in TOLD]
    return endings + [f"_{name}_{kind}{part}" for kind in KINDS for part in ("", "_prior")]


def _with_level(table: pl.DataFrame, past: Past, level: Level) -> pl.DataFrame:
    """Add the columns of one level."""
    name = level.name
    table = _joined(table, past.own[name], name)
    if name in past.shared:
        table = _joined(table, past.shared[name], f"shared_{name}")
    table = table.with_columns(
        **{f"_{name}_{kind}_prior": _prior(past, level, kind) for kind in KINDS}
    )
    n = pl.col(f"{name}_controls")
    rates = {}
    for kind in KINDS:
        strength = past.strengths[name, kind]
        leaning = pl.col(f"_{name}_{kind}_prior") * strength
        rates[f"{name}_{kind}"] = (pl.col(f"_{name}_{kind}") + leaning) / (n + strength)
    table = table.with_columns(**rates)
    rate = pl.col(f"{name}_rate")
    spread = (rate * (1 - rate) / (n + (past.strengths[name, "rate"] + 1))).sqrt()
    return table.with_columns((rate - spread).clip(0.0).alias(f"{name}_sure_rate"))


def _joined(table: pl.DataFrame, sums: pl.DataFrame, name: str) -> pl.DataFrame:
    """Add sums as `<name>_controls` and `_<name>_<kind>`, zero where there was no control."""
    columns = {"controls": f"{name}_controls"}
    columns |= {of: f"_{name}_{kind}" for kind, of in KINDS.items()}
    keys = [key for key in sums.columns if key not in columns]
    joined = table.join(sums.rename(columns), on=keys, how="left", maintain_order="left")
    return joined.with_columns(pl.col(list(columns.values())).fill_null(0.0))


def _prior(past: Past, level: Level, kind: str) -> pl.Expr:
    """What the parent says without the entity's own controls."""
    base = past.base[KINDS[kind]]
    if not level.parent:
        return pl.lit(base)
    own = f"shared_{level.name}" if level.name in past.shared else level.name
    parent, strength = level.parent, past.strengths[level.parent, kind]
    others = pl.col(f"{parent}_controls") - pl.col(f"{own}_controls")
    found = pl.col(f"_{parent}_{kind}") - pl.col(f"_{own}_{kind}")
    prior = (found + pl.col(f"_{parent}_{kind}_prior") * strength) / (others + strength)
    if not level.beside or kind == "recovered":
        return prior
    told = _log_odds(pl.col(f"{level.beside}_{kind}")) - _log_odds(pl.lit(base))
    return 1 / (1 + (_log_odds(prior) + told * JOINT_SHARE).neg().exp())


def _log_odds(rate: pl.Expr) -> pl.Expr:
    rate = rate.clip(LEAST, MOST)
    return (rate / (1 - rate)).log()


def _is_within(level: Level) -> bool:
    """Whether an entity has one parent only, which its key settles."""
    return level.name in _PREFIX or set(_BY_NAME[level.parent].keys) <= set(level.keys)


def _strength_of(past: Past, level: Level, kind: str) -> float:
    """The strength of a level's prior: how alike the entities of one parent are."""
    found = KINDS[kind]
    pairs = past.shared.get(level.name, past.own[level.name])
    pairs = pairs.filter(pl.col("controls") >= REPEATED_FROM)
    pairs = pairs.sort(pl.col("controls").neg(), *level.keys).head(LARGEST_SAMPLE)
    base = past.base[found]
    if not level.parent:
        return likeliest_strength(pairs["controls"], pairs[found], np.full(pairs.height, base))
    if level.name in _PREFIX:
        key, above, length = _PREFIX[level.name]
        pairs = pairs.with_columns(pl.col(key).str.head(length).alias(above))
    keys = _BY_NAME[level.parent].keys
    pairs = pairs.join(past.own[level.parent], on=keys, suffix="_above", maintain_order="left")
    strength = past.strengths[level.parent, kind]
    others = pairs["controls_above"] - pairs["controls"]
    usual = (pairs[f"{found}_above"] - pairs[found] + base * strength) / (others + strength)
    return likeliest_strength(pairs["controls"], pairs[found], usual.to_numpy())


def likeliest_strength(controls: pl.Series, found: pl.Series, usual: Floats) -> float:
    """The strength of a beta prior under which what was found is likeliest.

    The log-likelihood of the beta-binomial (weights instead of counts), and a log-normal belief
    around `USUAL_STRENGTH` that decides where there is little.

    Parameters
    ----------
    controls, found : weights an entity; found is at most as much.
    usual : rate that the entity's parent leads to expect, in (0, 1).

    Returns
    -------
    One of `STRENGTHS`.
    """
    n, k, mean = controls.to_numpy(), found.to_numpy(), np.clip(usual, LEAST, MOST)
    beliefs = []
    for strength in STRENGTHS:
        a, b = mean * strength, (1 - mean) * strength
        likelihoods = betaln(k + a, n - k + b) - betaln(a, b)
        # Whole millionths: their sum is the same in any order.
        total = np.rint(likelihoods * 1e6).astype(np.int64).sum() / 1e6
        beliefs.append(total - 0.5 * (np.log(strength / USUAL_STRENGTH) / DOUBT) ** 2)
    return STRENGTHS[int(np.argmax(beliefs))]
