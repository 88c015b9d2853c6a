"""What officers find, miss and write down when they control chosen parcels."""

from datetime import datetime
from typing import Final

import numpy as np
import polars as pl
from numpy.random import Generator

from engine.finding import FINDING_TYPES
from synthetic.draw import Floats, Indices, Mask, weighted
from synthetic.flight import Flight

CONTROLS: Final = ("documentary", "xray", "physical", "sampling")
_CONTROL_SHARES: Final = (0.15, 0.12, 0.66, 0.07)
"""How often each type of control is used; estimate."""

_DETECTION: Final[dict[str, tuple[float, float, float, float]]] = {
    # documentary, x-ray, physical, sampling. Physical: domain report 7, completed by estimate.
    # X-ray resolves 60 % of questions of mass and shape, 10 % of value (4.2).
    "UNDERVALUATION": (0.50, 0.10, 0.40, 0.40),
    "SPLITTING": (0.30, 0.05, 0.30, 0.30),
    "MISDESCRIPTION": (0.15, 0.60, 0.95, 0.95),
    "MISCLASSIFICATION": (0.35, 0.20, 0.70, 0.75),
    "UNDECLARED_GOODS": (0.10, 0.60, 0.95, 0.95),
    "IOSS_MISUSE": (0.45, 0.05, 0.30, 0.30),
    "FALSE_GIFT": (0.40, 0.10, 0.60, 0.60),
    "FALSE_ORIGIN": (0.45, 0.05, 0.40, 0.40),
    "IPR_INFRINGEMENT": (0.05, 0.15, 0.90, 0.90),
    "PRODUCT_SAFETY": (0.05, 0.05, 0.50, 0.90),
    "PROHIBITED_RESTRICTED": (0.10, 0.60, 0.95, 0.95),
}

_VALUE_FINDINGS: Final = ("UNDERVALUATION", "SPLITTING", "MISDESCRIPTION", "UNDECLARED_GOODS")
_CODE_FINDINGS: Final = (
    "MISDESCRIPTION", "MISCLASSIFICATION", "UNDECLARED_GOODS", "PROHIBITED_RESTRICTED",
)  # fmt: skip
_LATE_FINDINGS: Final = ("IPR_INFRINGEMENT", "PRODUCT_SAFETY")
"""Right holder and laboratory answer weeks later: provisional first, final after."""

_CONFIRMED: Final = 0.95
"""Suspicions of an infringement that experts confirm (customs at Liège, 2024)."""

_FALSE_SUSPICION: Final = 0.03
"""Honest parcels on which a suspicion is noted that the final answer lifts (estimate)."""

_MINOR_EUR: Final = 1.5
"""Losses below it are often written as minor discrepancies, A5 (estimate)."""

_FOUND_SLIP: Final = 0.5
"""Honest wrong codes that are noticed when a parcel is opened (estimate)."""

_MINUTES: Final = {"documentary": 6.0, "xray": 1.0, "physical": 10.0, "sampling": 20.0}
_ENTRY_MINUTES: Final = 3.0
_MORE_MINUTES: Final = {
    "IPR_INFRINGEMENT": 25.0,
    "PRODUCT_SAFETY": 30.0,
    "PROHIBITED_RESTRICTED": 110.0,
}
"""Officer minutes; estimates of domain report 4.2, as is 10 more for several goods items."""


def examine(
    flight: Flight, chosen: pl.DataFrame, rng: Generator, *, not_presented_share: float
) -> pl.DataFrame:
    """Control chosen parcels and return what is recorded of them.

    Parameters
    ----------
    flight
        With its truth, which officers see only as far as their control shows it.
    chosen
        `hawb`, `selected_by`, `selection_probability` (null where unknown), one row a parcel.
    rng
        Source of chance.
    not_presented_share
        Share of the chosen parcels that had already gone.

    Returns
    -------
    DataFrame
        Outcome rows of the contract; a late finding gives two of one `control_id`.
    """
    cases = _cases(flight, chosen)
    kind = weighted(rng, np.array(_CONTROL_SHARES), len(cases))
    presented = rng.random(len(cases)) >= not_presented_share
    found = _found(cases, rng, kind) & presented[:, None]
    late = _columns(_LATE_FINDINGS)
    suspicion = (rng.random(len(cases)) < _FALSE_SUSPICION) & presented & ~found.any(axis=1)
    suspicion &= kind >= CONTROLS.index("physical")
    lasting = found.copy()
    overturned = rng.random(len(cases)) >= _CONFIRMED
    lasting[:, late] &= ~overturned[:, None]
    is_late = found[:, late].any(axis=1) | suspicion
    first = found.copy()
    first[np.flatnonzero(suspicion), late[0]] = True
    recorded = _recorded(cases, rng)
    settled = _timestamps(recorded, rng.uniform(10, 45, len(cases)) * 24)  # estimate, 4.2 and 4.3
    provisional = _written(cases, rng, kind, presented, first, recorded, "provisional")
    final_at = pl.select(pl.when(pl.Series(is_late)).then(settled).otherwise(recorded)).to_series()
    final = _written(cases, rng, kind, presented, lasting, final_at, "final")
    rows = pl.concat([provisional.filter(pl.Series(is_late)), final])
    return rows.sort("recorded_at", "control_id", "status")


def _cases(flight: Flight, chosen: pl.DataFrame) -> pl.DataFrame:
    lines = flight.declarations.group_by("hawb").agg(pl.len().alias("lines"))
    cases = chosen.sort("hawb").join(flight.truth, on="hawb", how="left", maintain_order="left")
    cases = cases.join(lines, on="hawb", how="left", maintain_order="left")
    prefix = f"C{flight.on:%y%m%d}-{flight.number}-"
    return cases.with_columns(
        (pl.lit(prefix) + pl.int_range(pl.len()).cast(pl.String).str.zfill(5)).alias("control_id"),
        pl.lit(datetime(flight.on.year, flight.on.month, flight.on.day, 12)).alias("noon"),
    )


def _columns(names: tuple[str, ...]) -> Indices:
    return np.array([FINDING_TYPES.index(name) for name in names], dtype=np.int64)


def _found(cases: pl.DataFrame, rng: Generator, kind: Indices) -> Mask:
    text = cases["finding_types"].fill_null("")
    has = np.stack([text.str.contains(name).to_numpy() for name in FINDING_TYPES], axis=1)
    chance = np.array([_DETECTION[name] for name in FINDING_TYPES]).T[kind]
    return np.asarray(has & (rng.random(has.shape) < chance))


def _timestamps(start: pl.Series, hours: Floats) -> pl.Series:
    seconds = pl.Series(np.round(hours * 3600).astype(np.int64))
    return pl.select(pl.lit(start) + pl.duration(seconds=pl.lit(seconds))).to_series()


def _recorded(cases: pl.DataFrame, rng: Generator) -> pl.Series:
    """Results are typed in hours to days after the control (estimate)."""
    return _timestamps(cases["noon"], 8 + rng.lognormal(3.0, 0.8, len(cases)).clip(1, 240))


def _written(
    cases: pl.DataFrame,
    rng: Generator,
    kind: Indices,
    presented: Mask,
    found: Mask,
    recorded: pl.Series,
    status: str,
) -> pl.DataFrame:
    """Write the outcome rows of one stage."""
    any_found = found.any(axis=1)
    loss = cases["revenue_lost_eur"].to_numpy()
    only_money = any_found & ~found[:, 8:].any(axis=1)
    is_minor = only_money & (loss < _MINOR_EUR) & (_steady(cases, 1) < 0.35)
    opened = presented & (kind >= CONTROLS.index("physical"))
    slip = cases["has_wrong_code"].to_numpy() & opened & (_steady(cases, 2) < _FOUND_SLIP)
    result = np.select(
        [any_found & ~is_minor, is_minor | slip, ~presented | (kind == 0)], ["B1", "A5", "A2"], "A1"
    )
    fined = (result == "B1") & (_steady(cases, 3) < 0.5)
    recovered = np.where(any_found, loss, 0.0) + fined * (20 + 120 * _steady(cases, 4) ** 2)
    if status == "provisional":
        recovered = recovered * 0
    names_code = np.asarray(found[:, _columns(_CODE_FINDINGS)].any(axis=1) | slip)
    names_value = np.asarray(found[:, _columns(_VALUE_FINDINGS)].any(axis=1))
    worth = (cases["true_value_eur"].to_numpy() * (0.95 + 0.1 * _steady(cases, 5))).round(2)
    minutes = _minutes(cases, kind, presented, found) * np.exp(0.5 * (_steady(cases, 6) - 0.5))
    return cases.select(
        "control_id",
        "hawb",
        "flight_number",
        "flight_date",
        pl.lit(None, dtype=pl.Int64).alias("goods_item_number"),
        "selected_by",
        pl.col("selection_probability").cast(pl.Float64),
        pl.lit(pl.Series(CONTROLS)[kind]).alias("control_type"),
        _utc(_timestamps(cases["noon"], 1 + 7 * _steady(cases, 7))).alias("controlled_at"),
        _utc(recorded).alias("recorded_at"),
        pl.lit(pl.Series(presented)).alias("presented"),
        pl.lit(pl.Series(result)).alias("result_code"),
        pl.lit(_joined(found)).alias("finding_types"),
        _when(names_code, pl.col("true_hs6")).alias("found_hs6"),
        _when(names_value, pl.lit(pl.Series(worth))).alias("found_value_eur"),
        pl.lit(pl.Series(recovered.round(2))).alias("revenue_recovered_eur"),
        pl.lit(pl.Series(minutes.round(1))).alias("minutes"),
        pl.lit(status).alias("status"),
    )


def _when(mask: Mask, value: pl.Expr) -> pl.Expr:
    return pl.when(pl.lit(pl.Series(mask))).then(value)


def _utc(at: pl.Series) -> pl.Expr:
    return pl.lit(at.dt.cast_time_unit("us").dt.replace_time_zone("UTC"))


def _steady(cases: pl.DataFrame, purpose: int) -> Floats:
    """Even numbers in [0, 1) that belong to a case, the same at both of its stages."""
    rng = np.random.default_rng([purpose, len(cases), int(cases["noon"][0].timestamp())])
    return rng.random(len(cases))


def _joined(found: Mask) -> pl.Series:
    bits = pl.Series(found.astype(np.int64) @ (1 << np.arange(len(FINDING_TYPES))))
    words = {
        value: "|".join(n for k, n in enumerate(FINDING_TYPES) if value >> k & 1) or None
        for value in bits.unique()
    }
    return bits.replace_strict(words, return_dtype=pl.String)


def _minutes(cases: pl.DataFrame, kind: Indices, presented: Mask, found: Mask) -> Floats:
    base = np.array([_MINUTES[name] for name in CONTROLS])[kind]
    several = 10.0 * ((cases["lines"].to_numpy() > 1) & (kind >= 2))
    more = sum(found[:, FINDING_TYPES.index(n)] * extra for n, extra in _MORE_MINUTES.items())
    return np.where(presented, base + several + more, 2.0) + _ENTRY_MINUTES
