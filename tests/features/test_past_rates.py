"""Rates of past controls lean on their parents, and nothing counts twice."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.past_rates import (
    ITEM_LEVELS,
    LEVELS,
    STRENGTHS,
    TOLD,
    USUAL_STRENGTH,
    Past,
    likeliest_strength,
    rates_of_goods,
    rates_of_parties,
)
from features.units import UNIT

KEYS = {key for level in LEVELS for key in level.keys}
LISTS = {"hs2", "hs4", "hs6", "merchant_product_id", "text_key"}
PLAIN = {"key_sender": "S", "key_sender_address": "A", "key_broker": "B", "hs6": "851713"}


def ledger(*controls: dict[str, Any]) -> pl.DataFrame:
    """A known ledger: one row a control, all alike but for what is told."""
    rows = []
    for told in controls:
        said = PLAIN | told
        row = dict.fromkeys(sorted(KEYS)) | said
        row |= {"hs4": said["hs6"][:4], "hs2": said["hs6"][:2]}
        row = {key: [value] if key in LISTS else value for key, value in row.items()}
        is_found = int(said.get("found", 0))
        rows.append(row | {"w": UNIT, "w_irregular": UNIT * is_found, "w_goods": 0,
                           "w_recovered": 0})  # fmt: skip
    schema = {key: pl.List(pl.String) if key in LISTS else pl.String for key in sorted(KEYS)}
    numbers = dict.fromkeys(("w", "w_irregular", "w_goods", "w_recovered"), pl.Int64)
    return pl.DataFrame([{k: r[k] for k in schema | numbers} for r in rows],
                        schema=schema | numbers)  # fmt: skip


def seen(known: pl.DataFrame, **asked: Any) -> dict[str, float]:
    """Rates of one parcel of one item."""
    said = dict.fromkeys(sorted(KEYS)) | PLAIN | asked
    said |= {"hs4": said["hs6"][:4], "hs2": said["hs6"][:2]}
    one = pl.DataFrame([said], schema=dict.fromkeys(said, pl.String)).with_columns(
        row=pl.lit(0, pl.UInt32)
    )
    past = Past.of(known)
    parties = rates_of_parties(one, past)
    goods = rates_of_goods(one, parties, past)
    return parties.row(0, named=True) | goods.row(0, named=True)


def test_without_controls_everybody_is_like_everybody() -> None:
    known = ledger({}).clear()
    rates = seen(known)
    base = Past.of(known).base["irregular"]
    assert {rates[f"{level.name}_controls"] for level in LEVELS} == {0.0}
    for level in LEVELS:
        assert rates[f"{level.name}_rate"] == pytest.approx(base)
        assert rates[f"{level.name}_sure_rate"] < base


def test_own_finds_are_not_heard_again_from_the_parents() -> None:
    """Address and broker know of nobody else, so what they say is the overall rate."""
    known = ledger({"found": 1}, {"found": 1}, {"key_sender": "T", "key_sender_address": "Q",
                   "key_broker": "Z"})  # fmt: skip
    past = Past.of(known)
    strength = past.strengths["sender", "rate"]
    by_hand = (2 + strength * past.base["irregular"]) / (2 + strength)
    assert seen(known)["sender_rate"] == pytest.approx(by_hand)


@pytest.mark.parametrize("shared", ["key_sender_address", "key_broker"])
def test_a_sender_never_controlled_leans_on_the_nearest_it_shares(shared: str) -> None:
    known = ledger(*[{"found": 1}] * 6, *[{"key_sender": "T", "key_sender_address": "Q",
                   "key_broker": "Z"}] * 20)  # fmt: skip
    elsewhere = {"key_sender": "N", "key_sender_address": "N", "key_broker": "N"}
    stranger = seen(known, **elsewhere)["sender_rate"]
    near = seen(known, **{k: v for k, v in elsewhere.items() if k != shared})["sender_rate"]
    assert near > 1.5 * stranger


def test_a_code_never_controlled_leans_on_its_heading_and_that_on_its_chapter() -> None:
    known = ledger(*[{"found": 1, "hs6": "950300"}] * 8, *[{"hs6": "610910"}] * 30)
    other = {"key_sender": "N", "key_sender_address": "N", "key_broker": "N"}
    rates = [seen(known, hs6=hs6, **other)["code_rate"] for hs6 in ("950300", "950399", "950499")]
    rates += [seen(known, hs6="480100", **other)["code_rate"]]
    assert rates[0] >= rates[1] >= rates[2] > rates[3]


def test_one_bad_line_of_goods_does_not_taint_the_senders_others_as_much() -> None:
    known = ledger(*[{"found": 1, "hs6": "950300"}] * 5, *[{"hs6": "610910"}] * 5)
    bad, good = (seen(known, hs6=hs6)["sender_heading_rate"] for hs6 in ("950300", "610910"))
    assert bad > seen(known)["sender_rate"] > good


def test_what_is_sure_grows_with_controls_at_the_same_share() -> None:
    def sure(times: int) -> float:
        return seen(ledger(*[{"found": 1}, {}] * times))["sender_sure_rate"]

    assert sure(1) < sure(4) < sure(16) < 0.5


@given(found=st.lists(st.booleans(), min_size=0, max_size=12))
@settings(max_examples=30, deadline=None)
def test_rates_are_shares_and_doubt_lowers_them(found: list[bool]) -> None:
    known = ledger({}, *[{"found": one} for one in found])
    rates = seen(known)
    for level in LEVELS:
        assert 0 <= rates[f"{level.name}_sure_rate"] < rates[f"{level.name}_rate"] < 1


def test_every_item_level_tells_all_columns() -> None:
    rates = seen(ledger({"found": 1}))
    assert all(f"{level.name}_{ending}" in rates for level in ITEM_LEVELS for ending in TOLD)


def test_entities_that_differ_lean_less_than_entities_that_are_alike() -> None:
    controls = pl.Series(np.full(200, 10.0))
    usual = np.full(200, 0.2)
    alike = likeliest_strength(controls, pl.Series(np.full(200, 2.0)), usual)
    differing = likeliest_strength(controls, pl.Series([0.0, 0.0, 0.0, 0.0, 10.0] * 40), usual)
    assert differing == STRENGTHS[0]
    assert alike == STRENGTHS[-1]


def test_without_repeated_controls_the_strength_is_the_usual_one() -> None:
    nothing = pl.Series([], dtype=pl.Float64)
    assert likeliest_strength(nothing, nothing, np.zeros(0)) == USUAL_STRENGTH
    past = Past.of(ledger({"found": 1}, {"key_sender": "T", "hs6": "610910"}))
    assert past.strengths["sender", "rate"] == USUAL_STRENGTH
