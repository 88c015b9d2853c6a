"""`triage demo`: everything once."""

from __future__ import annotations


def demo() -> None:
    """Everything once, on a small invented world, in about a minute."""
