"""How good the lists are on the `demo` world, over five seeds that nothing was tuned on.

Every kind learns from the controls of the first days and is judged on the whole flow of the last
week. Beside them stands what the old rules themselves found: the share of the parcels they had
controlled in that week that were truly irregular.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
import polars as pl

from engine.declaration import CONSIGNMENT
from engine.harm import expected_harm, expected_yield
from engine.policies.balanced import Balanced
from models.training import Lesson, learn, prepare
from service.bringing_in import ingest, record
from service.home import Home
from service.store import Store
from synthetic.generate import write_world
from synthetic.scenario import PRESETS
from tests.benchmarks.figures import table, write

SEEDS = (11, 12, 13, 14, 15)
DAYS = 28
KINDS = ("chance", "rules", "expert", "informed", "logistic", "gradient_boosting", "ensemble")
BUDGETS = (10, 50, 150)
KEY = b"benchmark of the lists"


def measured(seed: int, folder: Path) -> dict[str, list[float]]:
    """Hit rates and revenue of every kind on one world."""
    write_world(PRESETS["demo"], days=DAYS, seed=seed, out=folder)
    home = Home(folder / "state")
    store = Store(home)
    ingest(home, store, [folder / "declarations"])
    record(store, [folder / "outcomes.parquet"])
    truth = pl.read_parquet(folder / "truth.parquet")
    outcomes = store.outcomes()
    lesson = prepare(store, outcomes, until=store.days()[-8], truth=truth)
    figures = {f"old rules, as they chose (seed {seed})": [_old_rules(outcomes, truth, lesson)]}
    for kind in KINDS:
        values = learn(lesson, kind=kind, key=KEY).evaluation.values
        figures[kind] = [
            *(values[f"hit_rate_at_{k}"] for k in BUDGETS),
            *(values[f"revenue_eur_at_{k}"] for k in BUDGETS),
            values["calibration_error"],
        ]
    figures["ensemble, policy balanced"] = [*_balanced(lesson, truth), float("nan")]
    return figures


def _old_rules(outcomes: pl.DataFrame, truth: pl.DataFrame, lesson: Lesson) -> float:
    chosen = outcomes.filter(
        (pl.col("selected_by") == "rule") & pl.col("flight_date").is_between(*lesson.later)
    )
    keys = chosen.select(CONSIGNMENT).unique()
    return float(truth.join(keys, on=CONSIGNMENT, how="semi")["is_irregular"].mean())  # type: ignore[arg-type]


def _balanced(lesson: Lesson, truth: pl.DataFrame) -> list[float]:
    trained = learn(lesson, kind="ensemble", key=KEY)
    features = lesson.seen.features.filter(pl.col("flight_date") >= lesson.later[0])
    promised = pl.concat(
        [
            features.select(CONSIGNMENT),
            trained.artifact.promises.of(features)
            .with_columns(expected_harm())
            .with_columns(expected_yield()),
        ],
        how="horizontal",
    ).join(truth, on=CONSIGNMENT, how="left")
    hits, money = [], []
    flights = promised.partition_by("flight_number", "flight_date")
    ordered = [Balanced().order(flight) for flight in flights]
    for k in BUDGETS:
        hits.append(sum(f.head(k)["is_irregular"].sum() for f in ordered) / (k * len(flights)))
        money.append(sum(f.head(k)["revenue_lost_eur"].sum() for f in ordered) / len(flights))
    return [*hits, *money]


def main(seeds: tuple[int, ...] = SEEDS) -> None:
    """Measure all seeds and write the section."""
    runs = []
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            runs.append(measured(seed, Path(folder)))
        print(f"seed {seed} done", file=sys.stderr)
    old = [v[0] for run in runs for name, v in run.items() if name.startswith("old rules")]
    rows = [["old rules, as they chose", f"{np.median(old):.3f} ({min(old):.3f} to {max(old):.3f})",
             *["" for _ in range(5)], ""]]  # fmt: skip
    for name in [*KINDS, "ensemble, policy balanced"]:
        values = np.array([run[name] for run in runs])
        cells = [f"{np.median(v):.3f} ({v.min():.3f} to {v.max():.3f})" for v in values.T[:3]]
        cells += [f"{np.median(v):,.0f}" for v in values.T[3:6]]
        cells += ["" if np.isnan(values[0, 6]) else f"{np.median(values[:, 6]):.3f}"]
        rows.append([name, *cells])
    head = ["", *(f"hit rate at {k}" for k in BUDGETS), *(f"EUR a flight at {k}" for k in BUDGETS),
            "calibration error"]  # fmt: skip
    at_50 = {n: np.array([run[n][1] for run in runs]) for n in ("ensemble", "rules")}
    ratio = at_50["ensemble"] / at_50["rules"]
    ratio_old = at_50["ensemble"] / np.array(old)
    body = (
        f"Preset `demo`, {DAYS} days, judged on the last seven; median over seeds "
        f"{', '.join(map(str, seeds))} (lowest to highest); controls a flight.\n\n"
        f"{table(head, rows)}\n\n"
        f"Hit rate of `ensemble` at 50 controls a flight over that of the kind `rules`: "
        f"{np.median(ratio):.2f} ({ratio.min():.2f} to {ratio.max():.2f}); over what the old rules "
        f"of the world hit with their own controls: {np.median(ratio_old):.2f} "
        f"({ratio_old.min():.2f} to {ratio_old.max():.2f})."
    )
    write("Quality of the lists", "python -m tests.benchmarks.list_quality", body)


if __name__ == "__main__":
    main(tuple(int(seed) for seed in sys.argv[1:]) or SEEDS)
