"""A world that lives: same bytes without reaction, honest parcels untouched, resumed unharmed."""

from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from engine.declaration import DeclarationRow
from synthetic.flight import Flight
from synthetic.generate import fly
from synthetic.living import LivingWorld
from synthetic.scenario import PRESETS, Scenario
from synthetic.world import build_world
from tests.synthetic.test_world import contract

SMALL = replace(PRESETS["tiny"], parcels_per_flight=300, shippers=60, consignees=1500)
FILE = ("quantity", "representative_eori", "mawb", "bag_id", "hawb", "lrn", "mrn", "lodged_at")


def listed(flight: Flight, which: pl.Expr, count: int = 40) -> pl.DataFrame:
    """Choose the first parcels of a flight for which something is true."""
    return (
        flight.truth.filter(which)
        .head(count)
        .select(
            "hawb",
            pl.lit("rule").alias("selected_by"),
            pl.lit(None, dtype=pl.Float64).alias("selection_probability"),
        )
    )


def live(living: LivingWorld, days: range, which: pl.Expr) -> list[Flight]:
    """Let days go by on which the same kind of parcel is controlled."""
    flown = []
    for day in days:
        flight = living.fly(day, 0)
        living.watch(flight, living.examine(flight, listed(flight, which)))
        living.end_day(day)
        flown.append(flight)
    return flown


def lives(
    scenario: Scenario, days: int, which: pl.Expr, intensity: float = 1.0, seed: int = 101
) -> list[Flight]:
    living = LivingWorld(scenario, seed=seed, days=days, intensity=intensity)
    return live(living, range(days), which)


GUILTY, HONEST, NOTHING = pl.col("is_irregular"), ~pl.col("is_irregular"), pl.lit(False)


def same(first: list[Flight], second: list[Flight]) -> bool:
    pairs = zip(first, second, strict=True)
    names = ("declarations", "truth", "truth_items")
    return all(getattr(a, n).equals(getattr(b, n)) for a, b in pairs for n in names)


@pytest.fixture(scope="module")
def hard() -> list[Flight]:
    """Flights of weeks in which many guilty parcels are stopped."""
    return lives(SMALL, 24, GUILTY)


@pytest.fixture(scope="module")
def easy() -> list[Flight]:
    """Flights of the same weeks without controls."""
    return lives(SMALL, 24, NOTHING)


def test_without_reaction_the_flights_are_those_of_fly_whoever_is_controlled():
    world = build_world(SMALL, days=4, seed=101)
    asleep = lives(SMALL, 4, GUILTY, intensity=0.0)
    assert same(asleep, [fly(world, day, 0) for day in range(4)])


def test_same_seed_and_controls_same_flights_and_other_controls_other_flights(hard, easy):
    assert same(lives(SMALL, 10, GUILTY), hard[:10])
    assert not same(hard, easy)


def test_senders_who_are_left_alone_do_not_react(easy):
    assert same(lives(SMALL, 8, HONEST), easy[:8])


def test_honest_parcels_are_the_same_whatever_is_controlled(hard, easy):
    """What a sender did to its own name, file or articles is all that may differ on them."""
    renamed = 0
    for pair in zip(hard, easy, strict=True):
        a, b = map(_honest, pair)
        both = a.join(b, on=["place", "goods_item_number"], suffix="_other")
        assert len(both) > 0.8 * len(a)
        _all_equal(both, ("gross_mass_kg", *(f"importer_{p}" for p in ("name", "street", "city"))))
        is_same_sender = pl.col("shipper_id") == pl.col("shipper_id_other")
        in_file = both.filter(pl.col("declarant_eori") == pl.col("declarant_eori_other"))
        _all_equal(in_file, FILE)
        _all_equal(in_file.filter(is_same_sender), ("exporter_id", "exporter_name"))
        renamed += len(both.filter(~is_same_sender))
    assert renamed > 0


def _all_equal(both: pl.DataFrame, names: tuple[str, ...]) -> None:
    for name in names:
        assert both[name].eq_missing(both[f"{name}_other"]).all(), name


def _honest(flight: Flight) -> pl.DataFrame:
    """Return the rows of honest parcels with their place in the flight."""
    place = flight.truth.with_row_index("place").filter(HONEST)
    return flight.declarations.join(place.select("hawb", "place", "shipper_id"), on="hawb")


def test_every_row_is_acceptable_after_weeks_of_reaction(hard):
    for flight in hard[-3:]:
        DeclarationRow.validate(contract(DeclarationRow, flight.declarations))
        assert not flight.truth["hawb"].is_duplicated().any()


def test_a_run_that_was_interrupted_goes_on_as_if_it_had_not_been(tmp_path, hard):
    first = LivingWorld(SMALL, seed=101, days=24, intensity=1.0)
    live(first, range(14), GUILTY)
    first.save(tmp_path)
    again = LivingWorld.load(tmp_path, SMALL, seed=101, days=24)
    assert_frame_equal(again.behaviour(14), first.behaviour(14))
    assert same(live(again, range(14, 20), GUILTY), hard[14:20])
    assert {path.suffix for path in tmp_path.iterdir()} <= {".npz", ".parquet", ".json"}


def test_another_seed_or_scenario_than_was_saved_is_refused(tmp_path):
    LivingWorld(SMALL, seed=101, days=3, intensity=1.0).save(tmp_path)
    with pytest.raises(ValueError, match="seed"):
        LivingWorld.load(tmp_path, SMALL, seed=102, days=3)


def test_the_season_crosses_the_change_of_the_law():
    season = PRESETS["season"]
    assert season.start_date == date(2026, 4, 6)
    assert season.start_date.weekday() == 0
    assert (date(2026, 7, 1) - season.start_date).days > 28


def test_days_go_forward_and_the_dial_has_two_ends():
    living = LivingWorld(SMALL, seed=101, days=3, intensity=0.5)
    living.end_day(0)
    with pytest.raises(ValueError, match="later"):
        living.end_day(0)
    with pytest.raises(ValueError, match="intensity"):
        LivingWorld(SMALL, seed=101, days=3, intensity=1.5)


def test_as_much_is_irregular_as_if_nobody_had_reacted(hard, easy):
    guilty = [sum(flight.truth["is_irregular"].sum() for flight in run) for run in (hard, easy)]
    assert guilty[0] == pytest.approx(guilty[1], rel=0.1)
