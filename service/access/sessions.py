"""Sessions of the page: an opaque cookie that means nothing anywhere else.

The database holds a keyed hash of the cookie. A session ends after 15 minutes without a request,
eight hours after it was opened, when its key is withdrawn or expires, and when its owner logs out.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.errors import StateError
from service.access.keys import keyed
from service.access.roles import Caller, Role
from service.storage.instants import instant_of, microseconds
from service.storage.tables import keys, sessions

if TYPE_CHECKING:
    from service.storage.database import Database

IDLE = timedelta(minutes=15)
"""Longest time without a request (OWASP session management: 15 to 30 minutes at low value)."""

LONGEST = timedelta(hours=8)
"""Longest life of a session: a shift."""

NOTED_AFTER = timedelta(minutes=1)
"""A session's last request is written down at most once in this time (estimate)."""

PERSON = "person-"
"""Beginning of the actor of a person who came by a token; such an actor has no key."""


@dataclass(frozen=True)
class OpenedSession:
    """A session that was just opened.

    Attributes
    ----------
    cookie : the secret that the browser keeps; nowhere else.
    caller : whose it is, with the token against forged requests.
    """

    cookie: str
    caller: Caller


class Sessions:
    """All sessions.

    Parameters
    ----------
    database : holds the keyed hashes of the cookies.
    pepper : key of these hashes.
    """

    def __init__(self, database: Database, pepper: bytes) -> None:
        self._database = database
        self._pepper = pepper

    def open(self, owner: Caller, at: datetime) -> OpenedSession:
        """Open a session for a caller who has shown a key or token. Sessions long over go."""
        from service.storage.audit import record

        cookie, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(24)
        over = (sessions.c.made_at_us < microseconds(at - LONGEST)) | (
            sessions.c.seen_at_us < microseconds(at - IDLE)
        )
        with self._database.writing() as connection:
            connection.execute(sessions.delete().where(over))
            connection.execute(
                sessions.insert().values(
                    hash=self.name_of(cookie), actor=owner.actor, role=owner.role.value, csrf=csrf,
                    made_at_us=microseconds(at), seen_at_us=microseconds(at),
                )
            )  # fmt: skip
            detail = {"role": owner.role.value}
            record(
                connection, actor=owner.actor, action="session.open", subject=owner.actor,
                detail=detail, at=at,
            )  # fmt: skip
        return OpenedSession(cookie, Caller(owner.actor, owner.role, csrf))

    def close(self, cookie: str) -> None:
        """End a session; one that is over already stays so."""
        with self._database.writing() as connection:
            gone = sessions.c.hash == self.name_of(cookie)
            connection.execute(sessions.delete().where(gone))

    def caller(self, cookie: str) -> Caller | None:
        """Whose session it is; None where it is over. Notes that it was used."""
        name, now = self.name_of(cookie), datetime.now(UTC)
        query = (
            sa.select(sessions, keys.c.id, keys.c.expires_at_us, keys.c.revoked_at_us)
            .join(keys, keys.c.id == sessions.c.actor, isouter=True)
            .where(sessions.c.hash == name)
        )
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        if row is None or _is_over(row, now):
            return None
        if now - instant_of(row.seen_at_us) >= NOTED_AFTER:
            self._note(name, now)
        return Caller(row.actor, Role(row.role), row.csrf)

    def name_of(self, cookie: str) -> str:
        """Keyed hash of a cookie: what is kept of it."""
        return keyed(self._pepper, b"session", cookie)

    def _note(self, name: str, now: datetime) -> None:
        seen = sessions.update().where(sessions.c.hash == name)
        try:
            with self._database.writing() as connection:
                connection.execute(seen.values(seen_at_us=microseconds(now)))
        except StateError:
            return  # a busy or full database must not throw anybody out


def _is_over(row: sa.Row[Any], now: datetime) -> bool:
    if now - instant_of(row.seen_at_us) > IDLE or now - instant_of(row.made_at_us) > LONGEST:
        return True
    if row.actor.startswith(PERSON):
        return False
    if row.id is None or row.revoked_at_us is not None:
        return True
    return row.expires_at_us is not None and bool(row.expires_at_us <= microseconds(now))
