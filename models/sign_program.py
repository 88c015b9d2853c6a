"""The signs as a program over columns of numbers.

`models.signs` says what a sign looks at as an expression of polars. Of one consignment polars would
take milliseconds for all of them, so they are read from that expression once and carried out by a
small machine (`models.sign_kernels`). Its numbers are those of polars to the bit.

What is missing makes a comparison false and a strength zero: without a negation (there is none)
that is what polars' rules for null come to.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.catalogue import NAMES
from models.risk_model import Floats
from models.signs import SIGNS

COLUMN, CONSTANT, MINUS, TIMES, CLIPPED, AND, OR, EQUAL, ABOVE, AT_LEAST, BELOW, AT_MOST = range(12)
"""Steps: what is put on the stack, or done with the topmost one or two of it (`CLIPPED`: held
between 0 and 1)."""

_BINARY = {
    "Minus": MINUS, "Multiply": TIMES, "And": AND, "Or": OR, "Eq": EQUAL, "Gt": ABOVE,
    "GtEq": AT_LEAST, "Lt": BELOW, "LtEq": AT_MOST,
}  # fmt: skip

_BETWEEN = {
    "Both": (AT_LEAST, AT_MOST), "Left": (AT_LEAST, BELOW), "Right": (ABOVE, AT_MOST),
    "None": (ABOVE, BELOW),
}  # fmt: skip

Step = tuple[int, float]
"""What to do; with which column or constant."""


@dataclass(frozen=True)
class SignProgram:
    """Steps of all signs.

    Attributes
    ----------
    steps, with_ : of all signs one after another.
    starts : where each sign's begin, and the end.
    looked_at : positions of the features that each sign looks at, one sign after another.
    first_looked : where each sign's begin, and the end.
    """

    steps: NDArray[np.int64]
    with_: Floats
    starts: NDArray[np.int64]
    looked_at: NDArray[np.int64]
    first_looked: NDArray[np.int64]

    @classmethod
    def of(cls, strengths: Iterable[pl.Expr]) -> SignProgram:
        """Read expressions.

        Raises
        ------
        NotImplementedError
            An expression holds something that the machine has no step for.
        """
        each = [list(_steps(json.loads(one.meta.serialize(format="json")))) for one in strengths]
        steps = [step for some in each for step in some]
        looked_at = [
            sorted({int(with_) for step, with_ in some if step == COLUMN}) for some in each
        ]
        return cls(
            np.array([step for step, _ in steps], dtype=np.int64),
            np.array([with_ for _, with_ in steps], dtype=np.float64),
            np.cumsum([0, *map(len, each)], dtype=np.int64),
            np.array([at for some in looked_at for at in some], dtype=np.int64),
            np.cumsum([0, *map(len, looked_at)], dtype=np.int64),
        )

    def run(self, columns: Floats) -> Floats:
        """Strengths (signs, rows) from columns (features, rows); NaN is missing."""
        from models import sign_kernels  # numba's import takes most of a second

        return np.asarray(sign_kernels.run(columns, self.steps, self.with_, self.starts))


@cache
def sign_program() -> SignProgram:
    """The program of `models.signs.SIGNS`."""
    return SignProgram.of(sign.strength for sign in SIGNS)


def _steps(node: dict[str, Any]) -> Iterator[Step]:
    """Steps that leave the value of an expression on the stack."""
    ((kind, told),) = node.items()
    if kind == "Column":
        yield COLUMN, float(NAMES.index(told))
    elif kind == "Literal":
        yield CONSTANT, float(_literal(node))
    elif kind == "Cast" and told["dtype"] == {"Literal": "Float64"}:
        yield from _steps(told["expr"])
    elif kind == "BinaryExpr" and told["op"] in _BINARY:
        yield from _steps(told["left"])
        yield from _steps(told["right"])
        yield _BINARY[told["op"]], 0.0
    elif kind == "Function":
        yield from _function(told["function"], told["input"])
    else:
        raise NotImplementedError(f"no step for {node} of a sign: add it to models/sign_kernels.py")


def _function(function: dict[str, Any], given: list[dict[str, Any]]) -> Iterator[Step]:
    first = list(_steps(given[0]))
    if "Clip" in function and [_literal(limit) for limit in given[1:]] == [0.0, 1.0]:
        yield from (*first, (CLIPPED, 0.0))
        return
    boolean = function.get("Boolean", {})
    if "IsBetween" in boolean:
        from_, to = _BETWEEN[boolean["IsBetween"]["closed"]]
        yield from (*first, *_steps(given[1]), (from_, 0.0))
        yield from (*first, *_steps(given[2]), (to, 0.0), (AND, 0.0))
    elif "IsIn" in boolean:
        for at, one in enumerate(_literal(given[1])):
            yield from (*first, (CONSTANT, float(one)), (EQUAL, 0.0))
            yield from [(OR, 0.0)] if at else []
    else:
        raise NotImplementedError(f"no step for {function} of a sign: add it to sign_kernels.py")


def _literal(node: dict[str, Any]) -> Any:
    """A number, or numbers."""
    told = node["Literal"]
    if "Dyn" in told:
        # Not by polars: what reads JSON there may miss the last bit.
        ((_, number),) = told["Dyn"].items()
        return number
    value = pl.select(pl.Expr.deserialize(json.dumps(node).encode(), format="json")).item()
    return value.to_list() if isinstance(value, pl.Series) else value
