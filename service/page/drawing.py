"""Templates to HTML: everything that comes from outside is escaped, nothing is inline."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.resources import files
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from engine.finding import CONTROL_TYPES, FINDING_TYPES
from service.page import pictures
from service.page.language import LANGUAGES, Language
from service.page.visit import Visit

SKIP_REASONS = (
    "gone", "not_found", "no_time", "known_sender", "already_controlled", "cannot_be_opened",
)  # fmt: skip
"""Usual reasons for leaving a row out (estimate; any other can be written)."""

UNITS = {"unit_value_eur": "EUR", "unit_mass_kg": "kg", "value_per_kg_eur": "EUR"}
"""Units of the measures of which pictures are drawn."""

_SCRIPT_WORDS = (
    "not_listed", "many_listed", "no_connection", "uploading", "uploaded", "upload_failed",
    "nothing_selected", "saving",
)  # fmt: skip

_KINDS = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


@cache
def assets() -> dict[str, tuple[bytes, str]]:
    """Files that browsers may fetch: content and media type by name."""
    folder = files("service.page") / "static"
    found = {}
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        kind = _KINDS.get(file.name.rpartition(".")[2])
        if kind is not None:
            found[file.name] = (file.read_bytes(), kind)
    return found


def asset(name: str) -> str:
    """Address of a file, with a mark of its content so that browsers may keep it for good."""
    return f"/page/{name}?v={hashlib.sha256(assets()[name][0]).hexdigest()[:12]}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("service.page", "templates"),
        autoescape=select_autoescape(("html",), default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        asset=asset,
        pictures=pictures,
        languages=LANGUAGES,
        control_types=CONTROL_TYPES,
        finding_types=FINDING_TYPES,
        skip_reasons=SKIP_REASONS,
        measures=UNITS,
    )
    return environment


def drawn(template: str, visit: Visit, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A page, or a piece of one.

    Parameters
    ----------
    template : its file.
    visit : who looks.
    status : of the answer.
    values : what the template names.
    """
    t = visit.t
    words = {name: t.words[f"script.{name}"] for name in _SCRIPT_WORDS}
    html = (
        _environment()
        .get_template(template)
        .render(
            t=t,
            theme=visit.theme,
            caller=visit.caller,
            csrf=visit.csrf,
            here=visit.here,
            home_link=visit.home_link,
            message=visit.message,
            script_words=json.dumps(words),
            amount=_amount(t),
            **values,
        )
    )
    # Lists are an officer's; no browser or proxy keeps them.
    return HTMLResponse(html, status_code=status, headers={"Cache-Control": "no-store"})


def _amount(t: Language) -> Any:
    def amount(measure: str, value: float) -> str:
        """A declared or usual number with its unit."""
        if measure.endswith("_eur"):
            return t.euros(value)
        if measure.endswith("_kg"):
            return f"{t.number(value, 3 if value < 10 else 1)} kg"
        return t.minutes(value)

    return amount
