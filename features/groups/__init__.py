"""The features, one module a subject. `GROUPS` is the visible list; a test finds omissions."""

from __future__ import annotations

from features.groups import (
    broker,
    commodity,
    consignee,
    controls,
    fiscal,
    mass,
    preparation,
    route,
    sender,
    value,
    words,
)

GROUPS = (
    value,
    mass,
    commodity,
    words,
    consignee,
    sender,
    broker,
    fiscal,
    route,
    preparation,
    controls,
)
"""Modules that each hold a `FEATURES` tuple."""
