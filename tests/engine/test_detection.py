"""The table of detection powers: whole, plausible, and what the domain report says."""

from __future__ import annotations

import pytest

from engine.detection import (
    DETECTION_POWERS,
    USUAL_MIX,
    detection_power,
    detection_powers,
    usual_power,
)
from engine.finding import CONTROL_TYPES, FINDING_TYPES, GOODS_FINDINGS


def test_every_finding_type_has_a_power_for_every_way_of_control() -> None:
    assert set(DETECTION_POWERS) == set(USUAL_MIX) == set(FINDING_TYPES)
    assert all(set(powers) == set(CONTROL_TYPES) for powers in DETECTION_POWERS.values())
    powers = detection_powers()["power"]
    assert powers.len() == len(FINDING_TYPES) * len(CONTROL_TYPES)
    assert powers.is_between(0.0, 1.0, closed="right").all()


@pytest.mark.parametrize(
    ("finding", "power"),
    [("IPR_INFRINGEMENT", 0.9), ("MISCLASSIFICATION", 0.7), ("UNDERVALUATION", 0.4)],
)
def test_an_opened_parcel_shows_what_the_domain_report_says(finding: str, power: float) -> None:
    assert detection_power(finding, "physical") == power


def test_a_sample_shows_at_least_what_an_opened_parcel_shows() -> None:
    for finding in FINDING_TYPES:
        assert detection_power(finding, "sampling") >= detection_power(finding, "physical")


def test_papers_and_pictures_say_little_of_the_goods() -> None:
    for control in ("documentary", "xray"):
        assert usual_power(GOODS_FINDINGS, control) < usual_power(GOODS_FINDINGS, "physical") / 2


def test_the_usual_mix_lies_between_its_parts() -> None:
    assert sum(USUAL_MIX.values()) == pytest.approx(1.0)
    assert usual_power(["UNDERVALUATION"], "physical") == pytest.approx(0.4)
    assert 0.4 < usual_power(["UNDERVALUATION", "IPR_INFRINGEMENT"], "physical") < 0.9
