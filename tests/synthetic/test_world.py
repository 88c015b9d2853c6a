"""Generated flights keep the contract, repeat by seed, and show what the field shows."""

from dataclasses import replace
from datetime import date

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from engine.declaration import CONSIGNMENT, KEY, DeclarationRow
from engine.outcome import OutcomeRow
from synthetic.generate import flights, fly, write_world
from synthetic.scenario import PRESETS
from synthetic.world import build_world

SMALL = replace(PRESETS["tiny"], parcels_per_flight=60, shippers=30, consignees=400)


def contract(schema, frame):
    numbered = frame.with_row_index("row_number", 1).with_columns(
        pl.col("row_number").cast(pl.Int64)
    )
    return numbered.select(name for name in schema.columns())


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**31), start=st.dates(date(2021, 8, 1), date(2027, 12, 31)))
def test_every_row_is_acceptable_whatever_the_seed_and_the_law(seed, start):
    flight = next(flights(replace(SMALL, start_date=start), days=1, seed=seed))
    DeclarationRow.validate(contract(DeclarationRow, flight.declarations))
    assert not flight.declarations.select(KEY).is_duplicated().any()


def test_truth_has_one_row_a_consignment(tiny):
    assert_frame_equal(
        tiny.declarations.select(CONSIGNMENT).unique().sort(CONSIGNMENT),
        tiny.truth.select(CONSIGNMENT).sort(CONSIGNMENT),
    )
    told = tiny.truth
    assert (told["is_irregular"] == told["typologies"].is_not_null()).all()
    assert (told["is_irregular"] == told["finding_types"].is_not_null()).all()
    assert (told["revenue_lost_eur"] >= 0).all()
    assert told.filter("is_irregular")["revenue_lost_eur"].sum() > 0
    assert told.filter(~pl.col("is_irregular"))["revenue_lost_eur"].sum() == 0


def test_same_seed_same_world_and_other_seed_other_world(tiny):
    again = list(flights(PRESETS["tiny"], days=4, seed=7))
    for first, second in zip(tiny.flights, again, strict=True):
        assert_frame_equal(first.declarations, second.declarations)
        assert_frame_equal(first.truth, second.truth)
    other = next(flights(PRESETS["tiny"], days=1, seed=8))
    assert not other.declarations.equals(tiny.flights[0].declarations)


def test_a_longer_run_begins_with_the_days_of_a_shorter_one(tiny):
    assert_frame_equal(
        next(flights(PRESETS["tiny"], days=30, seed=7)).declarations, tiny.flights[0].declarations
    )


def test_a_changed_behaviour_changes_later_flights_only_in_what_it_touches():
    world = build_world(SMALL, days=3, seed=1)
    guilty = fly(world, 0, 0)
    world.behaviour.propensity[:] = 0
    world.behaviour.product_typology[:] = -1
    honest = fly(world, 0, 0)
    assert guilty.truth["is_irregular"].any()
    assert not honest.truth["is_irregular"].any()
    assert_frame_equal(guilty.truth.select("shipper_id"), honest.truth.select("shipper_id"))


def test_identities_die_and_return_with_what_they_keep():
    world = build_world(PRESETS["demo"], days=120, seed=3)
    table = world.identities.table.with_columns(
        pl.Series("operator", world.identities.operator),
        pl.Series("from_day", world.identities.from_day),
        pl.Series("to_day", world.identities.to_day),
    )
    returned = table.filter(pl.col("shipper_is_phoenix_of").is_not_null()).join(
        table, left_on="shipper_is_phoenix_of", right_on="shipper_id", suffix="_before"
    )
    assert len(returned) > 30
    assert (returned["operator"] == returned["operator_before"]).all()
    assert (returned["from_day"] == returned["to_day_before"]).all()
    assert (returned["exporter_postcode"] == returned["exporter_postcode_before"]).all()
    assert (returned["exporter_id"] != returned["exporter_id_before"]).all()
    assert (returned["exporter_name"] != returned["exporter_name_before"]).mean() > 0.9
    gone = (world.identities.to_day < 120).mean()
    assert 0.15 < gone < 0.5


def test_household_members_share_an_address(demo):
    homes = demo.declarations.unique("importer_name").group_by(
        "importer_street", "importer_postcode"
    )
    assert (homes.len()["len"] > 1).mean() > 0.05


def test_product_ids_come_with_the_law_and_repeat():
    scenario = replace(PRESETS["tiny"], start_date=date(2026, 10, 31))
    before, after = (flight.declarations for flight in flights(scenario, days=2, seed=1))
    assert after["merchant_product_id"].null_count() == 0
    assert before["merchant_product_id"].null_count() > len(before) / 2
    assert after["merchant_product_id"].n_unique() < len(after) * 0.8


def test_written_files_say_the_same_as_the_flights(tmp_path, tiny):
    seen: list[tuple[int, int]] = []
    write_world(PRESETS["tiny"], days=4, seed=7, out=tmp_path, progress=lambda *n: seen.append(n))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    parts = sorted((tmp_path / "declarations").glob("flight_date=*/*.parquet"))
    assert [part.parent.name for part in parts] == [
        f"flight_date=2026-09-0{d}" for d in (1, 2, 3, 4)
    ]
    read = pl.concat(pl.read_parquet(part, hive_partitioning=False) for part in parts)
    assert_frame_equal(read, tiny.declarations)
    assert_frame_equal(pl.read_parquet(tmp_path / "truth.parquet"), tiny.truth)
    OutcomeRow.validate(contract(OutcomeRow, pl.read_parquet(tmp_path / "outcomes.parquet")))


def test_files_are_the_same_to_the_byte_however_many_work(tmp_path):
    scenario = replace(SMALL, parcels_per_flight=300, flights_per_day=2)
    for name, workers in (("one", 1), ("two", 2), ("again", 2)):
        write_world(scenario, days=4, seed=3, out=tmp_path / name, workers=workers)
    written = {
        name: {
            path.relative_to(tmp_path / name): path.read_bytes()
            for path in (tmp_path / name).rglob("*.parquet")
        }
        for name in ("one", "two", "again")
    }
    assert len(written["one"]) == 4 * 2 + 3
    assert written["one"] == written["two"] == written["again"]
