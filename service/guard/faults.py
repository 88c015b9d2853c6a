"""What the guard refuses before a route is reached; `service.problems` says with which status."""

from __future__ import annotations

from engine.errors import InputError, StateError, TriageError


class TooLargeError(InputError):
    """The body is larger than what is taken here."""


class EncodedBodyError(InputError):
    """The body is compressed, so that nobody can say how large it is."""


class TooSlowError(InputError):
    """The body does not arrive in time."""


class TooLongError(StateError):
    """The answer takes longer than a request may."""


class TooBusyError(StateError):
    """There is more to do than can be done at once."""


class UnknownHostError(InputError):
    """The service was asked for by a name that is not its own."""


class TooManyRequestsError(TriageError):
    """A caller asks more often than it may.

    Parameters
    ----------
    retry_after_seconds : when the next request will be taken.
    """

    def __init__(self, message: str, way_out: str, retry_after_seconds: int) -> None:
        super().__init__(message, way_out)
        self.retry_after_seconds = retry_after_seconds
