"""The quick way of linking finds what comparing each with each finds, to the bit."""

from __future__ import annotations

import math
from itertools import combinations
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from features.acquaintance import advanced_profile, empty_profile, with_acquaintances
from features.identity import consignee_groups
from features.likeness import (
    ANOTHER_IDENTIFIER,
    ANOTHER_SENDER,
    LIKE_VALUES,
    LINKED,
    ONE_SENDER_SHARE,
    SAME_IDENTIFIER,
    SAME_SENDER_BOUNDS,
    VALUE_STEP,
)
from tests.features.seeing import DAY

_WORDS = st.sampled_from([3, 2**64 - 5, 2**63 + 7, 11, 12])
_NAMES = st.lists(_WORDS, min_size=0, max_size=3, unique=True).map(sorted)
_STREETS = st.lists(_WORDS, min_size=0, max_size=3, unique=True).map(sorted)
_FILTERS = st.sampled_from([0, 0xFF, 0x7F, 0x1F, 0xFF00, 2**64 - 1])

CONSIGNMENT = st.fixed_dictionaries(
    {
        "flight_index": st.integers(0, 1),
        "importer_country": st.sampled_from(["BE", "FR"]),
        "importer_postcode": st.sampled_from(["4000", "40 00", "-", None]),
        "importer_city": st.sampled_from(["Gent", "gent.", None]),
        "importer_name_tokens": _NAMES,
        "importer_street_tokens": _STREETS,
        "importer_name_bits_0": _FILTERS,
        "importer_name_length": st.integers(5, 6),
        "importer_name_is_placeholder": st.booleans(),
        "importer_key": st.sampled_from([None, None, 7, 2**64 - 7]),
        "key_sender": st.sampled_from(["a", "b", "c", None]),
        "value_cents": st.sampled_from([1_999, 2_000, 2_500, 9_000]),
    }
)


def table(made: list[dict[str, Any]]) -> pl.DataFrame:
    """Prepared consignments, as far as linking reads them."""
    made = sorted(made, key=lambda row: int(row["flight_index"]))
    words = pl.List(pl.UInt64)
    overrides = {"importer_name_tokens": words, "importer_street_tokens": words,
                 "importer_name_bits_0": pl.UInt64, "importer_key": pl.UInt64,
                 "importer_postcode": pl.String, "importer_city": pl.String,
                 "key_sender": pl.String, "flight_index": pl.UInt32}  # fmt: skip
    rows = pl.DataFrame(made, schema_overrides=overrides)
    return rows.with_columns(
        *(pl.lit(0, pl.UInt64).alias(f"importer_name_bits_{word}") for word in (1, 2, 3)),
        *(pl.lit(False).alias(f"importer_name_{sign}") for sign in
          ("has_code", "has_digit", "is_uuid")),
        value_log=(pl.col("value_cents").log() * 1000).round().cast(pl.Int64),
    )  # fmt: skip


def place(row: dict[str, Any]) -> tuple[str, str]:
    postcode = (row["importer_postcode"] or "").replace(" ", "").strip("-")
    return row["importer_country"], postcode or (row["importer_city"] or "?").lower().strip(".")


def meet(a: dict[str, Any], b: dict[str, Any]) -> bool:
    names, streets = "importer_name_tokens", "importer_street_tokens"
    if a["importer_key"] is not None and a["importer_key"] == b["importer_key"]:
        return True
    is_street = bool(a[streets]) and sum(a[streets]) % 2**64 == sum(b[streets]) % 2**64
    return place(a) == place(b) and (bool(set(a[names]) & set(b[names])) or is_street)


def names_say(a: dict[str, Any], b: dict[str, Any]) -> int:
    if a["importer_name_is_placeholder"] or b["importer_name_is_placeholder"]:
        return 0
    one, other = set(a["importer_name_tokens"]), set(b["importer_name_tokens"])
    shared, fewer = len(one & other), min(len(one), len(other))
    bits = [row["importer_name_bits_0"] for row in (a, b)]
    total = sum(word.bit_count() for word in bits)
    dice = 2_000 * (bits[0] & bits[1]).bit_count() // max(total, 1)
    if 0 < fewer == shared and (fewer >= 2 or len(one) == len(other)):
        alike = {(True, True): 3_000, (True, False): 1_000, (False, True): 2_500}
        return alike[len(one) == len(other), fewer >= 2]
    if dice >= 850:
        return 2_500
    if 0 < fewer == shared:
        return -500
    if shared:
        return -1_000 if shared >= 2 else -1_500 if dice >= 750 else -3_500
    return 1_500 if dice >= 800 else -1_000 if dice >= 650 else -4_000


def streets_say(a: dict[str, Any], b: dict[str, Any]) -> int:
    one, other = set(a["importer_street_tokens"]), set(b["importer_street_tokens"])
    fewer = min(len(one), len(other))
    if not fewer:
        return -1_000
    share = len(one & other) / fewer
    return 0 if share == 1 else -300 if share >= 0.6 else -2_000 if share >= 0.5 else -6_000


def said(a: dict[str, Any], b: dict[str, Any], of_flight: list[dict[str, Any]]) -> int:
    keys = a["importer_key"], b["importer_key"]
    total = names_say(a, b) + streets_say(a, b)
    if None not in keys:
        total += SAME_IDENTIFIER if keys[0] == keys[1] else ANOTHER_IDENTIFIER
    if a["key_sender"] is None or a["key_sender"] != b["key_sender"]:
        return total + ANOTHER_SENDER
    share = sum(row["key_sender"] == a["key_sender"] for row in of_flight) / len(of_flight)
    low, high = SAME_SENDER_BOUNDS
    rare = min(max(round(math.log(ONE_SENDER_SHARE / share) * 1000), low), high)
    alike = abs(a["value_log"] - b["value_log"]) <= VALUE_STEP
    return total + rare + (LIKE_VALUES if alike else 0)


def form(row: dict[str, Any]) -> tuple[Any, ...]:
    names = ("flight_index", "importer_name_bits_0", "importer_name_length",
             "importer_name_is_placeholder", "importer_key")  # fmt: skip
    words = tuple(row["importer_name_tokens"]), tuple(row["importer_street_tokens"])
    return (place(row), *words, *(row[name] for name in names))


def by_hand(rows: list[dict[str, Any]]) -> tuple[list[int], list[float | None], list[int]]:
    """Groups, surest link to another spelling, and forms; each compared with each."""
    forms = [next(at for at, other in enumerate(rows) if form(other) == form(row)) for row in rows]
    units = [
        next(at for at, other in enumerate(rows)
             if (form(other), other["key_sender"]) == (form(row), row["key_sender"]))
        for row in rows
    ]  # fmt: skip
    group, surest = list(range(len(rows))), {}
    for a, b in combinations(sorted(set(units)), 2):
        one, other = rows[a], rows[b]
        if one["flight_index"] != other["flight_index"] or not meet(one, other):
            continue
        flight = [row for row in rows if row["flight_index"] == one["flight_index"]]
        sure = 1 / (1 + math.exp(said(one, other, flight) * (-1 / 1000)))
        if sure < LINKED:
            continue
        joined, into = max(group[a], group[b]), min(group[a], group[b])
        group = [into if of == joined else of for of in group]
        if forms[a] != forms[b]:
            surest |= {at: max(sure, surest.get(at, 0.0)) for at in (a, b)}
    return [group[unit] for unit in units], [surest.get(unit) for unit in units], forms


@settings(max_examples=80, deadline=None)
@given(made=st.lists(CONSIGNMENT, min_size=1, max_size=10))
def test_groups_are_those_found_by_hand(made: list[dict[str, Any]]) -> None:
    rows = table(made)
    found = consignee_groups(rows)
    groups, surest, forms = by_hand(rows.to_dicts())
    assert found["consignee_group"].to_list() == groups
    assert found["link_confidence"].to_list() == surest
    assert found["consignee_form"].to_list() == forms


@settings(max_examples=40, deadline=None)
@given(made=st.lists(CONSIGNMENT, min_size=1, max_size=6),
       past=st.lists(CONSIGNMENT, min_size=0, max_size=4))  # fmt: skip
def test_the_past_is_that_found_by_hand(
    made: list[dict[str, Any]], past: list[dict[str, Any]]
) -> None:
    rows = table(made)
    rows = pl.concat([rows, consignee_groups(rows)], how="horizontal")
    before = [row for row in past if row["value_cents"] >= 2_000]
    profile = empty_profile()
    if past:
        profile = advanced_profile(profile, table(past), DAY.replace(day=DAY.day - 1))
    told = with_acquaintances(rows, profile, DAY)
    known = table(before).to_dicts() if before else []
    followed = [row for row in rows.to_dicts() if row["value_cents"] >= 2_000]
    for row, value in zip(rows.to_dicts(), told["past_value_cents"], strict=True):
        group = [other for other in followed
                 if (other["flight_index"], other["consignee_group"])
                 == (row["flight_index"], row["consignee_group"])]  # fmt: skip
        assert value == _past_cents(group, known, followed)


def _past_cents(
    group: list[dict[str, Any]], known: list[dict[str, Any]], followed: list[dict[str, Any]]
) -> int:
    """What the known got of whom any of a group is one with; those written alike are one row."""
    rows: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in known:
        rows.setdefault((form(row | {"flight_index": 0}), row["key_sender"]), []).append(row)
    cents = 0
    for alike in rows.values():
        total = sum(row["value_cents"] for row in alike)
        one = alike[0] | {"value_log": round(math.log(total / len(alike)) * 1000)}
        flights = [[row for row in followed if row["flight_index"] == other["flight_index"]]
                   for other in group]  # fmt: skip
        said_of = [said(other, one, flight) for other, flight in zip(group, flights, strict=True)
                   if meet(other, one)]  # fmt: skip
        cents += total if any(1 / (1 + math.exp(-told / 1000)) >= LINKED for told in said_of) else 0
    return cents
