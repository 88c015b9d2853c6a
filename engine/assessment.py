"""What was lost on a consignment, judged by what its control found.

The amount recovered is no measure of it: it holds fines, which punish and replace nothing, and
it is zero where goods were destroyed. So the loss is assessed from what was found and what was
declared, with the rules of `engine.duties`:

- `found_value_eur` is the value of all that was inside; the declared lines are taken in proportion.
- `found_hs6`, if no declared line has it, is the code of the dearest line, or of goods that were
  not declared at all (UNDECLARED_GOODS: their value is what was found beyond what was declared).
- IOSS_MISUSE, FALSE_GIFT and FALSE_ORIGIN take away the scheme, the relief, the preference.
- MISCLASSIFICATION under a flat duty mostly hides goods that owe the flat duty again: one more is
  counted, as far as anything was recovered (the note names one code, not how many there were).
- SPLITTING: the parcel is an even part of a purchase above the low-value line, so that it owes
  its share of the ordinary duty and of VAT.

Where a finding needs a fact that the officer did not note, what was recovered stands for the loss,
fines included; `is_assessed` tells these apart. Findings of the goods alone lose no revenue but
what a noted code or value says.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from engine.declaration import CONSIGNMENT
from engine.duties import ITEM_COLUMNS, lost, owed
from engine.regime import law_on
from engine.tariff import EU_TARIFF, Tariff

FOUND_COLUMNS: Final = (
    *CONSIGNMENT,
    "finding_types",
    "found_hs6",
    "found_value_eur",
    "revenue_recovered_eur",
)
"""What `assessed_loss` needs to know of a control's result."""

NEED_A_VALUE: Final = ("UNDERVALUATION", "MISDESCRIPTION", "UNDECLARED_GOODS")
"""Findings whose loss nobody can tell without the value of what was inside."""

NEED_A_CODE: Final = ("MISCLASSIFICATION",)
"""Findings whose loss nobody can tell without the right code."""


def assessed_loss(
    found: pl.DataFrame, items: pl.DataFrame, *, tariff: Tariff = EU_TARIFF
) -> pl.DataFrame:
    """Duty and VAT that the declarations of controlled consignments would have lost.

    Parameters
    ----------
    found
        One row a consignment with `FOUND_COLUMNS`; types joined with ``|``, null for none.
    items
        `engine.declaration.Declaration` rows of these consignments; others are left out.
    tariff
        The duty rates.

    Returns
    -------
    DataFrame
        One row a consignment of `found` that was declared, by key: the key, ``lost_cents``, and
        ``is_assessed`` (False: what was recovered stands for it, fines included).
    """
    found = found.select(FOUND_COLUMNS).with_columns(
        pl.col("finding_types").fill_null(""),
        found_cents=(pl.col("found_value_eur") * 100).round().cast(pl.Int64),
    )
    lines = _declared(found, items)
    true = _true(lines)
    whole = lost(true, lines.select(ITEM_COLUMNS), tariff=tariff)
    parts = _lost_by_splitting(true, lines, tariff)
    recovered = (pl.col("revenue_recovered_eur").fill_null(0.0) * 100).round().cast(pl.Int64)
    another = pl.when(_has(*NEED_A_CODE)).then(
        pl.min_horizontal(recovered, pl.col("flat_duty_cents").fill_null(0))
    )
    return (
        whole.join(parts, on=CONSIGNMENT, how="left")
        .join(found, on=CONSIGNMENT, how="left")
        .join(_flat_duties(found), on="flight_date", how="left")
        .with_columns(is_assessed=_is_told())
        .with_columns(
            lost_cents=pl.when("is_assessed")
            .then(pl.max_horizontal(pl.coalesce("part_cents", "revenue_lost_cents"), another))
            .otherwise(recovered)
        )
        .select(*CONSIGNMENT, "lost_cents", "is_assessed")
        .sort(CONSIGNMENT)
    )


def _flat_duties(found: pl.DataFrame) -> pl.DataFrame:
    return law_on(found["flight_date"]).select("flight_date", "flat_duty_cents")


def _has(*types: str) -> pl.Expr:
    return pl.col("finding_types").str.contains("|".join(types))


def _is_told() -> pl.Expr:
    """Whether the officer noted what the assessment needs; goods alone need nothing."""
    lacks_value = _has(*NEED_A_VALUE) & pl.col("found_cents").is_null()
    lacks_code = (
        _has(*NEED_A_CODE) & pl.col("found_hs6").is_null() & pl.col("found_cents").is_null()
    )
    return ~lacks_value & ~lacks_code & (pl.col("finding_types") != "")


def _declared(found: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """Declared lines with what was found; the dearest line of each consignment is marked."""
    lines = items.sort(*CONSIGNMENT, "goods_item_number").join(
        found, on=CONSIGNMENT, how="inner", maintain_order="left"
    )
    value = pl.col("value_cents")
    return lines.select(
        *CONSIGNMENT,
        "hs6",
        "value_cents",
        "transport_cents",
        "importer_country",
        "declaration_type",
        "finding_types",
        "found_hs6",
        "found_cents",
        has_ioss=pl.col("ioss_number").is_not_null(),
        is_gift=pl.col("additional_procedure_codes").str.contains("C08"),
        is_preferential=_has("FALSE_ORIGIN"),
        is_ioss_genuine=pl.lit(True),
        declared_cents=value.sum().over(CONSIGNMENT),
        is_dearest=pl.int_range(pl.len()).over(CONSIGNMENT) == value.arg_max().over(CONSIGNMENT),
        is_other_code=(pl.col("hs6") != pl.col("found_hs6"))
        .fill_null(False)
        .all()
        .over(CONSIGNMENT),
    )


def _true(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines as the control found them."""
    is_more = pl.col("found_cents") > pl.col("declared_cents")
    told = lines.with_columns(
        is_added=_has("UNDECLARED_GOODS") & pl.col("is_other_code") & is_more.fill_null(False),
        is_gift=pl.col("is_gift") & ~_has("FALSE_GIFT"),
        is_ioss_genuine=~_has("IOSS_MISUSE"),
        is_preferential=pl.lit(False),
    )
    total = pl.col("declared_cents")
    in_proportion = pl.col("value_cents") * pl.col("found_cents") // pl.max_horizontal(total, 1)
    from_nothing = pl.when("is_dearest").then("found_cents").otherwise(0)
    is_other = pl.col("is_other_code") & pl.col("is_dearest") & ~pl.col("is_added")
    kept = told.with_columns(
        value_cents=pl.when(pl.col("found_cents").is_null() | pl.col("is_added"))
        .then("value_cents")
        .when(total > 0)
        .then(in_proportion)
        .otherwise(from_nothing),
        hs6=pl.when(is_other).then("found_hs6").otherwise("hs6"),
    )
    added = told.filter("is_added", "is_dearest").with_columns(
        hs6=pl.col("found_hs6"),
        value_cents=pl.col("found_cents") - total,
        transport_cents=pl.lit(None, dtype=pl.Int64),
    )
    return pl.concat([kept, added])


def _lost_by_splitting(true: pl.DataFrame, lines: pl.DataFrame, tariff: Tariff) -> pl.DataFrame:
    """Loss of the parts of split purchases, as `part_cents`: an even share above the line.

    The other parts are not known, so each stands for as many like itself as pass the line.
    """
    parts = true.filter(_has("SPLITTING"))
    law = law_on(parts["flight_date"]).select("flight_date", "low_value_line_cents")
    total = pl.max_horizontal(pl.col("value_cents").sum().over(CONSIGNMENT), 1)
    parts = parts.join(law.unique("flight_date"), on="flight_date", how="left").with_columns(
        times=pl.col("low_value_line_cents") // total + 1
    )
    bought = parts.with_columns(pl.col("value_cents", "transport_cents") * pl.col("times"))
    times = parts.group_by(CONSIGNMENT).agg(pl.col("times").first())
    due = owed(bought, tariff=tariff).join(times, on=CONSIGNMENT, how="left")
    paid = owed(lines.filter(_has("SPLITTING")).select(ITEM_COLUMNS), tariff=tariff)
    both = due.join(paid, on=CONSIGNMENT, how="inner", suffix="_paid")
    duty = pl.col("duty_cents") // pl.col("times") - pl.col("duty_cents_paid")
    vat = (pl.col("vat_cents") + pl.col("checkout_vat_cents")) // pl.col("times")
    vat -= pl.col("vat_cents_paid") + pl.col("checkout_vat_cents_paid")
    return both.select(*CONSIGNMENT, part_cents=duty.clip(lower_bound=0) + vat.clip(lower_bound=0))
