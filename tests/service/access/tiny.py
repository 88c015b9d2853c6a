"""A tiny application behind the real access and guard."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request, Response

from service import guard, problems
from service.access.access import Access
from service.access.requires import close_session, form_of, open_session, put_cookie, requires
from service.access.roles import Caller, Role
from service.home import Home
from service.settings import Settings
from service.storage.database import Database


def settings_of(root: Path, **changes: Any) -> Settings:
    return replace(Settings(root, allowed_hosts=("testserver",)), **changes)


def opened(settings: Settings) -> tuple[Access, Database]:
    home = Home.of(settings).made()
    database = Database.open(None, home.root)
    return Access(home, settings, database), database


def tiny_app(access: Access, settings: Settings) -> FastAPI:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.state.access = access

    @app.get("/open/{word}")
    async def open_to_all(word: str, count: int = 1) -> dict[str, str]:
        return {"word": word * count}

    @app.get("/officers")
    async def officers(
        caller: Annotated[Caller, Depends(requires(Role.OFFICER))],
    ) -> dict[str, Any]:
        return {"actor": caller.actor, "role": caller.role, "csrf": caller.csrf}

    @app.post("/officers")
    async def change(
        request: Request,
        caller: Annotated[Caller, Depends(requires(Role.OFFICER, Role.DECLARANT))],
    ) -> dict[str, Any]:
        return {"length": len(await request.body())}

    @app.post("/v1/manifests")
    async def upload(request: Request) -> dict[str, int]:
        count = 0
        async for piece in request.stream():
            count += len(piece)
        return {"length": count}

    @app.post("/session")
    async def log_in(request: Request, response: Response) -> None:
        put_cookie(request, response, await open_session(request, (await form_of(request))["key"]))

    @app.post("/logout")
    async def log_out(
        request: Request,
        response: Response,
        caller: Annotated[Caller, Depends(requires(Role.OFFICER))],
    ) -> None:
        await close_session(request, response)

    @app.get("/broken")
    async def broken() -> None:
        raise ValueError("Jan Peeters, Dorpsstraat 12")

    @app.get("/slow")
    async def slow() -> None:
        await asyncio.sleep(30)

    problems.install(app)
    guard.install(app, settings)
    return app
