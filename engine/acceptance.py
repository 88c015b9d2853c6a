"""The check at the door: good rows go on, bad rows come back with the rule they break.

A rejection is an answer, not an exception: three bad lines in 20,000 do not stop the others.
Only a table that lacks required columns is refused whole. A row that is readable but odd (a
waybill number with a wrong check digit, an IOSS number that cannot exist) is *not* rejected: it
goes on, because rejecting it would take it off the inspection list; `engine.remarks` names it.
"""

from __future__ import annotations

from dataclasses import dataclass

import dataframely as dy
import polars as pl

from engine.errors import MissingColumnsError

SHOWN_CHARACTERS = 60
"""Longest piece of a rejected value that is shown: enough to find it, not to flood a terminal."""

PRIVATE_COLUMNS = frozenset({"importer_name", "importer_street", "importer_id"})
"""Columns whose cells are never repeated, not even where they are wrong (data protection)."""

POSSIBLE_YEARS = (1950, 2150)
"""First and last year of a date or instant that is taken as meant (estimate)."""

_REJECTION_COLUMNS = {
    "row_number": pl.Int64,
    "column": pl.String,
    "rule": pl.String,
    "value": pl.String,
    "message": pl.String,
}


@dataclass(frozen=True)
class Accepted:
    """What came through the door.

    Attributes
    ----------
    rows : accepted rows, typed as the schema says, in the order they came.
    rejections : one row a broken rule: row_number, column, rule, value, message.
    unknown_columns : columns that the contract does not know; they were left out.
    received_count : rows that came.
    """

    rows: pl.DataFrame
    rejections: pl.DataFrame
    unknown_columns: tuple[str, ...]
    received_count: int

    @property
    def rejected_count(self) -> int:
        """Rows rejected; a row that breaks two rules counts once."""
        return self.rejections["row_number"].n_unique()


def no_rejections() -> pl.DataFrame:
    """An empty table of rejections."""
    return pl.DataFrame(schema=_REJECTION_COLUMNS)


def accept(
    raw: pl.DataFrame,
    schema: type[dy.Schema],
    *,
    what: str,
    required: tuple[str, ...],
    defaults: dict[str, object] | None = None,
    capitals: frozenset[str] = frozenset(),
    small: frozenset[str] = frozenset(),
) -> Accepted:
    """Type and check rows against a schema.

    Parameters
    ----------
    raw : the rows as read; text or already typed; may carry `row_number`.
    schema : `DeclarationRow` or `OutcomeRow`.
    what : the table's name in messages, such as "the declarations".
    required : columns that must be there.
    defaults : value of an absent column or empty cell.
    capitals, small : columns whose letter case means nothing.

    Raises
    ------
    MissingColumnsError
        A required column is absent.
    """
    raw = raw.rename({name: name.strip() for name in raw.columns})
    missing = [name for name in required if name not in raw.columns]
    if missing:
        raise MissingColumnsError(what, missing, _named(raw.columns, required))
    columns = schema.columns()
    unknown = tuple(name for name in raw.columns if name not in columns)
    if "row_number" not in raw.columns:
        raw = raw.with_row_index("row_number", offset=1)
    raw = raw.select(name for name in raw.columns if name in columns)
    raw = raw.with_columns(pl.col("row_number").cast(pl.Int64))
    typed = raw.select(
        _typed(name, column, raw.schema.get(name), name in capitals, name in small)
        for name, column in columns.items()
    )
    unreadable = _unreadable(raw, typed, columns)  # before a default hides what cannot be read
    typed = typed.with_columns(
        pl.col(name).fill_null(value) for name, value in (defaults or {}).items()
    )
    if "lodged_at" in columns:
        start_of_day = pl.col("flight_date").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
        typed = typed.with_columns(pl.col("lodged_at").fill_null(start_of_day))
    good, failure = schema.filter(typed)
    broken = _broken(failure.details(), raw, columns)
    rejections = pl.concat([unreadable, broken]).unique(
        ["row_number", "column"], keep="first", maintain_order=True
    )
    dayless = rejections.filter(column="flight_date")["row_number"]
    no_day = pl.col("row_number").is_in(dayless.implode())
    # Without a day there is no default instant; one fault is told once.
    rejections = rejections.filter((pl.col("column") != "lodged_at") | ~no_day)
    rejections = rejections.sort("row_number", "column")
    rows: pl.DataFrame = good
    if not rejections.is_empty():
        rows = rows.join(rejections.select("row_number"), on="row_number", how="anti")
    return Accepted(rows.sort("row_number"), rejections, unknown, raw.height)


def _named(names: list[str], required: tuple[str, ...]) -> list[str]:
    """Column names to show; of a file without a header they are cells, and are only counted."""
    came = [name for name in names if name != "row_number"]
    has_header = not came or any(name.lower() in required for name in came)
    return came if has_header else [f"{len(came)} columns of other names (is there a header?)"]


def _typed(
    name: str, column: dy.Column, came: pl.DataType | None, capital: bool, small: bool
) -> pl.Expr:
    """Read one column as its type; what cannot be read becomes null."""
    if came is None:
        return pl.lit(None, dtype=column.dtype).alias(name)
    text = _as_text(name, came, column)
    if column.dtype.is_integer():
        text = text.str.replace(r"\.0+$", "")
    if isinstance(column, dy.String):
        text = text.str.to_uppercase() if capital else text
        return text.str.to_lowercase() if small else text
    if isinstance(column, dy.Date):
        return _as_date(name, came, text)
    if isinstance(column, dy.Datetime):
        return _as_instant(name, came, text)
    if isinstance(column, dy.Bool):
        known = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
        return text.str.to_lowercase().replace_strict(known, default=None, return_dtype=pl.Boolean)
    if came.is_numeric():
        exact = pl.col(name).cast(column.dtype, strict=False)
        is_exact = exact.cast(pl.Float64) == pl.col(name).cast(pl.Float64)
        return exact if column.dtype.is_float() else pl.when(is_exact).then(exact)
    return text.cast(column.dtype, strict=False)


def _as_text(name: str, came: pl.DataType, column: dy.Column) -> pl.Expr:
    """A cell as trimmed text, empty as null; a whole number loses its `.0`, an HS code keeps 0s."""
    text = pl.col(name).cast(pl.String, strict=False)
    if came.is_numeric():
        # A spreadsheet keeps a long waybill number as 1.2e15; whole, it is digits again.
        whole = pl.col(name).cast(pl.Int64, strict=False)
        is_whole = whole.cast(pl.Float64) == pl.col(name).cast(pl.Float64)
        text = pl.when(is_whole).then(whole.cast(pl.String)).otherwise(text)
        if name in {"hs6", "found_hs6"}:
            text = text.str.zfill(6)
        if came.is_float() and isinstance(column, dy.String):
            # Beyond 2^53 a spreadsheet has lost digits: two waybills would become one.
            text = pl.when(pl.col(name).abs() < 2**53).then(text)
    text = text.str.strip_chars()
    if not isinstance(column, dy.String):
        text = text.str.head(40)  # nothing longer is a number or an instant
    return pl.when(text != "").then(text)


def _as_date(name: str, came: pl.DataType, text: pl.Expr) -> pl.Expr:
    if came == pl.Date:
        return _in_our_time(pl.col(name))
    if isinstance(came, pl.Datetime):
        return _in_our_time(pl.col(name).dt.date())
    midnight = text.str.replace(r"[T ]00:00(:00(\.0+)?)?(Z|\+00:00)?$", "")
    return _in_our_time(midnight.str.to_date("%Y-%m-%d", strict=False))


def _in_our_time(moment: pl.Expr) -> pl.Expr:
    """A year that no parcel flew in is a mistake of unit or of typing, and reads as nothing."""
    return pl.when(moment.dt.year().is_between(*POSSIBLE_YEARS)).then(moment)


def _as_instant(name: str, came: pl.DataType, text: pl.Expr) -> pl.Expr:
    if isinstance(came, pl.Datetime):
        instant = pl.col(name).dt.cast_time_unit("us")
        if came.time_zone is None:
            return _in_our_time(instant.dt.replace_time_zone("UTC"))
        return _in_our_time(instant.dt.convert_time_zone("UTC"))
    if came == pl.Date:
        return _in_our_time(pl.col(name).cast(pl.Datetime("us")).dt.replace_time_zone("UTC"))
    stamp = text.str.replace(" ", "T").str.replace("Z$", "+00:00")
    stamp = pl.when(stamp.str.contains("T")).then(stamp).otherwise(stamp + "T00:00:00")
    stamp = stamp.str.replace(r"(T\d\d:\d\d)($|[+-])", "${1}:00${2}")
    has_zone = stamp.str.contains(r"[+-]\d\d:?\d\d$")
    stamp = pl.when(has_zone).then(stamp).otherwise(stamp + "+00:00")
    instant = stamp.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%z", strict=False, time_unit="us")
    return _in_our_time(instant.dt.convert_time_zone("UTC"))


def _unreadable(
    raw: pl.DataFrame, typed: pl.DataFrame, columns: dict[str, dy.Column]
) -> pl.DataFrame:
    """Cells that hold something, but not what their column holds."""
    found = [no_rejections()]
    for name, column in columns.items():
        if name not in raw.columns or isinstance(column, dy.String):
            continue
        if typed[name].null_count() == raw[name].null_count():
            continue  # nothing was lost
        came = _as_text(name, raw.schema[name], column)
        lost = raw.select(came.is_not_null()).to_series() & typed[name].is_null()
        if lost.any():
            found.append(_rejected(raw.filter(lost), name, "type", _must_be(column)))
    return pl.concat(found)


def _broken(
    details: pl.DataFrame, raw: pl.DataFrame, columns: dict[str, dy.Column]
) -> pl.DataFrame:
    """Rules that dataframely found broken, one row a rule and row."""
    found = [no_rejections()]
    rules = [name for name in details.columns if name not in columns]
    rules.sort(key=lambda rule: not rule.endswith(("|nan", "|inf")))  # NaN is also "too large"
    for rule in rules:
        name, _, kind = rule.partition("|")
        numbers = details.filter(pl.col(rule) == "invalid").select("row_number")
        if numbers.is_empty():
            continue
        rows = raw.join(numbers, on="row_number", how="semi")
        column = columns.get(name)
        found.append(_rejected(rows, name, kind or rule, _must(column, kind)))
    return pl.concat(found)


def _rejected(rows: pl.DataFrame, name: str, kind: str, must: str) -> pl.DataFrame:
    if name in rows.columns:
        value = pl.col(name).cast(pl.String, strict=False).fill_null("")
    else:
        value = pl.lit("")
    shown = _length_alone(value) if name in PRIVATE_COLUMNS else _shortened(value)
    quoted = shown if name in PRIVATE_COLUMNS else pl.format("'{}'", shown)
    got = pl.when(shown == "").then(pl.lit("nothing")).otherwise(quoted)
    return rows.select(
        pl.col("row_number").cast(pl.Int64),
        column=pl.lit(name),
        rule=pl.lit(f"{name}|{kind}"),
        value=shown,
        message=pl.format("row {}, {}: must {}; got {}.", "row_number", pl.lit(name),
                          pl.lit(must), got),
    )  # fmt: skip


def _shortened(value: pl.Expr) -> pl.Expr:
    beginning = value.str.head(SHOWN_CHARACTERS)
    told = pl.format("{} ... ({} characters)", beginning, value.str.len_chars())
    return pl.when(value.str.len_chars() > SHOWN_CHARACTERS).then(told).otherwise(value)


def _length_alone(value: pl.Expr) -> pl.Expr:
    told = pl.format("({} characters, not shown)", value.str.len_chars())
    return pl.when(value != "").then(told).otherwise(value)


def _must_be(column: dy.Column) -> str:
    if isinstance(column, dy.Date):
        return "be a date as YYYY-MM-DD"
    if isinstance(column, dy.Datetime):
        return "be an instant as YYYY-MM-DDTHH:MM:SSZ"
    if isinstance(column, dy.Bool):
        return "be true or false"
    if column.dtype.is_integer():
        return "be a whole number"
    return "be a number with a decimal point"


def _must(column: dy.Column | None, kind: str) -> str:
    """The second half of the sentence "the value must ..."."""
    if column is None:
        return f"follow the rule {kind}"
    sentences = {
        "nullability": "be filled in",
        "regex": f"be {(column.metadata or {}).get('form', 'well formed')}",
        "max_length": f"have at most {getattr(column, 'max_length', '')} characters",
        "min": f"be at least {getattr(column, 'min', '')}",
        "max": f"be at most {getattr(column, 'max', '')}",
        "min_exclusive": f"be greater than {getattr(column, 'min_exclusive', '')}",
        "nan": "be a number, not NaN",
        "inf": "be finite",
    }
    return sentences.get(kind, f"follow the rule {kind}")
