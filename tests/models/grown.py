"""Boosters of LightGBM on invented tables, and rows that lie where evaluation could go wrong."""

from __future__ import annotations

from typing import Any

import numpy as np

from models.lightgbm_alone import lightgbm
from models.risk_model import Floats

FEATURES = 24
PLAIN: dict[str, Any] = {
    "objective": "binary", "num_leaves": 12, "min_data_in_leaf": 3, "verbosity": -1,
    "num_threads": 1, "deterministic": True, "force_col_wise": True,
}  # fmt: skip


def table(rows: int = 600, seed: int = 1, gaps: bool = True) -> Floats:
    """Whole and broken numbers, zeros, and in the odd columns gaps."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, FEATURES))
    x[:, ::3] = np.round(x[:, ::3] * 2)
    x[random.random(x.shape) < 0.2] = 0.0
    if gaps:
        x[:, 1::2][random.random(x[:, 1::2].shape) < 0.2] = np.nan
    return x


def grown(
    x: Floats, rounds: int = 12, seed: int = 1, labels: Floats | None = None, **settings: Any
) -> str:
    """LightGBM's text of a booster."""
    if labels is None:
        random = np.random.default_rng(seed)
        drawn = np.nan_to_num(x) @ random.normal(size=x.shape[1]) + random.normal(size=len(x))
        labels = (drawn > np.quantile(drawn, 0.7)).astype(float)
    categories = settings.pop("categorical_feature", "auto")
    whole = lightgbm.Dataset(x, labels, categorical_feature=categories)
    return str(lightgbm.train(PLAIN | settings, whole, rounds).model_to_string())


def asked(x: Floats, seed: int = 2) -> Floats:
    """Rows to ask for: those learned from, some of whose values are odd."""
    random = np.random.default_rng(seed)
    ends = (0.0, 1e-36, 1e-35, 1e300, np.inf)
    odd = np.array([np.nan, *ends, *(-end for end in ends)])
    replaced = np.where(random.random(x.shape) < 0.2, random.choice(odd, x.shape), x)
    return np.concatenate([x, replaced])


def raw(text: str, rows: Floats) -> Floats:
    """What LightGBM itself says."""
    return np.asarray(lightgbm.Booster(model_str=text).predict(rows, raw_score=True))


def explained(text: str, rows: Floats) -> Floats:
    """What LightGBM itself says that each feature adds."""
    return np.asarray(lightgbm.Booster(model_str=text).predict(rows, pred_contrib=True))[:, :-1]


def columns(rows: Floats) -> Floats:
    """Rows as the columns that are evaluated."""
    return np.ascontiguousarray(rows.T)
