"""The officer's addresses: flights of a day, one flight with its list, acts on its rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from engine.errors import InputError
from service.access.requires import requires
from service.access.roles import Caller, Role
from service.drift_file import told_drift
from service.inspection import Wish
from service.page.acts import Act, Overtaken, checked_reason, record, skip, undo
from service.page.desk import Desk
from service.page.drawing import SKIP_REASONS, drawn
from service.page.drift_told import alert_in
from service.page.forms import Form, budget_in, found_in, read_form, seen_in, skip_reason_in
from service.page.sheet import KeptList
from service.page.visit import Message, is_fragment, visit_of
from service.problems import problem_of
from service.routes.faults import NotThereError

if TYPE_CHECKING:
    from service.parts import Parts

USUAL_MINUTES = 240
"""Budget that the form offers at first: half a shift of one officer (domain report 4.2)."""

Officer = Annotated[Caller, Depends(requires(Role.OFFICER))]

_SAID = {"clean": "recorded", "found": "recorded", "skip": "skipped", "undo": "undone"}
"""What is said after each act."""


def officer_routes(parts: Parts, desk: Desk) -> APIRouter:
    """Addresses for officers."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    def flights(
        request: Request, caller: Officer, day: Annotated[date | None, Query()] = None
    ) -> Response:
        today = datetime.now(UTC).date()
        shown, days = day or today, desk.days()
        visit = visit_of(request, caller)
        return drawn(
            "flights.html",
            visit,
            day=shown,
            today=today,
            lines=desk.flights(shown),
            before=max((one for one in days if one < shown), default=None),
            after=min((one for one in days if one > shown), default=None),
            latest=days[-1] if days else None,
            jobs=desk.jobs(),
            alert=alert_in(visit.t, told_drift(parts.home.root)),
        )

    @routes.get("/jobs")
    def jobs(request: Request, caller: Officer) -> Response:
        return drawn("jobs.html", visit_of(request, caller), jobs=desk.jobs())

    @routes.get("/flights/{day}/{number}")
    def flight(
        request: Request,
        caller: Officer,
        day: date,
        number: str,
        public_id: Annotated[str | None, Query(alias="list")] = None,
        order: Annotated[str, Query()] = "rank",
    ) -> Response:
        line = desk.flight(number, day)
        if line is None:
            raise NotThereError("Nothing was received for this flight.", "Choose another one.")
        kept = _list(desk, number, day, public_id) if public_id else line.last
        return drawn(
            "flight.html",
            visit_of(request, caller),
            day=day,
            number=number,
            line=line,
            sheet=None if kept is None else desk.sheet(kept),
            order="walk" if order == "walk" else "rank",
            wish={
                "amount": f"{kept.budget:g}" if kept else USUAL_MINUTES,
                "unit": kept.unit if kept else "minutes",
            },
        )

    @routes.post("/flights/{day}/{number}/list")
    async def make_list(request: Request, caller: Officer, day: date, number: str) -> Response:
        wish = Wish(budget_in(await read_form(request)))
        made = await parts.lists.inspection_list(number, day, wish, caller.actor)
        return _back(number, day, made.public_id, "rank", "listed")

    @routes.post("/flights/{day}/{number}/decisions")
    async def decide(request: Request, caller: Officer, day: date, number: str) -> Response:
        form = await read_form(request)
        kept = await run_in_threadpool(_list, desk, number, day, form.one("list"))
        t = visit_of(request, caller).t
        status, message = 200, Message(t(f"said.{_SAID.get(form.one('what'), 'recorded')}"))
        try:
            act = _act(kept, form, caller)
            work = _work(act, form, {key: t(f"skip.{key}") for key in SKIP_REASONS})
            await parts.writer.write(work)
        except (Overtaken, InputError) as error:
            problem = problem_of(error)
            if not is_fragment(request):
                raise
            key = f"refused.{problem.slug.replace('-', '_')}"
            told = t.words.get(key) or f"{problem.detail} {problem.way_out}"
            status, message = problem.status, Message(told, "bad")
        if not is_fragment(request):
            what = _SAID[form.one("what")]
            return _back(number, day, kept.public_id, form.one("order"), what, act.told["rank"])
        sheet = await run_in_threadpool(desk.sheet, kept)
        return drawn(
            "changed.html",
            visit_of(request, caller, message),
            status=status,
            sheet=sheet,
            row=sheet.row(form.one("hawb")),
            order=form.one("order"),
        )

    return routes


def _list(desk: Desk, number: str, day: date, public_id: str) -> KeptList:
    """A list of this flight by its name.

    Raises
    ------
    NotThereError
        There is none.
    """
    kept = desk.list_named(public_id)
    if kept is None or (kept.flight_number, kept.flight_date) != (number, day):
        raise NotThereError("There is no such list of this flight.", "Open the flight again.")
    return kept


def _act(kept: KeptList, form: Form, caller: Caller) -> Act:
    """Who acts on which row.

    Raises
    ------
    InputError
        The row is not on the list.
    """
    told = kept.row(form.one("hawb"))
    if told is None:
        raise InputError("This parcel is not on the list.", "Choose one that is.")
    return Act(kept, told, caller.actor, datetime.now(UTC), seen_in(form))


def _work(act: Act, form: Form, usual: dict[str, str]) -> Callable[[sa.Connection], None]:
    """What is to be written; everything that can be wrong with the form is found out before.

    Raises
    ------
    InputError
        Something on the form makes no sense.
    """
    what = form.one("what")
    if what == "skip":
        reason = checked_reason(skip_reason_in(form, usual))
        return lambda connection: skip(connection, act, reason)
    if what in ("clean", "found"):
        found = found_in(form)
        return lambda connection: record(connection, act, found)
    if what == "undo":
        return lambda connection: undo(connection, act)
    raise InputError(f"{what[:40]!r} is nothing that can be done.", "Load the page again.")


def _back(
    number: str, day: date, public_id: str, order: str, said: str, rank: Any = None
) -> RedirectResponse:
    """Back to the flight, for browsers without script."""
    order = "walk" if order == "walk" else "rank"
    address = f"/flights/{day}/{quote(number, safe='')}?list={public_id}&order={order}&said={said}"
    anchor = f"#parcel-{rank}" if rank is not None else ""
    return RedirectResponse(address + anchor, status_code=303)
