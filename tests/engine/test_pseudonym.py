from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.pseudonym import BLOOM_WORDS, keyed_hash, normalised
from tests.engine.door import KEY, items, raw

from engine.intake import EuroOnly, take_in  # isort: skip

BITS = [f"importer_name_bits_{word}" for word in range(BLOOM_WORDS)]


def consignee(**changes: object) -> dict[str, object]:
    return items(changes).row(0, named=True)


def shared_bits(one: str, other: str) -> float:
    """Dice coefficient of two name filters."""
    first, second = consignee(importer_name=one), consignee(importer_name=other)
    both = sum((int(first[b]) & int(second[b])).bit_count() for b in BITS)  # type: ignore[call-overload]
    each = sum(int(row[b]).bit_count() for row in (first, second) for b in BITS)  # type: ignore[call-overload]
    return 2 * both / each


def test_texts_are_compared_without_accents_case_and_signs() -> None:
    text = pl.DataFrame({"t": ["Müller-Straße 12B", "  ÉLODIE  d'Hondt", "Łódź", "--"]})
    assert text.select(normalised(pl.col("t")))["t"].to_list() == [
        "muller strasse 12b", "elodie d hondt", "lodz", "",
    ]  # fmt: skip


def test_the_words_of_a_name_link_in_any_order_and_spelling_of_case() -> None:
    one = consignee(importer_name="Wilhelmina Quackelbeen")
    other = consignee(importer_name="QUACKELBEEN, wilhelmina")
    assert one["importer_name_tokens"] == other["importer_name_tokens"]
    assert len(one["importer_name_tokens"]) == 2  # type: ignore[arg-type]


def test_an_altered_name_stays_near_and_another_name_far() -> None:
    assert shared_bits("Wilhelmina Quackelbeen", "Wilhelmna Quackelbeen") > 0.8
    assert shared_bits("Wilhelmina Quackelbeen", "Jan Peeters") < 0.4


def test_another_key_links_nothing() -> None:
    one = take_in(raw({"importer_id": "ID1"}), rates=EuroOnly(), key=KEY).rows.row(0, named=True)
    other = take_in(raw({"importer_id": "ID1"}), rates=EuroOnly(), key=b"x" * 32).rows
    assert not set(one["importer_name_tokens"]) & set(other["importer_name_tokens"][0])
    assert one["importer_key"] != other["importer_key"][0]


def test_hashes_of_one_word_for_two_purposes_differ() -> None:
    assert keyed_hash("a", KEY, b"one") != keyed_hash("a", KEY, b"two")
    # BLAKE2b is the same everywhere: stored hashes must stay valid.
    assert keyed_hash("a", bytes(16), b"importer name") == 16_786_470_439_025_203_306


@pytest.mark.parametrize(
    ("name", "sign"),
    [
        ("3f2504e0-4f89-11d3-9a0c-0305e82c3301", "importer_name_is_uuid"),
        ("Customer", "importer_name_is_placeholder"),
        ("???", "importer_name_is_placeholder"),
        ("Jan XK2PQ", "importer_name_has_code"),
        ("Jan 2", "importer_name_has_digit"),
    ],
)
def test_signs_of_a_name_that_is_none_are_read_before_it_goes(name: str, sign: str) -> None:
    assert consignee(importer_name=name)[sign] is True
    assert consignee(importer_name="Wilhelmina Quackelbeen")[sign] is False


def test_a_street_with_and_without_a_number() -> None:
    assert consignee(importer_street="Zonnebloemlaan 12b")["importer_street_has_number"] is True
    assert consignee(importer_street="Zonnebloemlaan")["importer_street_has_number"] is False
    assert consignee(importer_street=None)["importer_street_has_number"] is None


def test_punctuation_alone_links_nobody() -> None:
    row = consignee(importer_id="--", importer_street="-", importer_name="?!")
    assert row["importer_key"] is None
    assert row["importer_street_tokens"] == []
    assert row["importer_name_tokens"] == []


@settings(deadline=None, max_examples=15)
@given(st.lists(st.text(min_size=1, max_size=12).filter(str.strip), min_size=1, max_size=5))
def test_no_clear_text_stays_and_a_row_s_pseudonym_depends_on_it_alone(names: list[str]) -> None:
    rows = items(*({"importer_name": n, "hawb": f"H{at}"} for at, n in enumerate(names)))
    assert not {"importer_name", "importer_street", "importer_id"} & set(rows.columns)
    by_hawb = {row["hawb"]: row for row in rows.iter_rows(named=True)}
    for at, name in enumerate(names):
        alone = consignee(importer_name=name)
        for column in ("importer_name_tokens", *BITS):
            assert by_hawb[f"H{at}"][column] == alone[column]
