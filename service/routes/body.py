"""Bodies of requests: JSON read strictly, as rows."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from starlette.requests import Request

from service.routes.faults import MalformedBodyError, TooManyRowsError, UnknownFormError

MOST_ROWS = 1_000
"""Rows of one message (contract, section 5)."""

AT_ONCE_BYTES = 32_768
"""Larger bodies are read in a thread, so that nobody waits for them (estimate: a millisecond)."""

_LINES = ("application/x-ndjson", "application/jsonl", "application/jsonlines")

_WAY_OUT = "Send a JSON array of 1 to 1,000 rows, or one row as an object."


async def rows_of(request: Request) -> list[Any]:
    """The rows of a message: an array, one object, `{"rows": [...]}`, or JSON Lines.

    Raises
    ------
    UnknownFormError
        The content type is none of JSON's.
    MalformedBodyError
        The body is no JSON, names a key twice, or holds a number that is none.
    TooManyRowsError
        There are more than 1,000.
    """
    form = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if form != "application/json" and form not in _LINES:
        raise UnknownFormError(
            f"The content type {_shown(form)} is not read here.",
            "Send application/json (an array of rows) or application/x-ndjson (one row a line).",
        )
    body = await request.body()
    read = _lines if form in _LINES else _document
    rows = read(body) if len(body) <= AT_ONCE_BYTES else await asyncio.to_thread(read, body)
    if not rows:
        raise MalformedBodyError("The message holds no rows.", _WAY_OUT)
    if len(rows) > MOST_ROWS:
        raise TooManyRowsError(
            f"The message holds {len(rows):,} rows; at most {MOST_ROWS:,} are taken at once.",
            "Send them in several messages, or as a file to /v1/manifests.",
        )
    return rows


def _document(body: bytes) -> list[Any]:
    value = _value(body)
    if isinstance(value, dict) and value.keys() == {"rows"}:
        value = value["rows"]
    if isinstance(value, dict):
        return [value]
    if isinstance(value, list):
        return value
    raise MalformedBodyError("The message is neither an array of rows nor one row.", _WAY_OUT)


def _lines(body: bytes) -> list[Any]:
    lines = [line for line in body.split(b"\n") if line.strip()]
    if len(lines) > MOST_ROWS:
        return lines  # refused for its number
    return [_value(line, f" in line {at}") for at, line in enumerate(lines, start=1)]


def _value(text: bytes, where: str = "") -> Any:
    try:
        return json.loads(
            text.decode("utf-8-sig"), object_pairs_hook=_object, parse_constant=_constant
        )
    except UnicodeDecodeError as error:
        raise MalformedBodyError(
            f"The message is not UTF-8{where}: byte {error.start} is {text[error.start]:#04x}.",
            "JSON is UTF-8 by its standard; send it so.",
        ) from error
    except json.JSONDecodeError as error:
        raise MalformedBodyError(
            f"The message is no JSON{where}: {error.msg} at line {error.lineno}, "
            f"column {error.colno}.",
            _WAY_OUT,
        ) from error
    except RecursionError as error:
        raise MalformedBodyError(f"The message is nested too deeply{where}.", _WAY_OUT) from error
    except ValueError as error:
        if isinstance(error, MalformedBodyError):
            raise
        raise MalformedBodyError(
            f"A number of the message is too long{where}.", _WAY_OUT
        ) from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise MalformedBodyError(
            f"A row names {_shown(twice)} twice; nobody can say which one counts.",
            "Keep the one that counts.",
        )
    return made


def _constant(name: str) -> Any:
    raise MalformedBodyError(f"{name} is no number in JSON.", "Leave the value out, or send null.")


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:60]}...") if text else "(none)"
