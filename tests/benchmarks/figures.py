"""Where figures go: one section a benchmark in `docs/benchmarks.md`, with commit and machine."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"

_HEAD = """# Benchmarks

Run by hand: `make bench`, or one of the commands named below. Every section says at which commit
and on what machine it was measured. Times on shared machines wander: read medians and ratios.
Quality is measured on worlds of the project's own generator, on seeds that were not used while
developing; it says nothing about the share of irregular parcels in any real flow.
"""


def write(title: str, command: str, body: str) -> None:
    """Put a section into the page in place of its predecessor."""
    about = (
        f"`{command}`, {datetime.now(UTC):%Y-%m-%d}, commit {_commit()}, "
        f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}."
    )
    section = f"## {title}\n\n{about}\n\n{body.strip()}\n"
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else _HEAD
    pattern = re.compile(rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", re.S | re.M)
    if pattern.search(page):
        page = pattern.sub(lambda _: section + "\n", page)
    else:
        page = page.rstrip() + "\n\n" + section
    PAGE.write_text(page.rstrip() + "\n", encoding="utf-8")
    print(section)


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _commit() -> str:
    told = subprocess.run(
        ["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False
    )
    return told.stdout.strip() or "unknown"
