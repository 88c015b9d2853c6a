"""Neither where a sender is at home nor where a name comes from moves a feature."""

from __future__ import annotations

import re
from dataclasses import replace

import polars as pl
import pytest

from features.catalogue import FEATURES, NAMES, compute
from features.feature import Feature
from features.telling import FACTS
from models.examples import walk
from tests.features.seeing import differing, rows, seen_first
from tests.worlds import Archive, through_the_door

OF_PEOPLE = re.compile(
    r"national|ethnic|citizen|migra|racial|religio|gender|surname|first name|foreign name"
    r"|language|alphabet|script\b|native",
    re.IGNORECASE,
)
"""Words for where people come from, in names, meanings and sentences."""

SURNAMES = (
    "Anna Peeters", "Anna Nguyen", "Anna El Amrani", "Anna Kovalchuk", "Anna Zhang", "Anna Ng",
    "Anna Brzezinska", "Anna Abubakar", "Anna Fernandez Gutierrez", "Anna Bjørk", "Άννα Παππά",
    "Анна Иванова", "安娜 魏", "آنا حسن", "Anna Hrdlička", "Anna Oyelaran Adeyemi",
)  # fmt: skip
"""Invented people; nothing about them is irregular."""


@pytest.mark.parametrize("feature", FEATURES, ids=NAMES)
def test_no_feature_speaks_of_where_people_come_from(feature: Feature) -> None:
    assert not OF_PEOPLE.search(f"{feature.name} {feature.meaning} {feature.sentence}")


def test_only_a_claimed_origin_of_goods_is_told_beside_a_country() -> None:
    told = {f.name for f in FEATURES if re.search(r"\{\w*(country|importer)\w*", f.sentence)}
    assert told == {"origin_differs"}
    assert not [name for name, fact in FACTS.items()
                if any(root.startswith("importer") for root in fact.meta.root_names())]  # fmt: skip


@pytest.mark.parametrize("name", SURNAMES[1:])
def test_a_name_of_another_origin_changes_no_feature(archive: Archive, name: str) -> None:
    plain, other = (
        seen_first(rows({"importer_name": one}, {}), archive.outcomes)
        for one in (SURNAMES[0], name)
    )
    assert differing(plain, other) == []


def test_senders_of_another_country_have_the_same_features(archive: Archive) -> None:
    """All countries of senders trade their labels, in the past and on the flight."""
    days = archive.days()[:6]
    raw = pl.concat(archive.raw[day].select("exporter_country") for day in days)
    labels = raw["exporter_country"].unique().sort().to_list()
    assert len(labels) > 1
    traded = dict(zip(labels, labels[1:] + labels[:1], strict=True))
    there = replace(
        archive,
        items={
            day: through_the_door(
                archive.raw[day].with_columns(
                    pl.col("exporter_country", "country_of_origin").replace(traded)
                )
            )
            for day in days
        },
    )
    features = []
    for world in (archive, there):
        before = walk(world.until(days[-2]), archive.outcomes)
        features.append(compute(world.day(days[-1]), before.history, before.ledger))
    assert differing(*features) == []
