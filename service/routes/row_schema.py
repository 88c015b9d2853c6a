"""What a row may look like in JSON: a schema from the same columns that judge it at the door."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dataframely as dy

from engine.remarks import EARLIEST_FLIGHT
from service.routes.body import MOST_ROWS

_DATE = r"^20(1[5-9]|[2-9][0-9])-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])$"
_INSTANT = _DATE.removesuffix("$") + r"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$"

assert EARLIEST_FLIGHT.year == 2015  # the patterns above say the same


def row_schema(
    columns: dict[str, dy.Column],
    required: tuple[str, ...],
    example: dict[str, Any],
    currencies: Sequence[str] = (),
) -> dict[str, Any]:
    """JSON Schema of a row: what is surely accepted. The door takes more, such as small letters in
    codes, numbers written as texts, and days of every month.

    Parameters
    ----------
    columns : of `DeclarationRow` or `OutcomeRow`; `row_number` is not the sender's to give.
    required : columns that must be there.
    example : a row that is accepted as it stands.
    currencies : those with a reference rate.
    """
    return {
        "type": "object",
        "properties": {
            name: _cell(name, column, required, currencies)
            | {"description": column.description or ""}
            for name, column in columns.items()
            if name != "row_number"
        },
        "required": list(required),
        "example": example,
    }


def rows_body(row: dict[str, Any], example: str) -> dict[str, Any]:
    """The body of a route that takes rows, for its place in the OpenAPI document.

    Parameters
    ----------
    row : schema of a row (`row_schema`).
    example : what its example is called.
    """
    rows = {"type": "array", "items": row, "minItems": 1, "maxItems": MOST_ROWS}
    content = {
        "schema": {"oneOf": [rows, row]},
        "examples": {example: {"value": [row["example"]]}},
    }
    return {
        "requestBody": {
            "required": True,
            "description": "An array of 1 to 1,000 rows, or one row; JSON Lines are taken, too, as "
            "application/x-ndjson",
            "content": {"application/json": content},
        }
    }


def _cell(
    name: str, column: dy.Column, required: tuple[str, ...], currencies: Sequence[str]
) -> dict[str, Any]:
    is_currency = bool(currencies) and name.endswith("_currency")
    kind = {"type": "string", "enum": list(currencies)} if is_currency else _kind(column)
    return kind if name in required else {"anyOf": [kind, {"type": "null"}]}


def _kind(column: dy.Column) -> dict[str, Any]:
    if isinstance(column, dy.Date):
        return {"type": "string", "pattern": _DATE, "examples": ["2026-11-02"]}
    if isinstance(column, dy.Datetime):
        return {"type": "string", "pattern": _INSTANT, "examples": ["2026-11-02T05:30:00Z"]}
    if isinstance(column, dy.Bool):
        return {"type": "boolean"}
    if isinstance(column, dy.String):
        return _text(column)
    return _number(column)


def _text(column: dy.String) -> dict[str, Any]:
    told: dict[str, Any] = {"type": "string"}
    if column.regex is not None:
        return told | {"pattern": column.regex}
    told["pattern"] = r"^[!-~]([ -~]*[!-~])?$"  # what is surely accepted; other letters are, too
    if column.max_length is not None:
        told["maxLength"] = column.max_length
    return told


def _number(column: dy.Column) -> dict[str, Any]:
    told: dict[str, Any] = {"type": "integer" if column.dtype.is_integer() else "number"}
    for ours, theirs in (("min", "minimum"), ("max", "maximum"),
                         ("min_exclusive", "exclusiveMinimum")):  # fmt: skip
        bound = getattr(column, ours, None)
        if bound is not None:
            told[theirs] = bound
    return told
