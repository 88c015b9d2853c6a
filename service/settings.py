"""Settings from the environment, read in one place and checked before anything starts.

TRIAGE_HOME           folder of the state; `.triage` in the working directory if not set
TRIAGE_PSEUDONYM_KEY  secret of the pseudonyms as hexadecimal digits; a key file in the state
                      folder if not set
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.pseudonym import key_from_hex

DEFAULT_HOME = ".triage"


@dataclass(frozen=True)
class Settings:
    """What the environment decides.

    Attributes
    ----------
    home : folder of the state.
    pseudonym_key : secret of the pseudonyms; None where the state folder keeps its own.
    """

    home: Path
    pseudonym_key: bytes | None


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings of this process.

    Raises
    ------
    SettingError
        A variable holds a value that makes no sense.
    """
    home = environment.get("TRIAGE_HOME") or DEFAULT_HOME
    key = environment.get("TRIAGE_PSEUDONYM_KEY") or None
    return Settings(Path(home), None if key is None else key_from_hex(key, "TRIAGE_PSEUDONYM_KEY"))
