from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from engine.errors import InputError
from service.routes.body import MOST_ROWS, rows_of
from service.routes.faults import MalformedBodyError, TooManyRowsError, UnknownFormError

CELLS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
ROWS = st.dictionaries(st.text(max_size=5), CELLS, min_size=2, max_size=5)


def read(body: bytes, form: str = "application/json") -> list[Any]:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [(b"content-type", form.encode())]
    scope = {"type": "http", "method": "POST", "path": "/", "headers": headers}
    return asyncio.run(rows_of(Request(scope, receive)))


@given(st.lists(ROWS, min_size=1, max_size=4))
def test_an_array_an_object_and_lines_say_the_same(rows: list[dict[str, Any]]) -> None:
    try:
        whole = json.dumps(rows, allow_nan=False).encode()
    except ValueError:  # infinity is no JSON
        return
    assert read(whole) == rows
    assert read(json.dumps({"rows": rows}).encode()) == rows
    lines = "\n".join(json.dumps(row) for row in rows).encode()
    assert read(lines, "application/x-ndjson; charset=utf-8") == rows
    assert read(json.dumps(rows[0]).encode()) == [rows[0]]


@given(st.binary(max_size=200))
def test_no_bytes_do_harm(body: bytes) -> None:
    with suppress(InputError):
        assert read(body)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "no JSON"),
        (b"[]", "no rows"),
        (b"7", "neither an array"),
        (b'{"a": 1', "line 1"),
        (b"[" * 100_000, "deeply"),
        (b'[{"hawb": "A", "hawb": "B"}]', "'hawb' twice"),
        (b'[{"quantity": NaN}]', "NaN"),
        (b'[{"quantity": -Infinity}]', "Infinity"),
        (b'[{"quantity": ' + b"9" * 5000 + b"}]", "too long"),
        (b'[{"hawb": "\xff"}]', "0xff"),
    ],
)
def test_what_is_no_json_is_named(body: bytes, told: str) -> None:
    with pytest.raises(MalformedBodyError, match=told):
        read(body)


def test_too_many_rows_are_sent_elsewhere() -> None:
    assert len(read(b"[" + b"{}," * (MOST_ROWS - 1) + b"{}]")) == MOST_ROWS
    with pytest.raises(TooManyRowsError, match="/v1/manifests"):
        read(b"[" + b"{}," * MOST_ROWS + b"{}]")
    with pytest.raises(TooManyRowsError):
        read(b"{}\n" * (MOST_ROWS + 1), "application/x-ndjson")


@pytest.mark.parametrize("form", ["", "text/plain", "application/xml", "multipart/form-data"])
def test_other_forms_are_refused(form: str) -> None:
    with pytest.raises(UnknownFormError, match="application/json"):
        read(b"[{}]", form)
