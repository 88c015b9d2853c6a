"""A search for oracles: columns or group means that give the answer away.

Protocol: consignments in two halves by day; means learned on the first half, AUC measured on the
second. Items are rolled up simply: the first text, the sum and the maximum of numbers. Numbers
are cut into quantiles; means are shrunk towards the overall mean by `_PRIOR` cases. All single
columns and all pairs are tried; triples are tried where they hold two of the `SCREEN` columns
that are best in pairs, because a triple above a bound has always begun as a pair above chance.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import polars as pl

IDENTITY = (
    "exporter_id", "exporter_name", "exporter_street", "exporter_postcode", "exporter_city",
    "importer_name", "importer_id", "importer_street", "importer_postcode", "importer_city",
    "declarant_eori", "representative_eori", "ioss_number", "hawb", "mawb", "bag_id", "uld_id",
    "lrn", "mrn", "merchant_product_id", "manufacturer_product_id",
)  # fmt: skip

_BINS = 12
_PRIOR = 10.0
SCREEN = 7


@dataclass(frozen=True)
class Found:
    """One rule and how well it separates on days it has not seen."""

    columns: tuple[str, ...]
    auc: float


def auc(score: np.ndarray, truth: np.ndarray) -> float:
    """Area under the ROC curve, ties counted half."""
    _, place, count = np.unique(score, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2)[place]
    positives = truth.sum()
    negatives = len(truth) - positives
    return float((rank[truth].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def roll_up(declarations: pl.DataFrame) -> pl.DataFrame:
    """One row a consignment: first of every text, sum and maximum of every number."""
    key = ("flight_number", "flight_date", "hawb")
    texts = [c for c, t in declarations.schema.items() if t == pl.String and c not in key]
    numbers = [c for c, t in declarations.schema.items() if t.is_numeric()]
    return declarations.group_by(key, maintain_order=True).agg(
        pl.col(texts).first(),
        pl.col("lodged_at").first(),
        pl.len().alias("lines"),
        *(pl.col(c).sum().alias(f"{c}_sum") for c in numbers),
        *(pl.col(c).max().alias(f"{c}_max") for c in numbers if c != "goods_item_number"),
        (pl.col("intrinsic_value").sum() / pl.col("gross_mass_kg").sum()).alias("value_per_kg"),
        (pl.col("net_mass_kg") / pl.col("gross_mass_kg")).max().alias("net_share"),
    )


def columns(table: pl.DataFrame) -> dict[str, tuple[np.ndarray, int]]:
    """Every column as small whole numbers, with the number of distinct ones."""
    table = table.with_columns(
        pl.col("lodged_at").dt.hour().alias("lodged_hour"),
        (pl.col("lodged_at").dt.date() - pl.col("flight_date")).dt.total_days().alias("lodged_day"),
        pl.col("flight_date").dt.weekday().alias("weekday"),
    ).drop("lodged_at", "flight_date")
    return {
        name: codes for name in table.columns if (codes := _coded(table[name])) and codes[1] > 1
    }


def _coded(column: pl.Series) -> tuple[np.ndarray, int]:
    if column.dtype.is_numeric() and column.n_unique() > _BINS:
        values = column.cast(pl.Float64).fill_nan(None)
        cuts = np.linspace(0, 1, _BINS + 1)[1:-1]
        edges = np.unique(np.quantile(values.drop_nulls().to_numpy(), cuts))
        codes = np.searchsorted(edges, values.fill_null(0.0).to_numpy(), side="right") + 1
        codes[values.is_null().to_numpy()] = 0
    else:
        codes = column.rank("dense").fill_null(0).to_numpy().astype(np.int64)
    codes = np.unique(codes, return_inverse=True)[1]
    return codes, int(codes.max()) + 1


def group_mean_auc(codes: np.ndarray, truth: np.ndarray, is_first: np.ndarray) -> float:
    """AUC on the second half of the shrunk mean per group learned on the first half."""
    size = int(codes.max()) + 1
    overall = truth[is_first].mean()
    cases = np.bincount(codes[is_first], minlength=size)
    hits = np.bincount(codes[is_first], truth[is_first], minlength=size)
    mean = (hits + _PRIOR * overall) / (cases + _PRIOR)
    return auc(mean[codes[~is_first]], truth[~is_first])


def directions(table: pl.DataFrame, truth: np.ndarray, is_first: np.ndarray) -> Iterator[Found]:
    """Numeric columns as they are, in both directions, on the second half."""
    for name, kind in table.schema.items():
        if kind.is_numeric():
            value = table[name].cast(pl.Float64).fill_null(-1.0).to_numpy()
            up = auc(value[~is_first], truth[~is_first])
            yield Found((name,), max(up, 1 - up))


def _means(
    coded: dict[str, tuple[np.ndarray, int]],
    sets: Iterable[tuple[str, ...]],
    truth: np.ndarray,
    is_first: np.ndarray,
) -> Iterator[Found]:
    for names in sets:
        codes = np.zeros(len(truth), dtype=np.int64)
        for name in names:
            codes = codes * coded[name][1] + coded[name][0]
        if len(names) > 1:
            codes = np.unique(codes, return_inverse=True)[1]
        yield Found(names, group_mean_auc(codes, truth, is_first))


def search(declarations: pl.DataFrame, truth: pl.DataFrame) -> list[Found]:
    """Search for oracles among what is no identity; best first."""
    table = roll_up(declarations).drop(*IDENTITY, strict=False)
    return _search(table, *_halves(declarations, truth))


def with_identities(declarations: pl.DataFrame, truth: pl.DataFrame) -> list[Found]:
    """How well known identities separate: reported, not bounded."""
    irregular, is_first = _halves(declarations, truth)
    names = [n for n in IDENTITY if n not in ("hawb", "lrn", "mrn", "importer_id")]
    table = roll_up(declarations).select(n for n in names)
    coded = {name: _coded(table[name]) for name in names}
    return sorted(_means(coded, ((n,) for n in names), irregular, is_first), key=lambda f: -f.auc)


def _halves(declarations: pl.DataFrame, truth: pl.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    key = ["flight_number", "flight_date", "hawb"]
    keys = declarations.unique(key, maintain_order=True, keep="first").select(key)
    told = keys.join(truth.select(*key, "is_irregular"), on=key, maintain_order="left")
    days = told["flight_date"].unique().sort()
    return (
        told["is_irregular"].to_numpy(),
        (told["flight_date"] < days[len(days) // 2]).to_numpy(),
    )


def _search(table: pl.DataFrame, irregular: np.ndarray, is_first: np.ndarray) -> list[Found]:
    coded = columns(table)
    singles = list(_means(coded, ((name,) for name in coded), irregular, is_first))
    pairs = list(_means(coded, combinations(coded, 2), irregular, is_first))
    best: list[str] = []
    for found in sorted([*singles, *pairs], key=lambda f: -f.auc):
        best += [name for name in found.columns if name not in best]
    screen = best[:SCREEN]
    sets = {
        tuple(sorted({*pair, name}))
        for pair in combinations(screen, 2)
        for name in coded
        if name not in pair
    }
    triples = list(_means(coded, sorted(sets), irregular, is_first))
    straight = list(directions(table, irregular, is_first))
    return sorted([*singles, *pairs, *triples, *straight], key=lambda f: -f.auc)
