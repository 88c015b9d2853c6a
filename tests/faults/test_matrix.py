"""R16: every route, every role, own and foreign objects, through the door."""

from __future__ import annotations

import pytest

from service.access.matrix import EVERYBODY, MATRIX
from service.access.roles import Role
from tests.faults.counts import figure
from tests.faults.serving import DAY, Served, row_of

LETS_NOBODY_IN_WITHOUT_A_KEY = ("POST", "/session")
"""Its own refusal of a wrong key is 401, too."""


@pytest.fixture(scope="module")
def receipt(shared: Served) -> str:
    """A receipt of the declarant."""
    return str(shared.post(row_of("OWN", flight_number="MX1")).json()["receipt"])


@pytest.mark.parametrize(("method", "template"), sorted(MATRIX))
def test_a_route_lets_in_whom_the_matrix_names(
    shared: Served, receipt: str, method: str, template: str
) -> None:
    names = {"id": receipt, "flight_date": str(DAY), "flight_number": "MX1", "day": str(DAY),
             "number": "MX1", "name": "page.css"}  # fmt: skip
    allowed = MATRIX[method, template]
    for role in (None, *Role):
        told = shared.ask(method, template.format(**names), role and str(role),
                          body=b"" if method == "POST" else None)  # fmt: skip
        assert told.status != 500, (role, told)
        if (method, template) == LETS_NOBODY_IN_WITHOUT_A_KEY:
            continue
        if allowed == EVERYBODY or role in allowed:
            assert told.status not in (401, 403), (role, told)
        else:
            assert told.status == (401 if role is None else 403), (role, told)
            assert b"MX1" not in told.content
    figure("R16", f"{method} {template}: as the matrix says for nobody and {len(Role)} roles")


def test_a_declarant_sees_its_own_receipts_alone(shared: Served, receipt: str) -> None:
    mine, address = shared.keys["declarant"], f"/v1/receipts/{receipt}"
    assert shared.ask("GET", address, "declarant").status == 200
    assert shared.ask("GET", address, "officer").status == 200
    shared.keys["declarant"] = shared.key(Role.DECLARANT)
    foreign = shared.ask("GET", address, "declarant")
    unknown = shared.ask("GET", "/v1/receipts/none", "declarant")
    shared.keys["declarant"] = mine
    assert foreign.status == unknown.status == 404
    assert foreign.json()["detail"] == unknown.json()["detail"]
