"""Logging in and out, language and light."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from service.access.faults import UnknownCallerError, WrongRoleError
from service.access.requires import (
    caller_of_request,
    check_not_forged,
    close_session,
    open_session,
    put_cookie,
)
from service.access.roles import Caller
from service.page.drawing import drawn
from service.page.forms import read_form
from service.page.language import LANGUAGES
from service.page.visit import (
    KEEP_SECONDS,
    LANGUAGE_COOKIE,
    THEME_COOKIE,
    THEMES,
    Message,
    beginning_of,
    own_path,
    visit_of,
)
from service.problems import problem_of

LOGIN = "/login"


def session_routes() -> APIRouter:
    """Addresses that need no caller yet."""
    routes = APIRouter(include_in_schema=False)

    @routes.get(LOGIN)
    async def login(request: Request) -> Response:
        back = own_path(request.query_params.get("back"), "")
        return drawn("login.html", visit_of(request, None), back=back)

    @routes.post("/session")
    async def enter(request: Request) -> Response:
        form = await read_form(request)
        back = own_path(form.one("back"), "")
        try:
            opened = await open_session(request, form.one("key"))
        except (UnknownCallerError, WrongRoleError) as refusal:
            plain = visit_of(request, None)
            visit = visit_of(request, None, Message(plain.t("login.refused"), "bad"))
            return drawn("login.html", visit, status=problem_of(refusal).status, back=back)
        response = RedirectResponse(back or beginning_of(opened.caller), status_code=303)
        put_cookie(request, response, opened)
        return response

    @routes.post("/session/close")
    async def leave(request: Request) -> Response:
        caller = await known(request)
        if caller is not None:
            await check_not_forged(request, caller)
        response = RedirectResponse(f"{LOGIN}?said=logged_out", status_code=303)
        await close_session(request, response)
        return response

    @routes.post("/preferences")
    async def prefer(request: Request) -> Response:
        caller = await known(request)
        if caller is not None:
            await check_not_forged(request, caller)
        form = await read_form(request)
        response = RedirectResponse(own_path(form.one("back")), status_code=303)
        for cookie, value, choice in (
            (LANGUAGE_COOKIE, form.one("language"), LANGUAGES),
            (THEME_COOKIE, form.one("theme"), THEMES),
        ):
            if value in choice:
                response.set_cookie(
                    cookie, value, max_age=KEEP_SECONDS, httponly=True, samesite="strict",
                    secure=request.url.scheme == "https",
                )  # fmt: skip
        return response

    return routes


async def known(request: Request) -> Caller | None:
    """Who asks; None where nobody knows, which is no fault here."""
    try:
        return await caller_of_request(request)
    except (UnknownCallerError, WrongRoleError):
        return None
