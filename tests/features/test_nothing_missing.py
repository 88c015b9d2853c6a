"""Missing columns and extreme values: features are null or finite, and nothing crashes."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from engine.declaration import REQUIRED
from features.catalogue import NAMES, compute
from models.examples import Seen
from tests.features.seeing import rows, seen_first
from tests.worlds import Archive, through_the_door

FLOOD = 5_000

EXTREMES: dict[str, dict[str, Any]] = {
    "a thousand million pieces": {"quantity": "1000000000"},
    "a thousandth of a piece": {"quantity": "0.001"},
    "one milligram": {"gross_mass_kg": "0.000001", "net_mass_kg": "0.000001"},
    "a hundred tonnes": {"gross_mass_kg": "100000"},
    "worth nothing": {"intrinsic_value": "0"},
    "worth a hundred million": {"intrinsic_value": "100000000"},
    "dear and light": {"intrinsic_value": "100000000", "gross_mass_kg": "0.000001"},
    "transport without a value": {"intrinsic_value": "0", "transport_insurance_cost": "99999999"},
    "a description of 512 letters": {"goods_description": "x" * 512},
    "a description of 256 words": {"goods_description": "a " * 256},
    "a description without a word": {"goods_description": "12 345 - ?"},
    "no street": {"importer_street": None},
    "no place": {"importer_street": None, "importer_postcode": None, "importer_city": None},
    "a name of one word": {"importer_name": "Cher"},
    "a name without letters": {"importer_name": "- ?"},
    "a name in another script": {"importer_name": "魏明"},
    "no sender's address": {"exporter_street": None, "exporter_postcode": None},
}


def unsound(features: pl.DataFrame) -> list[str]:
    """Features that hold an infinity or a NaN."""
    return [name for name in NAMES if not features[name].drop_nulls().is_finite().all()]


def test_without_any_optional_column(archive: Archive) -> None:
    day = archive.days()[0]
    items = through_the_door(archive.raw[day].select(REQUIRED))
    features = seen_first(items, archive.outcomes)
    assert features.height == items.n_unique(["flight_number", "hawb"])
    assert unsound(features) == []
    assert features["gross_net_ratio"].null_count() == features.height


@pytest.mark.parametrize(
    "missing",
    [
        ("quantity", "net_mass_kg", "bag_id", "airport_of_loading"),
        ("importer_street", "exporter_id", "merchant_product_id", "platform"),
        ("importer_postcode", "exporter_postcode", "exporter_city", "lodged_at", "ioss_number"),
    ],
    ids=" ".join,
)
def test_without_some_columns(archive: Archive, walked: Seen, missing: tuple[str, ...]) -> None:
    day_after = (
        archive.raw[archive.days()[-1]]
        .head(40)
        .with_columns(pl.col("flight_date") + pl.duration(days=1))
    )
    items = through_the_door(day_after.drop(missing))
    assert unsound(compute(items, walked.history, walked.ledger)) == []


@pytest.mark.parametrize("what", EXTREMES)
def test_an_extreme_among_plain_consignments(archive: Archive, what: str) -> None:
    features = seen_first(rows({}, EXTREMES[what], {}), archive.outcomes)
    assert features.height == 3
    assert unsound(features) == []


def test_every_extreme_after_a_past(archive: Archive, walked: Seen) -> None:
    items = rows(*EXTREMES.values())
    features = compute(items, walked.history, walked.ledger)
    assert features.height == len(EXTREMES)
    assert unsound(features) == []


def test_one_consignment_alone(archive: Archive) -> None:
    features = seen_first(rows({}), archive.outcomes)
    assert features.height == 1
    assert unsound(features) == []
    assert features["consignee_consignments"].to_list() == [1]


@pytest.mark.parametrize(
    "flood",
    [
        {"importer_name": "Anna Visser"},
        {"importer_name": "Anna Visser", "importer_street": None, "importer_postcode": None},
    ],
    ids=["one person at one address", "one name without an address"],
)
def test_a_flood_of_one_name_is_one_group(archive: Archive, flood: dict[str, Any]) -> None:
    features = seen_first(rows(*[flood] * FLOOD), archive.outcomes)
    assert features["consignee_consignments"].unique().to_list() == [FLOOD]


def test_a_flood_of_names_at_one_address_is_bearable(archive: Archive) -> None:
    """Not a race against the clock: squared blocks would take minutes and all memory."""
    families = ["Visser", "Dupont", "Maes", "Rossi", "Novak", "Keller", "Silva", "Laine"]
    names = [{"importer_name": f"Jo{at} {families[at % 8]}"} for at in range(FLOOD)]
    features = seen_first(rows(*names), archive.outcomes)
    assert features["address_consignments"].unique().to_list() == [FLOOD]
    assert features["consignee_consignments"].max() < FLOOD
