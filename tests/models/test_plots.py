from xml.etree import ElementTree

import pytest

from models.metrics import Evaluation, Population, evaluate
from models.plots import PALETTE, calibration_plot, gain_plot, hit_rate_plot, plots_of, revenue_plot
from tests.models.worlds import KEY, world


def evaluation(skill: float = 0.7, population: Population = "flow") -> Evaluation:
    return evaluate(world(skill=skill), population=population, key=KEY)


def words(svg: str) -> str:
    return " ".join(ElementTree.fromstring(svg).itertext())


@pytest.mark.parametrize("population", ["flow", "controlled"])
def test_every_picture_of_a_run_is_drawn_and_titled(population: Population) -> None:
    pictures = plots_of("trees-1", evaluation(population=population))
    assert sorted(pictures) == ["calibration", "frontier", "gain", "hit_rate_by_day", "revenue"]
    assert "How many irregular parcels are found" in words(pictures["gain"])
    assert "How much of the revenue at stake is found" in words(pictures["revenue"])
    assert "Does the promised risk come true?" in words(pictures["calibration"])
    assert "Hit rate by day" in words(pictures["hit_rate_by_day"])


def test_axes_say_what_the_share_is_of() -> None:
    flow, controlled = evaluation(), evaluation(population="controlled")
    assert "share of each day's flow" in words(gain_plot({"a": flow.curves["gain"]}, "flow"))
    text = words(gain_plot({"a": controlled.curves["gain"]}, "controlled"))
    assert "share of what was controlled" in text


def test_several_runs_have_a_colour_each_on_one_picture() -> None:
    runs = {f"run-{i}": evaluation(skill) for i, skill in enumerate((0.0, 0.5, 1.0))}
    heads = {name: run.curves["calibration"].filter(head="irregular") for name, run in runs.items()}
    for svg in (
        gain_plot({name: run.curves["gain"] for name, run in runs.items()}),
        revenue_plot({name: run.curves["revenue"] for name, run in runs.items()}),
        hit_rate_plot({name: run.by_day for name, run in runs.items()}),
        calibration_plot(heads),
    ):
        assert all(name in words(svg) for name in runs)
        assert all(colour.lower() in svg.lower() for colour in PALETTE[:3])


def test_another_budget_can_be_drawn() -> None:
    assert "10 controls a flight" in words(hit_rate_plot({"a": evaluation().by_day}, "10"))


def test_names_are_drawn_as_they_are() -> None:
    assert "<b>&" in words(gain_plot({"<b>&": evaluation().curves["gain"]}))
