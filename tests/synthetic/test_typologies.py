"""Every registered typology keeps the contract; a file that forgot to register is found."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from engine.finding import FINDING_TYPES
from synthetic import typologies
from synthetic.draw import Mask
from synthetic.scenario import PREVALENCES
from synthetic.traffic import draw_items, draw_parcels
from synthetic.typologies import TYPOLOGIES, Context, Typology
from synthetic.typologies.base import TRUTH_MARK
from synthetic.world import World

EACH = pytest.mark.parametrize("typology", TYPOLOGIES, ids=lambda typology: typology.name)


@pytest.fixture(scope="module")
def items(world: World) -> pl.DataFrame:
    rng = world.rng(9)
    return draw_items(world, rng, draw_parcels(world, rng, 0), 0).frame()


def chosen(items: pl.DataFrame) -> Mask:
    return np.asarray(items["parcel"].to_numpy() % 5 == 0)


def applied(typology: Typology, world: World, items: pl.DataFrame, seed: int = 1) -> pl.DataFrame:
    context = Context(world, world.on(0), chosen(items))
    return typology.apply(items, np.random.default_rng(seed), context)


@EACH
def test_touches_only_its_declared_columns(typology, world, items):
    before, after = items, applied(typology, world, items)
    assert after.schema == before.schema
    key = ["parcel", "line"]
    kept = before.join(after.select(key), on=key, how="semi", maintain_order="left")
    same = after.join(before.select(key), on=key, how="semi", maintain_order="left")
    others = [c for c in before.columns if c not in typology.columns | {TRUTH_MARK}]
    assert_frame_equal(same.select(others), kept.select(others))


@EACH
def test_marks_its_truth_and_nothing_else(typology, world, items):
    after = applied(typology, world, items)
    bit = 1 << world.behaviour.names.index(typology.name)
    marked = after.filter(pl.col(TRUTH_MARK) != 0)
    assert len(marked) > 0
    assert marked[TRUTH_MARK].unique().to_list() == [bit]
    assert len(marked) < len(after) / 2


@EACH
def test_leaves_the_frame_it_was_given_alone(typology, world, items):
    before = items.clone()
    applied(typology, world, items)
    assert_frame_equal(items, before)


@EACH
def test_same_seed_same_result(typology, world, items):
    assert_frame_equal(applied(typology, world, items), applied(typology, world, items))


@EACH
def test_result_can_be_declared(typology, world, items):
    after = applied(typology, world, items).filter("is_declared")
    assert after["hs6"].str.contains(r"^\d{6}$").all()
    assert (after["goods_description"].str.len_chars() > 0).all()
    for column in ("value_cents", "quantity", "gross_mass_mg", "net_mass_mg"):
        assert (after[column] > 0).all(), column
    assert (after["gross_mass_mg"] <= 60_000_000).all()
    lines = after.group_by("parcel").agg((pl.col("line") == 1).sum().alias("heads"))
    assert lines["heads"].unique().to_list() == [1]


@EACH
def test_changes_what_is_declared_or_what_is_true(typology, world, items):
    after = applied(typology, world, items)
    assert not after.drop(TRUTH_MARK).equals(items.drop(TRUTH_MARK))


def test_names_are_unique_and_known_to_the_scenarios():
    names = [typology.name for typology in TYPOLOGIES]
    assert sorted(names) == sorted(PREVALENCES)
    assert {typology.finding for typology in TYPOLOGIES} == set(FINDING_TYPES)


def test_every_file_of_the_folder_is_registered():
    folder = Path(typologies.__file__).parent
    tools = {"__init__", "alteration", "base", "imitation", "orders"}
    files = {path.stem for path in folder.glob("*.py")} - tools
    assert {type(typology).__module__.rsplit(".", 1)[1] for typology in TYPOLOGIES} == files
