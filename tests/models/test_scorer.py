"""Scoring flights: complete, in canonical order, the same in any order and any company."""

from __future__ import annotations

import polars as pl
import pytest

from engine.declaration import CONSIGNMENT
from models.examples import Seen, walk
from models.promises import Promises
from models.risk_model import RiskModel
from models.scorer import CARRIED, Scorer
from tests.worlds import Archive


@pytest.fixture(scope="module")
def before(archive: Archive) -> Seen:
    return walk(archive.until(archive.days()[-2]), archive.outcomes)


@pytest.fixture(scope="module")
def scorer(fitted: dict[str, RiskModel]) -> Scorer:
    return Scorer(Promises(fitted["ensemble"]))


def test_every_consignment_is_scored_once_in_order(
    archive: Archive, scorer: Scorer, before: Seen
) -> None:
    items = archive.day(archive.days()[-1])
    scored = scorer.score_day(items, before.history, before.ledger)
    keys = items.select(CONSIGNMENT).unique().sort(CONSIGNMENT)
    assert scored.risks.select(CONSIGNMENT).equals(keys)
    assert scored.features.select(CONSIGNMENT).equals(keys)
    assert scored.seen.select(CONSIGNMENT).equals(keys)
    assert set(CARRIED) <= set(scored.risks.columns)
    assert scored.risks["risk"].is_between(0, 1).all()


def test_order_and_company_change_no_risk(archive: Archive, scorer: Scorer, before: Seen) -> None:
    items = archive.day(archive.days()[-1])
    whole = scorer.score(items, before.history, before.ledger)
    mixed = items.sample(fraction=1.0, shuffle=True, seed=5)
    assert scorer.score(mixed, before.history, before.ledger).equals(whole)
    for flight in items.partition_by("flight_number"):
        alone = scorer.score(flight, before.history, before.ledger)
        assert alone.equals(whole.join(alone, on=CONSIGNMENT, how="semi"))


def test_days_are_scored_one_by_one(archive: Archive, scorer: Scorer, before: Seen) -> None:
    day, next_day = archive.day(archive.days()[-1]), archive.days()[-1].replace(day=25)
    moved = day.with_columns(flight_date=pl.lit(next_day))
    both = scorer.score(pl.concat([moved, day]), before.history, before.ledger)
    assert both.select(CONSIGNMENT).equals(both.select(CONSIGNMENT).sort(CONSIGNMENT))
    one = scorer.score(day, before.history, before.ledger)
    assert both.join(one, on=CONSIGNMENT, how="semi").equals(one)
