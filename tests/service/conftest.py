"""What the tests of the service share; the small world and its state are those of all tests."""

from __future__ import annotations

from tests.trained_state import DAYS, days, todays

__all__ = ["DAYS", "days", "todays"]
