"""The machine behind `models.sign_program`, and the points that add up."""

from __future__ import annotations

from typing import Any

import numpy as np

from features.compiled import kernel
from models.sign_program import (
    ABOVE,
    AND,
    AT_LEAST,
    BELOW,
    CLIPPED,
    COLUMN,
    CONSTANT,
    EQUAL,
    MINUS,
    OR,
    TIMES,
)  # fmt: skip

BLOCK = 512
"""Rows a step is carried out for at once: a stack of such lies in the first cache (estimate)."""

DEPTH = 16
"""Numbers on the stack at most; the signs need four."""


@kernel
def run(columns: Any, steps: Any, with_: Any, starts: Any) -> Any:
    """Strengths (signs, rows); what is missing is no sign."""
    rows = columns.shape[1]
    told = np.empty((len(starts) - 1, rows))
    stack = np.empty((DEPTH, BLOCK))
    for first in range(0, rows, BLOCK):
        count = min(BLOCK, rows - first)
        for sign in range(len(starts) - 1):
            top = -1
            for step in range(starts[sign], starts[sign + 1]):
                what = steps[step]
                if what == COLUMN:
                    top += 1
                    stack[top, :count] = columns[int(with_[step]), first : first + count]
                elif what == CONSTANT:
                    top += 1
                    stack[top, :count] = with_[step]
                elif what == CLIPPED:
                    _clip(stack[top, :count])
                else:
                    top -= 1
                    _joined(what, stack[top, :count], stack[top + 1, :count])
            for row in range(count):
                strength = stack[0, row]
                told[sign, first + row] = 0.0 if np.isnan(strength) else strength
    return told


@kernel
def _clip(here: Any) -> None:
    for row in range(len(here)):
        value = here[row]
        value = 0.0 if value < 0.0 else value
        here[row] = 1.0 if value > 1.0 else value


@kernel
def _joined(what: int, left: Any, right: Any) -> None:
    """Put into `left` what comes of both; truth is 1 or 0."""
    if what == MINUS:
        for row in range(len(left)):
            left[row] = left[row] - right[row]
    elif what in (TIMES, AND):
        for row in range(len(left)):
            left[row] = left[row] * right[row]
    elif what == OR:
        for row in range(len(left)):
            left[row] = max(left[row], right[row])
    else:
        _compared(what, left, right)


@kernel
def _compared(what: int, left: Any, right: Any) -> None:
    for row in range(len(left)):
        a, b = left[row], right[row]
        if what == EQUAL:
            is_so = a == b
        elif what == ABOVE:
            is_so = a > b
        elif what == AT_LEAST:
            is_so = a >= b
        elif what == BELOW:
            is_so = a < b
        else:
            is_so = a <= b
        left[row] = 1.0 if is_so else 0.0


@kernel
def summed(strengths: Any, bases: Any, starts: Any, signs: Any, points: Any) -> Any:
    """Log-odds (finding types, rows): base, and points times strength one after another."""
    odds = np.empty((len(bases), strengths.shape[1]))
    for kind in range(len(bases)):
        odds[kind] = bases[kind]
        for at in range(starts[kind], starts[kind + 1]):
            point, strength = points[at], strengths[signs[at]]
            for row in range(strengths.shape[1]):
                odds[kind, row] += point * strength[row]
    return odds


@kernel
def nothing_found(risks: Any, starts: Any, kinds: Any, powers: Any) -> Any:
    """Probability of finding nothing (heads, rows): each one's finding types one after another,
    each with the chance that a control sees it.
    """
    told = np.ones((len(starts) - 1, risks.shape[1]))
    for head in range(len(starts) - 1):
        for at in range(starts[head], starts[head + 1]):
            risk, power = risks[kinds[at]], powers[at]
            for row in range(risks.shape[1]):
                told[head, row] *= 1.0 - risk[row] * power
    return told


@kernel
def shared(
    strengths: Any, risks: Any, points: Any, looked_at: Any, first_looked: Any, gained: Any,
    features: int,
) -> Any:  # fmt: skip
    """Gains (rows, features): each row's shared among the signs by strength and points, every
    finding type counting by its share of the risks, and a sign's part among its features.
    """
    kinds, rows = risks.shape
    told = np.zeros((rows, features))
    for row in range(rows):
        whole = 0.0
        for kind in range(kinds):
            whole += risks[kind, row]
        total = 0.0
        for sign in range(strengths.shape[0]):
            part = 0.0
            for kind in range(kinds):
                part += risks[kind, row] / whole * points[sign, kind]
            part *= strengths[sign, row]
            total += part
            first, last = first_looked[sign], first_looked[sign + 1]
            for at in range(first, last):
                told[row, looked_at[at]] += part / (last - first)
        scale = gained[row] / total if total > 0.0 else 0.0
        for feature in range(features):
            told[row, feature] *= scale
    return told
