"""Pictures as SVG, made here so that the page needs no script for them.

No style attribute, only classes that the style sheet colours, light and dark; every picture says in
words what it shows. Nothing is told by colour alone: series differ by shape and dash as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, log

from markupsafe import Markup, escape

SHAPES = ("circle", "square", "diamond", "triangle", "cross")
"""Marks of the series, in their order."""

_Scale = Callable[[float], float]


@dataclass(frozen=True)
class Point:
    """One point of a series.

    Attributes
    ----------
    x, y : where, in the units of the axes.
    low, high : ends of its interval; None: it has none.
    words : what it says, shown when pointed at.
    """

    x: float
    y: float
    low: float | None = None
    high: float | None = None
    words: str = ""


@dataclass(frozen=True)
class Series:
    """A named line of points."""

    name: str
    points: Sequence[Point]


@dataclass(frozen=True)
class Axis:
    """One axis of a chart.

    Attributes
    ----------
    title : what is along it, with its unit.
    low, high : its ends.
    ticks : where it is marked, and what stands there.
    """

    title: str
    low: float
    high: float
    ticks: Sequence[tuple[float, str]]


def risk_bar(share: float, words: str) -> Markup:
    """A probability as the filled part of a bar."""
    return _svg(
        100, 8, words, '<rect class="track" width="100" height="8"/>'
        f'<rect class="fill" width="{_n(100 * share)}" height="8"/>', "risk-bar", stretch=True,
    )  # fmt: skip


def budget_bar(parts: Sequence[tuple[str, float]], budget: float, words: str) -> Markup:
    """How much of a budget each part takes, side by side; what is over it sticks out.

    Parameters
    ----------
    parts : class and amount of each part, in order.
    budget : the whole, in the same unit.
    words : the same in words.
    """
    total = max(budget, sum(amount for _, amount in parts), 1e-9)
    drawn, at = ['<rect class="track" width="400" height="12"/>'], 0.0
    for kind, amount in parts:
        width = 400 * max(amount, 0.0) / total
        drawn.append(f'<rect class="{kind}" x="{_n(at)}" width="{_n(width)}" height="12"/>')
        at += width
    if budget < total:
        line = _n(400 * budget / total)
        drawn.append(f'<line class="limit" x1="{line}" x2="{line}" y1="0" y2="12"/>')
    return _svg(400, 12, words, "".join(drawn), "budget-picture", stretch=True)


def distribution(
    edges: Sequence[float],
    shares: Sequence[float],
    declared: float,
    usual: float,
    words: str,
    labels: tuple[str, str],
) -> Markup:
    """Where a declared number lies among those of the same goods, along a logarithmic axis.

    Parameters
    ----------
    edges : ends of the bins, one more than `shares`, above zero.
    shares : of the goods in each bin.
    declared, usual : what was declared, and the middle of the goods.
    words : the same in words.
    labels : short texts for the two marks.
    """
    least = max(min(e for e in (*edges, declared, usual) if e > 0), 1e-9)
    low, high = log(least), log(max(*edges, declared, usual, least * 1.01))
    pad = 0.04 * (high - low)

    def x(value: float) -> float:
        return 4 + 192 * (log(max(value, least)) - low + pad) / (high - low + 2 * pad)

    tallest = max([*shares, 1e-9])
    bars = "".join(
        f'<rect class="{_side(left, right, declared)}" x="{_n(x(left))}" '
        f'width="{_n(max(x(right) - x(left) - 0.5, 0.5))}" '
        f'y="{_n(54 - 34 * share / tallest)}" height="{_n(34 * share / tallest)}"/>'
        for left, right, share in zip(edges[:-1], edges[1:], shares, strict=True)
        if share > 0
    )
    at_declared, at_usual = _n(x(declared)), _n(x(usual))
    marks = (
        '<line class="axis" x1="2" x2="198" y1="54" y2="54"/>'
        f'<line class="usual" x1="{at_usual}" x2="{at_usual}" y1="20" y2="56"/>'
        f'<path class="declared" d="M{at_declared} 54V14"/>'
    )
    texts = _label(x(declared), 10, labels[0], "declared-text") + _label(
        x(usual), 67, labels[1], "usual-text"
    )
    return _svg(200, 70, words, bars + marks + texts, "distribution")


def chart(
    across: Axis,
    up: Axis,
    series: Sequence[Series],
    words: str,
    *,
    is_diagonal: bool = False,
    is_joined: bool = True,
) -> Markup:
    """Series of points with their intervals, joined by lines, with a legend where there are two.

    Parameters
    ----------
    across, up : the axes.
    series : at most as many as there are `SHAPES`.
    words : the whole in words.
    is_diagonal : whether the line on which both axes are equal is drawn.
    is_joined : whether points are joined.
    """
    width, height = 560, 260
    left, right, top, bottom = 56, 12, 12, 40
    if len(series) > 1:
        top += 22

    def x(value: float) -> float:
        return left + (width - left - right) * (value - across.low) / (across.high - across.low)

    def y(value: float) -> float:
        return height - bottom - (height - top - bottom) * (value - up.low) / (up.high - up.low)

    drawn = [_axes(across, up, x, y, width, height)]
    if is_diagonal:
        end = min(across.high, up.high)
        start = max(across.low, up.low)
        drawn.append(
            f'<line class="reference" x1="{_n(x(start))}" y1="{_n(y(start))}" '
            f'x2="{_n(x(end))}" y2="{_n(y(end))}"/>'
        )
    for at, one in enumerate(series):
        drawn.append(_series(at, one, x, y, is_joined=is_joined))
    if len(series) > 1:
        drawn.append(_legend(series, left))
    return _svg(width, height, words, "".join(drawn), "chart")


def bars(rows: Sequence[tuple[str, float, str]], words: str) -> Markup:
    """Horizontal bars with their names before and their numbers behind them.

    Parameters
    ----------
    rows : name, length, text of the number.
    words : the whole in words.
    """
    longest = max([length for _, length, _ in rows] + [1e-9])
    drawn = []
    for at, (name, length, text) in enumerate(rows):
        y = 4 + 24 * at
        long = 280 * max(length, 0.0) / longest
        drawn.append(
            f'<text class="name" x="168" y="{y + 13}" text-anchor="end">{escape(name)}</text>'
            f'<rect class="fill" x="176" y="{y}" width="{_n(max(long, 1))}" height="17"/>'
            f'<text class="number" x="{_n(176 + long + 6)}" y="{y + 13}">{escape(text)}</text>'
        )
    return _svg(560, 8 + 24 * len(rows), words, "".join(drawn), "chart bars")


def _axes(across: Axis, up: Axis, x: _Scale, y: _Scale, width: int, height: int) -> str:
    drawn = []
    left, right, floor = _n(x(across.low)), _n(x(across.high)), _n(y(up.low))
    for value, text in up.ticks:
        at = _n(y(value))
        drawn.append(
            f'<line class="grid" x1="{left}" x2="{right}" y1="{at}" y2="{at}"/>'
            f'<text x="{_n(x(across.low) - 6)}" y="{at}" dy="4" text-anchor="end">'
            f"{escape(text)}</text>"
        )
    for value, text in across.ticks:
        at = _n(x(value))
        drawn.append(
            f'<line class="axis" x1="{at}" x2="{at}" y1="{floor}" y2="{_n(y(up.low) + 4)}"/>'
            f'<text x="{at}" y="{_n(y(up.low) + 17)}" text-anchor="middle">{escape(text)}</text>'
        )
    drawn.append(f'<line class="axis" x1="{left}" x2="{right}" y1="{floor}" y2="{floor}"/>')
    drawn.append(
        f'<text class="title" x="{width - 12}" y="{height - 5}" text-anchor="end">'
        f"{escape(across.title)}</text>"
    )
    return "".join(drawn)


def _series(at: int, one: Series, x: _Scale, y: _Scale, *, is_joined: bool) -> str:
    drawn = []
    if is_joined and len(one.points) > 1:
        path = "L".join(f"{_n(x(p.x))} {_n(y(p.y))}" for p in one.points)
        drawn.append(f'<path class="line series-{at}" d="M{path}"/>')
    for p in one.points:
        if p.low is not None and p.high is not None:
            drawn.append(
                f'<line class="whisker series-{at}" x1="{_n(x(p.x))}" x2="{_n(x(p.x))}" '
                f'y1="{_n(y(p.low))}" y2="{_n(y(p.high))}"/>'
            )
        drawn.append(_mark(at, x(p.x), y(p.y), p.words))
    return f"<g>{''.join(drawn)}</g>"


def _legend(series: Sequence[Series], left: int) -> str:
    drawn, at = [], float(left)
    for number, one in enumerate(series):
        drawn.append(_mark(number, at + 6, 14, ""))
        drawn.append(f'<text x="{_n(at + 16)}" y="18">{escape(one.name)}</text>')
        at += 34 + 6.4 * len(one.name)
    return "".join(drawn)


def _mark(number: int, x: float, y: float, words: str) -> str:
    """A point of a series in its shape."""
    shape = SHAPES[number % len(SHAPES)]
    said = f"<title>{escape(words)}</title>" if words else ""
    kind = f'class="mark series-{number}"'
    if shape == "circle":
        return f'<circle {kind} cx="{_n(x)}" cy="{_n(y)}" r="4">{said}</circle>'
    path = {
        "square": "m-3.5-3.5h7v7h-7z",
        "diamond": "m0-5l5 5l-5 5l-5-5z",
        "triangle": "m0-5l5 9h-10z",
        "cross": "m-4-4l8 8m0-8l-8 8",
    }[shape]
    return f'<path {kind} d="M{_n(x)} {_n(y)}{path}">{said}</path>'


def _label(x: float, y: float, text: str, kind: str) -> str:
    anchor = "start" if x < 50 else "end" if x > 150 else "middle"
    return (
        f'<text class="{kind}" x="{_n(x)}" y="{_n(y)}" text-anchor="{anchor}">{escape(text)}</text>'
    )


def _side(left: float, right: float, declared: float) -> str:
    """The bin that holds what was declared stands out."""
    return "bin here" if left <= declared < right else "bin"


def _svg(
    width: int, height: int, words: str, content: str, kind: str, *, stretch: bool = False
) -> Markup:
    ratio = ' preserveAspectRatio="none"' if stretch else ""
    return Markup(
        f'<svg class="{kind}" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{escape(words)}"{ratio}>{content}</svg>'
    )


def _n(value: float) -> str:
    """A coordinate with a tenth of a pixel."""
    return f"{value:.1f}".removesuffix(".0")


def log_position(value: float, least: float) -> float:
    """A number on a logarithmic axis; what is smaller than the least stands at its edge."""
    return log(max(value, least))


def from_log(position: float) -> float:
    """The number at a position of a logarithmic axis."""
    return exp(position)
