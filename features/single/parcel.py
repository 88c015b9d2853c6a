"""The items of one consignment and their roll-up: `features.sight.prepared` for one alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

import polars as pl

from engine.consignment import HEADER
from engine.pseudonym import normalised
from engine.remarks import REMARKS
from features.named import GOODS
from features.probing import BANDS_CENTS
from features.sight import NEAR_LINE_CENTS
from features.single.expressions import Row, UnsupportedValueError, compiled
from features.single.texts import words

Item = dict[str, Any]
Consignment = dict[str, Any]

_EPOCH = date(1970, 1, 1).toordinal()
"""Dates are told as days since 1970, as polars keeps them."""

_consignment, _header = pl.col("_consignment"), pl.col("_header")

_KNOWN = {
    "text": normalised(pl.col("goods_description")),
    "consignment_cents": pl.col("value_cents").sum().over(_consignment),
    "header_varies": _header.min().over(_consignment) != _header.max().over(_consignment),
}
"""Parts of remarks that are worked out here: what needs all items, or the folded text."""


def milli_log(value: float) -> int:
    """As `features.references.milli_log`."""
    if not value <= 1e300:
        raise UnsupportedValueError("A measure without bounds.")
    return round(math.log(value) * 1000) if value > 1.0 else 0


def day_number(day: date) -> int:
    """Days since 1970."""
    return day.toordinal() - _EPOCH


@cache
def remarks_reader(wanted: frozenset[str]) -> tuple[Callable[[Row], tuple[Any, ...]], list[str]]:
    """A function that answers for the remarks wanted (`is_<name>`), and their columns' names.

    Raises
    ------
    UnsupportedExpressionError
        A remark holds something that is not known for one consignment alone.
    """
    asked = {f"is_{one.name}": one.is_odd for one in REMARKS if f"is_{one.name}" in wanted}
    return compiled(asked, _KNOWN)[0], list(asked)


def prepared(rows: Sequence[Mapping[str, Any]], wanted: frozenset[str]) -> tuple[
    list[Item], Consignment
]:  # fmt: skip
    """Items and consignment with what can be read off them alone.

    Parameters
    ----------
    rows : canonical rows of one consignment, one an item, in the order of their numbers; dates as
        days and instants as microseconds since 1970.
    wanted : columns to be told; remarks outside are not looked at.
    """
    items = [_measured(row) for row in rows]
    total = sum(item["value_cents"] for item in items)
    varies = len({tuple(row[name] for name in HEADER) for row in rows}) > 1
    read, names = remarks_reader(wanted | frozenset(GOODS))
    for item in items:
        item["consignment_cents"], item["header_varies"] = total, varies
        for name, is_odd in zip(names, read(item), strict=True):
            item[name] = is_odd
    consignment = _rolled_up(items)
    for name in names:
        consignment[name] = any(item[name] for item in items)
    return items, consignment


def _measured(row: Mapping[str, Any]) -> Item:
    said = words(row["goods_description"])
    gross, net = row["gross_mass_mg"], row["net_mass_mg"]
    quantity, hs6, cents = row["quantity"], row["hs6"], row["value_cents"]
    mass = gross if net is None else net
    pieces = 1.0 if quantity is None else max(float(quantity), 0.001)
    value = max(cents, 1)
    if mass <= 0:
        raise UnsupportedValueError("A mass that is rounded to nothing.")
    item: Item = dict(row)
    item["text"], item["text_key"], item["words"] = said.text, said.text_key, said.words
    item["word_count"], item["vague_share"] = said.word_count, said.vague_share
    item["has_prepared_phrase"] = said.has_prepared_phrase
    item["digit_share"], item["has_double_space"] = said.digit_share, said.has_double_space
    item["hs4"], item["hs2"] = hs6[:4], hs6[:2]
    item["pieces"], item["mass_mg"] = pieces, mass
    item["unit_mass"] = milli_log(mass / pieces)
    item["unit_value"] = milli_log(value / pieces)
    item["has_pieces"] = quantity is not None
    item["lot"] = milli_log(pieces)
    item["value_per_kg"] = milli_log(value * 1_000_000 / mass)
    item["gross_net"] = None if net is None else float(round(gross / net * 10_000))
    return item


def _rolled_up(items: list[Item]) -> Consignment:
    """As `engine.consignment.roll_up`, with what `features.sight.prepared` adds."""
    first, main = items[0], max(items, key=lambda item: item["value_cents"])
    given = [item["quantity"] for item in items if item["quantity"] is not None]
    nets = [item["net_mass_mg"] for item in items if item["net_mass_mg"] is not None]
    costs = [item["transport_cents"] for item in items if item["transport_cents"] is not None]
    codes = {code for item in items for code in item["additional_procedure_codes"].split("|")}
    cents = sum(item["value_cents"] for item in items)
    gross = sum(item["gross_mass_mg"] for item in items)
    net = sum(nets) if len(nets) == len(items) else None
    low, high = NEAR_LINE_CENTS
    procedures = "|".join(sorted(codes))
    band = sum(cents >= edge for edge in BANDS_CENTS)
    return first | {
        "lodged_at": min(item["lodged_at"] for item in items),
        "line_count": len(items),
        "hs6_count": len({item["hs6"] for item in items}),
        "piece_count": sum(round(one * 1000) for one in given) * (1 / 1000) if given else None,
        "package_count": sum(item["number_of_packages"] or 0 for item in items),
        "gross_mass_mg": gross,
        "net_mass_mg": net,
        "value_cents": cents,
        "transport_cents": sum(costs) if costs else None,
        "additional_procedure_codes": procedures,
        "main_code": main["hs6"],
        "value_log": milli_log(max(cents, 1)),
        "value_per_kg_log": milli_log(max(cents, 1) * 1_000_000 / (gross if net is None else net)),
        "is_near_line": low <= cents <= high,
        "variant": f"{main['hs6']}|{band}|{first['declarant_eori']}",
        "is_gift": "C08" in procedures,
    }
