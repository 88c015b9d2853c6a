"""What the page says when something is refused: in words, with the way out."""

from __future__ import annotations

from urllib.parse import quote

from fastapi.responses import RedirectResponse
from starlette.requests import Request
from starlette.responses import Response

from service.access.requires import CALLER
from service.access.roles import Role
from service.access.shown import COOKIE, SECURE_COOKIE
from service.page.drawing import drawn
from service.page.session import LOGIN
from service.page.visit import Message, beginning_of, is_fragment, own_path, visit_of
from service.problems import Problem

_NOT_OURS = ("/v1/", "/health/", "/metrics", "/openapi")


def page_answer(request: Request, problem: Problem) -> Response | None:
    """The page's own answer to a problem; None where the address is not one of the page's."""
    if request.url.path.startswith(_NOT_OURS):
        return None
    if problem.slug == "unknown-caller" and not is_fragment(request):
        return _to_login(request)
    caller = request.scope.get(CALLER)
    plain = visit_of(request, caller)
    key = f"refused.{problem.slug.replace('-', '_')}"
    if problem.slug == "wrong-role" and caller is not None and caller.role == Role.DECLARANT:
        key = "refused.declarant"
    told = plain.t.words.get(key, plain.t("refused.other"))
    if is_fragment(request):
        visit = visit_of(request, caller, Message(told, "bad"))
        return drawn("said.html", visit, status=problem.status)
    links = []
    if caller is not None and caller.role != Role.DECLARANT:
        links.append((beginning_of(caller), plain.t("refused.beginning")))
    if problem.slug == "wrong-role":
        links.append((LOGIN, plain.t("refused.log_in")))
    is_ours = key in plain.t.words
    response = drawn(
        "message.html",
        plain,
        status=problem.status,
        title=plain.t.words.get(f"{key}_title", plain.t("refused.other_title")),
        told=told,
        english="" if is_ours else problem.detail,
        way_out="" if is_ours else problem.way_out,
        links=links,
    )
    response.headers.update(problem.headers)
    return response


def _to_login(request: Request) -> Response:
    """To the log-in, and back afterwards; who had a session is told that it is over."""
    had_session = any(name in request.cookies for name in (COOKIE, SECURE_COOKIE))
    query = f"?{request.url.query}" if request.url.query else ""
    back = own_path(request.url.path + query) if request.method == "GET" else "/"
    wishes = [f"back={quote(back, safe='')}"] if back != "/" else []
    wishes += ["said=session_over"] if had_session else []
    return RedirectResponse(LOGIN + ("?" + "&".join(wishes) if wishes else ""), status_code=303)
