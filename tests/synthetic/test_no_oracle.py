"""No column and no group mean without identities tells guilt; the search would find one."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from synthetic.scenario import PRESETS
from tests.synthetic.conftest import Sample, sample
from tests.synthetic.oracles import auc, search, with_identities

BOUND = 0.80


SMALL = {"parcels_per_flight": 1_500, "flights_per_day": 2, "shippers": 260, "consignees": 20_000}
"""A flow of the liege presets that a test can bear: near the demo's parcels to a shipper."""


def preset(name: str) -> Sample:
    scenario = PRESETS[name]
    if name.startswith("liege"):
        scenario = replace(scenario, **SMALL)
    return sample(scenario, days=6)


@pytest.mark.parametrize("name", ["tiny", "demo", "liege-2022", "liege-2026"])
def test_no_column_nor_group_mean_is_an_oracle(name, request):
    made = request.getfixturevalue("demo") if name == "demo" else preset(name)
    best = search(made.declarations, made.truth)[0]
    assert best.auc < BOUND, best


def test_identities_are_reported_and_are_no_oracle_of_their_own(demo, capsys):
    found = with_identities(demo.declarations, demo.truth)
    with capsys.disabled():
        print("\nwith identities:", [(f.columns[0], round(f.auc, 3)) for f in found[:4]])
    assert found[0].columns[0].startswith("exporter")
    assert 0.5 < found[0].auc < 0.95


@pytest.mark.parametrize("names", [("platform",), ("platform", "hs6"), ("hs6", "quantity_max")])
def test_the_search_finds_a_planted_oracle(tiny, names):
    """Guilt that hangs on a column, or on a parity of two that neither shows alone."""
    key = ["flight_number", "flight_date", "hawb"]
    first = tiny.declarations.unique(key, keep="first", maintain_order=True)
    platform = first["platform"].rank("dense").fill_null(0).cast(pl.Int64)
    heading = first["hs6"].str.slice(0, 2).cast(pl.Int64)
    quantity = first["quantity"].fill_null(1).cast(pl.Int64).clip(1, 2)
    guilt = {
        ("platform",): platform % 2 == 0,
        ("platform", "hs6"): (platform + heading) % 2 == 0,
        ("hs6", "quantity_max"): (heading + quantity) % 2 == 0,
    }[names]
    noise = pl.Series(np.random.default_rng(1).random(len(first)) < 0.05)
    truth = first.select(key).with_columns(is_irregular=guilt ^ noise)
    assert search(tiny.declarations, truth)[0].auc > BOUND


def test_auc_by_hand():
    score = np.array([0.1, 0.4, 0.4, 0.8])
    truth = np.array([False, False, True, True])
    assert auc(score, truth) == pytest.approx(0.875)
