"""The text of an API key: `ptk_<public id>_<secret>`.

The secret is 256 random bits, so that a fast keyed hash keeps it safe: nobody can try 2^256 keys,
with or without the pepper. A slow hash is for passwords, and would be a way to wear us out.
"""

from __future__ import annotations

import hmac
import re
import secrets

ID_CHARACTERS = 8
SECRET_BYTES = 32

_ID_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""No characters that are read for one another: the id is told by telephone."""

_KEY = re.compile(r"ptk_([a-z0-9]{8})_[A-Za-z0-9_-]{43}", flags=re.ASCII)


def new_key() -> str:
    """A key that nobody has had before."""
    public_id = "".join(secrets.choice(_ID_ALPHABET) for _ in range(ID_CHARACTERS))
    return f"ptk_{public_id}_{secrets.token_urlsafe(SECRET_BYTES)}"


def id_of(text: str) -> str | None:
    """The public id of a key, or None where the text has not the form of one."""
    match = _KEY.fullmatch(text)
    return None if match is None else match.group(1)


def keyed(pepper: bytes, purpose: bytes, text: str) -> str:
    """HMAC-SHA-256 in hexadecimal digits: what is kept of a secret.

    Parameters
    ----------
    pepper : secret of this installation; a stolen database alone proves nothing.
    purpose : keeps the hashes of keys, cookies, tokens and persons apart.
    text : the secret.
    """
    return hmac.digest(pepper, purpose + b"\0" + text.encode(), "sha256").hex()
