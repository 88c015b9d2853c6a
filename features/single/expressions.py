"""Expressions over one row as plain code: the same null, division and clipping rules as a frame's.

An expression is taken apart as polars writes it down, node by node, and every node becomes one
statement over scalars: null is None, a date is a number of days and an instant one of microseconds
since 1970, as polars keeps them. What is not known here is refused when it is compiled, never
guessed. Natural logarithms and exponentials are those of the C library, which polars calls, too.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

Node = Any
Row = Mapping[str, Any]

MICROSECONDS_A_DAY = 86_400_000_000
MICROSECONDS_A_MINUTE = 60_000_000
MICROSECONDS_AN_HOUR = 3_600_000_000

_PLAIN_PATTERN = re.compile(r"[\w ^$|()?:+*{}\[\],;/<>=@#-]*", re.ASCII)
"""Patterns that mean the same in both languages, after `$` was made the end of the text."""

_WHOLE = re.compile(r"[+-]?[0-9]+")

_COMPARED = {"Gt": ">", "GtEq": ">=", "Lt": "<", "LtEq": "<=", "Eq": "==", "NotEq": "!="}
_COUNTED = {"Plus": "+", "Minus": "-", "Multiply": "*"}


class UnsupportedExpressionError(ValueError):
    """An expression holds something that is not known here."""


class UnsupportedValueError(ValueError):
    """A value for which the plain code and polars might differ."""


def compiled(
    expressions: Mapping[str, pl.Expr], known: Mapping[str, pl.Expr] | None = None
) -> tuple[Callable[[Row], tuple[Any, ...]], frozenset[str]]:
    """Turn expressions into a function of one row.

    Parameters
    ----------
    expressions : by name; the function answers in their order.
    known : parts of expressions that the row already holds, by the name that it has there.

    Returns
    -------
    The function, from a row (a mapping) to a tuple of values, and the columns that it reads.

    Raises
    ------
    UnsupportedExpressionError
        A node that is not known.
    """
    writer = _Writer({_written(expression): name for name, expression in (known or {}).items()})
    told = [writer.of(_tree(expression)) for expression in expressions.values()]
    loaded = [f"    {name} = row[{column!r}]" for column, name in writer.columns.items()]
    body = "\n".join([*loaded, *writer.lines, f"    return ({', '.join(told)},)"])
    space: dict[str, Any] = {**_HELPERS, **writer.constants}
    exec(f"def read(row):\n{body}", space)
    return space["read"], frozenset(writer.columns)


def _tree(expression: pl.Expr) -> Node:
    return json.loads(expression.meta.serialize(format="json"))


def _written(expression: pl.Expr) -> str:
    return json.dumps(_tree(expression))


class _Writer:
    """Statements for nodes; a node that occurs twice is worked out once."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = known
        self._done: dict[str, str] = {}
        self.columns: dict[str, str] = {}
        self.constants: dict[str, Any] = {}
        self.lines: list[str] = []

    def of(self, node: Node) -> str:
        """The name, or literal, that holds the value of a node."""
        key = json.dumps(node)
        if key in self._known:
            return self._column(self._known[key])
        if key not in self._done:
            self._done[key] = self._made(node)
        return self._done[key]

    def _made(self, node: Node) -> str:
        ((kind, inside),) = node.items()
        if kind == "Column":
            return self._column(inside)
        if kind == "Literal":
            return self._literal(inside, node)
        if kind == "Alias":
            return self.of(inside[0])
        if kind == "BinaryExpr":
            return self._binary(inside)
        if kind == "Ternary":
            parts = (self.of(inside[part]) for part in ("predicate", "truthy", "falsy"))
            predicate, truthy, falsy = parts
            return self._let(f"{truthy} if {predicate} else {falsy}")
        if kind == "Cast":
            return self._cast(inside)
        if kind == "Function":
            return self._function(inside["function"], inside["input"])
        raise UnsupportedExpressionError(f"The node {kind} is not known.")

    def _column(self, column: str) -> str:
        return self.columns.setdefault(column, f"c{len(self.columns)}")

    def _constant(self, value: Any) -> str:
        name = f"k{len(self.constants)}"
        self.constants[name] = value
        return name

    def _let(self, code: str) -> str:
        name = f"t{len(self.lines)}"
        self.lines.append(f"    {name} = {code}")
        return name

    def _unless_null(self, names: Sequence[str], code: str) -> str:
        """A value that is null where one of its parts is."""
        asked = [name for name in dict.fromkeys(names) if name[0] in "ct"]
        if not asked:
            return self._let(code)
        nulls = " or ".join(f"{name} is None" for name in asked)
        return self._let(f"None if {nulls} else {code}")

    def _literal(self, inside: Node, node: Node) -> str:
        value = _literal_value(inside, node)
        if value is None or isinstance(value, bool | int) or _is_finite(value):
            return repr(value) if value is None or value >= 0 else f"({value!r})"
        return self._constant(value)

    def _binary(self, inside: Node) -> str:
        operator = inside["op"]
        left, right = self.of(inside["left"]), self.of(inside["right"])
        both = (left, right)
        if operator in _COMPARED:
            return self._unless_null(both, f"{left} {_COMPARED[operator]} {right}")
        if operator in _COUNTED:
            return self._unless_null(both, f"{left} {_COUNTED[operator]} {right}")
        if operator == "TrueDivide":
            return self._unless_null(
                both, f"{left} / {right} if {right} else _by_zero({left}, {right})"
            )
        if operator in ("Modulus", "FloorDivide") and right.isdigit() and int(right) > 0:
            sign = "%" if operator == "Modulus" else "//"
            return self._unless_null(both, f"{left} {sign} {right}")
        if operator == "And":
            none = f"None if {left} is None or {right} is None else True"
            return self._let(f"False if {left} is False or {right} is False else {none}")
        if operator == "Or":
            none = f"None if {left} is None or {right} is None else False"
            return self._let(f"True if {left} is True or {right} is True else {none}")
        raise UnsupportedExpressionError(f"The operator {operator} is not known.")

    def _cast(self, inside: Node) -> str:
        value, to = self.of(inside["expr"]), inside["dtype"].get("Literal")
        if to == "Float64":
            return self._unless_null((value,), f"_float({value})")
        if to == "Int64":
            return self._unless_null((value,), f"_whole({value})")
        if to == {"Datetime": ["Microseconds", None]} and inside["expr"] == _FLIGHT_DATE:
            return self._unless_null((value,), f"{value} * {MICROSECONDS_A_DAY}")
        raise UnsupportedExpressionError(f"The cast to {to} is not known.")

    def _function(self, function: Node, inputs: Sequence[Node]) -> str:
        kind, options = _named(function)
        if kind in ("Boolean", "StringExpr", "TemporalExpr"):
            kind, options = _named(options)
        maker = getattr(self, f"_{kind.lower()}", None)
        if maker is None:
            raise UnsupportedExpressionError(f"The function {kind} is not known.")
        return str(maker([self.of(one) for one in inputs], options))

    def _isnull(self, names: list[str], _: Node) -> str:
        return self._let(f"{names[0]} is None")

    def _isnotnull(self, names: list[str], _: Node) -> str:
        return self._let(f"{names[0]} is not None")

    def _not(self, names: list[str], _: Node) -> str:
        return self._unless_null(names, f"not {names[0]}")

    def _fillnull(self, names: list[str], _: Node) -> str:
        return self._let(f"{names[1]} if {names[0]} is None else {names[0]}")

    def _coalesce(self, names: list[str], _: Node) -> str:
        code = names[-1]
        for name in reversed(names[:-1]):
            code = f"({name} if {name} is not None else {code})"
        return self._let(code)

    def _clip(self, names: list[str], options: Node) -> str:
        value, bounds = names[0], names[1:]
        code = value
        if options["has_max"]:
            most = bounds.pop()
            code = f"({most} if {value} > {most} else {code})"
        if options["has_min"]:
            least = bounds.pop()
            code = f"({least} if {value} < {least} else {code})"
        return self._unless_null(names, code)

    def _log(self, names: list[str], _: Node) -> str:
        if names[1] != repr(math.e):
            raise UnsupportedExpressionError("Only natural logarithms are known.")
        return self._unless_null(names[:1], f"_ln({names[0]})")

    def _isin(self, names: list[str], options: Node) -> str:
        values = self.constants.get(names[1])
        if not isinstance(values, list) or options["nulls_equal"] or None in values:
            raise UnsupportedExpressionError("Only membership of a fixed list is known.")
        self.constants[names[1]] = frozenset(values)
        return self._unless_null(names[:1], f"{names[0]} in {names[1]}")

    def _sumhorizontal(self, names: list[str], _: Node) -> str:
        terms = (f"(0 if {name} is None else {name})" for name in names)
        return self._let(" + ".join(terms))

    def _head(self, names: list[str], _: Node) -> str:
        return self._unless_null(names, f"{names[0]}[:{_count(names[1])}]")

    def _slice(self, names: list[str], _: Node) -> str:
        begin, length = _count(names[1]), _count(names[2])
        return self._unless_null(names[:1], f"{names[0]}[{begin}:{begin + length}]")

    def _lenchars(self, names: list[str], _: Node) -> str:
        return self._unless_null(names, f"len({names[0]})")

    def _contains(self, names: list[str], options: Node) -> str:
        text, pattern = names[0], self.constants.get(names[1])
        if not isinstance(pattern, str):
            raise UnsupportedExpressionError("Only fixed patterns are known.")
        if options["literal"]:
            return self._unless_null((text,), f"{names[1]} in {text}")
        found = self._constant(_pattern(pattern).search)
        return self._unless_null((text,), f"{found}({text}) is not None")

    def _replace(self, names: list[str], options: Node) -> str:
        text, pattern, value = names[0], *(self.constants.get(name) for name in names[1:])
        if not isinstance(pattern, str) or value != "" or options["literal"]:
            raise UnsupportedExpressionError("Only fixed patterns that are left out are known.")
        parted = self._constant(_pattern(pattern).sub)
        most = max(int(options["n"]), 0)
        return self._unless_null((text,), f"{parted}('', {text}, {most})")

    def _replacetimezone(self, names: list[str], _: Node) -> str:
        return names[0]

    def _totalminutes(self, names: list[str], _: Node) -> str:
        return self._unless_null(names, f"_minutes({names[0]})")

    def _hour(self, names: list[str], _: Node) -> str:
        return self._unless_null(
            names, f"{names[0]} % {MICROSECONDS_A_DAY} // {MICROSECONDS_AN_HOUR}"
        )


_FLIGHT_DATE = {"Column": "flight_date"}
"""The one column of days; a cast to instants of anything else may mean something else."""


def _named(function: Node) -> tuple[str, Node]:
    """The name of a function, and its options."""
    if isinstance(function, str):
        return function, {}
    ((name, options),) = function.items()
    return name, options


def _literal_value(inside: Node, node: Node) -> Any:
    """The value of a literal; of what is written in another form polars is asked itself."""
    ((form, value),) = inside.items()
    if form == "Dyn":
        ((_, value),) = value.items()
        return value
    if form == "Scalar" and isinstance(value, dict):
        ((kind, inner),) = value.items()
        if kind in ("String", "Int64", "Int32", "Float64", "Boolean", "Date"):
            return inner
    text = json.dumps(node).encode()
    told = pl.select(pl.Expr.deserialize(text, format="json")).to_series()[0]
    return told.to_list() if isinstance(told, pl.Series) else told


def _is_finite(value: Any) -> bool:
    return isinstance(value, float) and math.isfinite(value)


def _count(name: str) -> int:
    """A literal number that is not negative."""
    if not name.isdigit():
        raise UnsupportedExpressionError("Only fixed places in a text are known.")
    return int(name)


def _pattern(pattern: str) -> re.Pattern[str]:
    """A pattern in Python's words; refused where the two languages may differ."""
    rest = pattern.replace(r"\|", "").replace(r"\.", "")
    is_odd = "(?" in rest.replace("(?:", "") or "[[" in rest or "--" in rest
    if is_odd or not _PLAIN_PATTERN.fullmatch(rest):
        raise UnsupportedExpressionError(f"The pattern {pattern} is not known.")
    return re.compile(pattern.replace("$", r"\Z"))


def _by_zero(a: float, b: float) -> float:
    """A quotient by zero, as IEEE 754 has it."""
    if a == 0 or a != a:
        return math.nan
    return math.copysign(math.inf, a) * math.copysign(1.0, b)


def ln(value: float) -> float:
    """Natural logarithm; of zero minus infinity, of less not a number."""
    if value > 0:
        return math.log(value)
    return -math.inf if value == 0 else math.nan


def _float(value: Any) -> float | None:
    if isinstance(value, str):
        whole = _whole(value)
        return None if whole is None else float(whole)
    return float(value)


def _whole(value: Any) -> int | None:
    """A text as a whole number, null where it is none."""
    if not isinstance(value, str):
        return int(value)
    if not _WHOLE.fullmatch(value):
        return None
    number = int(value)
    return number if -(1 << 63) <= number < 1 << 63 else None


def _minutes(duration: int) -> int:
    """Whole minutes of microseconds, towards zero."""
    minutes = abs(duration) // MICROSECONDS_A_MINUTE
    return minutes if duration >= 0 else -minutes


_HELPERS = {
    "_by_zero": _by_zero, "_ln": ln, "_float": _float, "_whole": _whole,
    "_minutes": _minutes,
}  # fmt: skip
