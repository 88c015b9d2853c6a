"""Answers as JSON bytes: dates as ISO texts, no number that JSON does not know."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi.responses import Response


def json_answer(content: Any, *, status: int = 200) -> Response:
    """An answer of plain dictionaries, lists, texts, numbers, dates and instants."""
    body = orjson.dumps(content, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)
    return Response(body, status_code=status, media_type="application/json")
