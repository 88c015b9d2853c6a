"""Logs: a JSON object a line on stderr, written by a thread, without personal data.

A request that is being answered never waits for a pipe that nobody empties: what cannot be written
is counted and dropped. Of an exception its kind and place are told, never its words, which may
hold what somebody sent.
"""

from __future__ import annotations

import atexit
import contextvars
import logging
import os
import sys
import threading
import time
import traceback
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict, WrappedLogger

MOST_WAITING = 20_000
"""Lines that wait for the writer; what comes on top is dropped and counted (estimate: 10 MB)."""

MOST_FRAMES = 12
"""Places of an exception that are told, the innermost ones."""

GATHER_SECONDS = 0.05
"""The writer lets lines gather: waking it for every single one takes the interpreter away from the
request that is being answered (estimate; twenty times a second is often enough to read)."""

LONGEST_TEXT = 500
"""Characters of one value."""

REQUEST_ID: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="")
"""Id of the request that is being answered; every line written meanwhile bears it."""

_SPOKEN = ("uvicorn",)
"""Loggers of others whose words hold nothing that somebody sent; of the rest only the pattern."""


class Pen:
    """Writes lines to a file descriptor in a thread of its own.

    Parameters
    ----------
    descriptor : where to; 2 is stderr.
    """

    def __init__(self, descriptor: int = 2) -> None:
        self._descriptor = descriptor
        self._queue: SimpleQueue[bytes | None] = SimpleQueue()
        self._dropped_count = 0
        self._thread = threading.Thread(target=self._run, name="logs", daemon=True)
        self._thread.start()

    def write(self, line: bytes) -> None:
        """Have a line written; never waits."""
        if self._queue.qsize() >= MOST_WAITING:
            self._dropped_count += 1
            return
        self._queue.put(line)

    def close(self) -> None:
        """Write what waits, for two seconds at most."""
        self._queue.put(None)
        self._thread.join(2.0)

    def _run(self) -> None:
        goes_on = True
        while goes_on:
            lines = [self._queue.get()]
            if lines[0] is not None:
                time.sleep(GATHER_SECONDS)
            while not self._queue.empty() and len(lines) < 1_000:
                lines.append(self._queue.get())
            goes_on = None not in lines
            text = b"".join(line + b"\n" for line in lines if line is not None)
            with suppress(OSError):  # nobody listens any more
                self._put(text + self._confession())

    def _put(self, text: bytes) -> None:
        while text:
            text = text[os.write(self._descriptor, text) :]

    def _confession(self) -> bytes:
        count, self._dropped_count = self._dropped_count, 0
        if not count:
            return b""
        return (
            orjson.dumps({"event": "log lines dropped", "level": "warning", "count": count}) + b"\n"
        )


_pen: Pen | None = None


def start_logging() -> None:
    """Send what the service logs to stderr; once in a process."""
    global _pen
    if _pen is not None:
        return
    _pen = Pen()
    atexit.register(_pen.close)
    structlog.configure(
        processors=[_completed, _rendered],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_: _Line(_pen),
        cache_logger_on_first_use=True,
    )


def take_over_logging() -> None:
    """Send what libraries log, and the last words of dying threads, the same way.

    For a process that is nothing but the service.
    """
    start_logging()
    handler = _FromStandard()
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(logging.WARNING)
    logging.getLogger("uvicorn").setLevel(logging.INFO)
    sys.excepthook = _last_words
    threading.excepthook = lambda args: _last_words(
        args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback
    )


def log_line(level: str, event: EventDict) -> None:
    """Log a finished event without structlog's detours: for the one line that every request has."""
    if _pen is not None:
        _pen.write(_rendered(None, "", _completed(None, level, event)))


def places_of(error: BaseException) -> list[str]:
    """Where an exception happened: file, line and function, the innermost last."""
    frames = traceback.extract_tb(error.__traceback__)[-MOST_FRAMES:]
    return [f"{_short_file(one.filename)}:{one.lineno} {one.name}" for one in frames]


class _Line:
    """A logger of structlog: gets the finished line."""

    def __init__(self, pen: Pen) -> None:
        self._pen = pen

    def msg(self, line: bytes) -> None:
        self._pen.write(line)

    debug = info = warning = error = critical = exception = fatal = log = msg


class _FromStandard(logging.Handler):
    """What libraries log, as lines of ours."""

    def emit(self, record: logging.LogRecord) -> None:
        is_spoken = record.name.startswith(_SPOKEN)
        words = record.getMessage() if is_spoken else str(record.msg)
        event: EventDict = {"event": words.strip()[:LONGEST_TEXT], "logger": record.name}
        if record.exc_info:
            event["exc_info"] = record.exc_info
        line = _rendered(None, "", _completed(None, record.levelname.lower(), event))
        if _pen is not None:
            _pen.write(line)


def _completed(_: WrappedLogger, method: str, event: EventDict) -> EventDict:
    told: dict[str, Any] = {"at": datetime.now(UTC).isoformat(timespec="milliseconds")}
    told["level"] = method
    request_id = REQUEST_ID.get()
    if request_id:
        told["request_id"] = request_id
    told.update(event)
    error = told.pop("exc_info", None)
    if error:
        told |= _told_of(error)
    return told


def _told_of(exc_info: Any) -> dict[str, Any]:
    error = sys.exc_info()[1] if exc_info is True else exc_info
    if isinstance(error, tuple):
        error = error[1]
    if not isinstance(error, BaseException):
        return {}
    return {"problem": type(error).__name__, "places": places_of(error)}


def _rendered(_: WrappedLogger, __: str, event: EventDict) -> bytes:
    try:
        return orjson.dumps(event, default=_shown)
    except (TypeError, ValueError):
        return orjson.dumps({"event": "a log line that is no JSON", "level": "error"})


def _shown(value: object) -> str:
    """Anything else by its kind: its words may be somebody's."""
    return type(value).__name__


def _short_file(name: str) -> str:
    return "/".join(Path(name).parts[-3:])


def _last_words(kind: type[BaseException], error: BaseException, _: TracebackType | None) -> None:
    told = {"event": "ended by an error", "problem": kind.__name__, "places": places_of(error)}
    if _pen is not None:
        _pen.write(_rendered(None, "", _completed(None, "critical", told)))
