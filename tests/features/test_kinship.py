"""Senders that come back under a new name are known again; newcomers of their own are not."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl

from engine.intake import EuroOnly, take_in
from features.decayed import DecayedTable
from features.kinship import YOUNG_DAYS, advanced_profiles, empty_profiles, kin_of
from features.sight import prepared
from tests.engine.door import KEY, ROW
from tests.worlds import Archive

FIRST = date(2026, 9, 1)
WORDS = ("kettle", "lamp", "scarf", "ladle", "whistle", "tripod", "apron", "puzzle", "ribbon")


def shop(at: int, **changes: Any) -> dict[str, Any]:
    """One of many senders, each with its own street, goods, bags and broker."""
    return {
        "exporter_id": f"ID{at:03d}",
        "exporter_name": f"{WORDS[at % 9]} house {at} Ltd",
        "exporter_street": f"{WORDS[(at * 4 + 1) % 9]} road {at}",
        "exporter_postcode": f"5{at:05d}",
        "exporter_city": "Anytown",
        "goods_description": f"{WORDS[at % 9]} {WORDS[(at // 9) % 9]} number {'abcdefgh'[at % 8]}",
        "hs6": f"{610000 + at * 37}",
        "bag_id": f"{'ABCDEFGH'[at % 8]}{'KLMNPQ'[at % 6]}X{at:05d}",
        "declarant_eori": f"BE{at % 7:010d}",
    } | changes


NEW = {"exporter_id": "ID999", "exporter_name": "Quite Other Trading"}
MOVED = {"exporter_street": "Nowhere 1", "exporter_postcode": "999999"}


def day_of_rows(day: date, *senders: dict[str, Any]) -> pl.DataFrame:
    plain = ROW | {"flight_date": str(day)}
    made = [plain | {"hawb": f"{at}-{n}"} | s for at, s in enumerate(senders) for n in range(3)]
    items = take_in(pl.DataFrame(made, infer_schema_length=None), rates=EuroOnly(), key=KEY).rows
    return prepared(items.drop("row_number"))[0]


def after_ten_days(gone_at: int = 10) -> dict[str, DecayedTable]:
    """Forty shops send daily for ten days; shop 7 stops after `gone_at`."""
    profiles = empty_profiles()
    for at in range(10):
        day = FIRST + timedelta(days=at)
        shops = [shop(n) for n in range(40) if n != 7 or at < gone_at]
        profiles = advanced_profiles(profiles, day_of_rows(day, *shops), day)
    return profiles


TODAY = FIRST + timedelta(days=10)


def surest(sender: dict[str, Any], gone_at: int = 10) -> dict[str, Any] | None:
    kin = kin_of(day_of_rows(TODAY, sender, shop(3)), after_ten_days(gone_at), TODAY)
    return kin.row(0, named=True) if kin.height else None


def test_a_sender_under_a_new_name_is_known_again() -> None:
    kin = surest(shop(7) | NEW)
    assert kin is not None
    assert (kin["key_sender"], kin["kin"]) == ("ID999", "ID007")
    assert kin["kin_confidence"] > 0.95
    assert min(kin["kin_street"], kin["kin_goods"], kin["kin_papers"]) > 0


def test_and_in_another_street_too() -> None:
    kin = surest(shop(7) | NEW | MOVED, gone_at=6)
    assert kin is not None
    assert kin["kin"] == "ID007"
    assert kin["kin_confidence"] > 0.5
    assert kin["kin_street"] < 0


def test_silence_under_the_old_name_makes_it_surer() -> None:
    goes_on, stopped = surest(shop(7) | NEW | MOVED), surest(shop(7) | NEW | MOVED, gone_at=4)
    assert goes_on is not None
    assert stopped is not None
    assert stopped["kin_confidence"] > goes_on["kin_confidence"]
    assert (goes_on["kin_gap_days"], stopped["kin_gap_days"]) == (0, 6)


def test_a_newcomer_with_goods_of_its_own_has_no_kin() -> None:
    kin = surest(shop(77))
    assert kin is None or kin["kin_confidence"] < 0.5


def test_a_large_common_address_proves_nothing() -> None:
    """A warehouse where everybody is: the same street says little."""
    depot = {"exporter_street": "Depot 1", "exporter_postcode": "500000"}
    profiles = empty_profiles()
    shops = [shop(n, **depot) for n in range(40)]
    profiles = advanced_profiles(profiles, day_of_rows(FIRST, *shops), FIRST)
    day = FIRST + timedelta(days=1)
    kin = kin_of(day_of_rows(day, shop(77, **depot)), profiles, day)
    assert kin.filter(pl.col("kin_confidence") > 0.5).is_empty()


def test_a_known_sender_has_no_kin_and_later_ones_are_none() -> None:
    profiles = empty_profiles()
    profiles = advanced_profiles(profiles, day_of_rows(FIRST, shop(7)), FIRST)
    later = FIRST + timedelta(days=YOUNG_DAYS)
    profiles = advanced_profiles(profiles, day_of_rows(later, shop(7) | NEW), later)
    assert kin_of(day_of_rows(TODAY + timedelta(days=30), shop(7)), profiles,
                  TODAY + timedelta(days=30)).is_empty()  # fmt: skip


def test_without_a_past_nobody_has_kin() -> None:
    assert kin_of(day_of_rows(FIRST, shop(1)), empty_profiles(), FIRST).is_empty()


def test_nothing_of_a_sender_s_address_can_be_read_from_its_traits() -> None:
    traits = after_ten_days()["sender_traits"].rows
    assert set(traits.schema) == {"key_sender", "kind", "trait", "items", "first_on"}
    assert traits.schema["trait"] == pl.UInt64


def test_links_agree_with_the_truth(archive: Archive, record_property: Any) -> None:
    """Newcomers of the second half: the kin found is the same operator, by whatever name."""
    profiles, who, right = empty_profiles(), {}, []
    before = dict(
        archive.truth.select("shipper_id", "shipper_is_phoenix_of").unique().drop_nulls().rows()
    )
    key = ["flight_number", "flight_date", "hawb"]
    for at, day in enumerate(archive.days()):
        items = prepared(archive.day(day))[0]
        ids = items.join(archive.truth, on=key).select("key_sender", "shipper_id").unique()
        if at >= len(archive.days()) // 2:
            kin = kin_of(items, profiles, day).unique(["flight_index", "key_sender"], keep="first",
                                                      maintain_order=True)  # fmt: skip
            sure = kin.filter(pl.col("kin_confidence") >= 0.5)
            for sender, other in sure.select("key_sender", "kin").iter_rows():
                now, then = dict(ids.iter_rows()).get(sender), who.get(other)
                right.append(then in (now, before.get(now or "")))
        who |= dict(ids.iter_rows())
        profiles = advanced_profiles(profiles, items, day)
    record_property("links", len(right))
    record_property("precision", sum(right) / len(right))
    assert len(right) >= 5
    assert sum(right) / len(right) > 0.7


def test_a_flight_of_a_far_day_is_seen_too() -> None:
    for gap in (400, 537, 538, 600, 30_000):
        day = TODAY + timedelta(days=gap)
        kin = kin_of(day_of_rows(day, shop(7), shop(77)), after_ten_days(), day)
        assert set(kin["key_sender"]) <= {"ID077"}
