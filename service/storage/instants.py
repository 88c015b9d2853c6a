"""Instants as the database keeps them: whole microseconds since 1970 UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_START = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_us(instant: datetime) -> int:
    """Microseconds since 1970 of an instant with its time zone."""
    return (instant - _START) // _MICROSECOND


def from_us(microseconds: int) -> datetime:
    """The instant (UTC) of microseconds since 1970."""
    return _START + microseconds * _MICROSECOND
