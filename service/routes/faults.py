"""What can be wrong with a request beside its rows; `service.problems` says with which status."""

from __future__ import annotations

from typing import Any

from engine.errors import InputError, StateError
from service.storage.faults import StorageFull


class MalformedBodyError(InputError):
    """The body is not what its content type says."""


class UnknownFormError(InputError):
    """A content type, or a form asked for, that is not served."""


class TooManyRowsError(InputError):
    """More rows than one message may hold."""


class NotThereError(StateError):
    """A flight, a job, a receipt or a list that does not exist, or is not the caller's."""


class NoRoomError(StorageFull):
    """There is no room left for an upload."""

    def __init__(self) -> None:
        StateError.__init__(
            self,
            "There is no room left on the disk of the state folder. Nothing of this was kept.",
            "Make room, or run `triage retention`, and send it again.",
        )


class RejectedRowsError(InputError):
    """No row of a message came through the door.

    Parameters
    ----------
    rejections : row, column, rule, value, message.
    received_count : rows of the message.
    """

    def __init__(self, rejections: list[dict[str, Any]], received_count: int) -> None:
        first = rejections[0]["message"] if rejections else ""
        rows = "row" if received_count == 1 else f"{received_count:,} rows"
        super().__init__(
            f"The {rows} of the message cannot be taken: {first}",
            "Mend what `errors` name and send it again.",
        )
        self.rejections = rejections
