"""What is in force and what it means: models, features, policies."""

from __future__ import annotations

import inspect
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from engine.policies import POLICIES
from features.catalogue import catalogue, fingerprint
from models.registered import registered_versions
from service.access.requires import requires
from service.access.roles import Caller, Role
from service.inspection import DEFAULT_POLICY
from service.parts import Parts
from service.routes.answers import Features, Models, Policies
from service.routes.json_answer import json_answer
from service.routes.problem_answers import PROBLEMS

_MAY_READ = (Role.ANALYST, Role.OPERATOR)


def router(parts: Parts) -> APIRouter:
    """The routes of what is known."""
    routes = APIRouter(tags=["what is in force"])

    @routes.get("/v1/models", response_model=Models, responses=PROBLEMS)
    def get_models(caller: Annotated[Caller, Depends(requires(*_MAY_READ))]) -> Response:
        """Registered versions, the newest first, and what is in force."""
        versions = registered_versions(parts.home.mlflow_database)
        champion = next((one.version for one in versions if one.is_champion), None)
        told = [asdict(one) | {"is_champion": one.is_champion} for one in versions]
        state = asdict(parts.lists.state)
        return json_answer({"champion": champion, "state": state, "versions": told})

    @routes.get("/v1/features", response_model=Features, responses=PROBLEMS)
    def get_features(caller: Annotated[Caller, Depends(requires(*_MAY_READ))]) -> Response:
        """Everything that the models see of a consignment."""
        rows = catalogue().select("name", "scope", "theme", "unit", "meaning").to_dicts()
        return json_answer({"fingerprint": fingerprint(), "features": rows})

    @routes.get("/v1/policies", response_model=Policies, responses=PROBLEMS)
    def get_policies(caller: Annotated[Caller, Depends(requires(*_MAY_READ))]) -> Response:
        """The ways to fill a budget."""
        told = [
            {
                "name": policy.name,
                "meaning": " ".join((inspect.getdoc(type(policy)) or "").split("\n\n")[0].split()),
                "is_default": policy.name == DEFAULT_POLICY,
            }
            for policy in POLICIES
        ]
        return json_answer({"policies": told})

    return routes
