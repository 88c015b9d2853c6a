"""`GET /v1/flights/{date}/{number}/inspection-list`: the ranked list of a flight."""

from __future__ import annotations

import json
import tempfile
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import polars as pl
from fastapi import APIRouter, Depends, Query, Request
from fastapi import Path as InPath
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from engine.budget import Budget
from engine.caps import Caps
from engine.draw import RANDOM_SHARE
from engine.errors import SettingError
from engine.harm import HARM_WEIGHT
from engine.times import DEFAULT_TIMES, InspectionTimes
from service.access.requires import requires
from service.access.roles import Caller, Role
from service.inspection import DEFAULT_POLICY, Wish
from service.issued import IssuedList
from service.list_file import LIST_SCHEMA, write_table
from service.parts import Parts
from service.routes.answers import InspectionList
from service.routes.faults import UnknownFormError
from service.routes.json_answer import json_answer
from service.routes.problem_answers import PROBLEMS
from service.walk import in_walking_order

FORMS: dict[str, str] = {
    "application/json": ".json",
    "text/csv": ".csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.apache.parquet": ".parquet",
}
"""Forms of a list, by content type."""


class ListQuery(BaseModel):
    """What is asked of a list; the options of `triage manifest`."""

    model_config = ConfigDict(extra="forbid")

    budget_minutes: Annotated[float | None, Field(gt=0, le=1e6)] = None
    budget_controls: Annotated[int | None, Field(ge=1, le=1_000_000)] = None
    policy: Annotated[str, Field(max_length=40)] = DEFAULT_POLICY
    random_share: Annotated[float, Field(ge=0, le=1)] = RANDOM_SHARE
    harm_weight: Annotated[float, Field(ge=0, le=1_000)] = HARM_WEIGHT
    max_per_uld: Annotated[int | None, Field(ge=1, le=1_000_000)] = None
    max_per_shipper: Annotated[int | None, Field(ge=1, le=1_000_000)] = None
    max_per_broker: Annotated[int | None, Field(ge=1, le=1_000_000)] = None
    uld_minutes: Annotated[float, Field(ge=0, le=10_000)] = DEFAULT_TIMES.uld_breakdown_minutes
    bag_minutes: Annotated[float, Field(ge=0, le=10_000)] = DEFAULT_TIMES.bag_opening_minutes
    parcel_minutes: Annotated[float, Field(gt=0, le=1_000)] = DEFAULT_TIMES.single_parcel_minutes
    xray_first: bool = False
    mandatory: Annotated[list[Annotated[str, Field(max_length=256)]], Field(max_length=1_000)] = []
    order: Literal["rank", "walk"] = "rank"
    form: Literal["json", "csv", "xlsx", "parquet"] | None = None

    def wish(self) -> Wish:
        """The same as the command line makes of its options.

        Raises
        ------
        SettingError
            Not exactly one budget is given, or a value makes no sense.
        """
        return Wish(
            self._budget(),
            self.policy,
            self.random_share,
            self.harm_weight,
            times=InspectionTimes.in_proportion(
                parcel=self.parcel_minutes,
                uld=self.uld_minutes,
                bag=self.bag_minutes,
                is_xray_first=self.xray_first,
            ),
            caps=Caps(self.max_per_uld, self.max_per_shipper, self.max_per_broker),
            mandatory=frozenset(self.mandatory),
        )

    def _budget(self) -> Budget:
        if self.budget_controls is not None and self.budget_minutes is None:
            return Budget.controls(self.budget_controls)
        if self.budget_minutes is not None and self.budget_controls is None:
            return Budget.minutes(self.budget_minutes)
        raise SettingError(
            "A list needs exactly one budget.",
            "Give budget_minutes=240, or budget_controls=10.",
        )


def router(parts: Parts) -> APIRouter:
    """The route of lists."""
    routes = APIRouter(tags=["lists"])

    @routes.get(
        "/v1/flights/{flight_date}/{flight_number}/inspection-list",
        response_model=InspectionList,
        responses=PROBLEMS
        | {200: {"content": {name: {} for name in FORMS if name != "application/json"}}},
        summary="The ranked inspection list of a flight",
    )
    async def get_list(
        request: Request,
        flight_date: Annotated[date, InPath(examples=["2026-11-02"])],
        flight_number: Annotated[str, InPath(max_length=256, examples=["XB417"])],
        asked: Annotated[ListQuery, Query()],
        caller: Annotated[Caller, Depends(requires(Role.OFFICER))],
    ) -> Response:
        """Over everything received for the flight so far, and the same as `triage manifest` makes
        of the same rows, to the byte. Every issued list is kept, with what it was made from.
        """
        form = _form(request, asked.form)
        made = await parts.lists.inspection_list(
            flight_number.upper(), flight_date, asked.wish(), caller.actor
        )
        rows = in_walking_order(_table(made)) if asked.order == "walk" else _table(made)
        if form == "application/json":
            told = json.loads(rows.write_json()) if asked.order == "walk" else made.rows
            return json_answer({"id": made.public_id, "about": made.about, "rows": told})
        return _file(rows, form, made)

    return routes


def _form(request: Request, asked: str | None) -> str:
    """The content type to answer with: what the query says, else what the caller accepts."""
    if asked is not None:
        return next(name for name, ending in FORMS.items() if ending == f".{asked}")
    accepted = request.headers.get("accept", "*/*")
    wanted = [part.partition(";")[0].strip().lower() for part in accepted.split(",")]
    for name in wanted:
        if name in FORMS:
            return name
        if name in {"*/*", "application/*", ""}:
            return "application/json"
    raise UnknownFormError("None of the forms asked for is served.", f"Accept {', '.join(FORMS)}.")


def _table(made: IssuedList) -> pl.DataFrame:
    as_text = LIST_SCHEMA | {"flight_date": pl.String}
    rows = [row | {"flight_date": str(row["flight_date"])} for row in made.rows]
    return pl.DataFrame(rows, schema=as_text).with_columns(pl.col("flight_date").str.to_date())


def _file(rows: pl.DataFrame, form: str, made: IssuedList) -> Response:
    """The bytes that `triage manifest --out` writes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"list{FORMS[form]}"
        write_table(rows, path)
        content = path.read_bytes()
    headers: dict[str, Any] = {
        "Content-Disposition": f'attachment; filename="inspection-list{FORMS[form]}"',
        "X-List-Id": made.public_id,
    }
    return Response(content, media_type=form, headers=headers)
