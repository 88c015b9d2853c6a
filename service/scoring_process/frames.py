"""Messages between a process and its scoring child: JSON with its length before it, never a pickle.

Errors travel by the name of their class, so that the parent raises what the child met.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any, BinaryIO

import orjson

from engine.errors import InputError, MissingColumnsError, SettingError, StateError, TriageError
from service.routes.faults import NotThereError
from service.storage.faults import StorageFull, StorageUnavailable

HEAD_BYTES = 4

_ERRORS: dict[str, type[TriageError]] = {
    one.__name__: one for one in (InputError, SettingError, StateError, NotThereError)
}


def framed(message: Mapping[str, Any]) -> bytes:
    """A message as it goes through the pipe."""
    content = orjson.dumps(message)
    return struct.pack(">I", len(content)) + content


def length_of(head: bytes) -> int:
    """Bytes that follow a head."""
    return int(struct.unpack(">I", head)[0])


def read_frame(pipe: BinaryIO) -> dict[str, Any] | None:
    """The next message of a pipe; None at its end."""
    head = pipe.read(HEAD_BYTES)
    if len(head) < HEAD_BYTES:
        return None
    content = pipe.read(length_of(head))
    return orjson.loads(content)  # type: ignore[no-any-return]


def error_frame(problem: TriageError) -> dict[str, str]:
    """An error as it travels."""
    kind = type(problem)
    if isinstance(problem, MissingColumnsError):
        kind = InputError
    return {"kind": kind.__name__, "message": problem.message, "way_out": problem.way_out}


def error_of(told: Mapping[str, str]) -> TriageError:
    """The error that travelled."""
    if told["kind"] == StorageFull.__name__:
        return StorageFull()
    if told["kind"] == StorageUnavailable.__name__:
        return StorageUnavailable("the scoring child could not use it")
    return _ERRORS.get(told["kind"], StateError)(told["message"], told["way_out"])
