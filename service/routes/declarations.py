"""`POST /v1/declarations`: rows in, on the disk before the answer; and their receipts."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, Query, Request
from fastapi import Path as InPath
from fastapi.responses import Response
from sqlalchemy import Connection, insert, select

from engine.declaration import CONSIGNMENT, REQUIRED, DeclarationRow
from engine.errors import TriageError
from service.access.requires import requires
from service.access.roles import Caller, Role
from service.guard.metrics import METRICS
from service.issued import PostScore
from service.parts import Parts
from service.posting import Doors, Judged, now
from service.rates import quoted_currencies
from service.routes.answers import Receipt, ScoredReceipt
from service.routes.body import rows_of
from service.routes.examples import DECLARATION
from service.routes.faults import NotThereError, RejectedRowsError
from service.routes.json_answer import json_answer
from service.routes.problem_answers import PROBLEMS
from service.routes.row_schema import row_schema, rows_body
from service.storage.instants import microseconds
from service.storage.kinds import DECLARATIONS
from service.storage.messages import Kept, Message
from service.storage.tables import receipts, scores

NO_RISKS = "The rows are kept; no risk could be told in time. The flight's list will tell it."

_ROW = row_schema(DeclarationRow.columns(), REQUIRED, DECLARATION, currencies=quoted_currencies())
_BODY = rows_body(_ROW, "one row")


def router(parts: Parts, doors: Doors) -> APIRouter:
    """The routes of declarations."""
    routes = APIRouter(tags=["declarations"])

    @routes.post(
        "/v1/declarations",
        status_code=201,
        response_model=ScoredReceipt | Receipt,
        responses=PROBLEMS,
        openapi_extra=_BODY,
        summary="Post 1 to 1,000 goods items",
    )
    async def post_declarations(
        request: Request,
        caller: Annotated[Caller, Depends(requires(Role.DECLARANT, Role.OFFICER))],
        scored: Annotated[
            bool, Query(description="officers: whether risks and reasons are wanted at once")
        ] = True,
    ) -> Response:
        """Rows are stored durably before the answer; the same row again is the same row, a changed
        one is kept beside the first. Rejected rows are named with column, rule and value; the
        others go on. A declarant is told what was received and nothing of any risk.
        """
        judged = await doors.judge(await rows_of(request))
        METRICS.rows("declarations", len(judged.rows), judged.rejected_count)
        if not judged.rows:
            raise RejectedRowsError(judged.rejections, judged.received_count)
        at = now()
        message = Message(judged.rows, caller.actor, at, judged.rejected_count)
        kept = await parts.writer.keep(DECLARATIONS, message)
        answer = _receipt(judged, kept, at)
        if caller.role is not Role.DECLARANT and scored:
            await _with_risks(parts, judged, kept, answer)
        return json_answer(answer, status=201)

    @routes.get(
        "/v1/receipts/{id}",
        response_model=dict[str, Any],
        responses=PROBLEMS,
        summary="Read a receipt again",
    )
    def get_receipt(
        receipt: Annotated[str, InPath(alias="id", max_length=64)],
        caller: Annotated[Caller, Depends(requires(Role.DECLARANT, Role.OFFICER))],
    ) -> Response:
        """What was acknowledged. A declarant reads its own receipts only."""
        with parts.database.reading() as connection:
            row = connection.execute(
                select(receipts).where(receipts.c.public_id == receipt)
            ).one_or_none()
        if row is None or (caller.role is Role.DECLARANT and row.source != caller.actor):
            raise NotThereError("There is no such receipt.", "Give the name that the answer told.")
        return json_answer(_told_again(row._mapping))

    return routes


def _receipt(judged: Judged, kept: Kept, at: datetime) -> dict[str, Any]:
    """What the sender is told, without any risk."""
    consignments: dict[tuple[Any, ...], dict[str, Any]] = {}
    kept_rows = zip(judged.row_numbers, judged.rows, kept.statuses, strict=True)
    told = [(number, _key(row), row["goods_item_number"], status)
            for number, row, status in kept_rows]  # fmt: skip
    told += [(number, key[:3], key[3], "repeated") for number, key in judged.repeats.items()]
    for number, key, item, status in sorted(told):
        one = consignments.setdefault(key, dict(zip(CONSIGNMENT, key, strict=True), items=[]))
        one["items"].append({"row": number, "goods_item_number": item, "status": status})
    return {
        "receipt": kept.public_id,
        "received_at": at,
        "received_count": judged.received_count,
        "accepted_count": judged.received_count - judged.rejected_count,
        "rejected_count": judged.rejected_count,
        "consignments": list(consignments.values()),
        "rejections": judged.rejections,
        "unknown_columns": list(judged.unknown_columns),
    }


def _key(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in CONSIGNMENT)


async def _with_risks(parts: Parts, judged: Judged, kept: Kept, answer: dict[str, Any]) -> None:
    """Add what an officer is told; what is kept stays kept if that cannot be done."""
    try:
        told = await parts.posts.score_posts(judged.rows)
    except (TriageError, OSError, TimeoutError) as problem:
        structlog.get_logger().warning("no risks told", problem=type(problem).__name__)
        answer["note"] = NO_RISKS
        return
    METRICS.scored(told)
    await parts.writer.write(_keeping_scores(told, kept.receipt_id))
    by_key = {(one.flight_number, one.flight_date, one.hawb): one for one in told}
    for consignment in answer["consignments"]:
        key = _key(consignment)
        if key in by_key:
            consignment |= _risks(by_key[key])
    answer["note"] = (
        "A first look at the consignments of this message, without the rest of their flight; the "
        "inspection list is the last word."
    )


def _risks(score: PostScore) -> dict[str, Any]:
    return {
        "risk": round(score.risk, 6),
        "risk_fiscal": round(score.risk_fiscal, 6),
        "risk_goods": round(score.risk_goods, 6),
        "expected_revenue_eur": round(score.expected_revenue_eur, 2),
        "reasons": score.reasons,
        "model_version": score.model_version,
        "feature_fingerprint": score.feature_fingerprint,
        "is_degraded": score.is_degraded,
    }


def _keeping_scores(told: list[PostScore], receipt_id: int) -> Callable[[Connection], None]:
    at = microseconds(now())
    rows = [
        {
            "receipt_id": receipt_id,
            "flight_date": one.flight_date.isoformat(),
            "flight_number": one.flight_number,
            "hawb": one.hawb,
            "model_version": one.model_version,
            "feature_fingerprint": one.feature_fingerprint,
            "is_degraded": one.is_degraded,
            "risk": one.risk,
            "risk_fiscal": one.risk_fiscal,
            "risk_goods": one.risk_goods,
            "expected_revenue_cents": round(one.expected_revenue_eur * 100),
            "reasons_json": json.dumps(one.reasons, ensure_ascii=False),
            "made_at_us": at,
        }
        for one in told
    ]
    return lambda connection: _insert(connection, rows)


def _insert(connection: Connection, rows: list[dict[str, Any]]) -> None:
    connection.execute(insert(scores), rows)


def _told_again(row: Any) -> dict[str, Any]:
    return {
        "receipt": row["public_id"],
        "kind": row["kind"],
        "received_at_us": row["received_at_us"],
        "received_count": row["row_count"] + row["rejected_count"],
        "rejected_count": row["rejected_count"],
        "stored_count": row["stored_count"],
        "repeated_count": row["repeated_count"],
        "amended_count": row["amended_count"],
    }
