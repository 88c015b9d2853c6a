"""How well words tell the code, on a first day and after a week, and how long they take to read."""

from __future__ import annotations

import sys
import time

import numpy as np
import polars as pl

from engine.declaration import CONSIGNMENT
from features.agreement import agreement
from features.history import History
from features.item_keys import ItemKeys
from features.sight import prepared
from synthetic.generate import flights
from synthetic.scenario import PRESETS
from tests.benchmarks.figures import table, write
from tests.worlds import through_the_door

SEEDS = (11, 12, 13, 14, 15)
DAYS = 8
BIG_FLIGHT = 100_000
"""Goods items of the flight that is timed."""

NAMES = (
    "declared right, and the likeliest heading is the declared one",
    "declared wrong, and another heading is likelier",
    "declared wrong, and among the 5 % of lines with the least odds",
)


def measured(seed: int) -> tuple[list[float], list[float], float]:
    """Figures of the first and of the last day of a world, and seconds for a large flight."""
    made = list(flights(PRESETS["demo"], days=DAYS, seed=seed))
    days = sorted({flight.on for flight in made})
    history, figures, goods = History.empty(), [], pl.DataFrame()
    for day in days:
        of_day = [flight for flight in made if flight.on == day]
        goods, consignments = prepared(
            through_the_door(pl.concat(flight.declarations for flight in of_day))
        )
        if day in (days[0], days[-1]):
            truth = pl.concat(flight.truth for flight in of_day)
            figures.append(_figures(goods, agreement(ItemKeys(goods), history, day), truth))
        if day != days[-1]:
            history = history.advanced(goods, consignments, day)
    copies = [goods] * (BIG_FLIGHT // goods.height + 1)
    big = pl.concat(copies).head(BIG_FLIGHT).with_columns(flight_index=pl.lit(0))
    return figures[0], figures[1], min(_seconds(big, history) for _ in range(3))


def _figures(goods: pl.DataFrame, read: pl.DataFrame, truth: pl.DataFrame) -> list[float]:
    wrong = truth.select(*CONSIGNMENT, pl.col("has_wrong_code").cast(pl.Boolean))
    table = pl.concat([goods.select(*CONSIGNMENT, "hs4"), read], how="horizontal")
    table = table.join(wrong, on=CONSIGNMENT, how="left").drop_nulls("text_hs4_odds")
    is_other = pl.col("text_heading") != pl.col("hs4")
    least = pl.col("text_hs4_odds") <= table["text_hs4_odds"].quantile(0.05)
    right, wrong = table.filter(~pl.col("has_wrong_code")), table.filter("has_wrong_code")
    shares = (right.select(~is_other), wrong.select(is_other), wrong.select(least))
    return [float(share.to_series().mean()) for share in shares]  # type: ignore[arg-type]


def _seconds(goods: pl.DataFrame, history: History) -> float:
    start = time.perf_counter()
    agreement(ItemKeys(goods), history, goods["flight_date"][0])
    return time.perf_counter() - start


def main(seeds: tuple[int, ...] = SEEDS) -> None:
    """Measure all seeds and write the section."""
    first, last, seconds = zip(*(measured(seed) for seed in seeds), strict=True)
    rows = [
        [name, *(f"{np.median(v):.3f} ({v.min():.3f} to {v.max():.3f})" for v in pair)]
        for name, *pair in zip(NAMES, np.array(first).T, np.array(last).T, strict=True)
    ]
    body = (
        f"Preset `demo`; share of goods items (of parcels with and without a wrong code); median "
        f"over seeds {', '.join(map(str, seeds))} (lowest to highest).\n\n"
        f"{table(['', 'first day, no past', f'after {DAYS - 1} days'], rows)}\n\n"
        f"Reading the words of a flight of {BIG_FLIGHT:,} goods items: "
        f"{np.median(seconds):.2f} s ({min(seconds):.2f} to {max(seconds):.2f})."
    )
    write("Codes from words", "python -m tests.benchmarks.text_codes", body)


if __name__ == "__main__":
    main(tuple(int(seed) for seed in sys.argv[1:]) or SEEDS)
