"""The table of goods is complete, and texts come in every manner."""

import numpy as np
import polars as pl
import pytest

from engine.tariff import EU_TARIFF
from synthetic.goods import CATCH_ALL_CODES, COVER_CODES, DEAR_CODES, FAMILY_SHARES, GOODS
from synthetic.products import goods_table, texts, wrong_codes
from synthetic.titles import FOREIGN_TITLES, TITLES


def test_every_code_has_titles_a_rate_and_sensible_numbers():
    codes = [good.hs6 for good in GOODS]
    assert len(set(codes)) == len(codes) == 114
    assert set(TITLES) == set(FOREIGN_TITLES) == set(codes) <= set(EU_TARIFF.rates)
    for good in GOODS:
        assert good.unit_value_eur > 0
        assert 0 < good.unit_mass_grams < 20_000
        assert 0 <= good.brand <= 1
        assert 0 <= good.safety <= 1


def test_lists_of_codes_name_known_goods():
    known = {good.hs6 for good in GOODS}
    assert {*COVER_CODES, *DEAR_CODES, *CATCH_ALL_CODES} <= known


def test_families_keep_their_shares_of_lines():
    table = goods_table(1.0)
    assert sum(FAMILY_SHARES.values()) == pytest.approx(1)
    toys = [good.family == "toys" for good in GOODS]
    assert table.weight[toys].sum() == pytest.approx(FAMILY_SHARES["toys"])


@pytest.mark.parametrize("style", range(8))
def test_texts_speak_of_the_goods_in_their_manner(style):
    table, rng = goods_table(1.0), np.random.default_rng(1)
    goods = np.full(200, table.positions(("610910",))[0])
    written = texts(rng, table, goods, np.full(200, style))
    words = {
        word for title in TITLES["610910"] + FOREIGN_TITLES["610910"] for word in title.split()
    }
    assert written.str.to_lowercase().str.contains("|".join(w.lower() for w in words)).all()
    assert written.n_unique() > 1
    if style == 1:
        assert (written == written.str.to_lowercase()).all()


def test_wrong_codes_are_neighbours_or_catch_alls():
    table, rng = goods_table(1.0), np.random.default_rng(1)
    goods = np.repeat(np.arange(len(GOODS)), 20)
    wrong = wrong_codes(rng, table, goods)
    codes = pl.Series(sorted(table.hs6))
    place = {code: number for number, code in enumerate(codes)}
    distance = np.array(
        [
            abs(place[table.hs6[int(a)]] - place[table.hs6[int(b)]])
            for a, b in zip(goods, wrong, strict=True)
        ]
    )
    is_catch_all = table.hs6[wrong].is_in(CATCH_ALL_CODES).to_numpy()
    assert ((distance <= 2) | is_catch_all).all()
    assert 0.3 < is_catch_all.mean() < 0.6
