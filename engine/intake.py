"""From a table as it came to canonical declarations: accept, convert, pseudonymise."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

import polars as pl
import polars.selectors as cs

from engine import declaration
from engine.acceptance import Accepted, accept, no_rejections
from engine.declaration import CODE_COLUMNS, DEFAULTS, KEY, Declaration, DeclarationRow
from engine.errors import InputError
from engine.pseudonym import pseudonymised

MG_PER_KG = 1_000_000
CENTS_PER_EUR = 100


class Rates(Protocol):
    """Reference rates of exchange (the European Central Bank's, of the day)."""

    def units_per_euro(self, asked: pl.DataFrame) -> pl.DataFrame:
        """Rates for distinct (`currency`, `date`) pairs.

        Returns the pairs with `units_per_euro`, null where the currency has no reference rate.
        """
        ...


class EuroOnly:
    """Rates for those who have nothing but euros."""

    def units_per_euro(self, asked: pl.DataFrame) -> pl.DataFrame:
        """One for EUR, null for all others."""
        return asked.with_columns(
            units_per_euro=pl.when(pl.col("currency") == "EUR").then(1.0).otherwise(None)
        )


def take_in(raw: pl.DataFrame, *, rates: Rates, key: bytes, all_versions: bool = False) -> Accepted:
    """Accept declarations and bring them into canonical form.

    Parameters
    ----------
    raw : rows in the contract's form, as read.
    rates : reference rates of exchange.
    key : secret of the pseudonyms, 16 to 64 bytes.
    all_versions : keep every distinct version of a row, for those who store them beside each
        other; else only the one in force.

    Returns
    -------
    `rows` are `Declaration` rows in canonical order: the same row twice is one row, of differing
    rows of one key the later lodged one stands. They also carry `row_number`.

    Raises
    ------
    InputError
        The table has no rows or lacks a required column.
    """
    if raw.is_empty():
        raise InputError("The declarations hold no rows.", "Check that the export is complete.")
    accepted = accept(
        raw,
        DeclarationRow,
        what="The declarations table",
        required=declaration.REQUIRED,
        defaults=DEFAULTS,
        capitals=CODE_COLUMNS,
    )
    rows, unknown = _in_euros(accepted.rows, rates)
    rows = rows.join(unknown.select("row_number"), on="row_number", how="anti")
    rows = rows.with_columns(
        gross_mass_mg=_scaled("gross_mass_kg", MG_PER_KG),
        net_mass_mg=_scaled("net_mass_kg", MG_PER_KG),
    )
    kept = distinct_versions if all_versions else latest_only
    canonical = kept(pseudonymised(rows, key))
    columns = [*Declaration.columns(), "row_number"]
    return replace(
        accepted,
        rows=canonical.select(columns),
        rejections=pl.concat([accepted.rejections, unknown]).sort("row_number", "column"),
    )


def latest_only(rows: pl.DataFrame) -> pl.DataFrame:
    """One row a key, the latest lodged; canonical order. Independent of the order of rows."""
    rows = in_order(rows)
    return rows if _is_strict(rows) else rows.unique(KEY, keep="last", maintain_order=True)


def distinct_versions(rows: pl.DataFrame) -> pl.DataFrame:
    """Every version of a row once; canonical order, of one key the row in force last."""
    rows = in_order(rows)
    if _is_strict(rows):
        return rows
    is_amended = pl.struct(KEY).is_duplicated()
    amended = rows.filter(is_amended)
    content = amended.select(Declaration.columns().keys())
    distinct = amended.filter(content.select(pl.struct(pl.all()).is_first_distinct()).to_series())
    if distinct.height == amended.height:
        return rows
    return pl.concat([rows.filter(~is_amended), distinct]).sort(KEY, maintain_order=True)


def in_order(rows: pl.DataFrame) -> pl.DataFrame:
    """Canonical order, rows of one key by the instant they were lodged, the row in force last.

    Ties of that instant are settled by the content itself, so that the same rows always come in
    the same order.
    """
    if _is_strict(rows):
        return rows
    rows = rows.sort(KEY, maintain_order=True)
    if _is_strict(rows):
        return rows
    is_amended = pl.struct(KEY).is_duplicated()
    amended = rows.filter(is_amended)
    lists = pl.col(pl.List(pl.UInt64)).list.eval(pl.element().cast(pl.String)).list.join(",")
    # Only what is declared: the number of a row in its file says nothing of its content.
    texts = cs.by_name(*Declaration.columns(), require_all=False) - cs.list()
    content = amended.select(
        *KEY, "lodged_at", lists.name.prefix("_of_"), texts - cs.by_name(*KEY, "lodged_at")
    )
    order = content.with_row_index("_at").sort(content.columns, nulls_last=False)["_at"]
    return pl.concat([rows.filter(~is_amended), amended[order]]).sort(KEY, maintain_order=True)


def _is_strict(rows: pl.DataFrame) -> bool:
    """Whether rows are in canonical order and no key comes twice: told a tenth as long as made."""
    is_higher = pl.lit(False)
    for name in reversed(KEY):
        before = pl.col(name).shift()
        is_higher = (pl.col(name) > before) | ((pl.col(name) == before) & is_higher)
    return bool(rows.select(is_higher.slice(1).all()).item())


def _scaled(name: str, factor: int) -> pl.Expr:
    """A positive quantity as an integer of a smaller unit, at least one of it."""
    scaled = (pl.col(name) * factor).round().cast(pl.Int64)
    return pl.when(pl.col(name) > 0).then(pl.max_horizontal(scaled, 1)).otherwise(scaled)


def _in_euros(rows: pl.DataFrame, rates: Rates) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Add `value_cents` and `transport_cents`; return also the rejections of unknown currencies.

    Transport costs in an unknown currency are dropped rather than the row: they are optional.
    """
    rows = rows.with_columns(
        transport_insurance_currency=pl.coalesce(
            "transport_insurance_currency", "intrinsic_value_currency"
        )
    )
    pairs = [
        rows.select(currency=pl.col(name), date=pl.col("flight_date"))
        for name in ("intrinsic_value_currency", "transport_insurance_currency")
    ]
    table = rates.units_per_euro(pl.concat(pairs).unique().sort("currency", "date"))
    for name, cents, currency in (
        ("intrinsic_value", "value_cents", "intrinsic_value_currency"),
        ("transport_insurance_cost", "transport_cents", "transport_insurance_currency"),
    ):
        rate = table.rename({"currency": currency, "date": "flight_date"})
        rows = rows.join(rate, on=[currency, "flight_date"], how="left", maintain_order="left")
        amount = pl.col(name) / pl.col("units_per_euro") * CENTS_PER_EUR
        rows = rows.with_columns(amount.round().cast(pl.Int64).alias(cents)).drop("units_per_euro")
    bad = rows.filter(pl.col("value_cents").is_null())
    unknown = no_rejections()
    if not bad.is_empty():
        unknown = bad.select(
            "row_number",
            column=pl.lit("intrinsic_value_currency"),
            rule=pl.lit("intrinsic_value_currency|known"),
            value=pl.col("intrinsic_value_currency"),
            message=pl.format(
                "row {}, intrinsic_value_currency: must have a reference rate of the European "
                "Central Bank; got '{}'. Convert the value to EUR.",
                "row_number",
                "intrinsic_value_currency",
            ),
        )
    return rows, unknown
