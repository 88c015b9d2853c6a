"""Do the words fit the code? Learned from what other senders declare, not from itself."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.agreement import TOLD, agreement
from features.goods_words import goods_words
from features.history import History
from features.item_keys import ItemKeys
from features.sight import prepared
from tests.features.seeing import DAY, rows

SERUM = {"goods_description": "zyloft kremax", "hs6": "330499"}
SHOES = {"goods_description": "trambo walkee", "hs6": "640411"}
MUG = {"goods_description": "plonk tassol", "hs6": "691110"}
WRONG = SHOES | {"hs6": "330499"}
LIGHTER_WORDS = ("lighter", "Feuerzeug", "briquet", "aansteker", "accendino", "mechero")


def sent(*goods: dict[str, str]) -> list[dict[str, str]]:
    """Each from a sender of its own."""
    number = count()
    return [{"exporter_name": f"Sender {next(number)}", "exporter_id": None} | one for one in goods]


def fit(*consignments: dict[str, str], history: History | None = None) -> pl.DataFrame:
    items, _ = prepared(rows(*consignments))
    return agreement(ItemKeys(items), history or History.empty(), DAY)


@pytest.fixture(scope="module")
def past() -> History:
    yesterday = DAY - timedelta(days=1)
    goods = prepared(rows(*sent(*[SERUM, SHOES, MUG] * 30)))
    return History.empty().advanced(*goods, yesterday)


def test_a_planted_wrong_code_stands_out_on_its_flight() -> None:
    read = fit(*sent(*[SHOES, SERUM, MUG] * 10, SHOES, WRONG))
    right, wrong = read[-2:].to_dicts()
    assert wrong["text_gap"] > 1
    assert wrong["text_heading"] == "6404"
    assert wrong["text_hs4_lift"] < 0 < right["text_hs4_lift"]
    assert wrong["text_hs6_odds"] < -1 < 1 < right["text_hs6_odds"]
    assert right["text_gap"] == 0


def test_a_planted_wrong_code_stands_out_against_the_past(past: History) -> None:
    right, wrong = fit(SHOES, WRONG, history=past).to_dicts()
    assert right["text_gap"] == 0
    assert wrong["text_gap"] > 1
    assert wrong["text_hs2_odds"] < 0 < right["text_hs2_odds"]
    assert wrong["text_heading"] == right["text_heading"] == "6404"
    assert wrong["text_hs6"] == 640411


def test_a_sender_is_no_evidence_for_itself() -> None:
    """A word that only one sender uses says nothing, however often it is repeated."""
    read = fit(*[SHOES] * 5, MUG)
    assert read["text_known_share"].to_list() == [0.0] * 6
    assert read["text_hs6_lift"].fill_null(0.0).to_list() == [0.0] * 6


def test_a_lie_told_often_does_not_look_usual(past: History) -> None:
    """One sender's thousand wrong codes weigh no more than its one."""
    once = fit(*sent(*[SHOES] * 5), WRONG, history=past)[-1].to_dicts()[0]
    often = fit(*sent(*[SHOES] * 5), *[WRONG] * 200, history=past)[-1].to_dicts()[0]
    assert often["text_gap"] == pytest.approx(once["text_gap"])
    assert often["text_hs6_odds"] == pytest.approx(once["text_hs6_odds"])
    assert often["text_hs6_odds"] < -2


def test_a_wrong_code_within_the_heading_is_seen_at_six_digits_alone(past: History) -> None:
    right, wrong = fit(SERUM, SERUM | {"hs6": "330420"}, history=past).to_dicts()
    assert wrong["text_hs6_odds"] < 0 < right["text_hs6_odds"]
    assert wrong["text_hs4_odds"] == pytest.approx(right["text_hs4_odds"], abs=0.3)
    assert wrong["text_gap"] == 0


def test_a_description_without_words_has_no_opinion(past: History) -> None:
    read = fit({"goods_description": "12 - 34", "hs6": "851310"}, history=past)
    assert read.null_count().sum_horizontal().item() == read.width == len(TOLD)


def test_the_order_of_words_and_a_plural_change_nothing(past: History) -> None:
    plain = fit({"goods_description": "trambo walkee", "hs6": "691110"}, history=past)
    other = fit({"goods_description": "Walkees, TRAMBO trambos", "hs6": "691110"}, history=past)
    assert plain.equals(other)


@pytest.mark.parametrize("word", LIGHTER_WORDS)
def test_common_goods_are_known_before_anybody_declared(word: str) -> None:
    right, wrong = fit(
        {"goods_description": f"{word} gift", "hs6": "961310"},
        {"goods_description": f"{word} gift", "hs6": "640411"},
    ).to_dicts()
    assert right["text_gap"] == 0
    assert wrong["text_heading"] == "9613"
    assert wrong["text_hs4_odds"] < right["text_hs4_odds"] - 2


@pytest.mark.parametrize("spelled", ["Feuerzeuge", "Sturmfeuerzeug", "aanstekers", "feuerzug"])
def test_words_hardly_seen_borrow_from_those_they_look_like(spelled: str) -> None:
    read = fit({"goods_description": spelled, "hs6": "640411"})
    assert read["text_heading"].item() == "9613"


def test_the_table_gives_way_to_what_is_declared() -> None:
    strange = {"goods_description": "lighter", "hs6": "940542"}
    read = fit(*sent(*[strange] * 60))
    assert read["text_gap"].max() == 0


def test_every_word_of_the_table_has_its_whole_share() -> None:
    shares = goods_words().group_by("text").agg(pl.col("share").sum(), pl.len())
    assert shares.select((pl.col("share") > 1000 - pl.col("len")).all()).item()
    assert goods_words()["hs6"].str.contains(r"^\d{6}$").all()
    assert goods_words()["text"].str.contains(r"^[a-z]{2,}$").all()


_GOODS = st.sampled_from([SERUM, SHOES, MUG, WRONG])


@given(st.lists(_GOODS, min_size=1, max_size=12), st.lists(_GOODS, max_size=12))
@settings(max_examples=15, deadline=None)
def test_what_lies_on_another_flight_changes_nothing(
    here: list[dict[str, str]], there: list[dict[str, str]]
) -> None:
    other = [one | {"flight_number": "ZZ9"} for one in sent(*there)]
    both = fit(*sent(*here), *other)
    assert fit(*sent(*here)).equals(both[: len(here)])


@given(st.lists(_GOODS, min_size=1, max_size=20))
@settings(max_examples=15, deadline=None)
def test_odds_grow_with_fewer_digits(here: list[dict[str, str]]) -> None:
    read = fit(*sent(*here)).drop_nulls("text_hs6_odds")
    assert (read["text_hs4_odds"] >= read["text_hs6_odds"]).all()
    assert (read["text_hs2_odds"] >= read["text_hs4_odds"]).all()
