"""What is answered: one model for each role, so that no field of an officer's reaches a declarant.

Nothing here may be guessed from: a receipt says what was taken, never what it is worth.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Answer(BaseModel):
    """An answer holds what it names and nothing else."""

    model_config = ConfigDict(extra="forbid")


class Rejection(Answer):
    """A cell that kept a row outside."""

    row: Annotated[int, Field(description="row of the message or file; the first one is 1")]
    column: str
    rule: str
    value: Annotated[str, Field(description="what came; never a name or a street")]
    message: str


class ReceivedItem(Answer):
    """What became of one row."""

    row: int
    goods_item_number: int
    status: Annotated[
        Literal["stored", "repeated", "amended"],
        Field(
            description="stored: new; repeated: known to the letter; amended: kept beside the first"
        ),
    ]


class ReceivedConsignment(Answer):
    """A consignment of the message, as its sender is told."""

    flight_number: str
    flight_date: date
    hawb: str
    items: list[ReceivedItem]


class ScoredConsignment(ReceivedConsignment):
    """The same for officers: with a first look at its risk, without the rest of its flight."""

    risk: float | None = None
    risk_fiscal: float | None = None
    risk_goods: float | None = None
    expected_revenue_eur: float | None = None
    reasons: list[str] = []
    model_version: str | None = None
    feature_fingerprint: str | None = None
    is_degraded: bool | None = None


class Receipt(Answer):
    """Acknowledged: these rows are on the disk."""

    receipt: Annotated[str, Field(description="name of the receipt; `GET /v1/receipts/{receipt}`")]
    received_at: datetime
    received_count: int
    accepted_count: int
    rejected_count: int
    consignments: list[ReceivedConsignment]
    rejections: list[Rejection]
    unknown_columns: Annotated[
        list[str], Field(description="columns that were left out, as the contract knows none such")
    ]


class ScoredReceipt(Receipt):
    """The same for officers."""

    consignments: list[ScoredConsignment]  # type: ignore[assignment]
    note: Annotated[str, Field(description="why there are no risks, or whose they are")] = ""


class OutcomesReceipt(Answer):
    """Acknowledged: these results are on the disk."""

    receipt: str
    received_at: datetime
    received_count: int
    accepted_count: int
    rejected_count: int
    statuses: dict[str, int]
    rejections: list[Rejection]
    unknown_columns: list[str]
    notes: list[str]


class Job(Answer):
    """A manifest on its way."""

    id: str
    state: Literal["received", "reading", "storing", "scoring", "done", "failed"]
    done_count: int
    total_count: int
    received_count: int
    accepted_count: int
    rejected_count: int
    submitted_at: datetime
    changed_at: datetime
    report: Annotated[
        dict[str, Any],
        Field(description="flights, new and repeated rows, rejections with rule names, notes; or "
              "the error and its way out"),
    ]  # fmt: skip


class InspectionList(Answer):
    """The ranked list over everything received for a flight."""

    id: str
    about: dict[str, Any]
    rows: list[dict[str, Any]]


class ModelVersion(Answer):
    """A registered version."""

    version: int
    run_id: str
    kind: str
    made_at: datetime
    aliases: list[str]
    is_champion: bool
    measures: dict[str, float]


class Models(Answer):
    """Registered versions, the newest first, and what is in force."""

    champion: int | None
    state: dict[str, Any]
    versions: list[ModelVersion]


class Feature(Answer):
    """Something that the models see."""

    name: str
    scope: str
    theme: str
    unit: str
    meaning: str


class Features(Answer):
    """The feature catalogue, and the fingerprint that a model must have learned it under."""

    fingerprint: str
    features: list[Feature]


class Policy(Answer):
    """A way to fill the budget."""

    name: str
    meaning: str
    is_default: bool


class Policies(Answer):
    """All policies."""

    policies: list[Policy]


class Health(Answer):
    """Whether the service answers, and with what."""

    status: Literal["alive", "ready", "degraded", "unavailable"]
    checks: dict[str, str] = {}
