import re
from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import polars as pl
import pytest

from models.comparison import Comparison
from models.comparison_page import page
from models.measures import HEADLINES, MEASURES, Measure
from models.metrics import Evaluation, Population, evaluate
from models.tracking import Run
from tests.models.worlds import KEY, world


def run(name: str, evaluation: Evaluation, *, champion: bool = False, data: str = "d1") -> Run:
    return Run(
        run_id=name * 4,
        name=name,
        kind=name.split("-")[0],
        started_at=datetime(2026, 10, 1, 12, tzinfo=UTC),
        version=int(name.split("-")[1]),
        is_champion=champion,
        params={"leaves": "31"},
        tags={"population": evaluation.population, "data_fingerprint": data},
        metrics=evaluation.values,
    )


def measured(skill: float, population: Population = "flow") -> Evaluation:
    return evaluate(world(skill=skill), population=population, key=KEY)


def comparison(**evaluations: Evaluation) -> Comparison:
    runs = [
        run(f"{kind}-{number}", evaluation, champion=kind == "trees")
        for number, (kind, evaluation) in enumerate(evaluations.items(), start=1)
    ]
    found = dict(zip((r.name for r in runs), evaluations.values(), strict=True))
    return Comparison(
        tuple(runs),
        {name: evaluation.by_day for name, evaluation in found.items()},
        {name: evaluation.curves for name, evaluation in found.items()},
    )


@pytest.fixture(scope="module")
def two() -> Comparison:
    return comparison(chance=measured(0.0), trees=measured(0.9))


def test_the_table_marks_the_best(two: Comparison) -> None:
    lines = {line["figure"]: line for line in two.table()}
    line = lines["Hit rate, 50 controls a flight"]
    assert str(line["trees-2"]).startswith("17.4 % (")
    assert str(line["trees-2"]).endswith("*")
    assert not str(line["chance-1"]).endswith("*")
    assert len(two.table(is_whole=True)) == len(two.rows) + len(two.frontier) > len(lines)


def test_each_value_stands_with_its_interval(two: Comparison) -> None:
    cell = next(cells["trees-2"] for measure, cells in two.rows if measure.metric == "auc")
    assert cell.over_days is not None
    assert cell.over_days.low <= cell.value <= cell.over_days.high
    assert re.fullmatch(r"0\.\d{3} \(0\.\d{3} to 0\.\d{3}\)", cell.text)


@pytest.mark.parametrize(
    ("better", "best"), [("more", "c"), ("less", "a"), ("one", "b")]
)  # fmt: skip
def test_best_is_what_the_measure_means(better: str, best: str) -> None:
    measure = Measure("m", "m", "m.", "number", better)  # type: ignore[arg-type]
    assert measure.best({"a": 0.5, "b": 1.1, "c": 3.0}) == {best}


def test_values_written_alike_are_equally_good() -> None:
    measure = Measure("m", "m", "m.", "number")
    assert measure.best({"a": 0.12341, "b": 0.12342, "c": 0.1}) == {"a", "b"}
    assert measure.best({"a": 0.12341, "b": 0.12342}) == frozenset()


@pytest.mark.parametrize("population", ["flow", "controlled"])
def test_every_measure_is_a_metric_of_some_evaluation(population: Population) -> None:
    found = set(measured(0.7, population).values)
    ending = ("_of_controlled", "_of_random_controls")
    wanted = {m.metric for m in MEASURES if m.metric.endswith(ending) == (population != "flow")}
    assert wanted <= found


def test_headlines_are_measures() -> None:
    assert {measure.metric for measure in MEASURES} > HEADLINES


def test_a_paired_difference_by_hand() -> None:
    def by_day(hits: list[int]) -> pl.DataFrame:
        days = [date(2026, 9, 1 + i) for i in range(len(hits))]
        return pl.DataFrame(
            {"budget": "50", "ranking": "balanced", "flight_date": days, "flights": 2,
             "consignments": 900, "hits": hits, "revenue_cents": [100 * x for x in hits]}
        )  # fmt: skip

    both = comparison(rules=measured(0.5), trees=measured(0.5))
    both = Comparison(both.runs, {"rules-1": by_day([2, 4]), "trees-2": by_day([6, 8, 99])}, {})
    hits, euros = both.differences
    assert (hits.value, hits.day_count) == (2.0, 2)
    assert hits.over_days is not None
    assert (hits.over_days.low, hits.over_days.high) == (2.0, 2.0)
    assert hits.sentence == (
        "trees-2 finds 2.0 more hits a flight than rules-1 at 50 controls a flight "
        "with the default policy (95 % 2.0 to 2.0, over 2 common days)."
    )
    assert euros.sentence.startswith("trees-2 finds 2 more EUR a flight")


def test_a_run_against_its_twin_may_be_chance() -> None:
    twins = comparison(rules=measured(0.5), trees=measured(0.5))
    assert all(not difference.is_clear for difference in twins.differences)
    assert all("it may be chance" in difference.sentence for difference in twins.differences)


def test_the_worse_one_finds_fewer(two: Comparison) -> None:
    turned = Comparison((two.runs[1], two.runs[0]), two.by_day, two.curves)
    assert turned.reference.name == "trees-2"
    plain = comparison(rules=measured(0.9), chance=measured(0.0))
    assert plain.reference.name == "chance-2"
    assert "fewer hits" in plain.differences[0].sentence


def test_what_cannot_be_compared_is_said(two: Comparison) -> None:
    assert two.notes == []
    mixed = comparison(rules=measured(0.5, "controlled"), trees=measured(0.5))
    assert any("not comparable" in note for note in mixed.notes)
    assert mixed.differences == []
    shorter = measured(0.5).by_day.filter(pl.col("flight_date") > date(2026, 9, 2))
    days = Comparison(two.runs, two.by_day | {"chance-1": shorter}, two.curves)
    assert any("different days" in note for note in days.notes)
    fewer = two.by_day["chance-1"].with_columns(pl.col("consignments") - 1)
    flows = Comparison(two.runs, two.by_day | {"chance-1": fewer}, two.curves)
    assert any("different numbers of parcels" in note for note in flows.notes)


def test_the_page_is_whole_and_asks_for_nothing(two: Comparison) -> None:
    html = page(two)
    tags: list[str] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attrs: tags.append(tag)  # type: ignore[method-assign]
    parser.feed(html)
    assert tags.count("svg") == 5
    assert not {"script", "link", "img", "iframe"} & set(tags)
    assert "http://" not in html
    assert "https://" not in html
    for difference in two.differences:
        assert difference.sentence in html


def test_pictures_on_one_page_do_not_share_identifiers(two: Comparison) -> None:
    identifiers = re.findall(r'\bid="([^"]+)"', page(two))
    assert len(identifiers) == len(set(identifiers))


def test_the_page_of_the_controlled_speaks_of_them() -> None:
    html = page(comparison(rules=measured(0.3, "controlled"), trees=measured(0.9, "controlled")))
    assert "controlled parcels alone" in html
    assert "share of what was controlled" in html


def test_names_cannot_write_into_the_page(two: Comparison) -> None:
    odd = "<script>alert(1)</script>-1"
    chance, trees = two.runs
    named = run(odd, measured(0.0))
    curves = {odd: two.curves[chance.name], trees.name: two.curves[trees.name]}
    by_day = {odd: two.by_day[chance.name], trees.name: two.by_day[trees.name]}
    assert "<script" not in page(Comparison((named, trees), by_day, curves))


def test_the_frontier_shows_each_run_in_every_order(two: Comparison) -> None:
    lines = {str(line["figure"]): line for line in two.frontier}
    assert len(lines) == 7
    assert "Frontier at 50 controls a flight: balanced (the default)" in lines
    first = lines["Frontier at 50 controls a flight: by risk"]
    value = two.runs[1].metrics["hit_rate_at_50"]
    assert str(first["trees-2"]).startswith(f"{100 * value:.1f} % hit (")
    assert "What is exchanged" in page(two)


def test_a_run_of_an_earlier_version_has_no_frontier(two: Comparison) -> None:
    old = two.curves["chance-1"]["frontier"].drop("goods_hit_rate")
    both = Comparison(two.runs, two.by_day, two.curves | {"chance-1": {"frontier": old}})
    assert both.frontier[0]["chance-1"] == "-"
    assert both.frontier[0]["trees-2"] != "-"
    assert "What is exchanged" in page(both)


def test_what_moved_stands_on_the_page_escaped(two: Comparison) -> None:
    told = page(replace(two, drift=("trees-2: broker <b>BE1 doubled.",)))
    assert "Is the flow still the same?" in told
    assert "broker &lt;b&gt;BE1 doubled." in told
    assert "Is the flow still the same?" not in page(two)
