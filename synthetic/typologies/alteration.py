"""Manners of altering a consignee's name and street."""

from typing import Final

import polars as pl
from numpy.random import Generator

from synthetic.draw import Indices

ALTERATIONS: Final = (
    "random suffix", "digits", "spelling", "initials", "reversed", "address variant", "household",
)  # fmt: skip
"""Manners of altering a name; each operator has one (domain report 1.5 and T2)."""

_LETTERS = pl.Series(list("ABCDEFGHJKMNPQRSTUVWXYZ23456789"))


def altered(rng: Generator, names: pl.Series, streets: pl.Series, manner: Indices) -> pl.DataFrame:
    """Alter names and streets, each in its manner.

    Parameters
    ----------
    rng
        Source of chance.
    names, streets
        As they are.
    manner
        Position in `ALTERATIONS`; -1 leaves a row as it is.

    Returns
    -------
    DataFrame
        Columns `name` and `street`.
    """
    count = len(names)
    code = pl.concat_str(
        *(pl.lit(_LETTERS[rng.integers(0, len(_LETTERS), count)]) for _ in range(5))
    )
    digit = pl.lit(pl.Series(rng.integers(1, 99, count)).cast(pl.String))
    at = pl.lit(pl.Series(rng.integers(1, 5, count)))
    name, street, how = pl.col("name"), pl.col("street"), pl.col("manner")
    doubled = pl.concat_str(name.str.slice(0, at), name.str.slice(at, 1), name.str.slice(at, None))
    last = name.str.split(" ").list.last()
    first = name.str.split(" ").list.first()
    letter = pl.lit(_LETTERS[rng.integers(0, 20, count)])
    variants = (
        pl.when(at == 1)
        .then(street.str.replace(r"(?i)stra(ß|ss)e\b", "str.").str.replace(r"(?i)\brue\b", "R."))
        .when(at == 2)
        .then(street + " apt " + digit)
        .when(at == 3)
        .then(street.str.to_uppercase())
        .otherwise(street + " 0")
    )
    frame = pl.DataFrame({"name": names, "street": streets, "manner": manner})
    return frame.select(
        pl.when(how == 0).then(name + " " + code)
        .when(how == 1).then(name + digit)
        .when(how == 2).then(doubled)
        .when(how == 3).then(first.str.slice(0, 1) + ". " + last)
        .when(how == 4).then(last + " " + first)
        .when((how == 6) & (at <= 2)).then(letter + ". " + last)
        .when(how == 6).then(pl.lit("Fam. ") + last)
        .otherwise(name),
        pl.when(how == 0).then(street + " " + code)
        .when(how == 1).then(street + digit)
        .when(how == 5).then(variants)
        .otherwise(street),
    )  # fmt: skip
