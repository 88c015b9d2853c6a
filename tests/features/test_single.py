"""One consignment alone has the features that a flight of one would have, to the bit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engine.declaration import CONSIGNMENT
from features.catalogue import NAMES, features_of
from features.history import History
from features.ledger import ledger_rows
from features.named import GOODS
from features.one_day import seen_on
from features.past_rates import Controls
from features.sight import prepared, sight
from features.single.sight import SingleSight
from tests.worlds import Archive

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class World:
    """What is known on a day, and the consignments of that day."""

    day: date
    history: History
    controls: Controls
    single: SingleSight
    items: pl.DataFrame

    def both(self, items: pl.DataFrame) -> tuple[dict[str, Any], dict[str, Any]]:
        """Features and goods by consignment, looked at as flights of one: together, and alone."""
        apart = items.with_columns(pl.col("flight_number") + "\x1f" + pl.col("hawb"))
        seen = sight(*prepared(apart), self.history, self.controls, self.day)
        features = features_of(seen).select(NAMES).to_numpy()
        goods = [[{name: item[name] for name in GOODS} for item in some] for some in seen["goods"]]
        kin = seen["kin_shared"].to_list()
        together = dict(zip(seen["hawb"], zip(features, goods, kin, strict=True), strict=True))
        alone = {}
        for hawb, rows in by_consignment(items).items():
            one = self.single.seen(rows)
            alone[hawb] = (self.single.features(one), one["goods"], one["kin_shared"])
        return together, alone


def by_consignment(items: pl.DataFrame) -> dict[str, Rows]:
    """Rows as the single sight takes them."""
    numbers = items.sort(*CONSIGNMENT, "goods_item_number").with_columns(
        pl.col("flight_date").cast(pl.Int32), pl.col("lodged_at").dt.epoch("us")
    )
    groups: dict[str, Rows] = defaultdict(list)
    for row in numbers.iter_rows(named=True):
        groups[row["hawb"]].append(row)
    return groups


def assert_same(together: dict[str, Any], alone: dict[str, Any]) -> None:
    assert together.keys() == alone.keys()
    for hawb, (features, goods, kin) in together.items():
        told, said, shared = alone[hawb]
        differing = [
            (name, a, b)
            for name, a, b in zip(NAMES, told, features, strict=True)
            if not (a == b or (np.isnan(a) and np.isnan(b)))
        ]
        assert differing == [], hawb
        assert (said, shared) == (goods, kin)


@pytest.fixture(scope="module")
def world(archive: Archive) -> World:
    *past, day = archive.days()[:7]
    return _world(archive, past, day, archive.day(day))


def _world(archive: Archive, past: Sequence[date], day: date, items: pl.DataFrame) -> World:
    history = History.empty()
    for one in past:
        history = history.advanced(*prepared(archive.day(one)), one)
    both = prepared(pl.concat(archive.day(one) for one in past))
    controls = Controls.of(ledger_rows(archive.outcomes, *both), day)
    history = seen_on(history, day)
    single = SingleSight.of(history, controls, day)
    return World(day, history, controls, single, items)


def test_every_consignment_of_a_day_has_the_same_features(world: World) -> None:
    together, alone = world.both(world.items)
    assert_same(together, alone)
    told = np.array([features for features, _, _ in alone.values()])
    known = dict(zip(NAMES, (~np.isnan(told)).sum(axis=0), strict=True))
    assert known["kin_rate"] > 5
    assert known["sender_tests"] > 5
    assert (told[:, NAMES.index("consignee_week_forms")] > 0).any()


def test_days_after_the_last_one_known(archive: Archive) -> None:
    """What was known has faded; the law may be another."""
    *past, last = archive.days()[:4]
    later = timedelta(days=200)
    items = archive.day(last).head(150).with_columns(pl.col("flight_date", "lodged_at") + later)
    world = _world(archive, past, last + later, items)
    assert_same(*world.both(items))


def test_without_a_past(archive: Archive) -> None:
    day = archive.days()[0]
    items = archive.day(day).head(60)
    controls = Controls.of(ledger_rows(archive.outcomes.clear(), *prepared(items)), day)
    history = History.empty()
    world = World(day, history, controls, SingleSight.of(history, controls, day), items)
    assert_same(*world.both(items))


_TEXT = st.one_of(
    st.none(), st.sampled_from(["-", " ", "?", "ø 12", "Straße 5b", "unknown", "北京", "İzmir"])
)
_ODD = st.fixed_dictionaries(
    {},
    optional={
        "quantity": st.sampled_from([None, 0.0004, 0.333, 1.5, 7.0, 12_345.0]),
        "net_mass_mg": st.sampled_from([None, 1, 250_000, 99_000_000]),
        "gross_mass_mg": st.sampled_from([1, 333, 250_000, 10**11]),
        "hs6": st.sampled_from(["000000", "999999", "330300", "240220", "950300", "711319"]),
        "goods_description": st.sampled_from(
            ["", "x", "gift", "Dress for party  12", "robe d'été", "party supplies", "手机壳",
             "phone case", "LED-Taschenlampen", "flashligth", "Wristwatchs", "shirts shirt"]
        ),
        "value_cents": st.sampled_from([0, 1, 4_500, 12_000, 15_000, 15_001, 10**9]),
        "intrinsic_value": st.sampled_from([0.0, 0.99, 12.99, 150.0, 1e7]),
        "transport_cents": st.sampled_from([None, 0, 500]),
        "number_of_packages": st.sampled_from([0, 1, 40]),
        "exporter_id": _TEXT, "exporter_street": _TEXT, "exporter_postcode": _TEXT,
        "exporter_city": _TEXT, "exporter_name": st.sampled_from(["-", "New Shop", "ÆTHER Ltd"]),
        "importer_postcode": _TEXT, "importer_city": _TEXT,
        "importer_key": st.sampled_from([None, 17]),
        "importer_name_tokens": st.sampled_from([[], [5], [2**64 - 1, 2**63]]),
        "importer_street_tokens": st.sampled_from([[], [2**64 - 1, 2**64 - 2]]),
        "importer_name_is_placeholder": st.booleans(),
        "ioss_number": st.sampled_from([None, "IM1234567890", "IM12", "im1234567890"]),
        "additional_procedure_codes": st.sampled_from(["C07", "C08", "F49", "F48|C07", "C08|C07"]),
        "declaration_type": st.sampled_from(["H7", "H6", "H1"]),
        "mawb": st.sampled_from(["784-12345675", "784-12345678", "1", "784 1234 5675"]),
        "hawb": st.sampled_from(["RR123456785CN", "RR473124829GB", "A-1", "RR+2345678+CN"]),
        "bag_id": st.sampled_from([None, "b", "BAG-0001", "ÄÖ7"]),
        "platform": st.sampled_from([None, "Shop", "ŁÓDŹ"]),
        "merchant_product_id": st.sampled_from([None, "P1"]),
        "country_of_origin": st.sampled_from([None, "CN", "US"]),
        "importer_country": st.sampled_from(["BE", "DE"]),
        "declarant_eori": st.sampled_from(["BE0000000001", "XX"]),
        "lodged_hours": st.integers(-2_000, 2_000),
    },
)  # fmt: skip


@given(st.lists(st.tuples(st.integers(0, 10**6), st.lists(_ODD, min_size=1, max_size=4)),
                min_size=12, max_size=25))  # fmt: skip
@settings(
    max_examples=4, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True,
    phases=[Phase.generate],
)  # fmt: skip
def test_odd_rows_have_the_same_features(
    world: World, drawn: list[tuple[int, list[dict[str, Any]]]]
) -> None:
    groups = list(by_consignment(world.items).values())
    rows = []
    for at, (pick, changes) in enumerate(drawn):
        few = groups[pick % len(groups)]
        hawb = changes[0].get("hawb", few[0]["hawb"])
        for number, change in enumerate(changes, start=1):
            hours = change.get("lodged_hours", 1)
            plain = {name: value for name, value in change.items() if name != "lodged_hours"}
            row = few[number % len(few)] | plain
            row["lodged_at"] += hours * 3_600_000_000
            rows.append(row | {"hawb": f"{hawb}" if at == 0 else f"{hawb}{at}",
                               "goods_item_number": number})  # fmt: skip
    numbers = dict(world.items.schema) | {"flight_date": pl.Int32(), "lodged_at": pl.Int64()}
    items = pl.DataFrame(rows, schema=numbers).cast(world.items.schema)
    assert_same(*world.both(items))
