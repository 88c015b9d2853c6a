"""What is owed on a consignment, what its declaration pays, and so what is lost.

The rules, in the order they are applied (the law by date is in `engine.regime`):

1. A gift up to the gift line owes nothing, unless goods without relief are in it.
2. A consignment at or below the low-value line owes what the low-value table says: nothing, a
   flat duty per distinct HS6, or the ordinary tariff. Goods without relief pay the tariff where
   the others pay nothing.
3. Above the line every item pays its ordinary rate; an accepted preference in an H1 pays none.
4. VAT is the importer country's standard rate on value + transport + duty. Up to the IOSS line
   it was collected at checkout instead, on value + transport (whether the flat duty belongs to
   that base is not settled; it is left out).

Simplifications, each small and each known: ad valorem duty is on the value of the goods alone,
without the transport to the border; one HS6 counts as one item in an H1 as well, where the ten
digits count; the allowances for small quantities of alcohol, perfume and tobacco in gifts, and the
flat rate of 2.5 % that private persons may ask for, are not modelled; preferences are taken as
duty-free. Amounts are whole cents, each duty and each VAT rounded half up once, so that no sum
depends on the order of rows.
"""

from typing import Final

import polars as pl

from engine.declaration import CONSIGNMENT
from engine.errors import MissingColumnsError
from engine.regime import (
    IMPORT_STATE,
    is_without_relief,
    law_on,
    low_value_duties_on,
    vat_rates_on,
)
from engine.tariff import EU_TARIFF, Tariff

ITEM_COLUMNS: Final = (
    *CONSIGNMENT,
    "hs6",
    "value_cents",
    "transport_cents",
    "importer_country",
    "has_ioss",
    "is_gift",
    "is_preferential",
    "declaration_type",
)
"""What `owed` needs to know of a goods item."""

_OPTIONAL_FLAGS: Final = {"is_business": False, "is_ioss_genuine": True}
_CASE: Final = ("flight_date", "vat_scheme", "buyer_type", "declaration_type", "is_preferential")


def owed(items: pl.DataFrame, *, tariff: Tariff = EU_TARIFF) -> pl.DataFrame:
    """What the goods owe, whoever collects it.

    Parameters
    ----------
    items
        One row a goods item with `ITEM_COLUMNS`. ``value_cents`` is the line's price;
        ``transport_cents`` of the lines is summed (null: none stated); ``has_ioss``: VAT was
        collected at checkout; ``is_gift``: from a private person to another;
        ``is_preferential``: preferential or customs-union origin, heeded in an H1 only.
        Optional: ``is_business`` (the buyer is no consumer; default False), ``is_ioss_genuine``
        (False: the IOSS number was not the seller's to use, so that VAT is owed at the border;
        default True). A consignment is a gift if all its items are; a scheme or a business buyer
        named on one item holds for the consignment.
    tariff
        The duty rates.

    Returns
    -------
    DataFrame
        One row a consignment, sorted by key: the key, ``value_cents``, ``duty_cents``,
        ``vat_cents`` (due at the border), ``checkout_vat_cents`` (due from the seller under
        IOSS), ``is_low_value``.

    Raises
    ------
    MissingColumnsError
        A column is absent.
    InputError
        A flight lies before the first day of the law tables.
    """
    _require(items)
    index = _index(items)
    return (
        _with_vat(_assess(items, index, tariff))
        .join(index, on="consignment", how="right", maintain_order="right")
        .select(
            *CONSIGNMENT,
            "value_cents",
            "duty_cents",
            "vat_cents",
            "checkout_vat_cents",
            "is_low_value",
        )
    )


def lost(
    true_items: pl.DataFrame, declared_items: pl.DataFrame, *, tariff: Tariff = EU_TARIFF
) -> pl.DataFrame:
    """What the state does not get if the declarations are believed.

    Each kind is what the true goods owe less what the declaration pays, at least nothing:
    declaring too much of one kind does not make good for too little of another.

    VAT is counted whoever collects it. Of VAT at checkout, what reached the state was reckoned
    on the declared value, so an understated value loses the rate times the difference. Where the
    truth knows no checkout VAT (``has_ioss`` False, or ``is_ioss_genuine`` False: a number that
    is stolen, invented or lent), a declared IOSS number pays nothing and all VAT is lost.
    A declaration that states no transport at all (allowed under IOSS) is read with the true one.

    Parameters
    ----------
    true_items, declared_items
        As for `owed`, under the same consignment keys. A consignment that was not declared loses
        everything; one that is only declared is left out.
    tariff
        The duty rates.

    Returns
    -------
    DataFrame
        One row a true consignment, sorted by key: the key, ``duty_lost_cents``,
        ``vat_lost_cents``, ``revenue_lost_cents`` (their sum).

    Raises
    ------
    MissingColumnsError, InputError
        As for `owed`.
    """
    _require(true_items)
    _require(declared_items)
    index = _index(true_items)
    true = _assess(true_items, index, tariff)
    declared = _assess(declared_items, index, tariff)
    true_transport = true.select("consignment", pl.col("transport_cents").alias("_true_transport"))
    told = declared.join(true_transport, on="consignment", how="left").with_columns(
        transport_cents=pl.coalesce("transport_cents", "_true_transport")
    )
    paid = _with_vat(told).select(
        "consignment",
        pl.col("duty_cents").alias("_duty_paid"),
        pl.col("vat_cents").alias("_vat_paid"),
        pl.col("checkout_vat_cents").alias("_checkout_vat_paid"),
    )
    both = (
        _with_vat(true)
        .join(paid, on="consignment", how="left")
        .with_columns(pl.col("_duty_paid", "_vat_paid", "_checkout_vat_paid").fill_null(0))
    )
    return (
        _with_losses(both)
        .join(index, on="consignment", how="right", maintain_order="right")
        .select(*CONSIGNMENT, "duty_lost_cents", "vat_lost_cents", "revenue_lost_cents")
    )


def _with_losses(both: pl.DataFrame) -> pl.DataFrame:
    """Each kind: owed less paid, at least nothing; checkout VAT counts where it was collected."""
    vat_owed = pl.col("vat_cents") + pl.col("checkout_vat_cents")
    vat_paid = pl.col("_vat_paid") + pl.col("has_genuine_ioss") * pl.col("_checkout_vat_paid")
    return both.with_columns(
        duty_lost_cents=(pl.col("duty_cents") - pl.col("_duty_paid")).clip(lower_bound=0),
        vat_lost_cents=(vat_owed - vat_paid).clip(lower_bound=0),
    ).with_columns(revenue_lost_cents=pl.col("duty_lost_cents") + pl.col("vat_lost_cents"))


def _require(items: pl.DataFrame) -> None:
    missing = [name for name in ITEM_COLUMNS if name not in items.columns]
    if missing:
        raise MissingColumnsError("The table of goods items", missing, items.columns)


def _index(items: pl.DataFrame) -> pl.DataFrame:
    """A number for each consignment, in the order of their keys: numbers group and join fast."""
    return items.select(CONSIGNMENT).unique().sort(CONSIGNMENT).with_row_index("consignment")


def _assess(items: pl.DataFrame, index: pl.DataFrame, tariff: Tariff) -> pl.DataFrame:
    """One row a consignment of the index: duty, and all that decides VAT. In no order."""
    lines = _prepared(items, index)
    return _rolled_up(_with_duty(_with_treatment(_with_header(lines)), tariff))


def _prepared(items: pl.DataFrame, index: pl.DataFrame) -> pl.DataFrame:
    flags = [
        (pl.col(name) if name in items.columns else pl.lit(default)).fill_null(default).alias(name)
        for name, default in _OPTIONAL_FLAGS.items()
    ]
    return (
        items.join(index, on=CONSIGNMENT, nulls_equal=True)
        .select("consignment", "flight_date", *ITEM_COLUMNS[len(CONSIGNMENT) :], *flags)
        .with_columns(
            pl.col("has_ioss", "is_gift", "is_preferential").fill_null(False),
            pl.col("declaration_type").fill_null("H7"),
            is_excluded=is_without_relief(pl.col("hs6"), pl.col("flight_date")),
        )
    )


def _with_header(lines: pl.DataFrame) -> pl.DataFrame:
    """Add what is decided for the consignment as a whole: its law, value, scheme and buyer."""
    value = pl.col("consignment_cents")
    header = (
        lines.group_by("consignment")
        .agg(
            pl.col("flight_date").first(),
            pl.col("value_cents").sum().alias("consignment_cents"),
            pl.col("has_ioss").any(),
            pl.col("is_ioss_genuine").all(),
            pl.col("is_gift").all(),
            pl.col("is_business").any(),
            pl.col("is_excluded").any().alias("has_excluded"),
        )
        .join(law_on(lines["flight_date"]), on="flight_date", how="left")
        .with_columns(
            has_genuine_ioss=pl.col("has_ioss") & pl.col("is_ioss_genuine"),
            is_low_value=value <= pl.col("low_value_line_cents"),
        )
        .with_columns(
            has_checkout_vat=pl.col("has_genuine_ioss") & (value <= pl.col("ioss_line_cents")),
            is_free_gift=pl.col("is_gift")
            & ~pl.col("has_excluded")
            & (value <= pl.col("gift_line_cents")),
            is_vat_exempt=~pl.col("has_excluded") & (value <= pl.col("vat_exemption_line_cents")),
        )
    )
    own = lines.drop("flight_date", "has_ioss", "is_ioss_genuine", "is_gift", "is_business")
    return own.join(header, on="consignment", how="left")


def _with_treatment(lines: pl.DataFrame) -> pl.DataFrame:
    """Add ``treatment``: relief, flat or tariff, from the table of the day."""
    cased = lines.with_columns(
        # Special arrangements and the standard scheme are treated alike in every row so far.
        vat_scheme=pl.when("has_checkout_vat").then(pl.lit("ioss")).otherwise(pl.lit("standard")),
        buyer_type=pl.when("is_business")
        .then(pl.lit("business"))
        .when("is_gift")
        .then(pl.lit("gift"))
        .otherwise(pl.lit("consumer")),
    )
    table = low_value_duties_on(lines["flight_date"])
    return cased.join(table, on=_CASE, how="left").with_columns(
        treatment=pl.when("is_free_gift")
        .then(pl.lit("free"))
        .when(~pl.col("is_low_value"))
        .then(pl.lit("tariff"))
        .when((pl.col("treatment") == "relief") & pl.col("is_excluded"))
        .then(pl.lit("tariff"))
        .otherwise(pl.col("treatment").fill_null("tariff"))
    )


def _with_duty(lines: pl.DataFrame, tariff: Tariff) -> pl.DataFrame:
    """Add ``tariff_cents``, the ordinary duty of a line where that is what it pays."""
    is_duty_free = pl.col("is_preferential") & (pl.col("declaration_type") == "H1")
    return tariff.with_rates(lines).with_columns(
        tariff_cents=pl.when((pl.col("treatment") == "tariff") & ~is_duty_free)
        .then(_share(pl.col("value_cents"), pl.col("duty_basis_points")))
        .otherwise(0)
    )


def _rolled_up(lines: pl.DataFrame) -> pl.DataFrame:
    is_flat = pl.col("treatment") == "flat"
    has_transport = pl.col("transport_cents").is_not_null().any()
    return lines.group_by("consignment").agg(
        pl.col("flight_date").first(),
        pl.col("value_cents").sum(),
        # Null, not zero, where none is stated.
        pl.when(has_transport).then(pl.col("transport_cents").sum()),
        # One parcel has one importer; were there two, the choice must not depend on row order.
        pl.col("importer_country").min(),
        pl.col("is_low_value", "is_free_gift", "is_vat_exempt").first(),
        pl.col("has_checkout_vat", "has_genuine_ioss").first(),
        duty_cents=pl.col("tariff_cents").sum()
        + pl.col("hs6").filter(is_flat).n_unique().cast(pl.Int64)
        * pl.col("flat_duty_cents").first(),
    )


def _with_vat(consignments: pl.DataFrame) -> pl.DataFrame:
    """Add VAT at the border and VAT at checkout; never both."""
    rates = vat_rates_on(consignments["flight_date"])
    at_import = rates.filter(pl.col("importer_country") == IMPORT_STATE).select(
        "flight_date", pl.col("vat_basis_points").alias("_points_at_import")
    )
    points = pl.coalesce("vat_basis_points", "_points_at_import")
    price = pl.col("value_cents") + pl.col("transport_cents").fill_null(0)
    is_free = pl.col("is_free_gift") | pl.col("is_vat_exempt")
    return (
        consignments.join(rates, on=("flight_date", "importer_country"), how="left")
        .join(at_import, on="flight_date", how="left")
        .with_columns(
            vat_cents=pl.when(is_free | pl.col("has_checkout_vat"))
            .then(0)
            .otherwise(_share(price + pl.col("duty_cents"), points)),
            checkout_vat_cents=pl.when(pl.col("has_checkout_vat") & ~is_free)
            .then(_share(price, points))
            .otherwise(0),
        )
    )


def _share(cents: pl.Expr, basis_points: pl.Expr) -> pl.Expr:
    """So many basis points of an amount, in whole cents, half a cent up."""
    return (cents * basis_points + 5_000) // 10_000
