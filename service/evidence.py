"""What an officer may look at beside a row of a list: pictures, linked parcels, goods, sender.

A reason says that a value is low; the picture shows where it lies among all goods of the code. All
is taken from what the flight was scored with, so that it says what the model saw.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from engine.declaration import CONSIGNMENT
from features.named import PICKED
from features.reference_shapes import SCALES, shape_of
from features.references import References
from features.telling import FACTS, Told

MEASURES: dict[str, str] = {
    "unit_value": "unit_value_eur", "unit_mass": "unit_mass_kg", "value_per_kg": "value_per_kg_eur",
}  # fmt: skip
"""Measures of the references, and what they are called in a picture."""

ALWAYS: tuple[str, ...] = ("unit_value", "unit_mass")
"""Pictures that every row has; the third is drawn where a reason speaks of it."""

MOST_LINKED = 12
"""Linked consignments told of each kind; more nobody fetches (estimate)."""

MOST_GOODS = 40
"""Goods lines told; a parcel of more is sorted by hand anyway (estimate)."""

_PARTIES = (
    "declarant_eori", "exporter_name", "exporter_country", "key_sender", "consignee_group",
    "consignee_form", "importer_key",
)  # fmt: skip


def columns() -> list[str]:
    """Columns of a sight that reasons and evidence need; the others need not be kept."""
    roots = (name for fact in FACTS.values() for name in fact.meta.root_names())
    return list(dict.fromkeys([*CONSIGNMENT, *_PARTIES, *sorted(set(roots))]))


def kept(seen: pl.DataFrame) -> pl.DataFrame:
    """What of a sight is kept with a scoring: nothing by which a consignee could be linked beyond
    the flight, for that is let go of earlier than lists are.
    """
    return seen.select(columns()).with_columns(pl.col("importer_key").rank("dense"))


@dataclass(frozen=True)
class Parcel:
    """A consignment that is looked at.

    Attributes
    ----------
    row : its position on the flight.
    seen : its columns of the sight.
    told : its reasons.
    """

    row: int
    seen: dict[str, Any]
    told: list[Told]


def evidence_of(
    seen: pl.DataFrame,
    risks: pl.DataFrame,
    references: References,
    rows: list[int],
    told: list[list[Told]],
) -> list[dict[str, Any]]:
    """Evidence of the rows of a list, in their order.

    Parameters
    ----------
    seen : sight of the flight (`columns`), one row a consignment.
    risks : in the same order, with `risk`.
    references : what goods usually cost and weigh, as the flight was scored with.
    rows : positions of the consignments of the list.
    told : their reasons.
    """
    parties = seen.select(*CONSIGNMENT, *_PARTIES).with_columns(risks["risk"])
    parcels = [
        Parcel(row, one, some)
        for row, one, some in zip(rows, seen[rows].to_dicts(), told, strict=True)
    ]
    links = _Links(parties, parcels)
    return [
        {
            "pictures": list(_pictures(parcel, references)),
            "linked": links.of(parcel),
            "goods": [_line(at, item) for at, item in enumerate(parcel.seen["goods"][:MOST_GOODS])],
            "goods_count": len(parcel.seen["goods"]),
            "sender": parcel.seen["exporter_name"],
            "sender_country": parcel.seen["exporter_country"],
            "declarant": parcel.seen["declarant_eori"],
        }
        for parcel in parcels
    ]


def _pictures(parcel: Parcel, references: References) -> Iterator[dict[str, Any]]:
    """Pictures of the goods that the reasons speak of, else of the oddest ones."""
    goods = parcel.seen["goods"]
    spoken: dict[str, dict[str, Any]] = {}
    for one in parcel.told:
        measure = _measure_of(one)
        if measure is not None and measure not in spoken:
            spoken[measure] = _item_of(one.feature, goods) or _oddest(measure, goods)
    for measure in dict.fromkeys([*spoken, *ALWAYS]):
        item = spoken.get(measure) or _oddest(measure, goods)
        picture = _picture(measure, item, references)
        if picture is not None:
            yield picture | {"is_reason": measure in spoken}


def _measure_of(told: Told) -> str | None:
    """The measure that a reason speaks of, if it is one with a picture."""
    name = told.feature
    if "per_kg" in name:
        return "value_per_kg"
    if told.theme == "mass" and "quantity" not in name:
        return "unit_mass"
    return "unit_value" if told.theme == "value" else None


def _item_of(feature: str, goods: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The goods item that a feature speaks of."""
    column, is_highest = PICKED.get(feature, ("", True))
    known = [item for item in goods if item.get(column) is not None]
    if not known:
        return None
    return (max if is_highest else min)(known, key=lambda item: item[column])


def _oddest(measure: str, goods: list[dict[str, Any]]) -> dict[str, Any]:
    """The item that is farthest from the middle of its code."""

    def distance(item: dict[str, Any]) -> float:
        share = item[f"{measure}_percentile"]
        return -1.0 if share is None else abs(share - 0.5)

    return max(goods, key=distance)


def _picture(measure: str, item: dict[str, Any], references: References) -> dict[str, Any] | None:
    declared = _declared(measure, item)
    has_pieces = item["quantity"] is not None
    shape = shape_of(references, measure, item["hs6"], has_pieces=has_pieces)
    if declared is None or shape is None:
        return None
    return {
        "measure": MEASURES[measure],
        "goods": item["goods_description"],
        "hs6": item["hs6"],
        "shown_code": shape.code,
        "declared": float(f"{declared:.6g}"),
        "usual": shape.usual,
        "edges": shape.edges,
        "shares": shape.shares,
        "percentile": item[f"{measure}_percentile"],
    }


def _declared(measure: str, item: dict[str, Any]) -> float | None:
    """What is declared of a piece or a kilogram, in the unit of the picture."""
    pieces = max(item["quantity"] or 1.0, 0.001)
    if measure == "value_per_kg":
        return math.exp(item["value_per_kg"] / 1000) * SCALES[measure]
    amount = item["value_cents"] if measure == "unit_value" else item["mass_mg"]
    return None if amount is None else float(amount) / pieces * SCALES[measure]


def _line(at: int, item: dict[str, Any]) -> dict[str, Any]:
    mass = item["mass_mg"]
    return {
        "item": at + 1,
        "description": item["goods_description"],
        "hs6": item["hs6"],
        "value_eur": item["value_cents"] / 100,
        "mass_kg": None if mass is None else mass / 1_000_000,
        "quantity": item["quantity"],
    }


class _Links:
    """Other consignments of the flight that have to do with those of the list.

    Parameters
    ----------
    parties : who sends, who receives, and `risk`, one row a consignment of the flight.
    parcels : those of the list.
    """

    def __init__(self, parties: pl.DataFrame, parcels: list[Parcel]) -> None:
        rows = parties.with_row_index("row")
        wanted = pl.DataFrame(
            [{name: parcel.seen[name] for name in ("consignee_group", "key_sender")}
             for parcel in parcels],
            schema={name: parties.schema[name] for name in ("consignee_group", "key_sender")},
        )  # fmt: skip
        self._groups = _members(rows, wanted, "consignee_group")
        self._senders = _members(rows, wanted, "key_sender")

    def of(self, parcel: Parcel) -> list[dict[str, Any]]:
        """Waybills with a sentence why, the same consignee before the same sender."""
        group = [m for m in self._groups[parcel.seen["consignee_group"]] if m["row"] != parcel.row]
        told = [self._same_consignee(parcel, m) for m in group[:MOST_LINKED]]
        known = {m["row"] for m in group} | {parcel.row}
        senders = self._senders.get(parcel.seen["key_sender"], [])
        others = [m for m in senders if m["row"] not in known]
        count = len(senders)
        why = f"same sender, one of its {count:,} consignments on this flight"
        return told + [_link(m, why) for m in others[: max(MOST_LINKED - len(told), 3)]]

    def _same_consignee(self, parcel: Parcel, other: dict[str, Any]) -> dict[str, Any]:
        mine = parcel.seen
        if mine["importer_key"] is not None and mine["importer_key"] == other["importer_key"]:
            how = "same consignee by its identifier"
        elif mine["consignee_form"] == other["consignee_form"]:
            how = "same consignee"
        else:
            how = "what looks like the same consignee, written another way"
        is_same = mine["key_sender"] is not None and mine["key_sender"] == other["key_sender"]
        return _link(other, how + (", same sender" if is_same else ", another sender"))


def _members(rows: pl.DataFrame, wanted: pl.DataFrame, by: str) -> dict[Any, list[dict[str, Any]]]:
    """Consignments by what they share, the riskiest first."""
    found = rows.join(wanted.select(by).unique().drop_nulls(), on=by, how="semi")
    found = found.sort("risk", "row", descending=[True, False])
    parts = found.partition_by(by, as_dict=True, maintain_order=True)
    return {key[0]: part.to_dicts() for key, part in parts.items()}


def _link(other: dict[str, Any], why: str) -> dict[str, Any]:
    return {"hawb": other["hawb"], "risk": round(other["risk"], 6), "why": why}
