"""What a sender usually sends: what is foreign to it, and what its goods weigh."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from features.history import History
from features.item_keys import ItemKeys
from features.own_goods import own_goods
from features.own_mass import USUAL_SPREAD, own_mass
from features.past_pairs import PastPairs
from features.sight import prepared
from tests.features.seeing import DAY, rows

MUG = {"goods_description": "ceramic coffee mug", "hs6": "691200"}
SOCKS = {"goods_description": "cotton crew socks", "hs6": "611595"}
SLIP = MUG | {"hs6": "611595"}
REWRITTEN = {"goods_description": "handmade tea vessel", "hs6": "691200"}


def of(sender: str, *goods: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"exporter_name": sender, "exporter_id": None} | one for one in goods]


def foreign(*consignments: dict[str, Any], history: History | None = None) -> pl.DataFrame:
    items, _ = prepared(rows(*consignments))
    known, keys = history or History.empty(), ItemKeys(items)
    return own_goods(keys, PastPairs.of(keys, known.pairs), known.sender_words, DAY)


def masses(*consignments: dict[str, Any], history: History | None = None) -> pl.DataFrame:
    items, _ = prepared(rows(*consignments))
    known, keys = history or History.empty(), ItemKeys(items)
    usual = items.hstack(known.references.read(items))
    return own_mass(usual, keys, PastPairs.of(keys, known.pairs), DAY)


@pytest.fixture(scope="module")
def past() -> History:
    """One sends mugs, the other socks."""
    goods = prepared(rows(*of("Potter", *[MUG] * 30), *of("Knitter", *[SOCKS] * 30)))
    return History.empty().advanced(*goods, DAY - timedelta(days=1))


def test_goods_that_a_sender_never_sends_are_foreign_to_it(past: History) -> None:
    read = foreign(*of("Potter", MUG, SOCKS), *of("Knitter", SOCKS), history=past)
    mug, socks, knitted = read["goods_surprise"].to_list()
    assert mug < 0 < 1 < socks
    assert knitted < 0


def test_a_slip_of_the_code_or_a_new_text_is_no_foreign_goods(past: History) -> None:
    slip, rewritten = foreign(*of("Potter", SLIP, REWRITTEN), history=past).to_dicts()
    assert slip["heading_surprise"] > 1 > 0 > slip["goods_surprise"]
    assert rewritten["words_surprise"] > -0.1 > rewritten["goods_surprise"]


def test_a_sender_never_seen_tells_nothing(past: History) -> None:
    read = foreign(*of("Stranger", SOCKS), history=past)
    assert read["goods_surprise"].item() == pytest.approx(0, abs=0.01)


def test_the_flight_alone_shows_what_a_sender_sends() -> None:
    read = foreign(*of("Potter", *[MUG] * 20, SOCKS), *of("Knitter", *[SOCKS] * 20))
    assert read["goods_surprise"][20] > 1
    assert max(read["goods_surprise"][:20]) < 0


def test_without_words_nothing_is_foreign(past: History) -> None:
    read = foreign(*of("Potter", {"goods_description": "12", "hs6": "611595"}), history=past)
    assert read["words_surprise"].to_list() == read["goods_surprise"].to_list() == [None]


def weighing(*kilograms: float, goods: dict[str, str] = MUG) -> list[dict[str, Any]]:
    return [
        goods | {"quantity": "1", "gross_mass_kg": str(kg), "net_mass_kg": str(kg)}
        for kg in kilograms
    ]


def test_one_article_weighs_the_same_and_many_behind_one_label_do_not() -> None:
    same = masses(*of("Potter", *weighing(*[0.3] * 12)))
    each_another = masses(*of("Potter", *weighing(*[0.03, 0.1, 0.3, 1.0] * 3)))
    assert same["text_mass_spread"].max() < USUAL_SPREAD / 1000
    assert each_another["text_mass_spread"].min() > 1
    assert each_another["heading_mass_spread"].min() > 1


def test_goods_heavier_than_everybodys_are_a_habit() -> None:
    others = [one for at in range(10) for one in of(f"Other {at}", *weighing(*[0.3] * 5))]
    read = masses(*of("Heavy", *weighing(*[2.4] * 10)), *others)
    assert read["heading_mass_habit"][:10].min() > 1
    assert read["heading_mass_habit"][10:].max() < 0.1


def test_lots_larger_than_everybodys_are_a_habit() -> None:
    others = [one for at in range(10) for one in of(f"Other {at}", *weighing(*[0.3] * 5))]
    many = [one | {"quantity": "30"} for one in weighing(*[9.0] * 10)]
    read = masses(*of("Bulk", *many), *others)
    assert read["heading_lot_habit"][:10].min() > 1
    assert read["heading_lot_habit"][10:].max() < 0.1


def test_a_first_parcel_has_no_habit() -> None:
    read = masses(*of("Potter", *weighing(0.3)))
    assert read["heading_mass_habit"].to_list() == [None]
    assert read["text_mass_spread"].item() == pytest.approx(USUAL_SPREAD / 1000)


def test_the_past_counts_as_the_flight_does() -> None:
    before = prepared(rows(*of("Potter", *weighing(*[0.03, 0.1, 0.3, 1.0] * 3))))
    past = History.empty().advanced(*before, DAY - timedelta(days=1))
    read = masses(*of("Potter", *weighing(0.3)), history=past)
    assert read["text_mass_spread"].item() > 1
