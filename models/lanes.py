"""64 rows at a time: two steps that numba does not turn into vector instructions by itself.

They are written in the vectors of LLVM, which every processor has in some width, so that the width
is the compiler's business. To be called from compiled code alone.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.extending import intrinsic

LANES = 64
"""Rows a block: the bytes of the widest vector register."""

_BYTE, _REAL, _INDEX = ir.IntType(8), ir.DoubleType(), ir.IntType(64)
_BYTES, _REALS = ir.VectorType(_BYTE, LANES), ir.VectorType(_REAL, LANES)


@intrinsic  # type: ignore[untyped-decorator]
def choose(
    _: Any, codes: Any, at: Any, shift: Any, threshold: Any, slots: Any, left: Any, right: Any,
    chosen: Any,
) -> Any:  # fmt: skip
    """`slots[chosen] = slots[left] if codes[at] + shift <= threshold else slots[right]`.

    Of 64 bytes from each position on, counted from the start of contiguous arrays; the sum of two
    bytes wraps around.
    """
    signature = types.void(codes, at, shift, threshold, slots, left, right, chosen)

    def built(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        def place(array: int, position: int) -> Any:
            return _place(context, builder, signature, given, array, position, _BYTES)

        here = builder.add(builder.load(place(0, 1), align=1), _spread(builder, given[2], _BYTES))
        goes_left = builder.icmp_unsigned("<=", here, _spread(builder, given[3], _BYTES))
        sides = [builder.load(place(4, side), align=1) for side in (5, 6)]
        builder.store(builder.select(goes_left, *sides), place(4, 7), align=1)
        return context.get_dummy_value()

    return signature, built


@intrinsic  # type: ignore[untyped-decorator]
def count_below(
    _: Any, values: Any, at: Any, near: Any, thresholds: Any, first: Any, last: Any, missing: Any,
    codes: Any, code_at: Any,
) -> Any:  # fmt: skip
    """`codes[code_at]` = how many of `thresholds[first:last]` are less than `values[at]`.

    Of 64 values from a position on. Values within `near` of zero count as zero, NaN gets the code
    `missing`. No more than 255 thresholds.
    """
    signature = types.void(values, at, near, thresholds, first, last, missing, codes, code_at)

    def built(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        value = builder.load(_place(context, builder, signature, given, 0, 1, _REALS), align=8)
        is_missing = builder.fcmp_unordered("uno", value, value)
        value = _without_the_nearly_zero(builder, value, given[2])
        table = context.make_array(signature.args[3])(context, builder, given[3]).data
        count = _counted(builder, value, table, given[4], given[5])
        code = builder.select(is_missing, _spread(builder, given[6], _BYTES), count)
        builder.store(code, _place(context, builder, signature, given, 7, 8, _BYTES), align=1)
        return context.get_dummy_value()

    return signature, built


def _without_the_nearly_zero(builder: Any, value: Any, near: Any) -> Any:
    is_small = builder.and_(
        builder.fcmp_ordered("<=", value, _spread(builder, near, _REALS)),
        builder.fcmp_ordered(">=", value, _spread(builder, builder.fneg(near), _REALS)),
    )
    return builder.select(is_small, ir.Constant(_REALS, [0.0] * LANES), value)


def _counted(builder: Any, value: Any, table: Any, first: Any, last: Any) -> Any:
    """A loop over the thresholds; returns the vector of counts."""
    before = builder.block
    head, body, after = (builder.append_basic_block(name) for name in ("head", "body", "after"))
    builder.branch(head)
    builder.position_at_end(head)
    position, count = builder.phi(_INDEX), builder.phi(_BYTES)
    builder.cbranch(builder.icmp_signed("<", position, last), body, after)
    builder.position_at_end(body)
    threshold = _spread(builder, builder.load(builder.gep(table, [position])), _REALS)
    is_above = builder.zext(builder.fcmp_ordered(">", value, threshold), _BYTES)
    counted = builder.add(count, is_above)
    following = builder.add(position, ir.Constant(_INDEX, 1))
    builder.branch(head)
    position.add_incoming(first, before)
    position.add_incoming(following, body)
    count.add_incoming(ir.Constant(_BYTES, [0] * LANES), before)
    count.add_incoming(counted, body)
    builder.position_at_end(after)
    return count


def _place(
    context: Any, builder: Any, signature: Any, given: Any, array: int, position: int, kind: Any
) -> Any:
    """Where the 64 values of an argument's array from a position on are."""
    data = context.make_array(signature.args[array])(context, builder, given[array]).data
    return builder.bitcast(builder.gep(data, [given[position]]), kind.as_pointer())


def _spread(builder: Any, value: Any, kind: Any) -> Any:
    """A vector with the same value in all lanes."""
    nothing = ir.Constant(kind, ir.Undefined)
    one = builder.insert_element(nothing, value, ir.Constant(ir.IntType(32), 0))
    first = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return builder.shuffle_vector(one, nothing, first)
