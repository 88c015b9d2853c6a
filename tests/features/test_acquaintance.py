"""A consignee of the last days is known again, whatever was added to its name."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl

from features.acquaintance import advanced_profile, empty_profile, with_acquaintances
from features.identity import consignee_groups
from features.sight import prepared
from tests.features.seeing import DAY, rows

ANNA = {"importer_name": "Wilhelmina Quackelbeen", "intrinsic_value": "90"}
OTHER_SHOP = {"exporter_id": "ID2", "exporter_name": "Other Shop"}

FORTY = [f"{first}{second}n" for first in ("Ka", "Lo", "Mi", "Re", "Su") for second in
         ("ba", "co", "di", "fe", "gu", "hy", "ja", "le")]  # fmt: skip
"""First names that look little alike."""


def consignments(*changes: dict[str, Any]) -> pl.DataFrame:
    table = prepared(rows(*changes))[1]
    return pl.concat([table, consignee_groups(table)], how="horizontal")


def seen_after(days: int, before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """What is told of a consignment some days after another."""
    first = DAY - timedelta(days=days)
    profile = advanced_profile(empty_profile(), consignments(ANNA | before), first)
    for gone in range(1, days):
        other = consignments({"importer_postcode": "9000", "intrinsic_value": "30"})
        profile = advanced_profile(profile, other, first + timedelta(days=gone))
    return with_acquaintances(consignments(ANNA | now), profile, DAY).row(0, named=True)


def test_an_altered_name_is_known_again_on_another_day() -> None:
    told = seen_after(1, {}, {"importer_name": "Wilhelmina Quackelbeen KX7RT"})
    assert told["past_value_cents"] == 9_000
    assert told["past_sender_value_cents"] == 9_000
    assert told["past_forms"] == 1


def test_within_a_week_and_not_for_ever() -> None:
    assert seen_after(7, {}, {})["past_consignments"] > 50
    assert seen_after(10, {}, {})["past_consignments"] == 0


def test_another_sender_counts_for_the_consignee_alone() -> None:
    told = seen_after(1, OTHER_SHOP, {})
    assert told["past_value_cents"] == 9_000
    assert told["past_sender_value_cents"] == 0


def test_a_neighbour_and_small_change_are_nobody() -> None:
    assert seen_after(1, {"importer_name": "Ngozi Abubakar"} | OTHER_SHOP, {})["past_forms"] == 0
    assert seen_after(1, {"intrinsic_value": "3"}, {})["past_forms"] == 0


def test_parts_of_one_group_share_their_past() -> None:
    profile = advanced_profile(empty_profile(), consignments(ANNA), DAY - timedelta(days=1))
    today = consignments(ANNA | {"importer_name": "Fam. Quackelbeen"}, ANNA)
    told = with_acquaintances(today, profile, DAY)
    assert told["past_value_cents"].to_list() == [9_000, 9_000]


def test_a_first_day_has_no_past() -> None:
    told = with_acquaintances(consignments(ANNA), empty_profile(), DAY)
    assert told["past_value_cents"].to_list() == [0]


def test_a_flight_beside_another_is_seen_as_if_alone() -> None:
    """Each flight has forty of one surname at one place: together they would crowd it."""
    before = [
        ANNA | {"importer_name": f"{name} Quackelbeen", "importer_street": f"Kerkstraat {at}",
                "hawb": name}
        for at, name in enumerate(FORTY)
    ]  # fmt: skip
    profile = advanced_profile(empty_profile(), consignments(*before[::5]), DAY - timedelta(days=1))
    flights = [
        [
            row | {"flight_number": number, "importer_name": f"Fam. Quackelbeen{at}",
                   "importer_street": f"{row['importer_street']} bus 7"}
            for at, row in enumerate(before)
        ]
        for number in ("XB1", "XB2")
    ]  # fmt: skip
    together = with_acquaintances(consignments(*flights[0], *flights[1]), profile, DAY)
    alone = [with_acquaintances(consignments(*flight), profile, DAY) for flight in flights]
    told = ["hawb", "past_value_cents", "past_consignments", "past_forms"]
    assert together.select(told).equals(pl.concat(alone).select(told))
    assert together["past_value_cents"].sum() > 0
