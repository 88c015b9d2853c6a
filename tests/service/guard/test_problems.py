from __future__ import annotations

import importlib
import json
import math
import pkgutil
from typing import Any

import pytest
from fastapi.exceptions import RequestValidationError
from hypothesis import given
from hypothesis import strategies as st
from starlette.exceptions import HTTPException

import service
from engine.acceptance import PRIVATE_COLUMNS
from engine.errors import InputError, MissingColumnsError, StateError, TriageError
from service.problems import _STATUS, MOST_ERRORS, Problem, problem_of


def told(error: Exception) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(problem_of(error).content("id"))
    return document


def field(loc: tuple[str | int, ...], value: Any, kind: str = "int_parsing") -> Exception:
    return RequestValidationError([{"loc": loc, "type": kind, "msg": "Wrong", "input": value}])


def test_every_error_has_a_status_of_its_own_and_every_status_an_error() -> None:
    for module in pkgutil.walk_packages(service.__path__, "service."):
        if not module.name.startswith("service.storage.migrations"):
            importlib.import_module(module.name)
    kinds = {"TriageError": TriageError}
    open_ones: list[type[TriageError]] = [TriageError]
    while open_ones:
        for kind in open_ones.pop().__subclasses__():
            kinds[kind.__name__] = kind
            open_ones.append(kind)
    assert _STATUS.keys() - kinds.keys() == set()
    ours = {
        name
        for name, kind in kinds.items()
        if kind.__module__.startswith("service.")
        and not kind.__module__.startswith(("service.jobs.", "service.commands."))
    }
    assert ours - _STATUS.keys() == set()


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InputError("a", "b"), 422),
        (MissingColumnsError("x", ["a"], []), 422),
        (StateError("a"), 409),
        (HTTPException(404), 404),
        (HTTPException(405), 405),
        (HTTPException(418), 418),
        (HTTPException(500, "Jan Peeters"), 500),
        (ValueError("Jan Peeters"), 500),
    ],
)
def test_each_kind_has_its_status(error: Exception, status: int) -> None:
    document = told(error)
    assert document["status"] == status
    assert document["request_id"] == "id"
    assert "Peeters" not in json.dumps(document)


@pytest.mark.parametrize("column", sorted(PRIVATE_COLUMNS))
def test_private_cells_are_never_repeated(column: str) -> None:
    for place in (("body", 2, column), ("query", column), ("body", column)):
        document = json.dumps(told(field(place, "Jan Peeters")))
        assert "Peeters" not in document
        assert column in document


@pytest.mark.parametrize("value", [{"a": "Peeters"}, ["Peeters"], "Peeters"])
def test_rows_and_unknown_fields_are_never_repeated(value: Any) -> None:
    error = field(("body", 0, "consignee"), value, "extra_forbidden")
    assert "Peeters" not in json.dumps(told(error))


def test_a_wrong_field_names_row_column_rule_and_value() -> None:
    one = told(field(("query", "budget_minutes"), "many"))["errors"][0]
    assert one["column"] == "budget_minutes"
    assert one["rule"] == "int_parsing"
    assert one["value"] == "'many'"
    assert "many" in one["message"]
    assert told(field(("body", 4, "hs6"), "x"))["errors"][0]["row"] == 5


def test_many_errors_are_counted_not_listed() -> None:
    errors = [{"row": n} for n in range(MOST_ERRORS + 7)]
    document = json.loads(Problem(422, "a", "b", "c", errors=errors).content(""))
    assert len(document["errors"]) == MOST_ERRORS
    assert document["further_error_count"] == 7


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text()
        | st.just("\ud800") | st.just(math.nan) | st.binary(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.just("\udfff"), inner),
    )
)  # fmt: skip
def test_whatever_came_is_answered_in_json(value: Any) -> None:
    document = Problem(422, "a", "b", str(value), errors=[{"value": value}]).content("id")
    json.loads(document)
    json.loads(problem_of(field(("query", "a"), value)).content("id"))
