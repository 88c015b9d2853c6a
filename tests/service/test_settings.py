from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import SettingError
from service.settings import VARIABLES, read_settings

PAGE = Path(__file__).parents[2] / "docs" / "service.md"


def test_the_page_for_users_names_every_variable() -> None:
    page = PAGE.read_text()
    assert [
        name for name, meaning in VARIABLES.items() if f"| `{name}` | {meaning} |" not in page
    ] == []


@pytest.mark.parametrize("value", ["0", "-1", "many", "1e3", "99999999999", "٣"])
def test_a_number_that_makes_no_sense_is_named(value: str) -> None:
    with pytest.raises(SettingError, match="TRIAGE_KEEP_DAYS"):
        read_settings({"TRIAGE_KEEP_DAYS": value})


def test_what_is_not_set_has_its_default() -> None:
    plain = read_settings({})
    assert plain == read_settings({name: "" for name in VARIABLES})
    assert plain.upload_limit_bytes == 512 << 20
    assert plain.database_url is None
