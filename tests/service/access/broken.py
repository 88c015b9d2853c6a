"""An application that cannot be started."""

from __future__ import annotations


def create() -> None:
    raise ValueError("Jan Peeters cannot be started")
