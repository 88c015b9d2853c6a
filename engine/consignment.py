"""The consignment: what is ranked, opened and recorded. Rolled up from its goods items."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from engine.declaration import CONSIGNMENT

Rows = npt.NDArray[np.int64]

_CODES = 1_000_000
"""More than there are commodity codes of six digits."""

HEADER: tuple[str, ...] = (
    "airport_of_loading",
    "uld_id",
    "mawb",
    "bag_id",
    "declaration_type",
    "declarant_eori",
    "representative_eori",
    "exporter_id",
    "exporter_name",
    "exporter_street",
    "exporter_postcode",
    "exporter_city",
    "exporter_country",
    "importer_postcode",
    "importer_city",
    "importer_country",
    "ioss_number",
    "platform",
)
"""Columns that should be the same on all items of a consignment; the first item's value counts."""


def roll_up(items: pl.DataFrame) -> pl.DataFrame:
    """One row a consignment, in canonical order.

    Parameters
    ----------
    items : `Declaration` rows.

    Returns
    -------
    Key, header (of the lowest item number), `lodged_at` (earliest), `line_count`, `hs6_count`
    (distinct codes), `piece_count` (sum of quantities, null if none is given), `package_count`,
    `gross_mass_mg`, `net_mass_mg` (null unless every item has it), `value_cents`,
    `transport_cents` (null if none is given), and
    `additional_procedure_codes` (all codes of its items, sorted, joined with |).
    """
    ordered = in_item_order(items)
    starts = first_rows(ordered)
    sizes = np.diff(np.append(starts, ordered.height))
    headers = ordered.select(*CONSIGNMENT, *HEADER)[starts]
    nets = _summed(ordered["net_mass_mg"].is_not_null(), starts)
    transports = _summed(ordered["transport_cents"].is_not_null(), starts)
    quantities = _summed(ordered["quantity"].is_not_null(), starts)
    thousandths = ordered.select((pl.col("quantity") * 1000).round().cast(pl.Int64)).to_series()
    lodged = ordered["lodged_at"]
    columns = {
        "lodged_at": pl.Series(_reduced(np.minimum, lodged.to_physical(), starts)).cast(
            lodged.dtype
        ),
        "line_count": pl.Series(sizes, dtype=pl.Int64),
        "hs6_count": _distinct(ordered["hs6"], starts),
        "package_count": _summed(ordered["number_of_packages"], starts),
        "gross_mass_mg": _summed(ordered["gross_mass_mg"], starts),
        "net_mass_mg": _where(nets == sizes, _summed(ordered["net_mass_mg"], starts)),
        "value_cents": _summed(ordered["value_cents"], starts),
        "transport_cents": _where(transports > 0, _summed(ordered["transport_cents"], starts)),
        "additional_procedure_codes": _procedures(ordered, starts),
        # Not divided: polars divides one row otherwise than several (`features.units`).
        "piece_count": _where(quantities > 0, _summed(thousandths, starts)) * (1 / 1000),
    }
    return headers.with_columns(**columns)


def in_item_order(items: pl.DataFrame) -> pl.DataFrame:
    """Items in canonical order: consignment by consignment, in each by item number."""
    key = pl.struct(*CONSIGNMENT, "goods_item_number")
    if items.select(key.is_sorted()).item():
        return items
    return items.sort(*CONSIGNMENT, "goods_item_number")


def first_rows(ordered: pl.DataFrame) -> Rows:
    """Positions of the first item of each consignment, in a table in canonical order."""
    if ordered.is_empty():
        return np.zeros(0, np.int64)
    row = ordered.select(pl.struct(CONSIGNMENT).rle_id()).to_series().to_numpy()
    return np.flatnonzero(np.append(True, row[1:] != row[:-1]))


def _reduced(how: np.ufunc, values: pl.Series, starts: Rows) -> npt.NDArray[np.int64]:
    """Whole numbers of each consignment's items as one."""
    whole = values.cast(pl.Int64).to_numpy()
    return np.asarray(how.reduceat(whole, starts) if len(starts) else whole)


def _summed(values: pl.Series, starts: Rows) -> pl.Series:
    """Sums over each consignment's items; what is missing adds nothing."""
    return pl.Series(_reduced(np.add, values.cast(pl.Int64).fill_null(0), starts))


def _where(is_told: pl.Series, values: pl.Series) -> pl.Series:
    return pl.select(pl.when(is_told).then(values)).to_series()


def _distinct(codes: pl.Series, starts: Rows) -> pl.Series:
    """How many different commodity codes each consignment has."""
    row = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(codes))))
    keys = np.sort(row * _CODES + codes.cast(pl.Int64).to_numpy())
    is_new = np.append(np.full(min(len(keys), 1), True), keys[1:] != keys[:-1])
    return pl.Series(np.bincount(keys[is_new] // _CODES, minlength=len(starts)), dtype=pl.Int64)


def _procedures(ordered: pl.DataFrame, starts: Rows) -> pl.Series:
    """All procedure codes of each consignment's items, sorted, joined with |."""
    texts = ordered["additional_procedure_codes"]
    sizes = np.diff(np.append(starts, len(texts)))
    row = np.repeat(np.arange(len(starts)), sizes)
    first = texts[starts]
    several = pl.DataFrame({"row": row, "codes": texts}).filter(texts != first[row])
    joined = first
    if not several.is_empty():
        at = several["row"].unique()
        mixed = pl.DataFrame({"row": row, "codes": texts}).filter(pl.col("row").is_in(at.implode()))
        mixed = mixed.unique().group_by("row").agg(pl.col("codes").sort().str.join("|"))
        joined = first.scatter(mixed["row"], mixed["codes"])
    # Few combinations stand on many consignments: each is put in order once.
    distinct = joined.rename("codes").unique().to_frame().with_columns(
        sorted=pl.col("codes").str.split("|").list.unique().list.sort().list.join("|")
    )  # fmt: skip
    table = joined.rename("codes").to_frame()
    return table.join(distinct, on="codes", how="left", maintain_order="left")["sorted"]
