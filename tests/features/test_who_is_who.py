"""What the links of consignees and senders do to features, and how they are told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from polars.testing import assert_frame_equal

from engine.outcome import OutcomeRow
from features.catalogue import features_of
from features.history import History
from features.ledger import ledger_rows
from features.sight import prepared, sight
from features.telling import BY_NAME, facts_of, told
from tests.features.seeing import DAY, rows
from tests.features.test_kinship import NEW, shop

ANNA = {"importer_name": "Wilhelmina Quackelbeen", "intrinsic_value": "90"}
NEIGHBOUR = {"importer_name": "Ngozi Abubakar", "importer_street": "Kerkplein 90",
             "intrinsic_value": "90"}  # fmt: skip
ALTERED = ANNA | {"importer_name": "Wilhelmina Quackelbeen KX7RT"}


def seen(items: pl.DataFrame, history: History, ledger: pl.DataFrame | None = None) -> pl.DataFrame:
    goods, consignments = prepared(items)
    if ledger is None:
        ledger = ledger_rows(OutcomeRow.create_empty(), goods, consignments)
    return sight(goods, consignments, history, ledger, DAY)


def sentence(table: pl.DataFrame, name: str) -> str:
    """What is told of the first consignment for a feature, at the highest rank."""
    values = features_of(table).row(0, named=True)
    made = told(BY_NAME[name], values, 99.0, facts_of(table)[0])
    assert made is not None
    return made.sentence


def test_one_order_of_one_sender_under_two_spellings() -> None:
    table = seen(rows(ANNA, ALTERED, NEIGHBOUR), History.empty())
    features = features_of(table)
    assert features["consignee_sender_splits"].to_list() == [1, 1, 0]
    assert features["consignee_sender_forms"].to_list() == [2, 2, 1]
    assert "in 2 ways on this flight: 2 consignments, EUR 180.00" in sentence(
        table, "consignee_sender_forms"
    )


def test_one_order_over_two_days() -> None:
    before = prepared(rows(ANNA | {"flight_date": str(DAY - timedelta(days=2))}))
    history = History.empty().advanced(*before, DAY - timedelta(days=2))
    features = features_of(seen(rows(ALTERED, NEIGHBOUR), history))
    assert features["consignee_week_splits"].to_list() == [1, 0]
    assert features["consignee_sender_splits"].to_list() == [0, 0]


def test_a_flight_is_seen_the_same_whoever_came_on_another_one() -> None:
    """An identifier is the same everywhere, but no flight sees another."""
    one = [ANNA | {"importer_id": "BE77"}, NEIGHBOUR | {"importer_id": "BE77"}, ALTERED]
    other = {"flight_number": "ZZ1", "importer_id": "BE77", "importer_name": "Someone Else"}
    alone = features_of(seen(rows(*one), History.empty()))
    beside = features_of(seen(rows(*one, *(other for _ in range(70))), History.empty()))
    first = beside.filter(pl.col("flight_number") != "ZZ1")
    assert_frame_equal(first, alone, check_exact=True)


def _after_controls(result: str) -> tuple[History, pl.DataFrame]:
    """Forty shops for eight days; shop 7 stops on the fifth, all its parcels controlled."""
    history, ledgers = History.empty(), []
    for gone in range(8, 0, -1):
        day = DAY - timedelta(days=gone)
        shops = [shop(n) for n in range(40) if n != 7 or gone > 3]
        items = rows(*({"flight_date": str(day)} | made for made in shops))
        goods, consignments = prepared(items)
        at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        mine = consignments.filter(pl.col("exporter_id") == "ID007")
        made: list[dict[str, Any]] = [
            {"control_id": f"{day}{row['hawb']}", "hawb": row["hawb"], "flight_date": day,
             "flight_number": row["flight_number"], "selected_by": "rule", "presented": True,
             "control_type": "physical", "controlled_at": at, "recorded_at": at,
             "result_code": result, "finding_types": "UNDERVALUATION" if result == "B1" else None,
             "status": "final"}
            for row in mine.iter_rows(named=True)
        ]  # fmt: skip
        outcomes = pl.DataFrame(made, schema=OutcomeRow.create_empty().schema)
        ledgers.append(ledger_rows(outcomes, goods, consignments))
        history = history.advanced(goods, consignments, day)
    return history, pl.concat(ledgers)


def test_a_new_name_inherits_what_was_found_under_the_old_one() -> None:
    bad, good = (
        features_of(seen(rows(shop(7) | NEW), *_after_controls(result))) for result in ("B1", "A1")
    )
    assert bad["kin_confidence"][0] > 0.9
    assert bad["kin_controls"][0] > 3
    assert bad["kin_rate"][0] > 0.5 > good["kin_rate"][0]
    assert bad["sender_lineage_rate"][0] > bad["sender_rate"][0]


def test_an_officer_is_told_who_it_was() -> None:
    table = seen(rows(shop(7) | NEW), *_after_controls("B1"))
    said = sentence(table, "kin_rate")
    assert "sure to be one seen before under another name (ID007: same street" in said
    assert "past controls (weighted) irregular" in said
