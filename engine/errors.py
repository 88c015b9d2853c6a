"""What can go wrong, as one tree.

TriageError
├── InputError        what came in cannot be used as a whole (a file, a table, an amount)
│   └── MissingColumnsError   a table lacks columns that the contract requires
├── SettingError      an option or a setting has a value that makes no sense
└── StateError        the state cannot answer: no model, no such flight, nothing ingested

Every message is one sentence of subject, rule and what came, and a second one with the way out.
Single bad rows are never an exception: they are rejections (`engine.acceptance`).
"""

from __future__ import annotations


class TriageError(Exception):
    """Root of all errors that a user can do something about.

    Parameters
    ----------
    message : what is wrong, with the value that came and where.
    way_out : what to do about it; one imperative sentence, may be empty.
    """

    def __init__(self, message: str, way_out: str = "") -> None:
        super().__init__(f"{message} {way_out}".strip())
        self.message = message
        self.way_out = way_out


class InputError(TriageError):
    """What came in cannot be used as a whole."""


class MissingColumnsError(InputError):
    """A table lacks columns that the contract requires."""

    def __init__(self, what: str, missing: list[str], present: list[str]) -> None:
        names = ", ".join(missing)
        shown = ", ".join(present[:12]) + (" ..." if len(present) > 12 else "")
        super().__init__(
            f"{what} lacks the required column{'s' if len(missing) > 1 else ''} {names}; "
            f"it has: {shown or 'no columns at all'}.",
            "Name the columns as docs/data-dictionary.md does.",
        )
        self.missing = missing


class SettingError(TriageError):
    """An option or a setting has a value that makes no sense."""


class StateError(TriageError):
    """The state cannot answer the question."""
