"""The analyst's address: sums and pictures, no parcel and no person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter

from service.page.desk import Desk

if TYPE_CHECKING:
    from service.parts import Parts


def analyst_routes(parts: Parts, desk: Desk) -> APIRouter:
    """Addresses for analysts."""
    return APIRouter(include_in_schema=False)
