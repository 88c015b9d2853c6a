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

from engine.errors import SettingError

DEFAULT_HOME = ".triage"

SHORTEST_KEY_BYTES = 16
"""128 bits: below, a key can be searched (NIST SP 800-131A asks at least 112)."""

LONGEST_KEY_BYTES = 64
"""What keyed BLAKE2b takes (RFC 7693)."""


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


def key_from_hex(text: str, where: str) -> bytes:
    """A key from hexadecimal digits. The key itself is never part of a message."""
    try:
        key = bytes.fromhex(text.strip())
    except ValueError:
        key = b""
    if not SHORTEST_KEY_BYTES <= len(key) <= LONGEST_KEY_BYTES:
        raise SettingError(
            f"{where} must hold {2 * SHORTEST_KEY_BYTES} to {2 * LONGEST_KEY_BYTES} hexadecimal "
            "digits and does not.",
            "Make one with: python3 -c 'import secrets; print(secrets.token_hex(32))'",
        )
    return key
