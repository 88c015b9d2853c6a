"""What is odd about a row that is readable: remarks, beside the rejections.

The checks of the H7 data set that need no outside service (domain report, section 6). A remark
does not reject: a row that is rejected is not on the inspection list, and odd data are a sign.
Each remark is a named expression over canonical rows of whole consignments.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from engine.consignment import HEADER
from engine.declaration import CONSIGNMENT
from engine.pseudonym import normalised

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

LOW_VALUE_CENTS = 15_000
"""Intrinsic value up to which H7 may be used: EUR 150 (UCC-DA 2015/2446 Annex B, column H7)."""

GIFT_CENTS = 4_500
"""Relief for gifts between private persons: EUR 45 (Regulation (EC) 1186/2009, Art. 25)."""

PRODUCT_IDS_FROM = date(2026, 11, 1)
"""From this day product identifiers are mandatory (DR (EU) 2026/1022)."""

C07_ENDS = date(2026, 7, 1)
"""From this day C07 is gone for e-commerce and F53 exists (broker notice, 2026)."""

OFFICE_COUNTRY = "BE"
"""Without IOSS, low-value goods are declared in the state of destination; the office is Belgian."""

NOT_IN_H7 = r"^(24|2203|2204|2205|2206|2207|2208|93|3604)"
"""Excise goods, weapons and fireworks cannot be declared in H7 (TAXUD guidance, section 2.2.1)."""


@dataclass(frozen=True)
class Remark:
    """An oddity. `is_odd` is a boolean expression over canonical rows of whole consignments."""

    name: str
    column: str
    meaning: str
    is_odd: pl.Expr


def _has(code: str) -> pl.Expr:
    return pl.col("additional_procedure_codes").str.contains(code, literal=True)


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
    total = pl.sum_horizontal(
        hawb.str.slice(2 + at, 1).cast(pl.Int64, strict=False) * weight
        for at, weight in enumerate((8, 6, 4, 2, 3, 5, 9, 7))
    )
    rest = 11 - total % 11
    expected = pl.when(rest == 10).then(0).when(rest == 11).then(5).otherwise(rest)
    return is_s10 & (expected != hawb.str.slice(10, 1).cast(pl.Int64, strict=False))


def _procedures() -> pl.Expr:
    codes = pl.col("additional_procedure_codes")
    old = codes.is_in(["C07|F48", "F48|C07", "C07|F49", "F49|C07", "C07", "C08", "F48", "F49"])
    new = codes.is_in(["F48", "F49", "F53", "C08"])
    return ~pl.when(pl.col("flight_date") < C07_ENDS).then(old).otherwise(new)


_h7 = pl.col("declaration_type") == "H7"
_consignment_value = pl.col("value_cents").sum().over(CONSIGNMENT)
# A hash is enough here: it is compared within one call and never stored.
_header = pl.struct(HEADER).hash()
_header_varies = _header.min().over(CONSIGNMENT) != _header.max().over(CONSIGNMENT)

REMARKS: tuple[Remark, ...] = (
    Remark("mawb_check_digit", "mawb", "is not 11 digits with a valid check digit", _mawb_check()),
    Remark("s10_check_digit", "hawb", "looks postal (S10) but its check digit is wrong",
           _s10_check()),
    Remark("ioss_form", "ioss_number", "is not IM or IN and ten digits",
           pl.col("ioss_number").is_not_null()
           & ~pl.col("ioss_number").fill_null("").str.contains(r"^I[MN][0-9]{10}$")),
    Remark("ioss_missing", "ioss_number", "is empty although procedure F48 claims IOSS",
           _has("F48") & pl.col("ioss_number").is_null()),
    Remark("ioss_without_f48", "additional_procedure_codes", "lacks F48 although an IOSS number "
           "is given", ~_has("F48") & pl.col("ioss_number").is_not_null()),
    Remark("procedure_set", "additional_procedure_codes", "is not a set the law knew on that day",
           _h7 & _procedures()),
    Remark("over_low_value_line", "intrinsic_value", "sums to more than EUR 150 in an H7",
           _h7 & (_consignment_value > LOW_VALUE_CENTS)),
    Remark("gift_over_line", "intrinsic_value", "sums to more than EUR 45 as a gift (C08)",
           _has("C08") & (_consignment_value > GIFT_CENTS)),
    Remark("hs_chapter", "hs6", "names a chapter that does not exist",
           ~pl.col("hs6").str.head(2).cast(pl.Int64, strict=False).is_between(1, 97)
           | pl.col("hs6").str.starts_with("77")),
    Remark("not_in_h7", "hs6", "is excise or restricted and cannot be declared in H7",
           _h7 & pl.col("hs6").str.contains(NOT_IN_H7)),
    Remark("header_varies", "hawb", "has items with different senders, receivers or waybills",
           _header_varies),
    Remark("stop_word", "goods_description", "says nothing (ICS2 stop word standing alone)",
           normalised(pl.col("goods_description")).is_in(STOP_WORDS)
           | (normalised(pl.col("goods_description")).str.len_chars() < 3)),
    Remark("net_above_gross", "net_mass_kg", "is more than the gross mass",
           (pl.col("net_mass_mg") > pl.col("gross_mass_mg")).fill_null(False)),
    Remark("product_id_missing", "merchant_product_id", "is empty although required since "
           "2026-11-01", (pl.col("flight_date") >= PRODUCT_IDS_FROM)
           & pl.col("merchant_product_id").is_null()),
    Remark("destination", "importer_country", "is not the country of this office and no IOSS "
           "number is given", _h7 & pl.col("ioss_number").is_null()
           & (pl.col("importer_country") != OFFICE_COUNTRY)),
    Remark("lodged_long_before_or_after", "lodged_at", "is more than 30 days from the arrival",
           (pl.col("lodged_at").dt.date() - pl.col("flight_date")).dt.total_days().abs() > 30),
)  # fmt: skip
"""Every remark; a contract test shows one row that each of them marks, and one it does not."""


def remarks(items: pl.DataFrame) -> pl.DataFrame:
    """Count the remarks of a table of canonical rows.

    Returns
    -------
    One row a remark that occurs: `remark`, `column`, `meaning`, `row_count`, most frequent first.
    """
    marks = items.select(remark.is_odd.sum().alias(remark.name) for remark in REMARKS)
    counts = pl.DataFrame(
        {
            "remark": [remark.name for remark in REMARKS],
            "column": [remark.column for remark in REMARKS],
            "meaning": [remark.meaning for remark in REMARKS],
            "row_count": [int(marks[remark.name][0] or 0) for remark in REMARKS],
        }
    )
    return counts.filter(pl.col("row_count") > 0).sort(
        "row_count", "remark", descending=[True, False]
    )
