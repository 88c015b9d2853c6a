"""The duty table: which ad valorem rate each six-digit code pays, and how to bring your own.

Every code has a rate: its own where the table has it, else its chapter's mean, else the mean of
all. Rates are basis points (1200 = 12 %), so that duties are sums of whole cents.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import polars as pl

from engine.errors import InputError, MissingColumnsError
from engine.tariff_rates import (
    CHAPTER_RATES,
    DUTY_RATES,
    FALLBACK_BASIS_POINTS,
    HS_2017_ORIGIN,
)

_SCHEMA: Final = {"hs6": pl.String, "duty_basis_points": pl.Int64}
_HIGHEST_BASIS_POINTS: Final = 100_000
"""1,000 %: above it a rate is a slip of unit (estimate; the highest of the EU is 74.9 %)."""


@dataclass(frozen=True)
class Tariff:
    """Duty rates by commodity code.

    Attributes
    ----------
    rates
        Basis points per HS6.
    chapters
        Basis points per HS chapter (two digits), for codes not in `rates`.
    fallback_basis_points
        Rate of everything else.
    """

    rates: Mapping[str, int]
    chapters: Mapping[str, int]
    fallback_basis_points: int = FALLBACK_BASIS_POINTS

    @classmethod
    def from_frame(cls, frame: pl.DataFrame, *, rate: str = "rate_median") -> "Tariff":
        """A tariff from the user's own table.

        Parameters
        ----------
        frame
            A column ``hs6`` (text, or a number that lost its leading zero) and a column of rates
            in per cent; one row a code. Codes without a rate (specific duties) get their
            chapter's mean. The open "EU duty by HS6" extracts of the UK tariff data have this form.
        rate
            Name of the column of rates.

        Returns
        -------
        Tariff
            Chapter rates are the means of the given codes, rounded to 0.1 %; for chapters not
            given, the means of `EU_TARIFF`. HS 2022 codes that a table of HS 2017 lacks are read
            at their origin (smartphones, 8517 13, from 8517 12).

        Raises
        ------
        MissingColumnsError
            ``hs6`` or the column of rates is absent.
        InputError
            A code is not six digits or comes twice; a rate is no number from 0 to 1,000.
        """
        missing = [name for name in ("hs6", rate) if name not in frame.columns]
        if missing:
            raise MissingColumnsError("The tariff table", missing, frame.columns)
        table = _read(frame, rate)
        rates = dict(table.iter_rows())
        inherited = {new: rates[old] for new, old in HS_2017_ORIGIN.items() if old in rates}
        return cls(inherited | rates, CHAPTER_RATES | _chapter_means(table))

    def basis_points_of(self, hs6: str) -> int:
        """Rate of one code in basis points."""
        chapter = self.chapters.get(hs6[:2], self.fallback_basis_points)
        return self.rates.get(hs6, chapter)

    def with_rates(self, items: pl.DataFrame) -> pl.DataFrame:
        """The items in their order, with a column ``duty_basis_points`` (never null)."""
        chapter = pl.col("hs6").str.slice(0, 2)
        return (
            items.join(self.table, on="hs6", how="left", maintain_order="left")
            .join(
                self._chapter_table,
                left_on=chapter,
                right_on="_chapter",
                how="left",
                maintain_order="left",
            )
            .with_columns(
                pl.coalesce("duty_basis_points", "_chapter_points", self.fallback_basis_points)
                .cast(pl.Int64)
                .alias("duty_basis_points")
            )
            .drop("_chapter_points", "_chapter", strict=False)
        )

    @cached_property
    def table(self) -> pl.DataFrame:
        """The codes with a rate of their own, as a frame to join: hs6, duty_basis_points."""
        return pl.DataFrame(list(self.rates.items()), schema=_SCHEMA, orient="row").sort("hs6")

    @cached_property
    def _chapter_table(self) -> pl.DataFrame:
        schema = {"_chapter": pl.String, "_chapter_points": pl.Int64}
        return pl.DataFrame(list(self.chapters.items()), schema=schema, orient="row")


def _read(frame: pl.DataFrame, rate: str) -> pl.DataFrame:
    """Codes and basis points of a user's table, checked; codes without a rate left out."""
    table = frame.select(
        pl.col("hs6").cast(pl.String).str.strip_chars().str.zfill(6),
        pl.col(rate).cast(pl.Float64, strict=False).alias("percent"),
        (pl.col(rate).is_not_null()).alias("is_given"),
    )
    _refuse(
        table.filter(~pl.col("hs6").str.contains(r"^\d{6}$").fill_null(False)),
        "is not six digits",
        "Give the subheading of the Harmonized System.",
    )
    _refuse(table.filter(pl.col("hs6").is_duplicated()), "comes twice", "Keep one row a code.")
    points = pl.col("percent") * 100
    is_sound = points.is_finite() & points.is_between(0, _HIGHEST_BASIS_POINTS)
    _refuse(
        table.filter(pl.col("is_given") & ~is_sound.fill_null(False)),
        "has a rate that is no per cent from 0 to 1,000",
        "Correct the rate.",
    )
    return table.filter("is_given").select(
        "hs6", points.round().cast(pl.Int64).alias("duty_basis_points")
    )


def _refuse(rows: pl.DataFrame, rule: str, way_out: str) -> None:
    if rows.height:
        first = rows.row(0, named=True)
        more = f" ({rows.height} such rows)" if rows.height > 1 else ""
        raise InputError(f"Tariff table: hs6 {first['hs6']!r} {rule}{more}.", way_out)


def _chapter_means(table: pl.DataFrame) -> dict[str, int]:
    means = table.group_by(pl.col("hs6").str.slice(0, 2)).agg(
        pl.col("duty_basis_points").sum().alias("sum"), pl.len()
    )
    # Rounded to 0.1 %, in whole numbers: half a step up.
    step = 10
    return {
        chapter: step * ((2 * total + step * count) // (2 * step * count))
        for chapter, total, count in means.iter_rows()
    }


EU_TARIFF: Final = Tariff({row.hs6: row.basis_points for row in DUTY_RATES}, CHAPTER_RATES)
"""The project's own table (`engine.tariff_rates`): what is used unless another is given."""
