"""`POST /v1/outcomes`: control results in, on the disk before the answer."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from engine.outcome import REQUIRED, OutcomeRow
from service.access.requires import requires
from service.access.roles import Caller, Role
from service.guard.metrics import METRICS
from service.json_file import table_of
from service.odd_outcomes import odd_outcomes
from service.parts import Parts
from service.posting import MESSAGE, now
from service.reception import outcomes_door, received, rejections_told
from service.routes.answers import OutcomesReceipt
from service.routes.body import rows_of
from service.routes.examples import OUTCOME
from service.routes.faults import RejectedRowsError
from service.routes.json_answer import json_answer
from service.routes.problem_answers import PROBLEMS
from service.routes.row_schema import row_schema, rows_body
from service.storage.kinds import OUTCOMES
from service.storage.messages import Message

_ROW = row_schema(OutcomeRow.columns(), REQUIRED, OUTCOME)
_BODY = rows_body(_ROW, "one result")


def router(parts: Parts) -> APIRouter:
    """The route of control results."""
    routes = APIRouter(tags=["outcomes"])
    door = outcomes_door()

    @routes.post(
        "/v1/outcomes",
        status_code=201,
        response_model=OutcomesReceipt,
        responses=PROBLEMS,
        openapi_extra=_BODY,
        summary="Post 1 to 1,000 control results",
    )
    async def post_outcomes(
        request: Request, caller: Annotated[Caller, Depends(requires(Role.OFFICER))]
    ) -> Response:
        """A provisional and a final result of one control are two events. The same event again is
        the same event; with other content it is kept beside the first and counts from then on.
        """
        records = await rows_of(request)
        reception = await asyncio.to_thread(lambda: received(table_of(MESSAGE, records), door))
        rejections = rejections_told(reception.rejections)
        METRICS.rows("outcomes", reception.rows.height, reception.rejected_count)
        if not reception.rows.height:
            raise RejectedRowsError(rejections, len(records))
        at, rows = now(), reception.rows.drop("row_number").to_dicts()
        message = Message(rows, caller.actor, at, reception.rejected_count)
        kept = await parts.writer.keep(OUTCOMES, message)
        notes = await asyncio.to_thread(odd_outcomes, reception.rows, parts.store)
        answer: dict[str, Any] = {
            "receipt": kept.public_id,
            "received_at": at,
            "received_count": len(records),
            "accepted_count": reception.rows.height,
            "rejected_count": len(records) - reception.rows.height,
            "statuses": dict(Counter(kept.statuses)),
            "rejections": rejections,
            "unknown_columns": list(reception.unknown_columns),
            "notes": list(notes),
        }
        return json_answer(answer, status=201)

    return routes
