"""One training: what it learns from, what it is judged on, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from engine.declaration import CONSIGNMENT
from engine.errors import SettingError, StateError
from models.examples import after
from models.training import FEWEST_EXAMPLES, train
from tests.worlds import KEY, Archive


@pytest.fixture(scope="module")
def short(archive: Archive) -> Archive:
    """Six of the twelve days: enough where the rows are not what is asked about."""
    return archive.until(archive.days()[5])


def test_without_until_the_last_days_judge_and_all_days_teach(short: Archive) -> None:
    trained = train(short, short.outcomes, kind="logistic", key=KEY)
    assert trained.judged_on[1] == short.days()[-1]
    assert trained.judged_on[0] > date.fromisoformat(trained.parameters["judged_after"])
    assert trained.artifact.last_day == short.days()[-1]
    assert trained.evaluation.population == "controlled"


def test_with_until_nothing_later_is_learned(short: Archive) -> None:
    """Not even from results of earlier parcels that were recorded later."""
    until = short.days()[4]
    trained = train(short, short.outcomes, kind="logistic", key=KEY, until=until)
    known = short.outcomes.filter(pl.col("recorded_at") < after(until))
    blind = pl.concat([known, short.outcomes.filter(pl.col("flight_date") > until)])
    again = train(short, blind.unique(maintain_order=True), kind="logistic", key=KEY, until=until)
    assert trained.judged_on == (short.days()[5], short.days()[5])
    assert trained.artifact.last_day == until
    assert (trained.artifact.ledger["recorded_at"] < after(until)).all()
    assert trained.artifact.promises.model.coefficients_["any"].tolist() == (
        again.artifact.promises.model.coefficients_["any"].tolist()
    )


def test_truth_lets_the_whole_flow_judge(short: Archive) -> None:
    until = short.days()[4]
    trained = train(short, short.outcomes, kind="expert", key=KEY, until=until, truth=short.truth)
    assert trained.evaluation.population == "flow"
    periods = (trained.flow.learned_from, trained.flow.judged_on)
    days = (short.days()[:5], short.days()[5:])
    assert [one.flow.consignment_count for one in periods] == [parcels(short, of) for of in days]
    assert {"value", "broker", "risk", "value_eur"} <= periods[1].flow.spreads.keys()
    last = short.outcomes.filter(flight_date=short.days()[5])
    drawn = last.filter(selected_by="random", presented=True)
    assert periods[1].draws.count == drawn.select(CONSIGNMENT).n_unique() > 0
    assert len(periods[1].draws.promised) == periods[1].draws.count
    assert not periods[0].draws.promised


def parcels(archive: Archive, days: list[date]) -> int:
    return sum(archive.day(day).select(CONSIGNMENT).n_unique() for day in days)


def test_the_record_of_a_run_names_what_was_learned_from(short: Archive) -> None:
    one = train(short, short.outcomes, kind="expert", key=KEY)
    fewer = train(short, short.outcomes[1:], kind="expert", key=KEY)
    items = pl.concat(short.items.values())
    assert one.tags["items"] == items.height
    assert one.tags["consignments"] == items.n_unique(["flight_number", "flight_date", "hawb"])
    assert one.tags["data_fingerprint"] != fewer.tags["data_fingerprint"]
    dearer = {
        day: rows.with_columns(pl.col("value_cents") + 1) for day, rows in short.items.items()
    }
    changed = train(replace(short, items=dearer), short.outcomes, kind="expert", key=KEY)
    assert one.tags["data_fingerprint"] != changed.tags["data_fingerprint"]
    paid = short.outcomes.with_columns(pl.col("revenue_recovered_eur") + 1)
    other = train(short, paid, kind="expert", key=KEY)
    assert one.tags["data_fingerprint"] != other.tags["data_fingerprint"]
    assert one.tags["feature_fingerprint"] == fewer.tags["feature_fingerprint"]


def test_an_unknown_kind_is_refused(short: Archive) -> None:
    with pytest.raises(SettingError, match="ensemble"):
        train(short, short.outcomes, kind="oracle", key=KEY)


def test_no_declarations_are_refused(archive: Archive) -> None:
    with pytest.raises(StateError, match="declarations"):
        train(replace(archive, items={}), archive.outcomes, kind="chance", key=KEY)


def test_one_day_is_refused(archive: Archive) -> None:
    with pytest.raises(StateError, match="two days"):
        train(archive.until(archive.days()[0]), archive.outcomes, kind="chance", key=KEY)


def test_no_outcomes_are_refused(archive: Archive) -> None:
    with pytest.raises(StateError, match="triage outcomes"):
        train(archive, archive.outcomes.clear(), kind="chance", key=KEY)


def test_too_few_outcomes_are_refused_with_their_number(archive: Archive) -> None:
    few = archive.outcomes.filter(pl.col("presented")).group_by("flight_date").head(1)
    few = few.sort("flight_date").head(FEWEST_EXAMPLES - 1)
    with pytest.raises(StateError, match=f"{FEWEST_EXAMPLES} are the least"):
        train(archive, few, kind="chance", key=KEY)
