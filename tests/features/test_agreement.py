"""Do the words fit the code? Learned from what others declare, not from itself."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest

from features.agreement import agreement
from features.history import History
from features.sight import prepared
from tests.features.seeing import DAY, rows

TORCH = {"goods_description": "LED torch lamp", "hs6": "851310"}
SHOES = {"goods_description": "canvas running shoes", "hs6": "640411"}
MUG = {"goods_description": "ceramic coffee mug", "hs6": "691200"}
WRONG = {"goods_description": "canvas running shoes", "hs6": "851310"}


def fit(*consignments: dict[str, str], history: History | None = None) -> pl.DataFrame:
    items, _ = prepared(rows(*consignments))
    return agreement(items, history or History.empty(), DAY)


@pytest.fixture(scope="module")
def past() -> History:
    yesterday = DAY - timedelta(days=1)
    return History.empty().advanced(*prepared(rows(*[TORCH, SHOES, MUG] * 60)), yesterday)


def test_a_planted_wrong_code_stands_out_on_its_flight() -> None:
    others = [{"goods_description": f"{look} running shoes", "hs6": "640411"}
              for look in ("red", "blue", "light", "summer", "kids")]  # fmt: skip
    read = fit(*[*others, TORCH, MUG] * 8, SHOES, WRONG)
    right, wrong = read[-2:].to_dicts()
    assert wrong["text_gap"] > 1
    assert wrong["text_heading"] == "6404"
    assert wrong["text_hs4_lift"] < 0 < right["text_hs4_lift"]
    assert right["text_gap"] == 0


def test_a_planted_wrong_code_stands_out_against_the_past(past: History) -> None:
    right, wrong = fit(SHOES, WRONG, history=past).to_dicts()
    assert right["text_gap"] == 0
    assert wrong["text_gap"] > 1
    assert wrong["text_hs6_lift"] < 0 < right["text_hs6_lift"]
    assert wrong["text_heading"] == right["text_heading"] == "6404"


def test_the_declaration_asked_about_is_no_evidence() -> None:
    """A word seen only here says nothing, however often it is repeated under its code."""
    read = fit(*[TORCH] * 5, MUG)
    assert read["text_known_share"].to_list() == [0.0] * 6
    assert read["text_hs6_lift"].fill_null(0.0).to_list() == [0.0] * 6


def test_a_wrong_code_within_the_heading_is_seen_at_six_digits_alone(past: History) -> None:
    near = TORCH | {"hs6": "851390"}
    right, wrong = fit(TORCH, near, history=past).to_dicts()
    assert wrong["text_hs6_lift"] < right["text_hs6_lift"]
    assert wrong["text_hs4_lift"] == pytest.approx(right["text_hs4_lift"], abs=0.1)
    assert wrong["text_gap"] == 0


def test_a_description_without_words_has_no_opinion(past: History) -> None:
    read = fit({"goods_description": "12 - 34", "hs6": "851310"}, history=past)
    assert read.null_count().sum_horizontal().item() == read.width


def test_the_order_of_words_and_a_plural_change_nothing(past: History) -> None:
    plain = fit({"goods_description": "torch lamp LED", "hs6": "640411"}, history=past)
    other = fit({"goods_description": "LED lamps, torches torch", "hs6": "640411"}, history=past)
    assert plain["text_heading"].to_list() == other["text_heading"].to_list() == ["8513"]
