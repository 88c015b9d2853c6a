"""One flight as it is declared and as it is."""

from dataclasses import dataclass
from datetime import date

import polars as pl


@dataclass(frozen=True, slots=True)
class Flight:
    """One flight as it is declared and as it is.

    Attributes
    ----------
    number, on
        Flight number and day of arrival.
    declarations
        The contract's declaration rows, one a goods item.
    truth
        One row a consignment; see `truth.truth`.
    truth_items
        The true goods items of the irregular consignments, declared or not.
    """

    number: str
    on: date
    declarations: pl.DataFrame
    truth: pl.DataFrame
    truth_items: pl.DataFrame
