"""Pictures of a simulation, week by week and policy by policy, as SVG."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from models.drawing import DASHES, PALETTE, drawable, drawn
from models.movements import CHANGED
from models.simulation_measures import typology_words
from models.simulation_series import WINDOW_WEEKS, Band, band, caught_by_week, series
from models.simulation_tables import Simulated

PANEL_WIDTH, PANEL_HEIGHT, PANEL_COLUMNS = 300, 130, 3
"""Size of one panel in pixels, and panels side by side: together a laptop's width."""

PANEL_SPACING = 70
"""Pixels between panels, for the axes, so that panels stand in line whatever their numbers."""

FEW_WEEKS = 3
"""Up to so many weeks, points are drawn: a line of one week cannot be seen."""

_SMOOTHED = f"Each point is the mean of the week and the {WINDOW_WEEKS - 1} before it."
_LINE_AND_BAND = "Line: median over seeds; band: least to greatest."


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture.

    Parameters
    ----------
    name : in words fit for a file.
    svg : the drawing.
    is_wide : whether it needs the page's whole width.
    """

    name: str
    svg: str
    is_wide: bool


def pictures(simulated: Simulated) -> list[Picture]:
    """All pictures, in the order of the report; those without any data are left out."""
    smooth = series(simulated, WINDOW_WEEKS)
    drawn_ones = [
        *(_overlaid(simulated, smooth, *what) for what in _OVERLAID),
        _typologies(simulated),
        _estimates(simulated),
        _behaviour(simulated),
        _drift(simulated),
    ]
    return [picture for picture in drawn_ones if picture is not None]


_OVERLAID = (
    ("recovered_eur", "What is recovered", "EUR a week", ",f"),
    ("escaped_eur", "What flows past (the axis does not begin at 0)", "EUR a week", ",f"),
    ("hits", "How many controls find something", "hits a week", ",f"),
    ("precision", "How often a control finds something", "hits / parcels controlled", "~%"),
    ("typologies_caught_share", "How evenly typologies are caught", "mean share caught", "~%"),
    ("random_share", "How much is drawn at random", "share of the budget", "~%"),
)
"""Column of the series, title, what the axis counts, and how its numbers are written."""


def _overlaid(
    simulated: Simulated, smooth: pl.DataFrame, column: str, title: str, unit: str, form: str
) -> Picture | None:
    """All policies on one picture."""
    table = band(smooth, column)
    if table.is_empty():
        return None
    is_asked = column == "random_share"
    begins_at_0 = column != "escaped_eur"
    layers = _lines(simulated, table, unit, form, has_band=True, begins_at_0=begins_at_0)
    says = [_LINE_AND_BAND] if len(simulated.seeds) > 1 else []
    says += [] if is_asked else [_SMOOTHED]
    return Picture(column, drawn(_layered(simulated, layers), title, " ".join(says)), False)


def _typologies(simulated: Simulated) -> Picture | None:
    caught = caught_by_week(simulated, WINDOW_WEEKS)
    kinds = [name for name in caught.columns if name not in ("policy", "seed", "week")]
    panels = {typology_words(kind): band(caught, kind) for kind in kinds}
    return _panelled(
        simulated,
        panels,
        name="typologies",
        title="What is caught of each typology",
        subtitle=f"Share of its irregular consignments, median over seeds. {_SMOOTHED}",
        unit="share caught",
        form="~%",
    )


def _behaviour(simulated: Simulated) -> Picture | None:
    traits = sorted(simulated.behaviour["trait"].unique().to_list(), key=_by_number)
    panels = {trait: band(simulated.behaviour.filter(trait=trait), "value") for trait in traits}
    return _panelled(
        simulated,
        panels,
        name="behaviour",
        title="What the shippers did",
        subtitle="Median over seeds; each panel has its own axis.",
        unit="",
        form=",f",
    )


def _panelled(
    simulated: Simulated,
    panels: dict[str, Band],
    *,
    name: str,
    title: str,
    subtitle: str,
    unit: str,
    form: str,
) -> Picture | None:
    """A panel a subject, all policies on each."""
    charts = [
        _panel(simulated, subject, _lines(simulated, table, unit, form, has_band=False))
        for subject, table in panels.items()
        if not table.is_empty()
    ]
    return _composed(simulated, name, charts, title, subtitle)


def _estimates(simulated: Simulated) -> Picture | None:
    """What random controls say of the flow, and the truth: a panel a policy that draws."""
    import altair as alt

    table = series(simulated)
    told = {policy: _estimate_of(table.filter(policy=policy)) for policy in simulated.policies}
    blind = [policy for policy, rows in told.items() if rows.is_empty()]
    names = ["true", "estimated"]
    charts = []
    for policy, rows in told.items():
        if rows.is_empty():
            continue
        y = alt.Y("low:Q", title="irregular", axis=_axis("~%"))
        base = alt.Chart(drawable(rows)).encode(x=_weeks(simulated))
        interval = base.mark_area(opacity=0.2, color=PALETTE[0]).encode(y=y, y2="high:Q")
        lines = rows.unpivot(names, index="week", variable_name="of", value_name="rate")
        line = (
            alt.Chart(drawable(lines.drop_nulls()))
            .mark_line(strokeWidth=2, point=simulated.week_count <= FEW_WEEKS)
            .encode(
                x=_weeks(simulated),
                y=alt.Y("rate:Q", title="irregular", axis=_axis("~%")),
                color=_looks("of", names, ["#000000", PALETTE[0]], alt.Color),
                strokeDash=_looks("of", names, [[4, 3], [1, 0]], alt.StrokeDash),
            )
        )
        charts.append(_panel(simulated, policy, [interval, line]))
    subtitle = "Band: 95 % interval from the random controls of four weeks; medians over seeds."
    if blind:
        subtitle += f" {_listed(blind)} drew too little at random to tell."
    title = "Share of irregular parcels: estimated and true"
    return _composed(simulated, "estimates", charts, title, subtitle)


def _estimate_of(rows: pl.DataFrame) -> pl.DataFrame:
    columns = {"estimated": "estimated_rate", "low": "estimated_low", "high": "estimated_high"}
    found = rows.filter(pl.col("estimated_rate").is_not_null())
    medians = found.group_by("week", maintain_order=True).agg(
        pl.col("true_rate").median().alias("true"),
        *(pl.col(column).median().alias(name) for name, column in columns.items()),
    )
    return medians.sort("week")


def _drift(simulated: Simulated) -> Picture | None:
    """The largest stability index, and when a challenger became champion: a panel a policy."""
    import altair as alt

    charts = []
    for number, policy in enumerate(simulated.policies):
        weekly = simulated.weekly.filter(policy=policy)
        table = band(weekly, "drift_index")
        if table.is_empty():
            continue
        layers = _lines(
            simulated, table, "largest index", ",f", has_band=True, colour=_colours(number + 1)[-1]
        )
        promoted = weekly.filter(pl.col("promoted_count") > 0).group_by("week").len().sort("week")
        limit = alt.Chart(drawable(pl.DataFrame({"limit": [CHANGED]})))
        layers.append(limit.mark_rule(color="#888", strokeWidth=1).encode(y="limit:Q"))
        if not promoted.is_empty():
            marks = alt.Chart(drawable(promoted)).mark_point(
                shape="triangle-up", filled=True, size=55, color="#000000", opacity=0.75
            )
            layers.append(marks.encode(x=_weeks(simulated), y=alt.value(PANEL_HEIGHT - 5)))
        charts.append(_panel(simulated, policy, layers))
    band_words = f"{_LINE_AND_BAND} " if len(simulated.seeds) > 1 else ""
    subtitle = (
        f"{band_words}Grey: {CHANGED}, above which one must look. Triangle: a challenger became "
        "champion, in one seed at least."
    )
    title = "Drift: the largest population stability index of what is declared"
    return _composed(simulated, "drift", charts, title, subtitle)


def _lines(
    simulated: Simulated,
    table: Band,
    unit: str,
    form: str,
    *,
    has_band: bool,
    begins_at_0: bool = True,
    colour: str | None = None,
) -> list[Any]:
    """Median lines, and bands below them if there are several seeds; one colour, or a legend."""
    import altair as alt

    names = list(simulated.policies)
    base = alt.Chart(drawable(table)).encode(x=_weeks(simulated))
    looks: dict[str, Any] = {"color": alt.value(colour)}
    dashes: dict[str, Any] = {}
    if colour is None:
        looks = {"color": _looks("policy", names, _colours(len(names)), alt.Color)}
        dashes = {"strokeDash": _looks("policy", names, _dashes(len(names)), alt.StrokeDash)}
    looks_of_y = {"title": unit or None, "axis": _axis(form), "scale": alt.Scale(zero=begins_at_0)}
    line = base.mark_line(strokeWidth=2, point=simulated.week_count <= FEW_WEEKS).encode(
        y=alt.Y("median:Q", **looks_of_y), **looks, **dashes
    )
    if not has_band or len(simulated.seeds) == 1:
        return [line]
    area = base.mark_area(opacity=0.12).encode(y=alt.Y("low:Q", **looks_of_y), y2="high:Q", **looks)
    return [area, line]


def _layered(simulated: Simulated, layers: Sequence[Any], *, is_labelled: bool = True) -> Any:
    """The layers, and the day another law came into force."""
    import altair as alt

    at = simulated.law_changes_in_week
    if at is None:
        return alt.layer(*layers)
    text = {"week": at, "words": f"law of {simulated.law_changes_on}"}
    base = alt.Chart(drawable(pl.DataFrame([text]))).encode(x=_weeks(simulated))
    rule = base.mark_rule(color="#555", strokeDash=[2, 2], strokeWidth=1.2)
    if not is_labelled:
        return alt.layer(*layers, rule)
    is_late = at > simulated.week_count / 2
    words = base.mark_text(
        align="right" if is_late else "left", dx=-4 if is_late else 4, fontSize=11, color="#555",
        baseline="top",
    )  # fmt: skip
    return alt.layer(*layers, rule, words.encode(text="words:N", y=alt.value(0)))


def _panel(simulated: Simulated, title: str, layers: Sequence[Any]) -> Any:
    import altair as alt

    heading = alt.TitleParams(title, fontSize=12, anchor="start", offset=6)
    chart = _layered(simulated, layers, is_labelled=False)
    return chart.properties(width=PANEL_WIDTH, height=PANEL_HEIGHT, title=heading)


def _composed(
    simulated: Simulated, name: str, charts: Sequence[Any], title: str, subtitle: str
) -> Picture | None:
    import altair as alt

    if not charts:
        return None
    if simulated.law_changes_in_week is not None:
        subtitle += f" Dotted: the law of {simulated.law_changes_on}."
    chart = alt.concat(*charts, columns=PANEL_COLUMNS, bounds="flush", spacing=PANEL_SPACING)
    return Picture(name, drawn(chart, title, subtitle, is_composed=True), True)


def _weeks(simulated: Simulated) -> Any:
    import altair as alt

    first = int(simulated.weekly["week"].to_list()[0])
    last = max(first + simulated.week_count - 1, first + 1)
    axis = alt.Axis(format="d", tickMinStep=1, grid=False)
    return alt.X(
        "week:Q", title="week", scale=alt.Scale(domain=[first, last], nice=False), axis=axis
    )


def _axis(form: str) -> Any:
    import altair as alt

    return alt.Axis(format=form, tickCount=5)


def _looks(column: str, names: Sequence[str], marks: Sequence[Any], channel: Any) -> Any:
    import altair as alt

    scale = alt.Scale(domain=list(names), range=list(marks))
    legend = alt.Legend(symbolType="stroke")
    return channel(f"{column}:N", title=None, sort=None, scale=scale, legend=legend)


def _colours(count: int) -> list[str]:
    return [PALETTE[at % len(PALETTE)] for at in range(count)]


def _dashes(count: int) -> list[list[int]]:
    """Past the eighth policy colours come again, with other dashes."""
    return [DASHES[(at + at // len(PALETTE)) % len(DASHES)] for at in range(count)]


def _by_number(name: str) -> str:
    """Sorts `60-90 EUR` before `140-150 EUR`."""
    return re.sub(r"\d+", lambda number: number[0].zfill(9), name)


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
