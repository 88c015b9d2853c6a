"""The state folder: one place for all that is kept, and the secret of the pseudonyms."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from engine.errors import StateError
from engine.pseudonym import key_from_hex, keyed_hash
from service.settings import Settings

KEY_BYTES = 32


@dataclass(frozen=True)
class Home:
    """The folder `TRIAGE_HOME`.

    Attributes
    ----------
    root : the folder; made at the first use.
    given_key : secret of the pseudonyms from the environment; None: the folder keeps its own.
    """

    root: Path
    given_key: bytes | None = field(default=None, repr=False)

    @classmethod
    def of(cls, settings: Settings) -> Home:
        """The home that the settings name."""
        return cls(settings.home.absolute(), settings.pseudonym_key)

    @property
    def key(self) -> Path:
        """File of the pseudonyms' secret, readable by its owner alone."""
        return self.root / "pseudonym.key"

    @property
    def pepper(self) -> Path:
        """File of the secret that API keys and cookies are hashed with."""
        return self.root / "pepper.key"

    @property
    def key_mark(self) -> Path:
        """Says which key the stored pseudonyms were made with, without giving it away."""
        return self.root / "pseudonym.mark"

    @property
    def declarations(self) -> Path:
        """Receipts of declarations, a folder a day of arrival."""
        return self.root / "declarations"

    @property
    def outcomes(self) -> Path:
        """Receipts of control results."""
        return self.root / "outcomes"

    @property
    def models(self) -> Path:
        """Saved models."""
        return self.root / "models"

    @property
    def mlflow_database(self) -> Path:
        """Database of the training runs."""
        return self.root / "mlflow.db"

    @property
    def mlruns(self) -> Path:
        """Files of the training runs."""
        return self.root / "mlruns"

    def made(self) -> Home:
        """The same home, its folder there.

        Raises
        ------
        StateError
            The folder cannot be made.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StateError(
                f"The state folder {self.root} cannot be made: {error.strerror}.",
                "Set TRIAGE_HOME to a folder you may write to.",
            ) from error
        return self

    def pseudonym_key(self) -> bytes:
        """The secret of the pseudonyms; drawn at the first use.

        Raises
        ------
        StateError
            The stored pseudonyms were made with another key, so that nobody would be linked.
        """
        self.made()
        key = self.given_key if self.given_key is not None else self._own_key()
        mark = f"{keyed_hash('parcel-triage', key, b'mark'):016x}\n"
        write_once(self.key_mark, mark, mode=0o644)
        if self.key_mark.read_text() != mark:
            raise StateError(
                f"The consignees in {self.root} were pseudonymised with another key.",
                "Give the key of that time in TRIAGE_PSEUDONYM_KEY, or use another TRIAGE_HOME.",
            )
        return key

    def key_without_a_trace(self) -> bytes:
        """The same secret where there is one; else a constant, for what is not kept anyway."""
        if self.given_key is not None or self.key.exists():
            return self.pseudonym_key()
        return b"nothing is kept, nothing is linked"

    def _own_key(self) -> bytes:
        if not self.key.exists() and self.key_mark.exists():
            raise StateError(
                f"The key file {self.key} is gone, and consignees were pseudonymised with it.",
                "Bring it back from your backup, or set TRIAGE_PSEUDONYM_KEY.",
            )
        write_once(self.key, secrets.token_hex(KEY_BYTES) + "\n", mode=0o600)
        try:
            return key_from_hex(self.key.read_text(encoding="ascii"), f"The file {self.key}")
        except (OSError, UnicodeDecodeError) as error:
            raise StateError(
                f"The key file {self.key} cannot be read.", "Bring it back from your backup."
            ) from error


def write_once(path: Path, text: str, *, mode: int) -> None:
    """Write a file unless it is there. Two processes at once end with the same whole content."""
    if path.exists():
        return
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
