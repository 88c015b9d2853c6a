"""The seal of a saved model: SHA-256 of every file, signed with the installation's own key.

A damaged LightGBM text ends the process that reads it, and a model that somebody changed would rank
as that somebody likes. So a folder is sealed when its version is registered, and the seal is looked
at before a single file of it is read. Ed25519 signs the list of hashes; whoever can write the state
folder but cannot read the private key cannot make a seal.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from engine.errors import StateError

MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
"""What a seal consists of, beside the files of the model."""

SEAL_FILES = frozenset({MANIFEST, SIGNATURE})

_WAY_OUT = "Train again with `triage train`, or bring the folder back from your backup."
_UNSEALED = "Check and seal it with `triage promote VERSION`, or train again."


def is_sealed(folder: Path) -> bool:
    """Whether a folder has a seal, good or not."""
    return all((folder / name).is_file() for name in SEAL_FILES)


def seal(folder: Path, key: Ed25519PrivateKey) -> None:
    """Write the hashes of all files of a folder, and their signature.

    Parameters
    ----------
    folder : a saved model (`models.artifact.Artifact.save`).
    key : of the installation.
    """
    told = json.dumps({"files": _hashes(folder)}, indent=1, sort_keys=True).encode() + b"\n"
    (folder / MANIFEST).write_bytes(told)
    (folder / SIGNATURE).write_text(key.sign(told).hex() + "\n")


def check_seal(folder: Path, public_key: Ed25519PublicKey) -> str:
    """Check that a folder is, to the byte, what was sealed.

    Returns
    -------
    SHA-256 of the list of hashes: it names the model as it was sealed.

    Raises
    ------
    StateError
        There is no seal, it was made with another key, or a file differs, is missing or too many.
    """
    if not is_sealed(folder):
        raise StateError(f"The model in {folder} has no seal.", _UNSEALED)
    try:
        told = (folder / MANIFEST).read_bytes()
        public_key.verify(bytes.fromhex((folder / SIGNATURE).read_text().strip()), told)
        sealed: dict[str, str] = json.loads(told)["files"]
        found = _hashes(folder)
    except (InvalidSignature, ValueError, KeyError, TypeError) as problem:
        raise StateError(
            f"The seal of the model in {folder} ({SIGNATURE}) was not made by this installation, "
            f"or {MANIFEST} was changed.", _WAY_OUT,
        ) from problem  # fmt: skip
    except OSError as problem:
        raise StateError(f"The model in {folder} cannot be read: {problem}.", _WAY_OUT) from problem
    _compare(folder, sealed, found)
    return hashlib.sha256(told).hexdigest()


def _compare(folder: Path, sealed: dict[str, str], found: dict[str, str]) -> None:
    for name in sorted(sealed.keys() | found.keys()):
        if sealed.get(name) == found.get(name):
            continue
        if name not in found:
            what = "is missing"
        elif name not in sealed:
            what = "was not there when it was sealed"
        else:
            what = "differs from what was sealed"
        raise StateError(f"The model in {folder} was changed: the file {name} {what}.", _WAY_OUT)


def _hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of each file below a folder, the seal's own left out."""
    hashes = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            hashes[name] = f"link to {os.readlink(path)}"
        elif path.is_file() and name not in SEAL_FILES:
            with path.open("rb") as file:
                hashes[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return hashes


def signing_key(private: Path, public: Path) -> Ed25519PrivateKey:
    """The installation's key, drawn at the first use and kept with mode 600.

    Parameters
    ----------
    private, public : files of the two parts, as hexadecimal digits.

    Raises
    ------
    StateError
        The private part is gone or damaged while the public one says that it was used.
    """
    if not private.exists() and not public.exists():
        drawn = Ed25519PrivateKey.generate()
        private.parent.mkdir(parents=True, exist_ok=True)
        _write_once(private, drawn.private_bytes_raw().hex() + "\n", mode=0o600)
    try:
        key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(private.read_text().strip()))
    except (OSError, ValueError) as problem:
        raise StateError(
            f"The key of the models' seals {private} is gone or damaged.",
            f"Bring it back from your backup; or delete {public}, then check and seal the versions "
            "you use with `triage promote VERSION`.",
        ) from problem
    _write_once(public, key.public_key().public_bytes_raw().hex() + "\n", mode=0o644)
    if public_key(public).public_bytes_raw() != key.public_key().public_bytes_raw():
        raise StateError(
            f"The files {private} and {public} are not of one key.",
            "Bring both back from one backup.",
        )
    return key


def public_key(path: Path) -> Ed25519PublicKey:
    """The public part of the installation's key.

    Raises
    ------
    StateError
        Nothing was sealed here yet, or the file is damaged.
    """
    try:
        return Ed25519PublicKey.from_public_bytes(bytes.fromhex(path.read_text().strip()))
    except FileNotFoundError as problem:
        raise StateError(f"No model was sealed yet: there is no {path}.", _UNSEALED) from problem
    except (OSError, ValueError) as problem:
        raise StateError(
            f"The public key {path} cannot be read.", "Bring it back from your backup."
        ) from problem


def _write_once(path: Path, text: str, *, mode: int) -> None:
    """Write a file unless it is there; of two processes at once one wins, whole."""
    if path.exists():
        return
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
