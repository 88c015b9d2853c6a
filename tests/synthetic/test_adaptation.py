"""What stopped senders do, and only they: bands, trials, names, listings, newcomers, the law."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthetic.adaptation import Choices, Evidence, Reactions, first_choices
from synthetic.adaptation.evidence import Tally
from synthetic.adaptation.law import SETTLING_DAYS, law_change
from synthetic.adaptation.listing import exchange, relist
from synthetic.adaptation.naming import rename
from synthetic.adaptation.newcomers import article_shares, market, recruit, tactic_shares
from synthetic.adaptation.pressure import SWITCHING_SHARE, chance_to_change, felt_shares
from synthetic.adaptation.probing import BATCH_SHARE, Trial, put_to_work
from synthetic.adaptation.reaction import give_up
from synthetic.adaptation.routing import routed
from synthetic.adaptation.variants import Variant
from synthetic.declaring import arrival
from synthetic.draw import Mask
from synthetic.generate import Chances, fly_apart
from synthetic.scenario import AFTER_JULY, PRESETS, PREVALENCES
from synthetic.traffic import draw_parcels
from synthetic.typologies.undervaluation import MIDDLE
from synthetic.world import World, build_world

SEASON = replace(PRESETS["season"], parcels_per_flight=1500, shippers=300, consignees=6000)
EDGE = "edge-seeking undervaluation"


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(SEASON, days=120, seed=102)


@pytest.fixture
def choices(world: World) -> Choices:
    return first_choices(world)


def column(world: World, name: str) -> int:
    return world.behaviour.names.index(name)


def users(world: World, name: str) -> np.ndarray:
    """Return the operators who use a tactic as a habit and stay for the whole time."""
    stays = (world.identities.from_day <= 0) & (world.identities.to_day > 110)
    there = np.zeros(len(world.operators.volumes), dtype=np.bool_)
    there[world.identities.operator[stays]] = True
    return np.flatnonzero(there & (world.behaviour.propensity[:, column(world, name)] > 0.1))


def hammered(
    world: World, choices: Choices, name: str, hit: Mask, days: int, share: float = 0.5
) -> Reactions:
    """Let days go by on which a share of the parcels of some users of a tactic is stopped."""
    reactions, evidence = (
        Reactions(world, 1.0),
        Evidence.nothing(*world.behaviour.propensity.shape),
    )
    place = column(world, name)
    for day in range(days):
        sent = np.zeros_like(world.behaviour.propensity)
        sent[users(world, name), place] = 4.0
        stopped = np.zeros_like(sent)
        stopped[hit, place] = 4.0 * share
        evidence.see(Tally(sent, stopped, np.zeros_like(sent)), day % 7)
        there = market(world, day + 1)
        reactions.react(choices, evidence, world.rng(41, day), day, 1, there)
        evidence.fade(1)
    return reactions


def test_as_many_switch_in_four_weeks_as_the_report_says():
    at_the_mark = np.array([[0.15]])
    left = (1 - chance_to_change(at_the_mark, 1.0, 1)) ** 28
    assert 1 - left == pytest.approx(SWITCHING_SHARE)
    assert chance_to_change(at_the_mark, 0.0, 28) == 0


@given(
    felt=st.lists(st.floats(0, 1), min_size=2, max_size=2).map(sorted),
    dial=st.lists(st.floats(0, 1), min_size=2, max_size=2).map(sorted),
)
def test_more_stops_and_a_higher_dial_never_calm_anybody(felt, dial):
    low, high = (float(chance_to_change(np.array(share), dial[0], 1)) for share in felt)
    assert 0 <= low <= high <= 1
    assert low <= float(chance_to_change(np.array(felt[0]), dial[1], 1))


def test_a_group_counts_its_own_stops_and_hears_a_little_from_its_broker():
    evidence = Evidence.nothing(4, 1)
    sent = np.full((4, 1), 20.0)
    stopped = np.array([[10.0], [0.0], [0.0], [0.0]])
    evidence.see(Tally(sent, stopped, np.zeros((4, 1))), 0)
    own, told, elsewhere = felt_shares(evidence, np.array([0, 0, 1, 1]), 2)[:3, 0]
    assert own > 0.3
    assert 0 < told < own / 3
    assert elsewhere == 0


def test_those_hit_at_the_edge_move_to_the_middle_and_others_do_not(world, choices):
    place = users(world, EDGE)
    assert len(place) >= 4
    hit = np.zeros(len(world.operators.volumes), dtype=np.bool_)
    hit[place[::2]] = True
    others = place[1::2]
    brokers = set(world.operators.broker[place[::2]].tolist())
    strangers = [o for o in others.tolist() if world.operators.broker[o] not in brokers]
    hammered(world, choices, EDGE, hit, 90)
    behaviour = choices.behaviour
    assert (behaviour.value_band[hit] == MIDDLE).any()
    assert (behaviour.value_band[strangers] != MIDDLE).all()
    np.testing.assert_array_equal(
        behaviour.propensity[strangers], world.behaviour.propensity[strangers]
    )


def test_values_leave_the_edge_with_the_band(world):
    place = users(world, EDGE)
    edge, middle = (_declared(world, place, band) for band in (0, MIDDLE))
    assert len(edge) > 20
    assert edge.is_between(110, 150).mean() > 0.9
    assert middle.is_between(40, 118).mean() > 0.9


def _declared(world: World, operators: np.ndarray, band: int) -> pl.Series:
    """Return the declared totals of the edge-seekers' parcels of some flights."""
    choices = first_choices(world)
    choices.behaviour.value_band[operators] = band
    choices.behaviour.propensity[:] = 0.0
    choices.behaviour.propensity[operators, column(world, EDGE)] = 0.9
    declared, truth = flown(world, choices, 2)
    guilty = truth.filter(pl.col("typologies").str.contains(EDGE))
    euros = declared.filter(pl.col("intrinsic_value_currency") == "EUR")
    parcels = euros.join(guilty, on="hawb", how="semi").group_by("hawb", maintain_order=True)
    return parcels.agg(pl.col("intrinsic_value").sum())["intrinsic_value"]


def test_a_trial_sends_small_varied_batches_and_volume_follows_what_passed(world, choices):
    operator, place = int(users(world, EDGE)[0]), column(world, EDGE)
    before = choices.behaviour.propensity[operator, place]
    variants = (Variant("value band", 0), Variant("imitation"))
    trial = Trial(operator, place, 3, 11, variants, [0, 0], [0, 0])
    bands = []
    for day in (3, 4):
        today = replace(choices, behaviour=replace(choices.behaviour))
        today.behaviour.propensity = choices.behaviour.propensity.copy()
        today.behaviour.value_band = choices.behaviour.value_band.copy()
        today.behaviour.imitation = choices.behaviour.imitation.copy()
        put_to_work(today, trial, day)
        bands.append((today.behaviour.value_band[operator], today.behaviour.imitation[operator]))
        assert today.behaviour.propensity[operator, place] == pytest.approx(before * BATCH_SHARE)
        sent = np.zeros_like(choices.behaviour.propensity)
        stopped = np.zeros_like(sent)
        sent[operator, place], stopped[operator, place] = 3, 2 * (day == 3)
        trial.watch(Tally(sent, stopped, stopped), day)
    assert bands[0] != bands[1]
    assert trial.best() == 1
    trial.stopped = [2, 2]
    assert trial.best() is None


def test_after_the_trials_the_volume_is_back(world, choices):
    place, names = users(world, EDGE), column(world, EDGE)
    hit = np.zeros(len(world.operators.volumes), dtype=np.bool_)
    hit[place] = True
    reactions = hammered(world, choices, EDGE, hit, 60)
    moved = place[choices.behaviour.value_band[place] == MIDDLE]
    assert len(moved)
    settled = choices.behaviour.propensity[moved, names]
    kept = settled > 0  # some went on to another tactic, or gave up
    np.testing.assert_allclose(settled[kept], world.behaviour.propensity[moved[kept], names])
    assert all(7 <= trial.to_day - trial.from_day <= 14 for trial in reactions.trials)


def test_a_new_name_is_new_and_the_firm_is_the_same(world, choices):
    chosen = users(world, EDGE)[:3].tolist()
    first = len(world.identities.operator)
    rename(world, choices, world.rng(90), chosen, 5)
    rename(world, choices, world.rng(91), chosen, 9)
    table = choices.identities.table
    assert not table["exporter_id"].is_duplicated()[first:].any()
    assert not table["shipper_id"].is_duplicated().any()
    new = table[first:]
    old = table.join(new, left_on="shipper_id", right_on="shipper_is_phoenix_of", how="semi")
    assert new["shipper_is_phoenix_of"].is_in(table["shipper_id"].implode()).all()
    assert not set(new["exporter_name"]) & set(old.head(3)["exporter_name"])
    assert choices.renamed_count[chosen].tolist() == [2, 2, 2]
    collected = draw_parcels(world, world.rng(1, 10, 0), 10)
    parcels = routed(choices, collected)
    np.testing.assert_array_equal(choices.identities.operator[parcels.shipper], collected.operator)
    of = np.isin(collected.operator, chosen)
    assert of.any()
    assert (parcels.shipper[of] >= first + 3).all()
    np.testing.assert_array_equal(parcels.shipper[~of], collected.shipper[~of])


def test_parcels_join_bags_of_the_new_broker_and_move_no_others(world, choices):
    collected = draw_parcels(world, world.rng(1, 2, 0), 2)
    operator = int(np.bincount(collected.operator).argmax())
    choices.broker[operator] = 0 if world.operators.broker[operator] else 1
    parcels = routed(choices, collected)
    moved = parcels.broker != collected.broker
    assert moved.any()
    assert (collected.operator[moved] == operator).all()
    files = set(zip(collected.broker.tolist(), collected.master.tolist(), strict=True))
    assert set(zip(parcels.broker.tolist(), parcels.master.tolist(), strict=True)) == files


def test_new_listings_have_new_ids_and_usual_prices(world, choices):
    off = np.abs(np.log(world.products.value_cents / world.goods.value_cents[world.products.goods]))
    articles = np.argsort(-off)[:50]
    relist(world, choices, world.rng(90), articles)
    products = choices.products
    assert (products.merchant_id != world.products.merchant_id).arg_true().sort().to_list() == (
        sorted(articles.tolist())
    )
    after = np.abs(np.log(products.value_cents / world.goods.value_cents[products.goods]))
    assert after[articles].mean() < 0.6 * off[articles].mean()
    untouched = np.setdiff1d(np.arange(len(products.goods)), articles)
    np.testing.assert_array_equal(after[untouched], off[untouched])


def test_other_articles_take_the_place_of_bad_ones(world, choices):
    bad = np.flatnonzero(choices.behaviour.product_typology >= 0)[:5]
    before = np.bincount(choices.behaviour.product_typology + 1)
    exchange(choices, world.rng(90), bad)
    assert (choices.behaviour.product_typology[bad] == -1).all()
    np.testing.assert_array_equal(np.bincount(choices.behaviour.product_typology + 1), before)


def test_newcomers_keep_the_share_of_cheating_within_a_twentieth(world, choices):
    there = market(world, 40)
    for name in (EDGE, "mislabelling", "unsafe goods", "counterfeit"):
        guilty = np.flatnonzero(choices.behaviour.propensity[:, column(world, name)] > 0.05)
        bad = choices.behaviour.product_typology == column(world, name)
        for operator in np.union1d(guilty, world.products.operator[bad])[::2].tolist():
            give_up(choices, operator, column(world, name))
    wanted = tactic_shares(world.behaviour, there.volume).sum()
    goods = article_shares(world, world.behaviour, there.volume).sum()
    assert tactic_shares(choices.behaviour, there.volume).sum() < 0.95 * wanted
    for day in range(10):
        recruit(world, choices, world.behaviour, world.rng(41, day), there)
    now = tactic_shares(choices.behaviour, there.volume).sum()
    assert now == pytest.approx(wanted, rel=0.05)
    assert article_shares(world, choices.behaviour, there.volume).sum() == pytest.approx(
        goods, rel=0.05
    )
    assert choices.is_newcomer.any()
    assert not (choices.is_newcomer & choices.has_given_up).any()


def test_the_law_moves_everybody_in_six_weeks_and_nobody_before(world, choices):
    law, behaviour = law_change(world), choices.behaviour
    starts = 86  # from 2026-04-06 to 2026-07-01
    law.move(world, behaviour, 0, starts - 1)
    np.testing.assert_array_equal(behaviour.propensity, world.behaviour.propensity)
    law.move(world, behaviour, starts - 1, starts + 14)
    half = behaviour.propensity.copy()
    law.move(world, behaviour, starts + 14, starts + SETTLING_DAYS)
    volume = world.operators.volumes / world.operators.volumes.sum()
    before, middle, after = (volume @ table for table in (world.behaviour.propensity, half,
                                                          behaviour.propensity))  # fmt: skip
    collapsing = column(world, "line collapsing")
    assert before[collapsing] == 0 < middle[collapsing] < after[collapsing]
    for name in ("false gift", "false origin"):
        rise = after[column(world, name)] / before[column(world, name)]
        assert rise == pytest.approx(AFTER_JULY[name] / PREVALENCES[name], rel=0.35)
    assert after[column(world, EDGE)] < before[column(world, EDGE)]
    assert (behaviour.zero_duty_edge == 0.4).all()
    wrong = column(world, "misclassification")
    own = (behaviour.product_typology == wrong) @ (volume[world.products.operator]
                                                   * world.products.share)  # fmt: skip
    first = (world.behaviour.product_typology == wrong) @ (
        volume[world.products.operator] * world.products.share
    )
    assert own == pytest.approx(first, rel=0.25)


def test_a_world_that_began_under_the_law_does_not_move(world):
    later = build_world(replace(PRESETS["tiny"]), days=5, seed=102)
    behaviour = first_choices(later).behaviour
    law_change(later).move(later, behaviour, 0, 400)
    np.testing.assert_array_equal(behaviour.propensity, later.behaviour.propensity)


def flown(world: World, choices: Choices, days: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return declarations and truth of some days under other choices."""
    changed = replace(world, behaviour=choices.behaviour)
    flights = []
    for day in range(days):
        collected = draw_parcels(world, world.rng(1, day, 0), day)
        chances = Chances(*(world.rng(purpose, day, 0) for purpose in (91, 92, 93)))
        which = arrival(world, day, 0)
        flights.append(fly_apart(changed, which, chances, collected, collected))
    return pl.concat(f.declarations for f in flights), pl.concat(f.truth for f in flights)


def only(world: World, choices: Choices, name: str, share: float = 0.5) -> None:
    """Let some middling senders cheat in one way, and nobody in any other."""
    behaviour = choices.behaviour
    behaviour.product_typology[:] = -1
    behaviour.propensity[:] = 0.0
    behaviour.propensity[10:40, column(world, name)] = share


def test_parts_of_spread_orders_come_on_several_days_one_a_flight(world, choices):
    only(world, choices, "splitting")
    choices.behaviour.is_spread[:] = True
    choices.behaviour.parts[:] = 3
    declared, truth = flown(world, choices, 6)
    parts = truth.filter(pl.col("typologies") == "splitting")
    orders = parts.group_by("consignee_id", "shipper_id").agg(
        pl.len(), pl.col("flight_date").n_unique().alias("days")
    )
    several = orders.filter(pl.col("len") > 1)
    assert len(several) > 20
    assert (several["days"] == several["len"]).mean() > 0.95  # the same buyer twice is chance
    choices.behaviour.is_spread[:] = False
    in_a_flight = flown(world, choices, 6)[1].filter(pl.col("typologies") == "splitting")
    assert len(parts) == pytest.approx(len(in_a_flight), rel=0.15)
    usual = in_a_flight["revenue_lost_eur"].mean()
    assert parts["revenue_lost_eur"].mean() == pytest.approx(usual, rel=0.2)
    names = (
        declared.join(parts, on="hawb")
        .group_by("consignee_id")
        .agg(pl.col("importer_name").n_unique().alias("names"), pl.len())
    )
    assert (names.filter(pl.col("len") > 1)["names"] > 1).mean() > 0.5
    worth = declared.join(parts, on="hawb", how="semi")["intrinsic_value"]
    assert worth.max() <= 150 * 1.16  # in dollars for some


@pytest.mark.parametrize("name", ["constant undervaluation", "proportional undervaluation"])
def test_imitators_declare_what_honest_senders_of_the_code_do(world, choices, name):
    only(world, choices, name)
    before = _distance(world, *flown(world, choices, 2), name)
    choices.behaviour.imitation[:] = 0.8
    after = _distance(world, *flown(world, choices, 2), name)
    assert after < 0.75 * before


def _distance(world: World, declared: pl.DataFrame, truth: pl.DataFrame, name: str) -> float:
    """Return how far the guilty articles' prices lie from the usual ones, in logarithms."""
    usual = pl.DataFrame({"hs6": world.goods.hs6, "usual": world.goods.value_cents / 100})
    guilty = truth.filter(pl.col("typologies") == name)
    lines = declared.join(guilty, on="hawb", how="semi").join(usual, on="hs6")
    price = pl.col("intrinsic_value") / pl.col("quantity")
    return float(lines.select((price / pl.col("usual")).log().abs().median()).item())
