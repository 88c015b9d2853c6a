"""Instants as the tables hold them: microseconds since 1970, UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(instant: datetime) -> int:
    """Microseconds since 1970 of an instant that knows its zone; exact, unlike `timestamp`."""
    return (instant - _EPOCH) // _MICROSECOND


def instant_of(value: int) -> datetime:
    """The instant (UTC) of microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=value)
