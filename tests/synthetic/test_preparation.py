"""Honest mistakes and prepared files leave the traces that the field knows."""

import numpy as np
import polars as pl
import pytest

from synthetic.mistakes import make_mistakes
from synthetic.preparation import prepare
from synthetic.traffic import draw_items, draw_parcels
from synthetic.typologies.alteration import ALTERATIONS, altered


@pytest.fixture(scope="module")
def honest(world):
    rng = world.rng(5)
    parcels = draw_parcels(world, rng, 0)
    return parcels, draw_items(world, rng, parcels, 0)


@pytest.fixture(scope="module")
def prepared(world, honest):
    parcels, items = honest
    return prepare(world, items, world.rng(6), parcels)


def test_about_three_files_in_ten_are_prepared(prepared):
    assert 0.12 < (prepared[1] >= 0).mean() < 0.5


def test_files_that_are_not_prepared_stay_as_they_were(honest, prepared):
    untouched = prepared[1] < 0
    assert prepared[0].frame(untouched).equals(honest[1].frame(untouched))


def test_some_prepared_files_have_one_ratio_of_gross_to_net(prepared):
    items, master = prepared
    table = (
        items.frame()
        .with_columns(pl.Series("master", master))
        .filter((pl.col("master") >= 0) & (pl.col("gross_mass_mg") > 10_000))
    )
    ratio = table.group_by("master").agg(
        (pl.col("gross_mass_mg") / pl.col("net_mass_mg")).std().alias("spread")
    )["spread"]
    assert (ratio < 0.001).any()
    assert (ratio > 0.01).any()


def test_mistakes_have_the_shares_of_the_field(world, honest):
    items = make_mistakes(world, honest[1], world.rng(7)).frame()
    assert (items["hs6"] != items["true_hs6"]).mean() == pytest.approx(0.05, abs=0.015)
    parcels = items.unique("parcel")
    bare = ~parcels["importer_street"].str.contains(r"\d")
    assert bare.mean() == pytest.approx(0.03, abs=0.01)
    assert (items["true_value_cents"] == honest[1]["true_value_cents"]).all()


@pytest.mark.parametrize("manner", range(len(ALTERATIONS)))
def test_altered_names_differ_but_keep_something(manner):
    names = pl.Series(["Anna Visser", "Jean Dupont", "Carla De Smet"] * 20)
    streets = pl.Series(["Dorpsstraat 12", "4 rue Haute", "Hauptstrasse 7b"] * 20)
    rng = np.random.default_rng(1)
    written = altered(rng, names, streets, np.full(len(names), manner))
    differs = (written["name"] != names) | (written["street"] != streets)
    assert differs.mean() > 0.9
    last = names.str.split(" ").list.last()
    pairs = pl.DataFrame({"name": written["name"], "last": last.str.slice(-3)})
    assert pairs.select(pl.col("name").str.contains(pl.col("last"))).to_series().mean() > 0.9


def test_the_leader_of_a_split_order_keeps_the_true_name():
    names, streets = pl.Series(["Anna Visser"]), pl.Series(["Dorpsstraat 12"])
    written = altered(np.random.default_rng(1), names, streets, np.array([-1]))
    assert written.row(0) == ("Anna Visser", "Dorpsstraat 12")
