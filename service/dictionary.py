"""The pages of documentation that are generated from the code, so that they cannot disagree."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import dataframely as dy

from engine import declaration, outcome
from engine.declaration import DEFAULTS, DeclarationRow
from engine.outcome import OutcomeRow
from engine.remarks import REMARKS
from features.catalogue import catalogue
from service.list_file import LIST_COLUMNS

_WRITTEN = "<!-- Written by `triage dictionary` from the code; do not edit. -->"

_KINDS: tuple[tuple[type[dy.Column], str], ...] = (
    (dy.Datetime, "instant, UTC"), (dy.Date, "date"), (dy.Bool, "true or false"),
    (dy.Int64, "whole number"), (dy.Float64, "number"), (dy.String, "text"),
)  # fmt: skip


def data_dictionary() -> str:
    """The page `data-dictionary.md`: every column that comes in or goes out."""
    return _page(
        "Data dictionary",
        "Tables come as Parquet, CSV (comma or semicolon, decimal point), JSON Lines or Excel, "
        "under these names. Optional columns may be absent and their cells empty; *missing is "
        "never zero*. Unknown columns are left out and named. Numbers in brackets are data "
        "elements of the EU Customs Data Model (EUCDM).",
        "## Declarations: one row a goods item",
        f"Key: {_names(declaration.KEY)}. The same row sent twice is the same row; a changed row "
        "is an amendment, kept beside the first.",
        _columns(DeclarationRow, declaration.REQUIRED),
        "## Outcomes: one row a control result",
        f"Key: {_names(outcome.KEY)}. A result counts from `recorded_at` on, never earlier.",
        _columns(OutcomeRow, outcome.REQUIRED),
        "## Inspection list: one row a consignment chosen, in order",
        _table(("column", "meaning"), ((f"`{name}`", text) for name, text in LIST_COLUMNS.items())),
        "## Remarks: odd, but accepted",
        "A row that breaks a rule of the tables above is rejected, and the others go on. These "
        "are only named: a row that is rejected is not on the list, and odd data are a sign.",
        _table(
            ("remark", "column", "what is odd"),
            ((f"`{mark.name}`", f"`{mark.column}`", mark.meaning) for mark in REMARKS),
        ),
    )


def feature_catalogue() -> str:
    """The page `feature-catalogue.md`: every number that models see."""
    rows = catalogue()
    return _page(
        "Feature catalogue",
        f"What models see of a consignment: {rows.height} features. The scope says where a feature "
        "looks: at its consignment, at its flight, or at the days before; none sees its own "
        "outcome. A number that does not apply is missing, never zero.",
        _table(
            ("feature", "scope", "about", "unit", "meaning"),
            (
                (f"`{name}`", scope, theme, unit, meaning)
                for name, scope, theme, unit, meaning in rows.select(
                    "name", "scope", "theme", "unit", "meaning"
                ).iter_rows()
            ),
        ),
    )


PAGES: dict[str, Callable[[], str]] = {
    "data-dictionary.md": data_dictionary,
    "feature-catalogue.md": feature_catalogue,
}
"""Pages by file name."""


def _page(title: str, *parts: str) -> str:
    return "\n\n".join([f"# {title}", _WRITTEN, *parts]) + "\n"


def _columns(schema: type[dy.Schema], required: tuple[str, ...]) -> str:
    columns = {name: column for name, column in schema.columns().items() if name != "row_number"}
    return _table(
        ("column", "type", "", "meaning"),
        (
            (f"`{name}`", _kind(column), "required" if name in required else "optional",
             _meaning(name, column))
            for name, column in columns.items()
        ),
    )  # fmt: skip


def _kind(column: dy.Column) -> str:
    form = (column.metadata or {}).get("form")
    kind = next(name for kind, name in _KINDS if isinstance(column, kind))
    if form:
        return str(form)
    least, above = getattr(column, "min", None), getattr(column, "min_exclusive", None)
    if above is not None:
        most = getattr(column, "max", None)
        return f"{kind} > {above:g}" + (" and ≤ 1" if most == 1 else "")
    if isinstance(least, int | float):
        return f"{kind} ≥ {least:g}"
    longest = getattr(column, "max_length", None)
    return f"{kind}, up to {longest} characters" if longest else kind


def _meaning(name: str, column: dy.Column) -> str:
    meaning = column.description or ""
    default = DEFAULTS.get(name)
    has_said_so = default is None or f"{default} if absent" in meaning
    return meaning if has_said_so else f"{meaning}; {default} if absent"


def _names(key: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in key)


def _table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [header, ("---",) * len(header), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
