"""How good the links are: consignees behind altered names, senders back under a new one.

On worlds of the preset `demo`, against the generator's truth, over five seeds that nothing was
tuned on. A world has some thirty senders who return; one with four times as many measures senders.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl

from engine.declaration import CONSIGNMENT
from engine.intake import EuroOnly, take_in
from features.acquaintance import (
    LEAST_CENTS,
    advanced_profile,
    empty_profile,
    with_acquaintances,
)
from features.identity import consignee_groups
from features.kinship import advanced_profiles, empty_profiles, kin_of
from features.sight import prepared
from synthetic.generate import flights
from synthetic.scenario import PRESETS, Scenario
from tests.benchmarks.figures import table, write

SEEDS = (11, 12, 13, 14, 15)
DAYS = 35
FIRST_MEASURED = 12
"""Days before are only looked at, so that there is a past."""

LEAST = 0.5
KEY = b"benchmark of the links"
RETURNING = replace(PRESETS["demo"], phoenix_per_month=0.12)

Day = tuple[date, pl.DataFrame, pl.DataFrame]


def days_of(scenario: Scenario, seed: int) -> Iterator[Day]:
    """Items and consignments of each day, prepared; consignments with what is true of them."""
    by_day: dict[date, list[tuple[pl.DataFrame, pl.DataFrame]]] = {}
    for flight in flights(scenario, days=DAYS, seed=seed):
        by_day.setdefault(flight.on, []).append((flight.declarations, flight.truth))
    for day in sorted(by_day):
        raw = pl.concat(rows for rows, _ in by_day[day])
        items, consignments = prepared(
            take_in(raw, rates=EuroOnly(), key=KEY).rows.drop("row_number")
        )
        truth = pl.concat(truth for _, truth in by_day.pop(day)).select(
            *CONSIGNMENT, "consignee_id", "shipper_id", "shipper_is_phoenix_of", "typologies"
        )
        yield (
            day,
            items,
            consignments.join(truth, on=CONSIGNMENT, how="left", maintain_order="left"),
        )


def consignees(seed: int) -> dict[str, float]:
    """Precision and recall of consignee links, within a flight and with the days before."""
    n: Counter[str] = Counter()
    seconds = 0.0
    profile = empty_profile()
    last: dict[str, date] = {}
    for at, (day, _, found) in enumerate(days_of(PRESETS["demo"], seed)):
        followed = found.filter(pl.col("value_cents") >= LEAST_CENTS)
        if at >= FIRST_MEASURED:
            begun = time.process_time()
            found = pl.concat([found, consignee_groups(found)], how="horizontal")
            told = with_acquaintances(found, profile, day)
            seconds += time.process_time() - begun
            n["consignments"] += found.height
            n.update(_within(found))
            n.update(_known_again(told, {who for who in last if (day - last[who]).days <= 7}))
        last |= dict.fromkeys(followed["consignee_id"].to_list(), day)
        profile = advanced_profile(profile, found, day)
    return {
        "precision": n["both"] / n["found"],
        "recall": n["both"] / n["true"],
        "recall, split orders": n["both split"] / n["true split"],
        "precision, last 7 days": n["again right"] / n["again found"],
        "recall, last 7 days": n["again right"] / n["again true"],
        "CPU s": seconds / n["consignments"] * 200_000,
    }


def _pairs(found: pl.DataFrame, by: str) -> pl.DataFrame:
    keyed = found.select("row", is_split=pl.col("typologies").str.contains("splitting"),
                         key=pl.struct("flight_index", by))  # fmt: skip
    joined = keyed.join(keyed, on="key", suffix="_b")
    return joined.filter(pl.col("row") < pl.col("row_b"))


def _within(found: pl.DataFrame) -> dict[str, int]:
    """Pairs of one flight: linked, truly one, both; and those of split orders."""
    linked, true = _pairs(found, "consignee_group"), _pairs(found, "consignee_id")
    both = true.join(linked, on=["row", "row_b"], how="semi")
    split = pl.col("is_split") & pl.col("is_split_b")
    return {
        "found": linked.height, "true": true.height, "both": both.height,
        "true split": true.filter(split).height, "both split": both.filter(split).height,
    }  # fmt: skip


def _known_again(told: pl.DataFrame, recent: set[str]) -> dict[str, int]:
    """Consignments of EUR 20 or more whose consignee got one in the last seven days."""
    rows = told.filter(pl.col("value_cents") >= LEAST_CENTS)
    is_true = rows["consignee_id"].is_in(list(recent))
    is_found = rows["past_consignments"] > 0
    return {
        "again found": int(is_found.sum()), "again true": int(is_true.sum()),
        "again right": int((is_found & is_true).sum()),
    }  # fmt: skip


def senders(seed: int) -> dict[str, float]:
    """Precision and recall of sender links, on the first flight of each newcomer."""
    n: Counter[str] = Counter()
    seconds, rows = 0.0, 0
    profiles = empty_profiles()
    who: dict[str, str] = {}
    before: dict[str, str] = {}
    for at, (day, items, found) in enumerate(days_of(RETURNING, seed)):
        now = dict(found.select("key_sender", "shipper_id").unique("key_sender").rows())
        before |= dict(
            found.select("shipper_id", "shipper_is_phoenix_of").unique().drop_nulls().rows()
        )
        if at >= FIRST_MEASURED:
            begun = time.process_time()
            kin = kin_of(items, profiles, day)
            seconds += time.process_time() - begun
            rows += found.height
            best = kin.unique("key_sender", keep="first", maintain_order=True)
            sure = dict(
                best.filter(pl.col("kin_confidence") >= LEAST).select("key_sender", "kin").rows()
            )
            new = {sender for sender in now if sender not in who}
            n.update(_judged(new, sure, now, who, before))
        who |= now
        profiles = advanced_profiles(profiles, items, day)
    return {
        "precision": n["right"] / n["found"],
        "recall, returned": n["returned found"] / n["returned"],
        "links": n["found"],
        "returned": n["returned"],
        "CPU s": seconds / rows * 200_000,
    }


def _judged(
    new: set[str],
    sure: dict[str, str],
    now: dict[str, str],
    who: dict[str, str],
    before: dict[str, str],
) -> dict[str, int]:
    """A link is right if it leads to the same operator, by an earlier name or another spelling."""
    known = set(who.values())
    right = {s for s in new & sure.keys() if who.get(sure[s]) in _line(now[s], before)}
    returned = {s for s in new if now[s] not in known and before.get(now[s]) in known}
    return {
        "found": len(new & sure.keys()), "right": len(right),
        "returned": len(returned), "returned found": len(returned & right),
    }  # fmt: skip


def _line(shipper: str, before: dict[str, str]) -> set[str]:
    """The identity, and those that its operator had before."""
    line = {shipper}
    while shipper in before:
        shipper = before[shipper]
        line.add(shipper)
    return line


def _rows(runs: list[dict[str, float]]) -> list[list[str]]:
    rows = []
    for name in runs[0]:
        values = np.array([run[name] for run in runs])
        form = ".3f" if values.max() <= 1 else ".1f"
        low, high = format(values.min(), form), format(values.max(), form)
        rows.append([name, f"{np.median(values):{form}} ({low} to {high})"])
    return rows


def main(seeds: tuple[int, ...] = SEEDS) -> None:
    """Measure all seeds and write the section."""
    people = [consignees(seed) for seed in seeds]
    print("consignees done", file=sys.stderr)
    firms = [senders(seed) for seed in seeds]
    told = f"median over seeds {', '.join(map(str, seeds))} (lowest to highest)"
    body = (
        f"{DAYS} days, judged from day {FIRST_MEASURED + 1} on. CPU s: processor seconds for "
        f"200,000 consignments.\n\nConsignees, preset `demo`: pairs of consignments of one flight, "
        f"and consignments of EUR 20 or more whose consignee got one in the last seven days.\n\n"
        f"{table(['links of consignees', told], _rows(people))}\n\n"
        f"Senders, preset `demo` with 12 % returning a month: newcomers on their first flight, "
        f"linked with a confidence of {LEAST} or more.\n\n"
        f"{table(['links of senders', told], _rows(firms))}"
    )
    write("Who is who", "python -m tests.benchmarks.links", body)


if __name__ == "__main__":
    main(tuple(int(seed) for seed in sys.argv[1:]) or SEEDS)
