"""The steps of `models.contribution_kernels` along an edge of a tree, in vectors of LLVM.

Eight quadrature points of rows are worked on side by side, a row's first to last point and then the
next row's. Everything kept of an edge is four such vectors (`MET` and those after it). To be called
from compiled code alone.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.extending import intrinsic

LANES = 8
"""Numbers a vector: the doubles of the widest vector register."""

MET, FACTOR, INVERSE, PRODUCT = (part * LANES for part in range(4))
"""Of an edge: whether the row meets all that the path so far asked of the feature (1 or 0), its
factor in the product, one over that, and the product so far."""

EDGE = 4 * LANES
"""Numbers kept of an edge."""

_REAL = ir.DoubleType()
_REALS = ir.VectorType(_REAL, LANES)


class _Vectors:
    """Loads, stores and constants in a function that is being built."""

    def __init__(self, context: Any, builder: Any, signature: Any, given: Any) -> None:
        self._context, self._builder = context, builder
        self._kinds, self._given = signature.args, given

    def at(self, array: int, position: int, offset: int = 0) -> Any:
        """Where the vector at a position (an argument) of an array (an argument) is."""
        kind = self._kinds[array]
        data = self._context.make_array(kind)(self._context, self._builder, self._given[array]).data
        place = self._builder.add(self._given[position], ir.Constant(ir.IntType(64), offset))
        return self._builder.bitcast(self._builder.gep(data, [place]), _REALS.as_pointer())

    def load(self, array: int, position: int, offset: int = 0) -> Any:
        """The vector that is there."""
        return self._builder.load(self.at(array, position, offset), align=8)

    def store(self, value: Any, array: int, position: int, offset: int = 0) -> None:
        """Keep a vector there."""
        self._builder.store(value, self.at(array, position, offset), align=8)

    def spread(self, argument: int) -> Any:
        """An argument in all lanes."""
        kind = ir.VectorType(self._given[argument].type, LANES)
        nothing = ir.Constant(kind, ir.Undefined)
        one = self._builder.insert_element(
            nothing, self._given[argument], ir.Constant(ir.IntType(32), 0)
        )
        first = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
        return self._builder.shuffle_vector(one, nothing, first)


def _always(number: float) -> Any:
    return ir.Constant(_REALS, [number] * LANES)


@intrinsic  # type: ignore[untyped-decorator]
def descend(
    _: Any, asked: Any, feature: Any, cut: Any, is_missing_met: Any, is_right: Any, points: Any,
    point: Any, cover: Any, kept: Any, before: Any, same: Any, edge: Any,
) -> Any:  # fmt: skip
    """Work out what is kept of an edge, at `kept[edge]`, but for its `INVERSE`.

    The value at `asked[feature]` meets the edge if it is no larger than `cut`, or larger where
    `is_right`; NaN does if `is_missing_met`. `before` is the edge above, `same` the last above that
    asked the same feature, `points` the quadrature's.
    """
    arguments = (asked, feature, cut, is_missing_met, is_right, points, point, cover, kept, before,
                 same, edge)  # fmt: skip

    def built(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        v = _Vectors(context, builder, signature, given)
        value = v.load(0, 1)
        goes_on = builder.xor(builder.fcmp_ordered("<=", value, v.spread(2)), v.spread(4))
        is_missing = builder.fcmp_unordered("uno", value, value)
        met = builder.select(
            builder.select(is_missing, v.spread(3), goes_on), v.load(8, 10, MET), _always(0.0)
        )
        point = v.load(5, 6)
        rest = builder.fmul(builder.fsub(_always(1.0), point), v.spread(7))
        factor = builder.fadd(builder.fmul(point, met), rest)
        ratio = builder.fmul(factor, v.load(8, 10, INVERSE))
        v.store(met, 8, 11, MET)
        v.store(factor, 8, 11, FACTOR)
        v.store(builder.fmul(v.load(8, 9, PRODUCT), ratio), 8, 11, PRODUCT)
        return context.get_dummy_value()

    return types.void(*arguments), built


@intrinsic  # type: ignore[untyped-decorator]
def invert(_: Any, kept: Any, edge: Any) -> Any:
    """Work out one over the factor of the edge at `kept[edge]`, where an edge below needs it."""

    def built(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        v = _Vectors(context, builder, signature, given)
        v.store(builder.fdiv(_always(1.0), v.load(0, 1, FACTOR)), 0, 1, INVERSE)
        return context.get_dummy_value()

    return types.void(kept, edge), built


@intrinsic  # type: ignore[untyped-decorator]
def ascend(
    _: Any, kept: Any, before: Any, same: Any, edge: Any, cover: Any, same_cover: Any, below: Any,
    child: Any, node: Any, parts: Any, part: Any,
) -> Any:  # fmt: skip
    """Gather an edge: add what its feature makes of the leaves below to `parts[part]`, and what
    they are worth above the edge to `below[node]`.
    """
    arguments = (kept, before, same, edge, cover, same_cover, below, child, node, parts, part)

    def built(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        v = _Vectors(context, builder, signature, given)
        inverse = v.load(0, 2, INVERSE)
        ratio = builder.fmul(v.load(0, 3, FACTOR), inverse)
        leaves = v.load(6, 7)
        whole = builder.fmul(builder.fmul(v.load(0, 1, PRODUCT), leaves), inverse)
        gain = builder.fsub(v.load(0, 3, MET), v.spread(4))
        # What the edge above told of the same feature does not hold for the leaves below this one.
        told = builder.fmul(builder.fsub(v.load(0, 2, MET), v.spread(5)), ratio)
        added = builder.fmul(whole, builder.fsub(gain, told))
        v.store(builder.fadd(v.load(9, 10), added), 9, 10)
        worth = builder.fmul(ratio, leaves)
        v.store(builder.fadd(v.load(6, 8), worth), 6, 8)
        return context.get_dummy_value()

    return types.void(*arguments), built
