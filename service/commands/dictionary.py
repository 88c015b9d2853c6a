"""`triage dictionary`: the pages of documentation that are generated from the code."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def dictionary(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder of the pages.")] = Path("docs"),
) -> None:
    """Write the data dictionary and the feature catalogue from the code.

    Example: triage dictionary --out docs
    """
    from service.console import say
    from service.dictionary import PAGES

    out.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        (out / name).write_text(page(), encoding="utf-8")
        say(f"{out / name} is written.")
