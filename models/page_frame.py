"""The frame of every report in HTML: no script, no outside address, light and dark."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import escape

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --ground: #ffffff;
  --line: #d0d7de; --best: #dff3e4; --band: #f6f8fa; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9aa4af; --ground: #0d1117;
  --line: #30363d; --best: #12391f; --band: #161b22; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 78rem; padding: 2rem 1.25rem 4rem; background: var(--ground);
  color: var(--ink); font: 16px/1.5 system-ui, "Segoe UI", Helvetica, Arial, sans-serif; }
h1 { font-size: 1.7rem; margin: 0 0 .25rem; } h2 { font-size: 1.2rem; margin: 2.5rem 0 .75rem; }
p, ul { max-width: 52rem; } .soft { color: var(--soft); } li { margin: .3rem 0; }
.note { border-left: 4px solid #d29922; background: var(--band); padding: .5rem .9rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .7rem; text-align: right; vertical-align: top; line-height: 1.3;
  white-space: nowrap; }
tr.first > * { border-top: 1px solid var(--line); }
th:first-child, th:first-child + * { text-align: left; }
tbody th:first-child { min-width: 9rem; } th:first-child + td { color: var(--soft); }
thead th { border-bottom: 2px solid var(--line); vertical-align: bottom; }
td small, th small { display: block; color: var(--soft); font-weight: normal; }
td.best { background: var(--best); font-weight: 600; }
.pictures { display: grid; gap: 1.25rem; grid-template-columns: repeat(auto-fit, minmax(min(30rem,
  100%), 1fr)); }
figure { margin: 0; background: #fff; border: 1px solid var(--line); border-radius: 8px;
  padding: .5rem; } figure svg { width: 100%; height: auto; display: block; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
figure.wide { grid-column: 1 / -1; overflow-x: auto; } figure.wide svg { min-width: 46rem; }
table.dense { font-size: .875rem; } table.dense :is(th, td) { padding: .25rem .3rem; }
table.dense small { font-size: .7rem; white-space: normal; } table.dense tbody th { min-width: 7rem;
  white-space: normal; } table.dense :is(thead th:first-child, tbody th) { position: sticky;
  left: 0; background: var(--ground); }
details { border-bottom: 1px solid var(--line); padding: .5rem 0; } summary { cursor: pointer; }
"""

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""The browser is told to load nothing, whatever is written in the page."""

_IDENTIFIED = re.compile(r' id="([^"]+)"')


def document(title: str, parts: Iterable[str]) -> str:
    """A page that stands alone.

    Parameters
    ----------
    title : text, not yet escaped.
    parts : pieces of HTML in their order; empty ones are left out.
    """
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Parcel Triage: {escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        "<body>\n" + "\n".join(part for part in parts if part) + "\n</body>\n</html>\n"
    )


def figure(svg: str, number: int, *, is_wide: bool = False) -> str:
    """A picture in its frame.

    Parameters
    ----------
    svg : as `models.drawing` draws it.
    number : of the picture on its page; two pictures never share one.
    is_wide : whether it takes a line of the page for itself.
    """
    return f"<figure{' class=wide' if is_wide else ''}>{_inline(svg, number)}</figure>"


def definitions(facts: Mapping[str, object]) -> str:
    """Names and what they stand for, as a list; both are escaped."""
    lines = (f"<dt>{escape(name)}</dt><dd>{escape(str(fact))}</dd>" for name, fact in facts.items())
    return f"<dl>{''.join(lines)}</dl>"


def folded(summary: str, content: str) -> str:
    """HTML that shows when its summary (text) is clicked."""
    return f"<details><summary>{escape(summary)}</summary>{content}</details>"


def _inline(svg: str, number: int) -> str:
    """An SVG fit for HTML, which needs no name spaces.

    The renderer counts its ids up over the life of a process: they are numbered anew, so that the
    same picture has the same bytes and two pictures of a page never mean each other's parts.
    """
    svg = re.sub(r' xmlns(:\w+)?="[^"]*"', "", svg)
    for at, name in enumerate(dict.fromkeys(_IDENTIFIED.findall(svg))):
        own = f"picture-{number}-{at}"
        svg = svg.replace(f' id="{name}"', f' id="{own}"').replace(f"#{name})", f"#{own})")
    return svg
