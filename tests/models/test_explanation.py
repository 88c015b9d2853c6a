"""Reasons: sentences of what really raised the risk."""

from __future__ import annotations

import polars as pl
import pytest

from features.catalogue import NAMES
from models.examples import walk
from models.expert import Expert
from models.explanation import MOST_REASONS, reasons, told_reasons
from models.ordinary import Question, falls
from models.promises import Promises
from models.risk_model import Floats, RiskModel
from models.scorer import ScoredFlights, Scorer
from models.standing import Standing
from tests.worlds import Archive

CHOSEN = 40

TOLD_BY = ("rules", "expert", "informed", "logistic", "gradient_boosting", "ensemble")
"""Kinds that weigh something; chance has no reasons."""


class EitherOne(Expert):
    """A risk that one of two signs raises as much as both."""

    def predict(self, features: pl.DataFrame) -> pl.DataFrame:
        either = (pl.col("value_eur") > 140) | (pl.col("line_gap_eur") < 10)
        return features.select(any=pl.when(either).then(0.9).otherwise(0.1))


@pytest.fixture(scope="module")
def flights(archive: Archive, fitted: dict[str, RiskModel]) -> ScoredFlights:
    last = archive.days()[-1]
    before = walk(archive.until(archive.days()[-2]), archive.outcomes)
    scorer = Scorer(Promises(fitted["ensemble"]))
    return scorer.score_day(archive.day(last), before.history, before.ledger)


@pytest.fixture(scope="module")
def top(flights: ScoredFlights) -> list[int]:
    """The riskiest consignments of the day."""
    ordered = flights.risks.with_row_index("at").sort("risk", descending=True)
    return [int(at) for at in ordered["at"].head(CHOSEN)]


@pytest.mark.parametrize("kind", ["chance", *TOLD_BY])
def test_every_chosen_consignment_has_one_to_four_reasons(
    kind: str, fitted: dict[str, RiskModel], flights: ScoredFlights, top: list[int]
) -> None:
    for some in reasons(fitted[kind], flights, top):
        assert 1 <= len(some) <= MOST_REASONS
        assert len(set(some)) == len(some)
        assert all(sentence.strip() and "None" not in sentence for sentence in some)


def test_nothing_chosen_nothing_told(fitted: dict[str, RiskModel], flights: ScoredFlights) -> None:
    assert reasons(fitted["ensemble"], flights, []) == []


def test_each_reason_is_of_another_theme(
    fitted: dict[str, RiskModel], flights: ScoredFlights, top: list[int]
) -> None:
    for some in told_reasons(fitted["ensemble"], flights, top):
        themes = [one.theme for one in some]
        assert len(set(themes)) == len(themes)


def test_the_order_of_asking_changes_no_reason(
    fitted: dict[str, RiskModel], flights: ScoredFlights, top: list[int]
) -> None:
    forth = reasons(fitted["ensemble"], flights, top)
    back = reasons(fitted["ensemble"], flights, top[::-1])
    assert forth == back[::-1]


def test_ranks_are_of_the_own_flight(
    fitted: dict[str, RiskModel], flights: ScoredFlights, top: list[int]
) -> None:
    """A flight seen alone tells the same reasons as beside another."""
    number = flights.risks["flight_number"][top[0]]
    own = flights.risks["flight_number"] == number
    alone = ScoredFlights(*(table.filter(own) for table in
                            (flights.risks, flights.features, flights.seen)))  # fmt: skip
    rows = [at for at in top if own[at]]
    place = {hawb: at for at, hawb in enumerate(alone.risks["hawb"])}
    there = [place[flights.risks["hawb"][at]] for at in rows]
    model = fitted["ensemble"]
    assert reasons(model, alone, there) == reasons(model, flights, rows)


def middles(features: pl.DataFrame, chosen: pl.DataFrame) -> Floats:
    among = Standing(features, chosen)
    for feature in range(len(NAMES)):
        among.ask(feature)
    return among.middles


def riskiest(model: RiskModel, flights: ScoredFlights) -> list[int]:
    """What the model itself would have opened first."""
    risk = pl.DataFrame({"any": model.predict(flights.features)["any"]}).with_row_index("at")
    return [int(at) for at in risk.sort("any", descending=True)["at"].head(CHOSEN)]


@pytest.mark.parametrize("kind", TOLD_BY)
def test_a_told_reason_really_moves_the_risk(
    kind: str, fitted: dict[str, RiskModel], flights: ScoredFlights
) -> None:
    """With what a reason rests on at its flight's middle, the model sees less risk: every reason
    of every kind, by hand, one by one.
    """
    model = fitted[kind]
    middle = flights.features.group_by("flight_number").agg(pl.col(NAMES).median())
    top = riskiest(model, flights)
    asked, ordinary = [], []
    for at, some in zip(top, told_reasons(model, flights, top), strict=True):
        row = flights.features[at]
        usual = middle.filter(pl.col("flight_number") == row["flight_number"].item())
        for one in some:
            if not one.rests_on:
                assert some == [one]
                continue
            assert one.feature in one.rests_on
            asked.append(row)
            ordinary.append(row.with_columns(usual[name].alias(name) for name in one.rests_on))
    assert len(asked) > CHOSEN / 2
    after, before = (model.predict(pl.concat(rows))["any"] for rows in (ordinary, asked))
    assert (after < before).all()


@pytest.mark.parametrize("kind", [kind for kind in TOLD_BY if kind != "rules"])
def test_most_chosen_have_a_reason_that_holds(
    kind: str, fitted: dict[str, RiskModel], flights: ScoredFlights
) -> None:
    """Rules are left out: some only look at the chapter, of which no sentence speaks."""
    told = told_reasons(fitted[kind], flights, riskiest(fitted[kind], flights))
    assert sum(bool(some[0].rests_on) for some in told) > 0.75 * CHOSEN


def test_a_sign_that_another_sign_repeats_is_told_for_both(
    flights: ScoredFlights, top: list[int]
) -> None:
    """Where one alone changes nothing, both together are asked."""
    seen = flights.features[top[:1]]
    usual = middles(flights.features, seen)
    value, twin = NAMES.index("value_eur"), NAMES.index("line_gap_eur")
    table = seen.with_columns(value_eur=pl.lit(149.0), line_gap_eur=pl.lit(1.0))
    questions = [Question(0, (value,)), Question(0, (twin,)), Question(0, (value, twin))]
    fallen = falls(EitherOne(), table, usual, questions)
    assert list(fallen[:2]) == [0, 0]
    assert fallen[2] > 1


def test_what_is_missing_stays_missing(
    fitted: dict[str, RiskModel], flights: ScoredFlights, top: list[int]
) -> None:
    chosen = flights.features[top]
    usual = middles(flights.features, chosen)
    unknown = [(row, at) for at, name in enumerate(NAMES) for row in range(CHOSEN)
               if chosen[name][row] is None]  # fmt: skip
    assert unknown
    questions = [Question(row, (at,)) for row, at in unknown]
    assert not falls(fitted["ensemble"], chosen, usual, questions).any()
