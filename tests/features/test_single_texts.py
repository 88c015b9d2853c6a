"""Texts folded one by one are what polars makes of them."""

from __future__ import annotations

import polars as pl
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.pseudonym import normalised
from features.single.texts import LETTERS, Words, folded, signs, small, words
from features.text import words_of

_LETTERS = st.text(
    st.one_of(
        st.sampled_from("abcsxzABCS 019-_/'sßæøœłđĿŉ"),
        st.characters(max_codepoint=LETTERS - 1),
        st.characters(codec="utf-8"),
    ),
    max_size=24,
)


def _asked(expression: pl.Expr, text: str) -> str:
    return str(pl.DataFrame({"text": [text]}).select(expression).item())


@given(_LETTERS)
@example("Straße ŉ Ŀx ΑΣ")
@settings(max_examples=150, deadline=None)
def test_a_text_is_folded_as_in_a_frame(text: str) -> None:
    column = pl.col("text")
    assert folded(text) == _asked(normalised(column), text)
    assert small(text) == _asked(column.str.to_lowercase(), text)
    told = _asked(column.str.to_uppercase().str.replace_all(r"[\W_]", ""), text)
    assert signs(text) == (told or None)


@given(
    st.lists(
        st.one_of(_LETTERS, st.sampled_from(["for funs", "Dresses", "gifts", "x9", "9x"])),
        max_size=4,
    ).map(" ".join)
)
@example("")
@example("party supplies  4 dress")
@settings(max_examples=150, deadline=None)
def test_a_description_has_the_words_it_has_in_a_frame(raw: str) -> None:
    row = words_of(pl.Series([raw])).row(0, named=True)
    del row["goods_description"]
    assert words(raw) == Words(**row | {"words": tuple(row["words"])})
