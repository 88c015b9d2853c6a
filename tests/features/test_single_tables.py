"""Look-ups and expressions of one row answer as frames do."""

from __future__ import annotations

import math

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.single.expressions import UnsupportedExpressionError, compiled
from features.single.lookup import Lookup

_KEYS = st.text(alphabet="aAé|0", max_size=3)
_TABLE = st.dictionaries(st.tuples(_KEYS, _KEYS), st.floats(allow_nan=False), max_size=40)


@given(_TABLE, st.lists(st.tuples(_KEYS, _KEYS), max_size=20), st.sampled_from([0, 100]))
@settings(deadline=None)
def test_a_key_finds_its_row_and_no_other(
    rows: dict[tuple[str, str], float], asked: list[tuple[str, str]], small: int
) -> None:
    columns = {"a": [a for a, _ in rows], "b": [b for _, b in rows], "n": list(rows.values())}
    table = pl.DataFrame(columns, schema={"a": pl.String, "b": pl.String, "n": pl.Float64})
    lookup = Lookup.of(table, ["a", "b"], ["n"], small=small)
    for key in [*rows, *asked]:
        assert lookup.told("n", lookup.row(*key)) == rows.get(key)
    assert lookup.row(None, "a") == lookup.row("a", None) == -1


@pytest.mark.parametrize("small", [0, 100_000])
def test_single_keys_among_many(small: int) -> None:
    table = pl.DataFrame({"key": [f"K{at}" for at in range(70_000)], "n": range(70_000)})
    lookup = Lookup.of(table, ["key"], ["n"], small=small)
    assert all(lookup.told("n", lookup.row(f"K{at}")) == at for at in range(0, 70_000, 487))
    assert lookup.row("K70000") == lookup.row(None) == -1


_a, _b, _s, _t = pl.col("a"), pl.col("b"), pl.col("s"), pl.col("t")
_EXPRESSIONS = {
    "quotient": _a / _b,
    "log": (_a / _b.clip(0.5)).log(),
    "log_of_any": _b.log(),
    "clipped": (_a * 0.01 - _b).clip(-3, 5.5),
    "kleene": (_a > 2) & (_b <= 1.5) | ~(_a == 3),
    "chosen": pl.when(_b > 0).then(_a).otherwise(pl.coalesce(_b, pl.lit(0.25))),
    "filled": _a.fill_null(7) + _b.is_null().cast(pl.Float64),
    "rest": _a // 3 + _a % 3,
    "among": _s.is_in(["ab", "7"]),
    "number": _s.str.head(2).cast(pl.Float64, strict=False),
    "part": _s.str.slice(1, 2).cast(pl.Int64, strict=False),
    "fits": _s.str.contains("^[a-z]+$") | _s.str.contains("7", literal=True),
    "length": _s.str.len_chars(),
    "without": _s.str.replace(r"\|[A-Z]{2}$", ""),
    "hour": _t.dt.hour(),
}


@given(
    st.one_of(st.none(), st.integers(-9, 9)),
    st.one_of(st.none(), st.sampled_from([-2.5, -0.0, 0.0, 0.1, 1.5, 1e6])),
    st.one_of(st.none(), st.sampled_from(["", "ab", "7", "-7", "+12", "1_0", "٣", "ab\n", "x|CN"])),
    st.integers(-(10**15), 10**15),
)
@settings(deadline=None, max_examples=60)
def test_expressions_mean_what_they_mean_in_a_frame(
    a: int | None, b: float | None, s: str | None, t: int
) -> None:
    schema = {"a": pl.Int64, "b": pl.Float64, "s": pl.String, "t": pl.Int64}
    frame = pl.DataFrame([(a, b, s, t)], schema=schema, orient="row")
    frame = frame.with_columns(_t.cast(pl.Datetime("us", "UTC")))
    read, columns = compiled(_EXPRESSIONS)
    assert columns == {"a", "b", "s", "t"}
    expected = frame.select(**_EXPRESSIONS).row(0)
    for name, told, wanted in zip(
        _EXPRESSIONS, read({"a": a, "b": b, "s": s, "t": t}), expected, strict=True
    ):
        is_nan = isinstance(wanted, float) and math.isnan(wanted)
        assert math.isnan(told) if is_nan else told == wanted, (name, told, wanted)


@pytest.mark.parametrize(
    "expression",
    [_a.rank(), _a.sum().over("s"), _s.str.contains(r"\bx"), _a.log(10), _s.str.to_titlecase(),
     pl.col("other_date").cast(pl.Datetime("us"))],
)  # fmt: skip
def test_what_is_not_known_is_refused(expression: pl.Expr) -> None:
    with pytest.raises(UnsupportedExpressionError):
        compiled({"odd": expression})
