"""The four roles, and a caller."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a caller is here for. No role contains another one (contract, section 5)."""

    DECLARANT = "declarant"
    OFFICER = "officer"
    ANALYST = "analyst"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a request comes from.

    Attributes
    ----------
    actor : id of the API key, or the keyed hash of issuer and subject of a person's token; the
        name under which receipts, lists and the audit log know the caller.
    role : what the caller may do.
    csrf : token that unsafe methods must repeat, where the caller came by the page's cookie;
        None where a header says who it is, because no browser sends that by itself.
    """

    actor: str
    role: Role
    csrf: str | None = None
