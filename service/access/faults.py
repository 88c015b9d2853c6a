"""What can be wrong with a caller; `service.problems` says with which status.

The messages never repeat a key, a token or a cookie.
"""

from __future__ import annotations

from engine.errors import StateError, TriageError


class UnknownCallerError(TriageError):
    """Nobody knows who this is: nothing was shown, or what was shown does not hold."""


class WrongRoleError(TriageError):
    """The caller is known and may not do this."""


class ForgedRequestError(TriageError):
    """A request by cookie that the page did not make (CSRF)."""


class ProviderUnavailableError(StateError):
    """The OpenID provider does not say its keys, so that its tokens cannot be judged."""
