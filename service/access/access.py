"""Who a request comes from: the one door to keys, tokens and sessions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from service.access.faults import UnknownCallerError
from service.access.keyring import KeyRing
from service.access.keys import id_of, keyed
from service.access.pepper import pepper_of
from service.access.provider import Provider
from service.access.recall import Recall
from service.access.roles import Caller
from service.access.sessions import OpenedSession, Sessions
from service.access.shown import Kind, Shown
from service.access.tokens import Tokens, looks_like_a_token

if TYPE_CHECKING:
    from service.home import Home
    from service.settings import Settings
    from service.storage.database import Database

T = TypeVar("T")

_WAY_OUT = (
    "Send an API key as `Authorization: Bearer ptk_...` or `X-API-Key`, or log in on the page."
)


class Access:
    """Knows callers. One for each HTTP worker; its methods are for the event loop.

    Parameters
    ----------
    home : keeps the pepper, unless the settings give one.
    settings : the OpenID provider, if there is one.
    database : keys and sessions.

    Raises
    ------
    StateError
        The pepper is gone, or another one than the keys were made with.
    SettingError
        The provider's address cannot be used.
    """

    def __init__(self, home: Home, settings: Settings, database: Database) -> None:
        pepper = pepper_of(home, settings)
        self._pepper = pepper
        self.key_ring = KeyRing(database, pepper)
        self._sessions = Sessions(database, pepper)
        self._tokens = _tokens(settings, pepper)
        # A pool of its own: who is known must not wait for tables that are being read; and
        # another one for tokens, because a provider that hangs must not keep out the keys.
        self._pool = ThreadPoolExecutor(2, "access")
        self._token_pool = ThreadPoolExecutor(2, "tokens")
        self._recall: Recall[Caller] = Recall(self._pool)
        self._token_recall: Recall[Caller] = Recall(self._token_pool)

    def at_hand(self, shown: Shown) -> Caller | None:
        """The caller, if known a moment ago; no waiting."""
        if shown.kind is Kind.OTHER:
            return None
        if shown.kind is Kind.BEARER and id_of(shown.text) is None:
            if not self._is_a_token(shown.text):
                return None
            name = keyed(self._pepper, b"token", shown.text)
            return self._token_recall.at_hand(name, lambda: self._by_token(shown.text))
        return self._recall.at_hand(self._name_of(shown), lambda: self._looked_up(shown))

    async def caller(self, shown: Shown) -> Caller:
        """The caller.

        Raises
        ------
        UnknownCallerError
            The key, token or cookie is not in force.
        WrongRoleError
            A token names no role.
        StateError
            The database or the provider does not answer.
        """
        if shown.kind is Kind.OTHER:
            raise UnknownCallerError("The Authorization header is not Bearer.", _WAY_OUT)
        if shown.kind is Kind.COOKIE:
            return await self._known(shown, "The session is over.", "Log in again.")
        if id_of(shown.text) is not None:
            return await self._known(
                shown, "The API key is unknown, expired or revoked.",
                "Ask for a new one: `triage keys create`.",
            )  # fmt: skip
        if not self._is_a_token(shown.text):
            raise UnknownCallerError("What was shown is neither a key nor a token.", _WAY_OUT)
        name = keyed(self._pepper, b"token", shown.text)
        found = await self._token_recall.get(name, lambda: self._by_token(shown.text))
        if found is None:  # pragma: no cover - judged or refused, never nothing
            raise nobody()
        return found

    async def open_session(self, text: str) -> OpenedSession:
        """Open a session of the page for who shows a key or a token.

        Raises
        ------
        UnknownCallerError, WrongRoleError, StateError
            As `caller`.
        """
        owner = await self.caller(Shown(Kind.BEARER, text.strip()))
        return await self._run(lambda: self._sessions.open(owner, datetime.now(UTC)))

    async def close_session(self, cookie: str) -> None:
        """End a session: at once in this process, within five seconds in every other one."""
        await self._run(lambda: self._sessions.close(cookie))
        self._recall.forget(self._sessions.name_of(cookie))

    def close(self) -> None:
        """Give the threads back."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._token_pool.shutdown(wait=False, cancel_futures=True)

    async def _known(self, shown: Shown, wrong: str, way_out: str) -> Caller:
        found = await self._recall.get(self._name_of(shown), lambda: self._looked_up(shown))
        if found is None:
            raise UnknownCallerError(wrong, way_out)
        return found

    def _name_of(self, shown: Shown) -> str:
        if shown.kind is Kind.COOKIE:
            return self._sessions.name_of(shown.text)
        return keyed(self._pepper, b"key", shown.text)

    def _looked_up(self, shown: Shown) -> Caller | None:
        if shown.kind is Kind.COOKIE:
            return self._sessions.caller(shown.text)
        return self.key_ring.caller(shown.text)

    def _is_a_token(self, text: str) -> bool:
        return self._tokens is not None and looks_like_a_token(text)

    def _by_token(self, text: str) -> Caller | None:
        return None if self._tokens is None else self._tokens.caller(text)

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)


def nobody() -> UnknownCallerError:
    """The refusal of a request that shows nothing."""
    return UnknownCallerError("This needs to know who asks, and nothing was shown.", _WAY_OUT)


def _tokens(settings: Settings, pepper: bytes) -> Tokens | None:
    if settings.oidc_issuer is None:
        return None
    provider = Provider(settings.oidc_issuer)
    return Tokens(provider, settings.oidc_audience, settings.oidc_role_claim, pepper)
