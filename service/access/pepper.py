"""The secret that keys, cookies and persons are hashed with."""

from __future__ import annotations

import hmac
import secrets

from engine.errors import StateError
from engine.pseudonym import key_from_hex
from service.access.keys import keyed
from service.home import KEY_BYTES, Home, write_once
from service.settings import Settings


def pepper_of(home: Home, settings: Settings) -> bytes:
    """The pepper; drawn at the first use, unless the environment gives one.

    Raises
    ------
    StateError
        The file is gone or the pepper is another one, so that no key would be known any more.
    """
    home.made()
    pepper = settings.pepper if settings.pepper is not None else _own(home)
    mark = keyed(pepper, b"mark", "parcel-triage") + "\n"
    file = home.root / "pepper.mark"
    write_once(file, mark, mode=0o644)
    if not hmac.compare_digest(file.read_text().encode(), mark.encode()):
        raise StateError(
            f"The API keys in {home.root} were made with another pepper.",
            "Give the one of that time in TRIAGE_PEPPER or pepper.key; or remove pepper.mark and "
            "make every key anew.",
        )
    return pepper


def _own(home: Home) -> bytes:
    file = home.pepper
    if not file.exists() and (home.root / "pepper.mark").exists():
        raise StateError(
            f"The file {file} is gone, and API keys were made with it.",
            "Bring it back from your backup, or set TRIAGE_PEPPER; or remove pepper.mark and make "
            "every key anew.",
        )
    write_once(file, secrets.token_hex(KEY_BYTES) + "\n", mode=0o600)
    try:
        return key_from_hex(file.read_text(encoding="ascii"), f"The file {file}")
    except (OSError, UnicodeDecodeError) as error:
        raise StateError(
            f"The file {file} cannot be read.", "Bring it back from your backup."
        ) from error
