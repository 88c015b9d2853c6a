"""The rule list: of declared data and watch lists alone, adding up."""

from __future__ import annotations

import numpy as np
import pytest

from features.catalogue import FEATURES, NAMES
from models.calibration import log_odds
from models.rules import BASE_LOG_ODDS, RULES, Rule, Rules
from tests.models.test_findings import blank

SCOPES = {feature.name: feature.scope for feature in FEATURES}
WATCH_LISTS = {"sender_rate", "sender_controls", "consignee_rate", "consignee_controls"}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_sees_what_is_declared_and_the_watch_lists_alone(rule: Rule) -> None:
    for name in rule.condition.meta.root_names():
        assert SCOPES[name] == "consignment" or name in WATCH_LISTS
    assert rule.points > 0


def test_points_add_up_by_hand() -> None:
    one = Rules().predict(blank(line_gap_eur=5.0, is_stop_word=1.0))["any"].to_numpy()
    assert log_odds(one) == pytest.approx(BASE_LOG_ODDS + 3.0)


def test_what_is_not_known_marks_nobody() -> None:
    assert not Rules().contributions(blank()).any()
    assert np.isfinite(Rules().contributions(blank(gross_mass_kg=1e9))).all()


def test_a_rule_on_two_features_is_shared_between_them() -> None:
    parts = Rules().contributions(blank(sender_rate=0.9, sender_controls=2.0))[0]
    told = {NAMES[at]: parts[at] for at in parts.nonzero()[0]}
    assert told == pytest.approx({"sender_rate": 1.0, "sender_controls": 1.0})
