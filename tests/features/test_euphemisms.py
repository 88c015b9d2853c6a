"""Words of parcels found irregular: cautious, and over senders."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.euphemisms import with_word_odds, word_odds
from features.item_keys import ItemKeys
from features.units import UNIT

BASE = 0.2


def known(*controls: tuple[str, str, bool]) -> pl.DataFrame:
    """Controls: sender, words, whether irregular."""
    return pl.DataFrame(
        {
            "key_sender": [sender for sender, _, _ in controls],
            "word": [words.split() for _, words, _ in controls],
            "w": [UNIT for _ in controls],
            "w_irregular": [UNIT * found for _, _, found in controls],
        }
    )


def odds_of(*controls: tuple[str, str, bool]) -> dict[str, int]:
    read = word_odds(known(*controls), BASE)
    return dict(zip(read["word"], read["odds"], strict=True))


def test_a_word_found_with_many_senders_is_told() -> None:
    found = [(f"s{at}", "playful deco", True) for at in range(10)]
    clean = [(f"c{at}", "deco mug", False) for at in range(30)]
    odds = odds_of(*found, *clean)
    assert odds["playful"] > 1000
    assert odds["mug"] < 0
    assert odds["mug"] < odds["deco"] < odds["playful"]


def test_a_senders_own_words_are_its_fingerprint_not_a_euphemism() -> None:
    alone = [("cheat", "gizmo", True)] * 50
    assert odds_of(*alone) == {}
    assert odds_of(*alone, ("a", "gizmo", False), ("b", "gizmo", False))["gizmo"] == 0


def test_few_controls_prove_less_than_many() -> None:
    few = odds_of(*[(f"s{at}", "deco", at < 3) for at in range(4)])
    many = odds_of(*[(f"s{at}", "deco", at < 30) for at in range(40)])
    assert 0 <= few["deco"] < many["deco"]


def test_no_word_is_told_of_no_control() -> None:
    items = pl.DataFrame({"text_key": ["deco"], "words": [["deco"]]})
    read = with_word_odds(items, ItemKeys(items), known(("s", "deco", True)).clear(), BASE)
    assert read["word_odds_max"].to_list() == [None]


@given(st.lists(st.booleans(), min_size=3, max_size=40))
@settings(deadline=None)
def test_more_finds_never_lower_the_odds(found: list[bool]) -> None:
    controls = [(f"s{at}", "deco", is_found) for at, is_found in enumerate(found)]
    worse = [(sender, word, True) if at == 0 else (sender, word, is_found)
             for at, (sender, word, is_found) in enumerate(controls)]  # fmt: skip
    assert odds_of(*worse)["deco"] >= odds_of(*controls)["deco"]


def test_items_get_their_most_suspicious_word() -> None:
    controls = [(f"s{at}", "playful", True) for at in range(10)]
    items = pl.DataFrame(
        {"text_key": ["mug playful", "mug"], "words": [["mug", "playful"], ["mug"]]}
    )
    read = with_word_odds(items, ItemKeys(items), known(*controls), BASE)
    assert read["word_odds_max"][0] == pytest.approx(read["word_odds_sum"][0])
    assert read["word_odds_max"][0] > 1
    assert read["word_odds_max"][1] is None
