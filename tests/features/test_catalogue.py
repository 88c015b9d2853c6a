"""What must hold of every feature, walking over the catalogue."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import string
from collections import Counter
from datetime import timedelta
from types import ModuleType
from typing import get_args

import polars as pl
import pytest

import features.groups
from engine.errors import InputError
from engine.pseudonym import BLOOM_WORDS
from features.catalogue import FEATURES, NAMES, catalogue, compute, day_of, features_of, fingerprint
from features.feature import Feature, Scope, Theme
from features.groups import GROUPS, value
from features.history import History
from features.named import GOODS, ITEM_FACTS
from features.sight import prepared, sight
from features.telling import ABOVE, BELOW, FACTS, facts_of, plainly, told
from models.examples import Seen
from tests.features.seeing import rows
from tests.worlds import Archive

FORBIDDEN = re.compile(r"\b(score|fraud|target)", re.IGNORECASE)

IDENTIFYING = {
    "exporter_country", "importer_country", "exporter_name", "exporter_id", "importer_key",
    "importer_name_tokens", "importer_street_tokens", "exporter_city", "exporter_street",
    *(f"importer_name_bits_{word}" for word in range(BLOOM_WORDS)),
}  # fmt: skip
"""Columns that say who somebody is or where from; none may be a feature's value."""

COMPARED = {"origin_differs": {"exporter_country"}}
"""Features that only compare two of a declaration's own statements."""

SPOKEN = (
    (set(FACTS) - {"goods"})
    | set(ITEM_FACTS)
    | {"value", "rank", "percent", "down", "up", "times", "odds", "controls", "chance", "each_eur"}
)


def test_names_are_unique_and_plain() -> None:
    assert [name for name, count in Counter(NAMES).items() if count > 1] == []
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in NAMES)


def test_every_module_of_the_groups_is_registered() -> None:
    found = [module.name for module in pkgutil.iter_modules(features.groups.__path__)]
    modules = {importlib.import_module(f"features.groups.{name}") for name in found}
    assert modules == set(GROUPS)
    assert len(GROUPS) == len(found)


@pytest.mark.parametrize("feature", FEATURES, ids=NAMES)
def test_a_feature_says_what_it_is(feature: Feature) -> None:
    assert feature.scope in get_args(Scope)
    assert feature.theme in get_args(Theme)
    assert feature.unit
    assert len(feature.meaning) > 5
    assert not FORBIDDEN.search(f"{feature.name} {feature.meaning} {feature.sentence}")
    fields = {name for _, name, _, _ in string.Formatter().parse(feature.sentence) if name}
    assert fields <= SPOKEN


@pytest.mark.parametrize("feature", FEATURES, ids=NAMES)
def test_nobodys_name_or_nationality_is_a_feature(feature: Feature) -> None:
    looked_at = set(feature.expression.meta.root_names())
    assert looked_at & IDENTIFYING == COMPARED.get(feature.name, set())


@pytest.mark.parametrize("nothing", [None, "-", ".", "", "--", " / ", "_"])
def test_a_country_without_a_place_is_no_entity(nothing: str | None) -> None:
    where = dict.fromkeys(("exporter_postcode", "exporter_city", "exporter_street"), nothing)
    _, consignments = prepared(
        rows({"exporter_country": "CN", "exporter_name": "-", "exporter_id": nothing} | where)
    )
    keys = ("key_place", "key_sender_address", "key_sender_name", "key_sender")
    assert [consignments[key].item() for key in keys] == [None] * 4


def test_thresholds_of_telling_are_of_features_with_sentences() -> None:
    with_sentence = {feature.name for feature in FEATURES if feature.sentence}
    assert set(ABOVE) | set(BELOW) <= with_sentence
    assert set(ABOVE).isdisjoint(BELOW)


@pytest.fixture(scope="module")
def said(archive: Archive, walked: Seen) -> dict[str, str]:
    """One sentence a feature, of those that the world gives a reason to tell."""
    sentences: dict[str, str] = {}
    for day in (archive.days()[0], archive.days()[-1]):
        after = walked.history.as_of + timedelta(days=1)
        seen = sight(*prepared(archive.day(day)), walked.history, walked.ledger, after)
        values, facts = features_of(seen).select(NAMES).to_dicts(), facts_of(seen)
        for at in range(len(facts)):
            for feature in FEATURES:
                if feature.name not in sentences:
                    one = told(feature, values[at], 99.0, facts[at])
                    sentences |= {feature.name: one.sentence} if one else {}
    return sentences


def test_sentences_are_told_of_real_facts(said: dict[str, str]) -> None:
    with_sentence = [feature.name for feature in FEATURES if feature.sentence]
    assert len(said) > 0.7 * len(with_sentence)
    for sentence in said.values():
        assert not re.search(r"\bNone\b|\bnan\b|\binf\b|[{}]", sentence), sentence


@pytest.mark.parametrize("feature", [f for f in FEATURES if f.sentence], ids=lambda f: f.name)
def test_no_sentence_is_dead(feature: Feature) -> None:
    """Every sentence is told for some value, or it would be no sentence."""
    facts = dict.fromkeys(FACTS, 1.0) | {"goods": [dict.fromkeys(GOODS, 1.0) | {"hs6": "1"}]}
    values = dict.fromkeys(NAMES, 9.0)
    tried = [values | {feature.name: v} for v in (-99.0, -1.0, 0.0, 1.0, 9.0, 999.0)]
    assert any(told(feature, one, 99.0, facts) for one in tried)


def test_a_value_out_of_its_sentences_range_is_not_told() -> None:
    near = next(feature for feature in FEATURES if feature.name == "is_near_line")
    facts = {"value_eur": 139.5}
    assert told(near, {"is_near_line": 0.0}, 10.0, facts) is None
    assert told(near, {"is_near_line": None}, 10.0, facts) is None
    assert "EUR 139.50" in told(near, {"is_near_line": 1.0}, 10.0, facts).sentence
    assert told(near, {"is_near_line": 1.0}, 10.0, {"value_eur": None}) is None


@pytest.mark.parametrize("feature", FEATURES, ids=NAMES)
def test_a_feature_can_be_told_plainly(feature: Feature) -> None:
    assert feature.meaning in plainly(feature, 1.25).sentence
    assert "not known" in plainly(feature, None).sentence


def test_the_catalogue_lists_every_feature_with_all_its_columns() -> None:
    table = catalogue()
    assert tuple(table["name"]) == NAMES
    assert table.null_count().sum_horizontal().item() == 0


def test_features_are_floats_beside_the_key(walked: Seen) -> None:
    assert tuple(walked.features.columns[3:]) == NAMES
    assert set(walked.features.dtypes[3:]) == {pl.Float64}


def test_the_fingerprint_follows_meaning_and_code(monkeypatch: pytest.MonkeyPatch) -> None:
    now = fingerprint()
    assert now == fingerprint()
    written = inspect.getsource

    def changed(module: ModuleType) -> str:
        text = written(module)
        return text.replace("_value * EUR_PER_CENT", "_value * 2") if module is value else text

    monkeypatch.setattr(inspect, "getsource", changed)
    assert fingerprint() != now


def test_several_days_are_refused(archive: Archive, walked: Seen) -> None:
    both = pl.concat(archive.day(day) for day in archive.days()[:2])
    with pytest.raises(InputError, match="items of 2 days"):
        day_of(both)
    with pytest.raises(InputError):
        compute(both, History.empty(), walked.ledger)
