"""Rolled up as neighbours is the same as grouped; looked up by number the same as joined."""

from __future__ import annotations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from features.codes import coded
from features.decayed import DecayedTable
from features.item_keys import Spelled, located, matched, within
from features.levels import BINS, MEASURES, Level
from features.past_pairs import PastPair
from features.references import References
from features.segments import Segments
from tests.features.seeing import DAY

NUMBER = st.none() | st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: round(x, 2) + 0.0)
ITEM = st.tuples(st.integers(0, 4), NUMBER, NUMBER, st.integers(-5, 5), st.sampled_from("abc"))
PAIR = st.tuples(st.sampled_from(["a", "b", "c", None]), st.sampled_from(["x", "y", "z"]))


@given(st.lists(ITEM, max_size=30))
@settings(deadline=None)
def test_rolled_up_as_grouped(rows: list[tuple[int, float | None, float | None, int, str]]) -> None:
    schema = {"run": pl.Int64, "a": pl.Float64, "b": pl.Float64, "n": pl.Int64, "key": pl.String}
    table = pl.DataFrame(rows, schema=schema, orient="row").sort("run", maintain_order=True)
    runs = Segments.of(table["run"])
    low, high = runs.extremes(table, ["a", "n"], ["b", "a", "n"])
    told = pl.DataFrame(
        [*(low[name].alias(f"{name}_low") for name in low.columns),
         *(high[name].alias(f"{name}_high") for name in high.columns),
         runs.total(table["n"]), runs.median(table["a"]), runs.first(table["b"]),
         runs.distinct(coded(table["key"])).alias("keys"), runs.any(table["n"] > 3).alias("any"),
         table["key"].gather(pl.Series(runs.at_largest(table["n"])))]
    )  # fmt: skip
    a, n = pl.col("a"), pl.col("n")
    grouped = table.group_by("run", maintain_order=True).agg(
        a.min().alias("a_low"), n.min().alias("n_low"), pl.col("b").max().alias("b_high"),
        a.max().alias("a_high"), n.max().alias("n_high"), n.sum(), a.median(),
        pl.col("b").first(), pl.col("key").n_unique().alias("keys"), (n > 3).any().alias("any"),
        pl.col("key").get(n.arg_max()),
    )  # fmt: skip
    assert told.equals(grouped.drop("run"), null_equal=True)
    assert told.schema == grouped.drop("run").schema


@given(st.lists(PAIR, max_size=20), st.lists(PAIR, max_size=20, unique=True))
@settings(deadline=None)
def test_pairs_looked_up_as_joined(
    asked: list[tuple[str | None, str]], held: list[tuple[str | None, str]]
) -> None:
    text = {"one": pl.String, "other": pl.String}
    items = pl.DataFrame(asked, schema=text, orient="row")
    known = [pair for pair in held if pair[0] is not None]
    rows = pl.DataFrame(known, schema=text, orient="row").with_columns(
        items=pl.int_range(pl.len()).cast(pl.Float64) + 0.5
    )
    past = DecayedTable(("one", "other"), {"items": 45.0}, rows, None)
    pair = PastPair.of(past, coded(items["one"]), coded(items["other"]), items)
    told = pair.told(pair.sums(DAY, "items"))
    joined = items.join(rows, on=["one", "other"], how="left", maintain_order="left")
    assert told.equals(joined.select("items"), null_equal=True)


def test_what_is_not_there_is_nowhere() -> None:
    among = pl.Series(["a", None, "b"], dtype=pl.String)
    assert located(pl.Series(["b", None, "c", "a"]), among).tolist() == [2, -1, -1, 0]
    numbers = (pl.Series(part).to_numpy() for part in ([7, -1, 3], [3, 5, 7]))
    assert matched(*numbers).tolist() == [2, -1, 0]


def test_a_coarser_key_is_coded_as_if_alone() -> None:
    codes = pl.Series(["851310", "851390", "420292", "851310", "420231"])
    told, alone = within(coded(codes), codes.str.head(4)), coded(codes.str.head(4))
    assert told.of.tolist() == alone.of.tolist()
    assert told.first.tolist() == alone.first.tolist()


def test_texts_are_spelled_out_word_by_word() -> None:
    spelled = Spelled.of_lists(pl.Series([["mug", "tea"], [], ["tea"]], dtype=pl.List(pl.String)))
    at, word = spelled.of_texts(pl.Series([2, 1, 0, 2]).to_numpy())
    assert at.tolist() == [0, 2, 2, 3]
    assert spelled.words.gather(pl.Series(word)).to_list() == ["tea", "mug", "tea", "tea"]


GOODS = st.tuples(
    st.integers(0, 1), st.sampled_from(["851310", "851390", "850760", "420292"]), st.booleans(),
    st.integers(0, 30) | st.integers(0, 20_000),
)  # fmt: skip


def _flight_alone(items: pl.DataFrame, name: str) -> pl.DataFrame:
    """What an item's code, in its own flight, says of a measure, by windows."""
    group = ["flight_index", "hs6", "has_pieces"]
    value, n = pl.col(name), pl.len()
    return items.select(
        centre=value.median().over(group),
        width=((value.quantile(0.84) - value.quantile(0.16)) / 2).over(group),
        share=((value.rank("average") - 0.5) / n).over(group),
        n=n.over(group).cast(pl.Float64),
    )


@given(st.lists(GOODS, min_size=1, max_size=40))
@settings(deadline=None)
def test_one_code_alone_is_read_as_windows_read_it(rows: list[tuple[int, str, bool, int]]) -> None:
    """With one code a chapter nothing is mixed that differs: the windows' own numbers remain."""
    codes = {"851310": "010121", "851390": "851310", "850760": "420292", "420292": "950300"}
    table = [(flight, codes[code], pieces, value) for flight, code, pieces, value in rows]
    schema = {"flight_index": pl.UInt32, "hs6": pl.String, "has_pieces": pl.Boolean, "v": pl.Int64}
    items = pl.DataFrame(table, schema=schema, orient="row")
    items = items.with_columns(pl.col("v").alias(name) for name in MEASURES)
    read, own = References.empty().read(items), _flight_alone(items, "v")
    wide = pl.max_horizontal(own["width"], pl.lit(150.0))
    difference = pl.DataFrame(
        {"centre": read["unit_mass_usual"] - own["centre"],
         "share": read["unit_mass_percentile"] - own["share"],
         "n": read["reference_count"] - own["n"],
         "spread": read["unit_mass_spread"] - own.select(wide).to_series()}
    )  # fmt: skip
    assert difference.select((pl.all().abs() < 1e-6).all()).row(0) == (True,) * 4


def test_levels_without_a_past_know_no_code() -> None:
    level = Level.of(pl.Series([], dtype=pl.Int64).to_numpy(), References.empty().histograms["lot"])
    assert level.cumulated.shape == (0, BINS)
    assert level.rows(pl.Series([1, 2]).to_numpy()).tolist() == [-1, -1]
