"""Sentences name the item they are true of."""

from __future__ import annotations

import re
from typing import Any

import pytest

from features.catalogue import FEATURES, NAMES, features_of
from features.named import PICKED, item_of
from features.sight import prepared, sight
from features.telling import BY_NAME, Among, facts_of, told
from models.examples import Seen
from tests.features.seeing import DAY, rows

PHONE = {"hawb": "H1", "hs6": "851713", "goods_description": "mobile phone", "quantity": "2",
         "intrinsic_value": "103", "gross_mass_kg": "0.4", "net_mass_kg": "0.4"}  # fmt: skip
GIFT = {"hawb": "H1", "goods_item_number": "2", "hs6": "240220", "goods_description": "gift",
        "intrinsic_value": "1", "gross_mass_kg": "0.9", "net_mass_kg": "0.9"}  # fmt: skip


@pytest.fixture(scope="module")
def said(walked: Seen) -> dict[str, str]:
    """Every sentence on a phone of EUR 103 with a "gift" of EUR 1, whatever its value."""
    seen = sight(*prepared(rows(PHONE, GIFT)), walked.history, walked.ledger, DAY)
    values, facts = features_of(seen).select(NAMES).to_dicts()[0], facts_of(seen)[0]
    found = {feature.name: told(feature, values, 99.0, facts) for feature in FEATURES}
    return {name: one.sentence for name, one in found.items() if one is not None}


def test_each_sentence_on_an_item_gives_that_items_numbers(said: dict[str, str]) -> None:
    on_items = {name: text for name, text in said.items() if name in PICKED}
    assert len(on_items) >= 6
    for text in on_items.values():
        named = set(re.findall("'(mobile phone|gift)'", text))
        assert len(named) == 1, text
        foreign = "103.00|0.40|851713|2 ×|1 ×" if named == {"gift"} else "EUR 1.00|0.90|2402"
        assert not re.search(foreign, text), text


@pytest.mark.parametrize(
    ("feature", "item"),
    [("is_stop_word", "gift"), ("vague_share", "gift"), ("unit_mass_high_z", "mobile phone"),
     ("odd_not_in_h7", "gift"), ("is_catch_all", "mobile phone")],
)  # fmt: skip
def test_the_item_is_the_one_that_the_feature_is_about(
    walked: Seen, feature: str, item: str
) -> None:
    seen = sight(*prepared(rows(PHONE, GIFT)), walked.history, walked.ledger, DAY)
    assert item_of(feature, facts_of(seen)[0]["goods"])["item"] == item


@pytest.mark.parametrize("feature", sorted(PICKED))
def test_the_item_picked_has_the_value_of_the_feature(walked: Seen, feature: str) -> None:
    """What a sentence says of its item is where the feature's number comes from."""
    seen = sight(*prepared(rows(PHONE, GIFT)), walked.history, walked.ledger, DAY)
    goods: list[dict[str, Any]] = facts_of(seen)[0]["goods"]
    column, is_highest = PICKED[feature]
    known = [item[column] for item in goods if item[column] is not None]
    number = features_of(seen)[feature].item()
    if feature == "is_catch_all" or not known:
        return
    assert number == pytest.approx(float(max(known) if is_highest else min(known)))


PAST = {"sender_rate": 0.5, "sender_controls": 8.0, "kin_controls": 2.0,
        "sender_lineage_rate": 0.5, "sender_sure_rate": 0.3, "sender_goods_rate": 0.2,
        "sender_recovered": 2.0, "sender_ramp": 1.5, "sender_age_days": 3.0}  # fmt: skip


@pytest.mark.parametrize(
    ("feature", "among", "words"),
    [
        ("sender_rate", Among(97.0, 98.0, 0.08),
         ["8.0 (recent ones count", "about 50 %", "higher than for 97 %", "usual there: 8 %"]),
        ("sender_lineage_rate", Among(97.0, 98.0, 0.08), ["10.0 (recent", "about 50 %"]),
        ("sender_sure_rate", Among(97.0, 98.0, 0.02), ["8.0 (recent", "surely 30 %"]),
        ("sender_goods_rate", Among(97.0, 98.0, 0.02), ["8.0 (recent", "about 20 % with imitat"]),
        ("sender_recovered", Among(97.0, 98.0, 0.0), ["8.0 (recent", "EUR 6.39"]),
        ("sender_ramp", Among(91.0, 92.0, 0.1), ["4.5 times", "higher than for 91 %"]),
        ("sender_age_days", Among(4.0, 6.0, 88.0), ["3 days", "lower than for 94 %", "there: 88"]),
    ],
)  # fmt: skip
def test_value_reference_and_percentile_are_told(
    feature: str, among: Among, words: list[str]
) -> None:
    one = told(BY_NAME[feature], PAST, among.smaller, {"sender_parcels": 40}, among)
    assert one is not None
    assert [word for word in words if word not in one.sentence] == []


@pytest.mark.parametrize("among", [Among(60.0, 62.0, 0.2), Among(97.0, 98.0, 0.45)])
def test_a_past_that_is_nearly_usual_is_no_reason(among: Among) -> None:
    assert told(BY_NAME["sender_rate"], PAST, among.smaller, {}, among) is None
