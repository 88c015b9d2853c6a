"""Logistic regression on ranks: units and outliers do not matter, missing is not zero.

The expert beside it knows units; what is changed here no sign looks at.
"""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from features.catalogue import NAMES
from models.logistic import Logistic, matrix
from models.risk_model import Examples


def test_units_do_not_matter(examples: Examples) -> None:
    larger = examples.features.with_columns(pl.col("value_eur", "bag_consignments") * 1024)
    plain = Logistic().fit(examples).predict(examples.features)
    other = Logistic().fit(Examples(larger, examples.labels)).predict(larger)
    assert other["any"].to_numpy() == pytest.approx(plain["any"].to_numpy(), abs=1e-9)


def test_an_outlier_counts_as_the_largest_seen(examples: Examples) -> None:
    model = Logistic().fit(examples)
    row = examples.features.head(1)
    largest = examples.features["value_eur"].max()
    told = [model.predict(row.with_columns(value_eur=pl.lit(float(value))))["any"].item()
            for value in (largest, 1e12)]  # fmt: skip
    assert told[0] == told[1]


def test_missing_is_not_a_number() -> None:
    blank = pl.DataFrame({name: [None] for name in NAMES}, schema=dict.fromkeys(NAMES, pl.Float64))
    assert np.isnan(matrix(blank)).all()


def test_a_feature_that_says_all_gets_the_largest_coefficient(examples: Examples) -> None:
    labels = examples.labels.with_columns(is_irregular=pl.Series(np.arange(len(examples)) % 2 == 0))
    planted = examples.features.with_columns(value_eur=labels["is_irregular"].cast(pl.Float64))
    model = Logistic(strength=1.0).fit(Examples(planted, labels))
    strongest = np.abs(model.coefficients_["any"][1 : 1 + len(NAMES)]).argmax()
    assert NAMES[strongest] == "value_eur"
    assert model.coefficients_["any"][1 + strongest] > 0
