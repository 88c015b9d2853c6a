"""The analyst's pictures, from frames and in the visitor's language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import ceil, log10

import polars as pl
from markupsafe import Markup

from models.movements import CHANGED, STABLE
from service.page.language import Language
from service.page.pictures import Axis, Point, Series, bars, chart

SELECTED = ("model", "rule", "random", "officer", "referral")
"""Why a consignment was controlled, in the order of the series."""


def rates_chart(rates: pl.DataFrame, t: Language) -> Markup:
    """Hit rate by week and by who selected, with 95 % intervals."""
    weeks = _weeks(rates)
    series = []
    for at, name in enumerate(SELECTED):
        rows = rates.filter(pl.col("selected_by") == name)
        points = [
            Point(
                # Beside one another, so that intervals do not cover each other.
                weeks.index(row["week"]) + 0.05 * (at - 2), row["hit_rate"], row["low"],
                row["high"], t("analysis.point", what=t(f"selected.{name}"),
                               share=t.percent(row["hit_rate"]), count=row["control_count"]),
            )
            for row in rows.iter_rows(named=True)
        ]  # fmt: skip
        series.append(Series(t(f"selected.{name}"), points))
    high = max([one.high or 0 for some in series for one in some.points] + [0.1])
    up = _percents(t("analysis.hit_rate"), high, t)
    return chart(_week_axis(weeks, t), up, _told(series), _words(t, "analysis.rates", series))


def revenue_chart(rates: pl.DataFrame, t: Language) -> Markup:
    """EUR recovered by week and by who selected."""
    weeks = _weeks(rates)
    series = [
        Series(
            t(f"selected.{name}"),
            [
                Point(
                    weeks.index(row["week"]), row["recovered_eur"],
                    words=f"{t(f'selected.{name}')}: {t.euros(row['recovered_eur'], 0)}",
                )
                for row in rates.filter(pl.col("selected_by") == name).iter_rows(named=True)
            ],
        )
        for name in SELECTED
    ]  # fmt: skip
    high = max([one.y for some in series for one in some.points] + [1.0])
    top, step = _nice(high)
    ticks = [(at * step, t.number(at * step)) for at in range(round(top / step) + 1)]
    up = Axis("EUR", 0, top, ticks)
    return chart(_week_axis(weeks, t), up, _told(series), _words(t, "analysis.revenue", series))


def calibration_chart(promises: dict[str, pl.DataFrame], t: Language) -> Markup:
    """Risk told against share found; on the dashed line the promise was kept."""
    series = [
        Series(
            t(f"analysis.{name}"),
            [
                Point(
                    row["mean_risk"], row["observed_share"], row["low"], row["high"],
                    t("analysis.kept", told=t.percent(row["mean_risk"]), count=row["count"],
                      found=t.percent(row["observed_share"])),
                )
                for row in rows.iter_rows(named=True)
            ],
        )
        for name, rows in promises.items()
    ]  # fmt: skip
    ticks = [(share / 5, t.percent(share / 5)) for share in range(6)]
    return chart(
        Axis(t("analysis.told"), 0, 1, ticks),
        Axis(t("analysis.found"), 0, 1, ticks),
        _told(series),
        _words(t, "analysis.calibration", series),
        is_diagonal=True,
        is_joined=False,
    )


def drift_chart(drift: pl.DataFrame, t: Language) -> Markup:
    """Stability index of the risks from week to week, with the two usual limits."""
    weeks = _weeks(drift)
    series = [
        Series(
            t(f"analysis.{head}"),
            [
                Point(weeks.index(row["week"]), row["index"], words=t.number(row["index"], 3))
                for row in drift.filter(pl.col("column") == head).iter_rows(named=True)
            ],
        )
        for head in ("risk", "risk_fiscal", "risk_goods")
    ]
    top = max([CHANGED * 1.2, *(one.y * 1.1 for some in series for one in some.points)])
    ticks = [(0.0, "0"), (STABLE, t.number(STABLE, 2)), (CHANGED, t.number(CHANGED, 2))]
    up = Axis(t("analysis.index"), 0, top, ticks)
    return chart(_week_axis(weeks, t), up, _told(series), _words(t, "analysis.drift", series))


def column_bars(drift: pl.DataFrame, t: Language) -> Markup:
    """What moved most in the last week."""
    rows = [
        (row["column"].replace("_", " "), row["index"], t.number(row["index"], 3))
        for row in drift.iter_rows(named=True)
    ]
    return bars(rows, _listed(t("analysis.features"), rows))


def theme_bars(themes: pl.DataFrame, t: Language) -> Markup:
    """Hit rate by what the reasons speak of."""
    rows = [
        (
            t(f"theme.{row['theme'].replace(' ', '_')}"), row["hit_rate"],
            t("analysis.of", share=t.percent(row["hit_rate"]), count=row["control_count"]),
        )
        for row in themes.iter_rows(named=True)
    ]  # fmt: skip
    return bars(rows, _listed(t("analysis.themes"), rows))


def theme_revenue_bars(themes: pl.DataFrame, t: Language) -> Markup:
    """EUR recovered a control by what the reasons speak of."""
    rows = [
        (
            t(f"theme.{row['theme'].replace(' ', '_')}"),
            row["recovered_eur_per_control"],
            t.euros(row["recovered_eur_per_control"]),
        )
        for row in themes.iter_rows(named=True)
    ]
    return bars(rows, _listed(t("analysis.theme_revenue"), rows))


def _told(series: Sequence[Series]) -> list[Series]:
    """All series, also empty ones before others: colour and shape belong to a name."""
    last = max((at for at, one in enumerate(series) if one.points), default=-1)
    return list(series[: last + 1])


def _words(t: Language, key: str, series: Sequence[Series]) -> str:
    """The picture in words: its title, and the last point of each series."""
    said = [
        f"{one.name}: {one.points[-1].words or t.number(one.points[-1].y, 2)}"
        for one in series
        if one.points
    ]
    return f"{t(key)}. {'; '.join(said)}"


def _listed(title: str, rows: Sequence[tuple[str, float, str]]) -> str:
    return f"{title}. {'; '.join(f'{name}: {text}' for name, _, text in rows)}"


def _weeks(rows: pl.DataFrame) -> list[date]:
    return rows["week"].unique().sort().to_list()


def _week_axis(weeks: list[date], t: Language) -> Axis:
    """Weeks by their Monday, a quarter of a week of room at both ends."""
    ticks = [(at, f"{week.day}.{week.month}.") for at, week in enumerate(weeks)]
    return Axis(t("analysis.week"), -0.25, max(len(weeks) - 0.75, 0.25), ticks)


def _percents(title: str, high: float, t: Language) -> Axis:
    top, step = _nice(min(high, 1.0))
    ticks = [(at * step, t.percent(at * step, 0)) for at in range(round(top / step) + 1)]
    return Axis(title, 0, top, ticks)


def _nice(high: float) -> tuple[float, float]:
    """A round end of an axis at or above a number, and steps of a fourth or a fifth of it."""
    power = 10.0 ** ceil(log10(high) - 1)
    for top, parts in ((1, 5), (2, 4), (4, 4), (5, 5), (8, 4), (10, 5)):
        if high <= top * power * (1 + 1e-9):
            return top * power, top * power / parts
    return 10 * power, 2 * power
