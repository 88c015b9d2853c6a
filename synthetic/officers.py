"""What officers find, miss and write down when they control chosen parcels."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import polars as pl
from numpy.random import Generator

from engine.finding import FINDING_TYPES, GOODS_FINDINGS
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

_MINOR_SHARE: Final = 0.35
"""Share of such small losses that are written so (estimate)."""

_FINED: Final = 0.6
"""Share of irregular parcels with a fine of EUR 20 to 260, so that a find brings about the
EUR 140 of customs at Liège in 2025 where revenue is in play (estimate)."""

_FOUND_SLIP: Final = 0.5
"""Honest wrong codes that are noticed when a parcel is opened (estimate)."""

_MINUTES: Final = {"documentary": 6.0, "xray": 1.0, "physical": 10.0, "sampling": 20.0}
_ENTRY_MINUTES: Final = 3.0
_SEVERAL_MINUTES: Final = 10.0
_GONE_MINUTES: Final = 2.0
_MORE_MINUTES: Final = {
    "IPR_INFRINGEMENT": 25.0,
    "PRODUCT_SAFETY": 30.0,
    "PROHIBITED_RESTRICTED": 110.0,
}
"""Officer minutes; estimates of domain report 4.2, as are those above."""


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
    visit = _Visit(cases, kind, presented, rng.random((8, len(cases))))
    provisional = _written(visit, first, recorded, "provisional")
    final_at = pl.select(pl.when(pl.Series(is_late)).then(settled).otherwise(recorded)).to_series()
    final = _written(visit, lasting, final_at, "final")
    rows = pl.concat([provisional.filter(pl.Series(is_late)), final])
    return rows.sort("recorded_at", "control_id", "status")


def _cases(flight: Flight, chosen: pl.DataFrame) -> pl.DataFrame:
    opened = flight.declarations.join(chosen, on="hawb", how="semi")
    lines = opened.group_by("hawb").agg(pl.len().alias("lines"))
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
    text = pl.col("finding_types").fill_null("")
    has = cases.select(
        text.str.contains(name, literal=True).alias(name) for name in FINDING_TYPES
    ).to_numpy()
    chance = np.array([_DETECTION[name] for name in FINDING_TYPES]).T[kind]
    return np.asarray(has & (rng.random(has.shape) < chance))


def _timestamps(start: pl.Series, hours: Floats) -> pl.Series:
    seconds = np.round(hours * 3600).astype("timedelta64[s]").astype("timedelta64[us]")
    return pl.Series(start.to_numpy() + seconds)


def _recorded(cases: pl.DataFrame, rng: Generator) -> pl.Series:
    """Results are typed in hours to days after the control (estimate)."""
    return _timestamps(cases["noon"], 8 + rng.lognormal(3.0, 0.8, len(cases)).clip(1, 240))


@dataclass(frozen=True, slots=True)
class _Visit:
    """What is the same at both stages of the controls; `luck` is eight even draws a case."""

    cases: pl.DataFrame
    kind: Indices
    presented: Mask
    luck: Floats


def _written(visit: _Visit, found: Mask, recorded: pl.Series, status: str) -> pl.DataFrame:
    """Write the outcome rows of one stage."""
    cases, luck = visit.cases, visit.luck
    result, has_slip = _judged(visit, found)
    recovered = _recovered(visit, found, result) * (status == "final")
    names_code = has_slip | np.asarray(found[:, _columns(_CODE_FINDINGS)].any(axis=1))
    names_value = np.asarray(found[:, _columns(_VALUE_FINDINGS)].any(axis=1))
    worth = (cases["true_value_eur"].to_numpy() * (0.95 + 0.1 * luck[5])).round(2)
    return cases.select(
        "control_id",
        "hawb",
        "flight_number",
        "flight_date",
        pl.lit(None, dtype=pl.Int64).alias("goods_item_number"),
        "selected_by",
        pl.col("selection_probability").cast(pl.Float64),
        pl.lit(pl.Series(CONTROLS)[visit.kind]).alias("control_type"),
        _utc(_timestamps(cases["noon"], 1 + 7 * luck[7])).alias("controlled_at"),
        _utc(recorded).alias("recorded_at"),
        pl.lit(pl.Series(visit.presented)).alias("presented"),
        pl.lit(pl.Series(result)).alias("result_code"),
        pl.lit(_joined(found)).alias("finding_types"),
        _when(names_code, pl.col("true_hs6")).alias("found_hs6"),
        _when(names_value, pl.lit(pl.Series(worth))).alias("found_value_eur"),
        pl.lit(pl.Series(recovered.round(2))).alias("revenue_recovered_eur"),
        pl.lit(pl.Series(_minutes(visit, found).round(1))).alias("minutes"),
        pl.lit(status).alias("status"),
    )


def _judged(visit: _Visit, found: Mask) -> tuple[np.ndarray, Mask]:
    """Return the result codes, and where an honest wrong code was noticed."""
    any_found = found.any(axis=1)
    loss = visit.cases["revenue_lost_eur"].to_numpy()
    is_fiscal = ~found[:, _columns(GOODS_FINDINGS)].any(axis=1)
    is_minor = any_found & is_fiscal & (loss < _MINOR_EUR) & (visit.luck[1] < _MINOR_SHARE)
    is_opened = visit.presented & (visit.kind >= CONTROLS.index("physical"))
    is_wrong = visit.cases["has_wrong_code"].to_numpy()
    has_slip = np.asarray(is_wrong & is_opened & (visit.luck[2] < _FOUND_SLIP))
    is_on_paper = ~visit.presented | (visit.kind == CONTROLS.index("documentary"))
    cases = [any_found & ~is_minor, is_minor | has_slip, is_on_paper]
    return np.select(cases, ["B1", "A5", "A2"], "A1"), has_slip


def _recovered(visit: _Visit, found: Mask, result: np.ndarray) -> Floats:
    """Return duty, VAT and fines in euros."""
    loss = np.where(found.any(axis=1), visit.cases["revenue_lost_eur"].to_numpy(), 0.0)
    is_fined = (result == "B1") & (visit.luck[3] < _FINED)
    return np.asarray(loss + is_fined * (20 + 240 * visit.luck[4] ** 2))


def _when(mask: Mask, value: pl.Expr) -> pl.Expr:
    return pl.when(pl.lit(pl.Series(mask))).then(value)


def _utc(at: pl.Series) -> pl.Expr:
    return pl.lit(at.cast(pl.Datetime("us", "UTC")))


def _joined(found: Mask) -> pl.Series:
    sets, place = np.unique(found, axis=0, return_inverse=True)
    words = ["|".join(np.array(FINDING_TYPES)[row]) or None for row in sets]
    return pl.Series(words, dtype=pl.String)[place.ravel()]


def _minutes(visit: _Visit, found: Mask) -> Floats:
    base = np.array([_MINUTES[name] for name in CONTROLS])[visit.kind]
    is_opened = visit.kind >= CONTROLS.index("physical")
    several = _SEVERAL_MINUTES * ((visit.cases["lines"].to_numpy() > 1) & is_opened)
    more = sum(found[:, FINDING_TYPES.index(n)] * extra for n, extra in _MORE_MINUTES.items())
    spent = np.where(visit.presented, base + several + more, _GONE_MINUTES) + _ENTRY_MINUTES
    return np.asarray(spent * np.exp(0.5 * (visit.luck[6] - 0.5)))
