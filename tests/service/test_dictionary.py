from __future__ import annotations

from pathlib import Path

import pytest

from engine.declaration import DeclarationRow
from engine.outcome import OutcomeRow
from service.dictionary import PAGES, data_dictionary
from service.list_file import LIST_COLUMNS

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", PAGES)
def test_the_committed_page_is_what_the_code_says(name: str) -> None:
    written = (DOCS / name).read_text(encoding="utf-8")
    assert written == PAGES[name](), "run `make docs` and commit the pages"


def test_every_column_is_in_the_dictionary() -> None:
    page = data_dictionary()
    for name in {*DeclarationRow.columns(), *OutcomeRow.columns(), *LIST_COLUMNS} - {"row_number"}:
        assert f"| `{name}` |" in page
