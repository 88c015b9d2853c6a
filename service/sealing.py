"""Models and their seals in a state folder: nothing is read that was not sealed here."""

from __future__ import annotations

from pathlib import Path

from engine.errors import StateError
from models.seal import check_seal, public_key, seal, signing_key
from service.home import Home

PRIVATE, PUBLIC = "model-signing.key", "model-signing.pub"
"""Files of the installation's key in the state folder."""


def seal_model(home: Home, folder: Path) -> None:
    """Seal a saved model with the installation's key, drawn at the first use."""
    seal(folder, signing_key(home.root / PRIVATE, home.root / PUBLIC))


def check_model(home: Home, folder: Path) -> str:
    """Check the seal of a saved model; the name of what was sealed comes back.

    Raises
    ------
    StateError
        It has none, was sealed elsewhere, or a file differs, is missing or too many.
    """
    if not folder.is_dir():
        raise StateError(
            f"The model folder {folder} is not there.",
            "Bring it back from your backup, or train again with `triage train`.",
        )
    return check_seal(folder, public_key(home.root / PUBLIC))


def sealed_now(home: Home, folder: Path, sha256: str, found: str) -> None:
    """Check a version's seal, or seal one that was registered before there were seals.

    Parameters
    ----------
    folder : the model of a registered version.
    sha256 : what the registry says that its files are (`models.tracking.folder_sha256`).
    found : what they are.

    Raises
    ------
    StateError
        It has no good seal, and its files are not those that were registered, or cannot be used.
    """
    try:
        check_model(home, folder)
        return
    except StateError as refused:
        if found != sha256:
            raise StateError(
                f"The model in {folder} is not what was registered: its files have the hash "
                f"{found}, the registry says {sha256}.",
                "Bring the folder back from your backup, or train again with `triage train`.",
            ) from refused
    from service.trial import tried_out  # a child process: a damaged model may end it

    tried_out(folder)
    seal_model(home, folder)
