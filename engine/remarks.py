"""What is odd about a row that is readable: remarks, beside the rejections.

The checks of the H7 data set that need no outside service (domain report, section 6). A remark
does not reject: a row that is rejected is not on the inspection list, and odd data are a sign.
Each remark is a named expression over canonical rows of whole consignments. What the law says is
in the dated tables of `engine.regime` alone; the remarks read it from there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from engine.consignment import HEADER
from engine.declaration import CONSIGNMENT
from engine.pseudonym import normalised
from engine.regime import (
    PRODUCT_IDENTIFIERS,
    REGIMES,
    Obligation,
    Regime,
    gift_line,
    is_h7_excluded,
    is_known_procedure_set,
    is_product_identifier_required,
    low_value_line,
)

STOP_WORDS: tuple[str, ...] = (
    "accessories", "accessory", "adapter", "apparel", "appliances", "articles", "article",
    "artwork", "bags", "bag", "battery", "birthday gifts", "boxes", "box", "cables", "caps",
    "cards", "card", "case", "cases", "clothes", "clothing", "component", "components",
    "consolidated", "daily necessities", "daily use", "decorations", "decoration", "documents",
    "electronics", "electronic", "equipment", "fashion", "food", "footwear", "garments",
    "garment", "general cargo", "general merchandise", "gift", "gifts", "goods", "hardware",
    "household", "household goods", "item", "items", "merchandise", "miscellaneous", "n a",
    "necessities", "none", "other", "others", "parcel", "part", "parts", "personal effects",
    "present", "private", "product", "products", "sample", "samples", "spare parts", "stuff",
    "supplies", "thing", "things", "tools", "toys", "unknown", "various", "various goods",
)  # fmt: skip
"""Words that say nothing when they stand alone (extract of the ICS2 list of September 2025 and
May 2026, with the plain variants customs officers report; ensadviser.com)."""

LOW_VALUE_CENTS = REGIMES[-1].low_value_line_cents
"""Intrinsic value up to which H7 may be used, in cents; the same in every regime so far, so that
features may read one number (UCC-DA 2015/2446 Annex B, column H7)."""

GIFT_CENTS = REGIMES[-1].gift_line_cents
"""Relief for gifts between private persons, in cents; the same in every regime so far
(Regulation (EC) 1186/2009, Art. 25)."""

EARLIEST_FLIGHT = date(2015, 1, 1)
"""A flight before it is taken for a slip of the pen: no such file is triaged today (estimate)."""

LONGEST_AHEAD_DAYS = 366
"""A flight farther ahead is taken for a slip of the pen: airlines sell seats and space no longer
ahead than this (estimate)."""

OFFICE_COUNTRY = "BE"
"""Without IOSS, low-value goods are declared in the state of destination; the office is Belgian."""


@dataclass(frozen=True)
class Remark:
    """An oddity. `is_odd` is a boolean expression over rows as `marked` prepares them: canonical
    rows of whole consignments in canonical order, with `_consignment` and `_header`, which count
    up where the key, or anything of the header, is another than in the row before.
    """

    name: str
    column: str
    meaning: str
    is_odd: pl.Expr
    possible: pl.Expr | None = None
    """What is quickly told of the rows that can be odd, where telling it of all takes long."""


def _has(code: str) -> pl.Expr:
    return pl.col("additional_procedure_codes").str.contains(code, literal=True)


def _lodged_later_days() -> pl.Expr:
    return (pl.col("lodged_at").dt.date() - pl.col("flight_date")).dt.total_days()


def _mawb_check() -> pl.Expr:
    digits = pl.col("mawb").str.replace_all(r"[^0-9]", "")
    serial = digits.str.slice(3, 7).cast(pl.Int64, strict=False)
    check = digits.str.slice(10, 1).cast(pl.Int64, strict=False)
    good = (digits.str.len_chars() == 11) & (serial % 7 == check)
    return ~good.fill_null(False)


def _s10_check() -> pl.Expr:
    """UPU S10: eight digits weighted 8 6 4 2 3 5 9 7, modulo 11."""
    hawb = pl.col("hawb")
    is_s10 = hawb.str.contains(r"^[A-Z]{2}[0-9]{9}[A-Z]{2}$")
    serial = hawb.str.slice(2, 8).cast(pl.Int64, strict=False)
    total = pl.sum_horizontal(
        serial // 10 ** (7 - at) % 10 * weight for at, weight in enumerate((8, 6, 4, 2, 3, 5, 9, 7))
    )
    rest = 11 - total % 11
    expected = pl.when(rest == 10).then(0).when(rest == 11).then(5).otherwise(rest)
    return is_s10 & (expected != hawb.str.slice(10, 1).cast(pl.Int64, strict=False))


REPEATED: frozenset[str] = frozenset({"mawb", "goods_description"})
"""Texts that many rows share: a remark that looks at one of them alone is worked out once a text,
because normalising half a million descriptions costs more than all other remarks together."""

_h7 = pl.col("declaration_type") == "H7"
# Rows of one consignment are neighbours: numbers are counted over several times as fast as texts.
_consignment = pl.col("_consignment")
_consignment_value = pl.col("value_cents").sum().over(_consignment)
_header = pl.col("_header")
_header_varies = _header.min().over(_consignment) != _header.max().over(_consignment)


def _legal(regimes: Sequence[Regime], identifiers: Obligation) -> tuple[Remark, ...]:
    """The remarks that the law of the day decides."""
    day, hs6 = pl.col("flight_date"), pl.col("hs6")
    codes = pl.col("additional_procedure_codes")
    low, gift = (f"EUR {cents / 100:g}" for cents in
                 (regimes[-1].low_value_line_cents, regimes[-1].gift_line_cents))  # fmt: skip
    return (
        Remark("procedure_set", "additional_procedure_codes",
               "is not a set the law knew on that day",
               _h7 & ~is_known_procedure_set(codes, day, regimes)),
        Remark("over_low_value_line", "intrinsic_value", f"sums to more than {low} in an H7",
               _h7 & (_consignment_value > low_value_line(day, regimes))),
        Remark("gift_over_line", "intrinsic_value", f"sums to more than {gift} as a gift (C08)",
               _has("C08") & (_consignment_value > gift_line(day, regimes))),
        Remark("not_in_h7", "hs6", "is excise, restricted or without relief and cannot be declared "
               "in H7 on that day", _h7 & is_h7_excluded(hs6, day, regimes)),
        Remark("product_id_missing", "merchant_product_id", "is empty although required since "
               f"{identifiers.valid_from}",
               is_product_identifier_required(day, identifiers)
               & pl.col("merchant_product_id").is_null()),
    )  # fmt: skip


_FORMAL: tuple[Remark, ...] = (
    Remark("mawb_check_digit", "mawb", "is not 11 digits with a valid check digit", _mawb_check()),
    Remark("s10_check_digit", "hawb", "looks postal (S10) but its check digit is wrong",
           _s10_check(), possible=pl.col("hawb").str.len_bytes() == 13),
    Remark("ioss_form", "ioss_number", "is not IM or IN and ten digits",
           pl.col("ioss_number").is_not_null()
           & ~pl.col("ioss_number").fill_null("").str.contains(r"^I[MN][0-9]{10}$")),
    Remark("ioss_missing", "ioss_number", "is empty although procedure F48 claims IOSS",
           _has("F48") & pl.col("ioss_number").is_null()),
    Remark("ioss_without_f48", "additional_procedure_codes", "lacks F48 although an IOSS number "
           "is given", ~_has("F48") & pl.col("ioss_number").is_not_null()),
    Remark("hs_chapter", "hs6", "names a chapter that does not exist",
           ~pl.col("hs6").str.head(2).cast(pl.Int64, strict=False).is_between(1, 97)
           | pl.col("hs6").str.starts_with("77")),
    Remark("header_varies", "hawb", "has items with different senders, receivers or waybills",
           _header_varies),
    Remark("stop_word", "goods_description", "says nothing (ICS2 stop word standing alone)",
           normalised(pl.col("goods_description")).is_in(STOP_WORDS)
           | (normalised(pl.col("goods_description")).str.len_chars() < 3)),
    Remark("net_above_gross", "net_mass_kg", "is more than the gross mass",
           (pl.col("net_mass_mg") > pl.col("gross_mass_mg")).fill_null(False)),
    Remark("destination", "importer_country", "is not the country of this office and no IOSS "
           "number is given", _h7 & pl.col("ioss_number").is_null()
           & (pl.col("importer_country") != OFFICE_COUNTRY)),
    Remark("lodged_long_before_or_after", "lodged_at", "is more than 30 days from the arrival",
           _lodged_later_days().abs() > 30),
    Remark("flight_date", "flight_date", f"is before {EARLIEST_FLIGHT.year}, or more than a year "
           "after it was lodged",
           (pl.col("flight_date") < EARLIEST_FLIGHT)
           | (_lodged_later_days() < -LONGEST_AHEAD_DAYS)),
)  # fmt: skip


def remarks_under(
    regimes: Sequence[Regime] = REGIMES, identifiers: Obligation = PRODUCT_IDENTIFIERS
) -> tuple[Remark, ...]:
    """Every remark, where the law is as given: regimes by date, and the product identifiers."""
    return (*_FORMAL, *_legal(regimes, identifiers))


REMARKS: tuple[Remark, ...] = remarks_under()
"""Every remark; a contract test shows one row that each of them marks, and one it does not."""


def far_ahead_of(day: date) -> Remark:
    """The remark for those who know which day it is: a row that names no instant of its own
    carries that of its flight, and its distance says nothing.
    """
    days = (pl.col("flight_date") - pl.lit(day)).dt.total_days()
    return Remark("flight_far_ahead", "flight_date", f"is more than a year after {day}",
                  days > LONGEST_AHEAD_DAYS)  # fmt: skip


def marked(items: pl.DataFrame, known: Sequence[Remark] = REMARKS) -> pl.DataFrame:
    """Which rows are odd: one boolean column a remark, named after it, in the order of the rows.

    Parameters
    ----------
    items
        Canonical rows of whole consignments, in canonical order.
    known
        The remarks that are looked for.
    """
    items = items.with_columns(
        _consignment=pl.struct(CONSIGNMENT).rle_id(), _header=pl.struct(HEADER).rle_id()
    )
    apart = {remark.name: _apart(items, remark) for remark in known}
    together = [r.is_odd.alias(r.name) for r in known if apart[r.name] is None]
    told = [marks for marks in apart.values() if marks is not None]
    return items.select(together).with_columns(told).select(remark.name for remark in known)


def _apart(items: pl.DataFrame, remark: Remark) -> pl.Series | None:
    """Marks of a remark that is not worked out row by row; None of the others."""
    is_odd = remark.is_odd.alias(remark.name)
    roots = set(remark.is_odd.meta.root_names())
    if len(roots) == 1 and roots <= REPEATED:
        texts = items.select(roots)
        marks = texts.unique().with_columns(is_odd)
        rows = texts.join(marks, on=list(roots), how="left", maintain_order="left")
        return rows[remark.name]
    if remark.possible is None:
        return None
    asked = items.select(remark.possible).to_series()
    odd = np.zeros(items.height, dtype=np.bool_)
    odd[asked.to_numpy()] = items.filter(asked).select(is_odd).to_series().to_numpy()
    return pl.Series(remark.name, odd)


def remarks(items: pl.DataFrame, known: Sequence[Remark] = REMARKS) -> pl.DataFrame:
    """Count the remarks of a table of canonical rows.

    Parameters
    ----------
    items
        Canonical rows of whole consignments; of any days, of several regimes too.
    known
        The remarks that are looked for.

    Returns
    -------
    One row a remark that occurs: `remark`, `column`, `meaning`, `row_count`, most frequent first.
    """
    if not items.select(pl.struct(CONSIGNMENT).is_sorted()).item():
        items = items.sort(CONSIGNMENT)
    marks = marked(items, known).select(pl.all().sum())
    counts = pl.DataFrame(
        {
            "remark": [remark.name for remark in known],
            "column": [remark.column for remark in known],
            "meaning": [remark.meaning for remark in known],
            "row_count": [int(marks[remark.name][0] or 0) for remark in known],
        }
    )
    return counts.filter(pl.col("row_count") > 0).sort(
        "row_count", "remark", descending=[True, False]
    )
