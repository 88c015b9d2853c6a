"""Settings from the environment, read in one place and checked before anything starts.

The names, defaults and meanings are in `VARIABLES`; docs/service.md repeats them for users.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.errors import SettingError
from engine.pseudonym import key_from_hex

DEFAULT_HOME = ".triage"

VARIABLES: dict[str, str] = {
    "TRIAGE_HOME": "folder of the state; `.triage` in the working directory if not set",
    "TRIAGE_PSEUDONYM_KEY": "secret of the pseudonyms as hexadecimal digits; a key file in the "
    "state folder if not set",
    "TRIAGE_DATABASE_URL": "PostgreSQL as postgresql+psycopg://user@host/name; SQLite in the state "
    "folder if not set",
    "TRIAGE_AUDIT_ANCHOR": "file to which heads of the audit log are written; audit-head.txt in "
    "the state folder if not set",
    "TRIAGE_UPLOAD_LIMIT_MIB": "largest manifest over HTTP; 512",
    "TRIAGE_READER_MEMORY_MIB": "address space of the process that reads a manifest, three times "
    "what it uses; 6144, enough for 450,000 items",
    "TRIAGE_BODY_LIMIT_MIB": "largest other message; 8",
    "TRIAGE_REQUEST_SECONDS": "longest time a request may take, uploads apart; 120",
    "TRIAGE_RATE_PER_MINUTE": "requests a minute and key; 60000",
    "TRIAGE_KEEP_CONSIGNEES_DAYS": "retention of what links consignees of parcels that were not "
    "selected; 90",
    "TRIAGE_KEEP_DAYS": "retention of the rest; 1096 (three years: UCC Art. 51)",
    "TRIAGE_PEPPER": "secret that API keys and cookies are hashed with, as hexadecimal digits; a "
    "key file in the state folder if not set",
    "TRIAGE_ALLOWED_HOSTS": "names under which the service is asked for, with commas between; "
    "this machine's own names if not set",
    "TRIAGE_OIDC_ISSUER": "address of the OpenID provider whose bearer tokens are taken; none",
    "TRIAGE_OIDC_AUDIENCE": "audience that its tokens must name; parcel-triage",
    "TRIAGE_OIDC_ROLE_CLAIM": "claim of a token that names the role; triage_role",
    "TRIAGE_MLFLOW_PAGE": "address that the analyst's page links to; http://127.0.0.1:5000",
}
"""Every variable that is read, and what it means."""


@dataclass(frozen=True)
class Settings:
    """What the environment decides; `VARIABLES` says what each means.

    Attributes
    ----------
    home : folder of the state.
    pseudonym_key : secret of the pseudonyms; None where the state folder keeps its own.
    database_url : None: SQLite in the state folder.
    audit_anchor : file of the heads of the audit log; None: the one in the state folder.
    upload_limit_bytes, body_limit_bytes : largest bodies.
    reader_memory_bytes : address space of the process that reads a manifest.
    request_seconds : longest time of a request.
    rate_per_minute : requests of one caller.
    keep_consignees_days, keep_days : retention.
    pepper : secret of the API keys; None where the state folder keeps its own.
    allowed_hosts : names in small letters; empty: this machine's own.
    oidc_issuer, oidc_audience, oidc_role_claim : the OpenID provider; None: no such tokens.
    mlflow_page : address of the MLflow page, for the analyst's link.
    """

    home: Path
    pseudonym_key: bytes | None = None
    database_url: str | None = None
    audit_anchor: Path | None = None
    upload_limit_bytes: int = 512 << 20
    reader_memory_bytes: int = 6144 << 20
    body_limit_bytes: int = 8 << 20
    request_seconds: float = 120.0
    rate_per_minute: int = 60_000
    keep_consignees_days: int = 90
    keep_days: int = 1096
    pepper: bytes | None = field(default=None, repr=False)
    allowed_hosts: tuple[str, ...] = ()
    oidc_issuer: str | None = None
    oidc_audience: str = "parcel-triage"
    oidc_role_claim: str = "triage_role"
    mlflow_page: str = "http://127.0.0.1:5000"


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings of this process.

    Raises
    ------
    SettingError
        A variable holds a value that makes no sense.
    """
    plain = Settings(Path(environment.get("TRIAGE_HOME") or DEFAULT_HOME))
    return Settings(
        home=plain.home,
        pseudonym_key=_secret(environment, "TRIAGE_PSEUDONYM_KEY"),
        database_url=environment.get("TRIAGE_DATABASE_URL") or None,
        audit_anchor=_path(environment, "TRIAGE_AUDIT_ANCHOR"),
        upload_limit_bytes=_whole(environment, "TRIAGE_UPLOAD_LIMIT_MIB", 512) << 20,
        reader_memory_bytes=_whole(environment, "TRIAGE_READER_MEMORY_MIB", 6144) << 20,
        body_limit_bytes=_whole(environment, "TRIAGE_BODY_LIMIT_MIB", 8) << 20,
        request_seconds=float(_whole(environment, "TRIAGE_REQUEST_SECONDS", 120)),
        rate_per_minute=_whole(environment, "TRIAGE_RATE_PER_MINUTE", plain.rate_per_minute),
        keep_consignees_days=_whole(environment, "TRIAGE_KEEP_CONSIGNEES_DAYS", 90),
        keep_days=_whole(environment, "TRIAGE_KEEP_DAYS", plain.keep_days),
        pepper=_secret(environment, "TRIAGE_PEPPER"),
        allowed_hosts=_names(environment.get("TRIAGE_ALLOWED_HOSTS") or ""),
        oidc_issuer=environment.get("TRIAGE_OIDC_ISSUER") or None,
        oidc_audience=environment.get("TRIAGE_OIDC_AUDIENCE") or plain.oidc_audience,
        oidc_role_claim=environment.get("TRIAGE_OIDC_ROLE_CLAIM") or plain.oidc_role_claim,
        mlflow_page=_address(environment, "TRIAGE_MLFLOW_PAGE", plain.mlflow_page),
    )


def _secret(environment: Mapping[str, str], name: str) -> bytes | None:
    """A secret in hexadecimal digits from a variable, or None."""
    text = environment.get(name)
    return key_from_hex(text, name) if text else None


def _names(text: str) -> tuple[str, ...]:
    """The words between commas, in small letters."""
    return tuple(word.strip().lower() for word in text.split(",") if word.strip())


def _address(environment: Mapping[str, str], name: str, default: str) -> str:
    """The address of a page from a variable."""
    text = environment.get(name) or default
    if not text.startswith(("http://", "https://")):
        raise SettingError(
            f"{name} must be the address of a page; got {text!r}.", f"Give one such as {default}."
        )
    return text


def _path(environment: Mapping[str, str], name: str) -> Path | None:
    """A path from a variable, if it is set."""
    text = environment.get(name)
    return Path(text).absolute() if text else None


def _whole(environment: Mapping[str, str], name: str, default: int) -> int:
    """A whole number above zero from a variable."""
    text = environment.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= 10_000_000:
        raise SettingError(
            f"{name} must be a whole number from 1 to 10,000,000; got {text!r}.",
            f"Leave it out for {default}, or give such a number: {VARIABLES[name]}.",
        )
    return int(text)
