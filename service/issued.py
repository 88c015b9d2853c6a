"""What is told of risk over HTTP: scores in answer to a message, and lists as issued."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class PostScore:
    """A first look at one consignment of a message, without the rest of its flight.

    Attributes
    ----------
    flight_number, flight_date, hawb : the consignment.
    risk, risk_fiscal, risk_goods : probabilities, 0 to 1.
    expected_revenue_eur : duty and VAT expected to be recovered, EUR.
    reasons : sentences an officer can check.
    model_version, feature_fingerprint : what scored.
    is_degraded : rules ranked, for want of a usable model.
    """

    flight_number: str
    flight_date: date
    hawb: str
    risk: float
    risk_fiscal: float
    risk_goods: float
    expected_revenue_eur: float
    reasons: list[str]
    model_version: str
    feature_fingerprint: str
    is_degraded: bool


@dataclass(frozen=True)
class IssuedList:
    """A list as it was issued; it stays as it is.

    Attributes
    ----------
    id, public_id : its number, and the name by which others may ask for it.
    rows : the list (contract section 3), one dictionary a row, in order of rank.
    about : what it tells of itself: flight, budget, minutes spent and on what, how many were
        offered and drawn, policy, model version, whether it is degraded and why.
    evidence : for each row its pictures, links and goods (`service.evidence`).
    """

    id: int
    public_id: str
    rows: list[dict[str, Any]]
    about: dict[str, Any]
    evidence: list[dict[str, Any]]
