"""The looks that all pictures share, and how they become SVG.

Colours are those of Okabe and Ito (2008), told apart by colour-blind eyes; lines also differ by
dashes. Pictures have a white ground of their own, so that they can stand on any page.
"""

from __future__ import annotations

from typing import Any

import polars as pl

PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7F3C8D", "#000000")
DASHES = ([1, 0], [7, 3], [2, 2], [9, 3, 2, 3], [12, 4], [4, 4], [1, 3], [6, 2, 1, 2])
"""Dashes of the lines, in the order of the colours."""

REFERENCE = "#8a8a8a"
"""Colour of what is not a run: chance, the best possible."""

WIDTH, HEIGHT = 520, 300
"""Size of the plotting area in pixels; two fit side by side on a laptop's screen."""


def drawable(table: pl.DataFrame) -> Any:
    """A table as the data of a picture.

    It is handed over as one text: altair copies charts deeply at every step, and rows with them.
    """
    import altair as alt

    return alt.InlineData(values=table.write_json(), format=alt.DataFormat(type="json"))


def drawn(chart: Any, title: str, subtitle: str, *, is_composed: bool = False) -> str:
    """Draw a chart.

    Parameters
    ----------
    chart : of altair.
    title : above the picture.
    subtitle : below the title; may be empty.
    is_composed : whether the chart is made of charts that have their sizes already.

    Returns
    -------
    SVG with its name space.
    """
    import altair as alt
    import vl_convert

    text = alt.TitleParams(title, subtitle=subtitle, anchor="start", offset=10)
    size = {} if is_composed else {"width": WIDTH, "height": HEIGHT}
    finished = (
        chart.properties(title=text, background="white", padding=12, **size)
        .configure(font="Helvetica, Arial, sans-serif")
        .configure_view(stroke=None)
        .configure_axis(
            labelFontSize=12, titleFontSize=12, titleFontWeight="normal", titlePadding=8,
            gridColor="#e6e6e6", domainColor="#888", tickColor="#888",
            labelColor="#333", titleColor="#333",
        )
        .configure_title(fontSize=15, subtitleFontSize=12, subtitleColor="#555", color="#111")
        .configure_legend(
            orient="bottom", direction="horizontal", columns=3, labelFontSize=12,
            symbolStrokeWidth=2, symbolSize=160, symbolOpacity=1, labelLimit=260,
        )
    )  # fmt: skip
    return str(vl_convert.vegalite_to_svg(finished.to_json()))
