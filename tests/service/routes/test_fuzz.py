from __future__ import annotations

import re

import pytest

from tests.fuzzing import GROUPS, Group, fuzz
from tests.service.routes.conftest import Service


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: f"{group.role} {group.paths}")
def test_nothing_breaks_whatever_is_sent(service: Service, group: Group) -> None:
    address = str(service.client.base_url).rstrip("/")
    is_well, told = fuzz(address, service.keys, 12, group, "examples,fuzzing")
    assert is_well, told


def test_every_operation_is_in_a_group(service: Service) -> None:
    paths = service.client.get("/openapi.json").json()["paths"]
    assert [path for path in paths if not any(re.search(g.paths, path) for g in GROUPS)] == []
