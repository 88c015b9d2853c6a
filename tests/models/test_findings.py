"""Findings: an officer's points, moved by what controls found and by no more than it proves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from engine.detection import DETECTION_POWERS
from engine.finding import FINDING_TYPES
from features.catalogue import NAMES
from models.findings import SIDES, Findings, heads_of
from models.risk_model import Examples
from models.signs import BASE_SHARES

OFFICER = Findings.of_an_officer()


def blank(count: int = 1, **values: float) -> pl.DataFrame:
    """Consignments of which nothing is known but what is given."""
    return pl.DataFrame(
        {name: pl.Series([values.get(name)] * count, dtype=pl.Float64) for name in NAMES}
    )


def controlled(features: pl.DataFrame, found: str, control: str = "physical") -> Examples:
    """Examples that were all controlled so, and all found so."""
    is_irregular = pl.lit(found not in {"", "none"})
    labels = features.select(
        is_irregular=is_irregular,
        finding_types=pl.lit("" if found == "none" else found),
        control_type=pl.lit(control),
    )
    return Examples(features, labels)


def test_without_a_sign_the_base_rates_stand() -> None:
    risks = OFFICER.risks(blank())
    assert {kind: risk[0] for kind, risk in risks.items()} == pytest.approx(dict(BASE_SHARES))
    assert not OFFICER.contributions(blank()).any()


def test_points_add_up_by_hand() -> None:
    base = BASE_SHARES["FALSE_ORIGIN"]
    odds = base / (1 - base) * np.exp(4.0)
    risk = OFFICER.risks(blank(origin_differs=1.0))["FALSE_ORIGIN"][0]
    assert risk == pytest.approx(odds / (1 + odds))


def test_a_head_is_the_chance_that_a_control_sees_any_of_its_findings() -> None:
    risks = {kind: np.array([0.0]) for kind in FINDING_TYPES}
    risks |= {"UNDERVALUATION": np.array([0.5]), "IPR_INFRINGEMENT": np.array([0.5])}
    heads = {head: 1 / (1 + np.exp(-odds[0])) for head, odds in heads_of(risks).items()}
    assert heads == pytest.approx({"fiscal": 0.2, "goods": 0.45, "any": 1 - 0.8 * 0.55})
    assert set(heads) == set(SIDES)


def test_contributions_sum_up_and_come_from_what_signs_look_at(examples: Examples) -> None:
    gained = OFFICER.log_odds(examples.features)["any"] - OFFICER.log_odds(blank())["any"]
    assert OFFICER.contributions(examples.features).sum(axis=1) == pytest.approx(gained)
    parts = OFFICER.contributions(blank(odd_not_in_h7=1.0, origin_differs=1.0))[0]
    assert {NAMES[at] for at in parts.nonzero()[0]} == {"odd_not_in_h7", "origin_differs"}


def test_findings_raise_the_points_of_their_signs_and_clean_controls_lower_them() -> None:
    gifts = blank(60, is_gift=1.0)
    points = [
        OFFICER.fitted(controlled(gifts, found)).lines["FALSE_GIFT"]["declared a gift"]
        for found in ("FALSE_GIFT", "")
    ]
    assert points[0] > OFFICER.lines["FALSE_GIFT"]["declared a gift"] > points[1] >= 0


def test_a_clean_control_proves_as_much_as_it_would_have_found() -> None:
    heavy = blank(60, unit_mass_either_high_z=5.0)
    assert DETECTION_POWERS["MISDESCRIPTION"]["documentary"] < 0.2
    opened, read = (
        OFFICER.fitted(controlled(heavy, "", control)).risks(heavy)["MISDESCRIPTION"][0]
        for control in ("physical", "documentary")
    )
    before = OFFICER.risks(heavy)["MISDESCRIPTION"][0]
    assert opened < 0.7 * read < 0.7 * before


def test_where_nobody_notes_what_was_found_the_officer_stands() -> None:
    unclear = controlled(blank(60, is_gift=1.0), "B1 without a type")
    labels = unclear.labels.with_columns(finding_types=pl.lit(""))
    assert OFFICER.fitted(replace(unclear, labels=labels)) == OFFICER


def test_the_same_examples_give_the_same_points(examples: Examples) -> None:
    assert OFFICER.fitted(examples) == OFFICER.fitted(examples)
    assert OFFICER.fitted(examples) != OFFICER
