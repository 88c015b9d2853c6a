"""API keys in the database: made, listed, withdrawn, looked up."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.errors import SettingError, StateError
from service.access.keys import id_of, keyed, new_key
from service.access.roles import Caller, Role
from service.storage.instants import instant_of, microseconds
from service.storage.tables import keys

if TYPE_CHECKING:
    from service.storage.database import Database

LONGEST_NAME = 80
"""Characters of a key's name (estimate: it must fit a line)."""

_NOBODY = "0" * 64


@dataclass(frozen=True)
class KeyAbout:
    """What is told of a key; its secret is nowhere.

    Attributes
    ----------
    id : public part, by which receipts and the audit log name it.
    name : what its owner is called here.
    made_at, expires_at, revoked_at : UTC; None: never.
    """

    id: str
    name: str
    role: Role
    made_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    def state(self, at: datetime) -> str:
        """`in force`, `expired` or `revoked`."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= at else "in force"


class KeyRing:
    """All API keys.

    Parameters
    ----------
    database : holds their keyed hashes.
    pepper : key of these hashes.
    """

    def __init__(self, database: Database, pepper: bytes) -> None:
        self._database = database
        self._pepper = pepper

    def create(
        self, role: Role, name: str, *, by: str, at: datetime, expires_days: int | None = None
    ) -> tuple[KeyAbout, str]:
        """Make a key. Its text comes back this once and is kept nowhere.

        Parameters
        ----------
        by : who makes it, for the audit log.
        at : now, UTC.
        expires_days : None: it holds until it is withdrawn.

        Raises
        ------
        SettingError
            The name cannot be used.
        """
        about, text = self._drawn(role, name, at, expires_days)
        with self._database.writing() as connection:
            self._insert(connection, about, text, by)
        return about, text

    def create_first(self, role: Role, name: str, *, at: datetime) -> tuple[KeyAbout, str] | None:
        """Make a key where there has never been one; None where there has."""
        about, text = self._drawn(role, name, at, None)
        with self._database.writing() as connection:
            if connection.execute(sa.select(keys.c.id).limit(1)).first() is not None:
                return None
            self._insert(connection, about, text, "first start")
        return about, text

    def all(self) -> list[KeyAbout]:
        """Every key that was ever made, the oldest first."""
        query = sa.select(keys).order_by(keys.c.made_at_us, keys.c.id)
        with self._database.reading() as connection:
            return [_about(row) for row in connection.execute(query)]

    def revoke(self, key_id: str, *, by: str, at: datetime) -> KeyAbout:
        """Withdraw a key for good; running workers refuse it within five seconds.

        Raises
        ------
        StateError
            There is no such key. One that is withdrawn already stays as it is.
        """
        query = sa.select(keys).where(keys.c.id == key_id)
        with self._database.writing() as connection:
            row = connection.execute(query).first()
            if row is None:
                raise StateError(f"There is no key {key_id!r}.", "Look at `triage keys list`.")
            if row.revoked_at_us is None:
                change = keys.update().where(keys.c.id == key_id)
                connection.execute(change.values(revoked_at_us=microseconds(at)))
                _record(connection, by, "key.revoke", key_id, {"role": row.role}, at)
            return _about(connection.execute(query).one())

    def caller(self, text: str) -> Caller | None:
        """Who a key belongs to; None where it is not in force."""
        key_id = id_of(text)
        if key_id is None:
            return None
        with self._database.reading() as connection:
            row = connection.execute(sa.select(keys).where(keys.c.id == key_id)).first()
        told = keyed(self._pepper, b"key", text)
        is_same = hmac.compare_digest(told, _NOBODY if row is None else row.hash)
        if row is None or not is_same or _about(row).state(datetime.now(UTC)) != "in force":
            return None
        return Caller(row.id, Role(row.role))

    def _drawn(
        self, role: Role, name: str, at: datetime, expires_days: int | None
    ) -> tuple[KeyAbout, str]:
        text = new_key()
        expires_at = None if expires_days is None else at + timedelta(days=expires_days)
        return KeyAbout(id_of(text) or "", _fit(name), role, at, expires_at, None), text

    def _insert(self, connection: sa.Connection, about: KeyAbout, text: str, by: str) -> None:
        expires = None if about.expires_at is None else microseconds(about.expires_at)
        connection.execute(
            keys.insert().values(
                id=about.id, name=about.name, role=about.role.value,
                hash=keyed(self._pepper, b"key", text),
                made_at_us=microseconds(about.made_at), expires_at_us=expires,
            )
        )  # fmt: skip
        detail = {"role": about.role.value, "expires_at_us": expires}
        _record(connection, by, "key.create", about.id, detail, about.made_at)


def _record(
    connection: sa.Connection, by: str, action: str, subject: str, detail: Mapping[str, object],
    at: datetime,
) -> None:  # fmt: skip
    """An audit event. It never tells the name of a key, which may be a person's."""
    from service.storage.audit import record

    record(connection, actor=by, action=action, subject=subject, detail=detail, at=at)


def _fit(name: str) -> str:
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise SettingError(
            f"The name of a key must have 1 to {LONGEST_NAME} printable characters; "
            f"got {len(name)}.",
            'Say whose key it is: --name "desk 3".',
        )
    return name


def _instant(micros: int | None) -> datetime | None:
    return None if micros is None else instant_of(micros)


def _about(row: sa.Row[Any]) -> KeyAbout:
    return KeyAbout(
        row.id, row.name, Role(row.role), instant_of(row.made_at_us),
        _instant(row.expires_at_us), _instant(row.revoked_at_us),
    )  # fmt: skip
